"""A whole scan with the default model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from OrbitSegmentationLib.any_contrast.locate import find_globes
from OrbitSegmentationLib.any_contrast.network import AnyContrastNetwork
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit, labels_on_grid, segment_orbit
from OrbitSegmentationLib.postprocessing import clean_label_map


@dataclass(frozen=True)
class SegmentedScan:
    """The label map of a scan on its own grid, and the orbits it was made from (right before left)."""

    labels: Image
    orbits: tuple[SegmentedOrbit, ...]


def segment_scan(image: Image, network: AnyContrastNetwork, is_ct: bool, label_of_class: Sequence[int],
                 progress: Progress = silent) -> SegmentedScan:
    """Find and segment whichever orbits a scan shows.

    :param image: a checked scan; CT in HU with its padding cleaned.
    :param label_of_class: right-eye label value of each class, 0 for what is not shown.
    """
    progress(0.0, "Looking for the eyes")
    globes = find_globes(image, network.locator, is_ct)
    labels = np.zeros(image.array.shape, dtype=np.uint8)
    orbits = []
    for number, globe in enumerate(globes):
        step = part(progress, 0.3 + 0.6 * number / len(globes), 0.3 + 0.6 * (number + 1) / len(globes))
        step(0.0, f"Segmenting the {globe.frame.side.value} orbit")
        orbit = segment_orbit(image, globe.frame, network.orbit, is_ct)
        if orbit.has_globe:
            labels_on_grid(orbit, labels, image.grid, label_of_class)
            orbits.append(orbit)
        step(1.0, f"Segmented the {globe.frame.side.value} orbit")
    progress(0.9, "Cleaning the outlines")
    return SegmentedScan(Image(clean_label_map(labels), image.affine), tuple(orbits))
