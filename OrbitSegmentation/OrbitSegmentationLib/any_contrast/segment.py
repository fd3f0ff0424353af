"""Segmentation of one orbit around a globe, in the orbit's frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.resampling import antialiased
from NeuroOrbitLib.imaging.thin_slices import has_thick_slices, in_thin_slices
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.sampling import channels_on_grid, grey_range, network_input, seen_share
from OrbitSegmentationLib.any_contrast.views import DEFAULT_VIEWS, orbit_views
from OrbitSegmentationLib.orbit_frame import OrbitFrame

#: Network from an image (1, 1, K, J, I) to logits (1, classes, K, J, I).
OrbitNetwork = Callable[[Tensor], Tensor]

#: Voxel size of the orbit network in mm.
SPACING = 1.0
#: Voxel size (mm) at which the outputs for several views are averaged.
FINE_SPACING = 0.6
#: Distance (mm) by which the boxes of turned views extend beyond the straight one.
_VIEW_REACH = 6.0
#: Distance (mm) of a globe from the centre of the box above which the box is moved and the orbit segmented again.
RECENTER_DISTANCE = 1.5
GLOBE_CLASSES = (1, 2)
#: Classes that distinguish an orbit from its mirror image: nerve and recti.
SIDED_CLASSES = tuple(LABEL_OF_CLASS.index(value) for value in (3, 5, 7, 9, 11))
#: Smallest certainty of an orbit: those in real scans reach 0.96; mirrored ones, brain and skull stay below 0.9.
LEAST_CERTAINTY = 0.9
#: Smallest number of nerve and recti with a volume (ml) of at least the second value; disease or the edge may hide one.
LEAST_PRESENT, LEAST_VOLUME = 4, 0.1
#: Smallest and largest volume (ml) of a human globe.
GLOBE_VOLUMES = (2.0, 20.0)


@dataclass(frozen=True)
class SegmentedOrbit:
    """Class probabilities of one orbit.

    :param frame: frame of the orbit.
    :param probabilities: probability of each class on :attr:`grid`, (C, K, J, I).
    :param seen: share of the box that lies inside the scan, 0 to 1.
    :param spacing: voxel size of :attr:`grid`, mm.
    """

    frame: OrbitFrame
    probabilities: np.ndarray
    seen: float
    spacing: float = SPACING

    @property
    def grid(self) -> Grid:
        """Grid of the probabilities."""
        return self.frame.grid(self.spacing)

    def at_points(self, distance: float) -> tuple[np.ndarray, Grid]:
        """Return the probabilities (C, K, J, I) at points about ``distance`` mm apart, and the grid of these points."""
        every = max(round(distance / self.spacing), 1)
        shares = self.probabilities[:, ::every, ::every, ::every]
        affine = self.grid.affine.copy()
        affine[:3, :3] *= every
        return shares, Grid(shares.shape[1:], affine)

    @cached_property
    def classes(self) -> np.ndarray:
        """Most probable class of each voxel, uint8 (K, J, I)."""
        return self.probabilities.argmax(axis=0).astype(np.uint8)

    @property
    def has_globe(self) -> bool:
        """Whether the segmented globe has a plausible volume."""
        volume = self._milliliters(np.isin(self.classes, GLOBE_CLASSES))
        return GLOBE_VOLUMES[0] <= volume <= GLOBE_VOLUMES[1]

    @property
    def evidence(self) -> float:
        """Evidence for the nerve and the recti, which lie differently in a mirrored orbit: summed probability in ml."""
        return self._milliliters(self.probabilities[list(SIDED_CLASSES)].max(axis=0))

    @property
    def certainty(self) -> float:
        """Ratio of the volume of nerve and recti to their evidence: near 1 in orbits, lower if little is clear."""
        return self._milliliters(np.isin(self.classes, SIDED_CLASSES)) / max(self.evidence, 1e-6)

    @property
    def is_orbit(self) -> bool:
        """Whether this is an orbit: a globe of plausible size with a nerve and muscles that are clear enough."""
        volumes = [self._milliliters(self.classes == number) for number in SIDED_CLASSES]
        present = sum(volume >= LEAST_VOLUME for volume in volumes)
        return self.has_globe and present >= LEAST_PRESENT and self.certainty >= LEAST_CERTAINTY

    def _milliliters(self, shares: np.ndarray) -> float:
        return float(shares.sum(dtype=np.float64) * self.spacing**3 / 1000)


def segment_orbit(image: Image, frame: OrbitFrame, network: OrbitNetwork, is_ct: bool) -> SegmentedOrbit:
    """Segment the orbit around an approximately located globe from one view.

    :param image: the scan; CT in HU.
    :param frame: frame at the approximate centre of the globe.
    :param network: orbit network.
    :param is_ct: whether the scan is a CT.
    """
    orbit = _segment_box(image, frame, network, is_ct)
    centered = _centered(orbit)
    if np.linalg.norm(np.subtract(centered.center, frame.center)) > RECENTER_DISTANCE:
        orbit = _segment_box(image, centered, network, is_ct)
    return orbit


def refine_orbit(orbit: SegmentedOrbit, image: Image, network: OrbitNetwork, is_ct: bool,
                 views: int = DEFAULT_VIEWS, progress: Progress = silent) -> SegmentedOrbit:
    """Segment an orbit again on a finer grid, as the mean of the network's outputs for several views.

    Thick slices are first divided into thin ones, see :mod:`NeuroOrbitLib.imaging.thin_slices`.

    :param orbit: orbit as :func:`segment_orbit` returns it.
    :param image: the scan; CT in HU.
    :param network: orbit network.
    :param is_ct: whether the scan is a CT.
    :param views: number of views; with one view, ``orbit`` is returned unchanged unless slices are thick.
    """
    if views == 1 and not has_thick_slices(image.spacing):
        return orbit
    frame = _centered(orbit)
    grid = frame.grid(FINE_SPACING)
    smoothed = antialiased(image, frame.grid(SPACING), margin_mm=_VIEW_REACH)
    if has_thick_slices(image.spacing):
        smoothed = in_thin_slices(smoothed, SPACING, *grey_range(smoothed, is_ct))
    total = 0.0
    for number, view in enumerate(orbit_views(views)):
        progress(number / views, _("Segmenting the {side} orbit").format(side=frame.side.word))
        seen = view.grid(frame, SPACING)
        answer = _answer(network, network_input(image, seen, is_ct, smoothed))
        total = total + channels_on_grid(answer, seen, grid)
    return SegmentedOrbit(frame, (total / views).numpy(), seen_share(grid, image.grid), FINE_SPACING)


def _segment_box(image: Image, frame: OrbitFrame, network: OrbitNetwork, is_ct: bool) -> SegmentedOrbit:
    grid = frame.grid(SPACING)
    probabilities = _answer(network, network_input(image, grid, is_ct)).numpy()
    return SegmentedOrbit(frame, probabilities, seen_share(grid, image.grid))


def _answer(network: OrbitNetwork, image: Tensor) -> Tensor:
    """Return the class probabilities (C, K, J, I) on the CPU."""
    with torch.inference_mode():
        return network(image).float().softmax(dim=1)[0].cpu()


def _centered(orbit: SegmentedOrbit) -> OrbitFrame:
    """Return the frame with its origin at the centre of the segmented globe; unchanged without a plausible globe."""
    if not orbit.has_globe:
        return orbit.frame
    middle = np.argwhere(np.isin(orbit.classes, GLOBE_CLASSES)).mean(axis=0)
    return replace(orbit.frame, center=tuple(orbit.grid.ras_from_ijk(middle[::-1])))
