"""A whole scan with the default model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    orbits = find_orbits(image, network, is_ct, part(progress, 0.0, 0.9))
    progress(0.9, "Drawing the outlines")
    labels = np.zeros(image.array.shape, dtype=np.uint8)
    for orbit in orbits:
        labels_on_grid(orbit, labels, image.grid, label_of_class)
    progress(0.95, "Cleaning the outlines")
    return SegmentedScan(Image(clean_label_map(labels), image.affine), tuple(orbits))


def find_orbits(image: Image, network: AnyContrastNetwork, is_ct: bool,
                progress: Progress = silent) -> list[SegmentedOrbit]:
    """The orbits that a scan shows, right before left; arguments as :func:`segment_scan`."""
    progress(0.0, "Looking for the eyes")
    globes = find_globes(image, network.locator, is_ct)
    orbits = []
    for number, globe in enumerate(globes):
        progress(0.4 + 0.6 * number / len(globes), f"Segmenting the {globe.frame.side.value} orbit")
        orbits.append(segment_orbit(image, globe.frame, network.orbit, is_ct))
    if len(orbits) == 1:
        progress(0.7, "Making sure which eye it is")
        orbits = [_surer_side(orbits[0], image, network, is_ct)]
    return [orbit for orbit in orbits if orbit.is_orbit]


def _surer_side(orbit: SegmentedOrbit, image: Image, network: AnyContrastNetwork, is_ct: bool) -> SegmentedOrbit:
    """A single eye has no other one to tell its side by: take the side whose anatomy is recognised more clearly."""
    other = segment_orbit(image, replace(orbit.frame, side=orbit.frame.side.other), network.orbit, is_ct)
    return max(orbit, other, key=lambda candidate: candidate.evidence)
