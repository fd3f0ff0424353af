"""The orbits of a scan, asked from OrbitSegmentation."""

from __future__ import annotations

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent


def orbits_of(scan: Image, device: str = "cpu", progress: Progress = silent) -> Image:
    """Label map of the orbits on the scan's grid, by the default model of OrbitSegmentation.

    :raises Problem: when the scan cannot be used or shows no eye.
    """
    from NeuroOrbitLib.models import find_package
    from OrbitSegmentationLib.pipeline import DEFAULT_MODEL, segment_image

    return segment_image(scan, find_package(DEFAULT_MODEL), device, progress).labels
