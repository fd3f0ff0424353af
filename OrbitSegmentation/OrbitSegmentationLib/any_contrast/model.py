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
    orbits = find_orbits(image, network, is_ct, part(progress, 0.0, 0.8))
    progress(0.8, "Drawing the outlines")
    labels = np.zeros(image.array.shape, dtype=np.uint8)
    for orbit in orbits:
        labels_on_grid(orbit, labels, image.grid, label_of_class)
    progress(0.9, "Cleaning the outlines")
    return SegmentedScan(Image(clean_label_map(labels), image.affine), tuple(orbits))


def find_orbits(image: Image, network: AnyContrastNetwork, is_ct: bool,
                progress: Progress = silent) -> list[SegmentedOrbit]:
    """The orbits that a scan shows, right before left; arguments as :func:`segment_scan`."""
    progress(0.0, "Looking for the eyes")
    globes = find_globes(image, network.locator, is_ct)
    orbits = []
    for number, globe in enumerate(globes):
        progress(0.3 + 0.7 * number / len(globes), f"Segmenting the {globe.frame.side.value} orbit")
        orbits.append(segment_orbit(image, globe.frame, network.orbit, is_ct))
    return [orbit for orbit in orbits if orbit.has_globe]
