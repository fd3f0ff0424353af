"""Segments one orbit around a globe, in its own frame."""

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
#: Voxel size (mm) at which the answers to several views are averaged.
FINE_SPACING = 0.6
#: How far (mm) the boxes of turned views reach beyond the straight one.
_VIEW_REACH = 6.0
#: A globe further than this (mm) from the middle of the box is brought there and looked at again.
RECENTER_DISTANCE = 1.5
GLOBE_CLASSES = (1, 2)
#: Nerve and recti: what tells an orbit from its mirror image.
SIDED_CLASSES = tuple(LABEL_OF_CLASS.index(value) for value in (3, 5, 7, 9, 11))
#: Orbits in real scans reach 0.96; mirrored ones, brain and skull without orbits stay below 0.9.
LEAST_CERTAINTY = 0.9
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
    :param spacing: voxel size of :attr:`grid`, mm.
    """

    frame: OrbitFrame
    probabilities: np.ndarray
    seen: float
    spacing: float = SPACING

    @property
    def grid(self) -> Grid:
        """The grid of the probabilities."""
        return self.frame.grid(self.spacing)

    def at_points(self, distance: float) -> tuple[np.ndarray, Grid]:
        """The probabilities (C, K, J, I) at points about so many mm apart, and the grid of these points."""
        every = max(round(distance / self.spacing), 1)
        shares = self.probabilities[:, ::every, ::every, ::every]
        affine = self.grid.affine.copy()
        affine[:3, :3] *= every
        return shares, Grid(shares.shape[1:], affine)

    @cached_property
    def classes(self) -> np.ndarray:
        """The most probable class of each voxel, (K, J, I) uint8."""
        return self.probabilities.argmax(axis=0).astype(np.uint8)

    @property
    def has_globe(self) -> bool:
        """Whether what was segmented as globe has the size of one."""
        volume = self._milliliters(np.isin(self.classes, GLOBE_CLASSES))
        return GLOBE_VOLUMES[0] <= volume <= GLOBE_VOLUMES[1]

    @property
    def evidence(self) -> float:
        """How clearly the nerve and the recti, which lie differently in a mirrored orbit, were recognised (ml)."""
        return self._milliliters(self.probabilities[list(SIDED_CLASSES)].max(axis=0))

    @property
    def certainty(self) -> float:
        """Volume of the nerve and the recti over their evidence: near 1 in orbits, lower where nothing is clear."""
        return self._milliliters(np.isin(self.classes, SIDED_CLASSES)) / max(self.evidence, 1e-6)

    @property
    def is_orbit(self) -> bool:
        """Whether this is an orbit at all: a globe of plausible size with nerve and muscles that are clear enough."""
        volumes = [self._milliliters(self.classes == number) for number in SIDED_CLASSES]
        present = sum(volume >= LEAST_VOLUME for volume in volumes)
        return self.has_globe and present >= LEAST_PRESENT and self.certainty >= LEAST_CERTAINTY

    def _milliliters(self, shares: np.ndarray) -> float:
        return float(shares.sum(dtype=np.float64) * self.spacing**3 / 1000)


def segment_orbit(image: Image, frame: OrbitFrame, network: OrbitNetwork, is_ct: bool) -> SegmentedOrbit:
    """Segment the orbit around a globe that was found roughly, looking at it once."""
    orbit = _segment_box(image, frame, network, is_ct)
    centered = _centered(orbit)
    if np.linalg.norm(np.subtract(centered.center, frame.center)) > RECENTER_DISTANCE:
        orbit = _segment_box(image, centered, network, is_ct)
    return orbit


def refine_orbit(orbit: SegmentedOrbit, image: Image, network: OrbitNetwork, is_ct: bool,
                 views: int = DEFAULT_VIEWS, progress: Progress = silent) -> SegmentedOrbit:
    """Segment an orbit again on a finer grid, as the mean of the network's answers to several views of it.

    Thick slices are made thin before, see :mod:`NeuroOrbitLib.imaging.thin_slices`.

    :param views: how many; one keeps ``orbit`` as it is unless slices are thick.
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
    """Class probabilities (C, K, J, I) on the CPU."""
    with torch.inference_mode():
        return network(image).float().softmax(dim=1)[0].cpu()


def _centered(orbit: SegmentedOrbit) -> OrbitFrame:
    """The frame with its origin at the middle of the segmented globe; unchanged if that is not one."""
    if not orbit.has_globe:
        return orbit.frame
    middle = np.argwhere(np.isin(orbit.classes, GLOBE_CLASSES)).mean(axis=0)
    return replace(orbit.frame, center=tuple(orbit.grid.ras_from_ijk(middle[::-1])))
