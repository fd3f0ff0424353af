"""Location of the eyes in a scan, so that views can open at the orbits before anything is labelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL


def find_eyes_file(scan: str, output: str = "", model: str = "", device: str = "auto",
                   model_folders: Sequence[str] = (), progress: Progress = silent) -> dict[str, Any]:
    """Return the positions of the eyes in a scan file, found with the default model's locator, without segmentation.

    :param scan: scan, as for :func:`OrbitSegmentationLib.pipeline.segment_file`.
    :param output, model, device, model_folders: without effect; every pipeline has these parameters.
    :param progress: receives the fraction done and a message.
    :return: ``eyes``: centre of the globe (R, A, S; mm) by side ("right", "left"); empty if no pair is found.
    :raises Problem: for a scan that cannot be used.
    """
    from NeuroOrbitLib.imaging.files import load_image
    from NeuroOrbitLib.models import find_package
    from OrbitSegmentationLib.any_contrast.locate import find_globes
    from OrbitSegmentationLib.paper_networks.registry import load
    from OrbitSegmentationLib.pipeline import prepare_scan

    progress(0.0, _("Looking for the eyes"))
    image, is_ct = prepare_scan(load_image(scan))
    locator = load(find_package(DEFAULT_MODEL), "cpu").locator
    found = find_globes(image, locator, is_ct)
    pair = found[0] if found and len(found[0]) == 2 else []
    return {"eyes": {frame.side.value: [float(value) for value in frame.center] for frame in pair}}
