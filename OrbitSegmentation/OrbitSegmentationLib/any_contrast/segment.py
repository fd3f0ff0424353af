"""Segments one orbit around a globe, and brings it back to the scan's grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import nn

from NeuroOrbitLib.anatomy.structures import Side, mirror_label_array
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import box_covering, crop_grid, resample_probabilities
from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.sampling import network_input
from OrbitSegmentationLib.orbit_frame import OrbitFrame

#: Voxel size of the orbit network in mm.
SPACING = 1.0
#: A globe further than this (mm) from the middle of the box is brought there and looked at again.
RECENTER_DISTANCE = 1.5
_GLOBE_CLASSES = (1, 2)
#: Nerve and recti: what tells an orbit from its mirror image.
SIDED_CLASSES = tuple(LABEL_OF_CLASS.index(value) for value in (3, 5, 7, 9, 11))
#: Orbits in real scans reach 0.9; noise, brain and skull without orbits stay below 0.7.
LEAST_CERTAINTY = 0.75
#: So many of nerve and recti must have at least this volume (ml): disease or a cut may hide one, not all.
LEAST_PRESENT, LEAST_VOLUME = 4, 0.1
#: Volumes (ml) that a human globe can have.
GLOBE_VOLUMES = (2.0, 20.0)


@dataclass(frozen=True)
class SegmentedOrbit:
    """Class probabilities of one orbit.

    :param frame: where the orbit is.
    :param probabilities: (C, K, J, I) on :attr:`grid`.
    :param seen: share of the box that the scan shows, 0 to 1.
    """

    frame: OrbitFrame
    probabilities: np.ndarray
    seen: float

    @property
    def grid(self) -> Grid:
        """The grid of the probabilities."""
        return self.frame.grid(SPACING)

    @cached_property
    def classes(self) -> np.ndarray:
        """The most probable class of each voxel, (K, J, I) uint8."""
        return self.probabilities.argmax(axis=0).astype(np.uint8)

    @property
    def has_globe(self) -> bool:
        """Whether what was segmented as globe has the size of one."""
        volume = np.isin(self.classes, _GLOBE_CLASSES).sum() * SPACING**3 / 1000
        return GLOBE_VOLUMES[0] <= volume <= GLOBE_VOLUMES[1]

    @property
    def evidence(self) -> float:
        """How clearly the nerve and the recti, which lie differently in a mirrored orbit, were recognised (ml)."""
        return float(self.probabilities[list(SIDED_CLASSES)].max(axis=0).sum() * SPACING**3 / 1000)

    @property
    def certainty(self) -> float:
        """Volume of the nerve and the recti over their evidence: near 1 in orbits, lower where nothing is clear."""
        decided = np.isin(self.classes, SIDED_CLASSES).sum() * SPACING**3 / 1000
        return float(decided / max(self.evidence, 1e-6))

    @property
    def is_orbit(self) -> bool:
        """Whether this is an orbit at all: a globe of plausible size with nerve and muscles that are clear enough."""
        volumes = [(self.classes == number).sum() * SPACING**3 / 1000 for number in SIDED_CLASSES]
        present = sum(volume >= LEAST_VOLUME for volume in volumes)
        return self.has_globe and present >= LEAST_PRESENT and self.certainty >= LEAST_CERTAINTY


def segment_orbit(image: Image, frame: OrbitFrame, network: nn.Module, is_ct: bool) -> SegmentedOrbit:
    """Segment the orbit around a globe that was found roughly.

    :param network: from (1, 1, K, J, I) to logits (1, classes, K, J, I).
    """
    orbit = _segment_box(image, frame, network, is_ct)
    centered = _centered(orbit)
    if np.linalg.norm(np.subtract(centered.center, frame.center)) > RECENTER_DISTANCE:
        orbit = _segment_box(image, centered, network, is_ct)
    return orbit


def labels_on_grid(orbit: SegmentedOrbit, labels: np.ndarray, grid: Grid, label_of_class: Sequence[int]) -> None:
    """Write an orbit's label values (right or left by its side) into a label map on the scan's grid, where it is empty.

    :param labels: (K, J, I) on ``grid``, changed in place.
    :param label_of_class: right-eye label value of each class, 0 for what is not shown.
    """
    box = box_covering(grid, orbit.grid)
    if box is None:
        return
    probabilities = resample_probabilities(orbit.probabilities, orbit.grid, crop_grid(grid, box))
    # Outside of the orbit's box all channels are 0, and the first one, the background, wins.
    values = class_values(orbit.frame.side, label_of_class)[probabilities.argmax(axis=0)]
    view = labels[box.slices]
    np.copyto(view, values, where=view == 0)


def class_values(side: Side, label_of_class: Sequence[int]) -> np.ndarray:
    """Label value of each class on one side, uint8."""
    right = np.array(label_of_class, dtype=np.uint8)
    return right if side is Side.RIGHT else mirror_label_array(right)


def _segment_box(image: Image, frame: OrbitFrame, network: nn.Module, is_ct: bool) -> SegmentedOrbit:
    grid = frame.grid(SPACING)
    device = next(network.parameters()).device
    with torch.inference_mode():
        logits = network(network_input(image, grid, is_ct).to(device)).float()
        probabilities = logits.softmax(dim=1)[0].cpu().numpy()
    return SegmentedOrbit(frame, probabilities, _seen_share(grid, image.grid))


def _centered(orbit: SegmentedOrbit) -> OrbitFrame:
    """The frame with its origin at the middle of the segmented globe; unchanged if that is not one."""
    if not orbit.has_globe:
        return orbit.frame
    middle = np.argwhere(np.isin(orbit.classes, _GLOBE_CLASSES)).mean(axis=0)
    return OrbitFrame(tuple(orbit.grid.ras_from_ijk(middle[::-1])), orbit.frame.side)


def _seen_share(box: Grid, scan: Grid) -> float:
    """Share of a box's voxels that lie inside the scan."""
    kji = np.stack(np.meshgrid(*[np.arange(0, n, 4) for n in box.shape], indexing="ij"), axis=-1).reshape(-1, 3)
    inside = scan.ijk_from_ras(box.ras_from_ijk(kji[:, ::-1]))
    limits = np.array(scan.shape[::-1]) - 0.5
    return float(((inside >= -0.5) & (inside <= limits)).all(axis=1).mean())
