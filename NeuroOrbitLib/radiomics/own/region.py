"""The grey levels of a region and of its voxels' neighbours, from which all texture matrices are computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from NeuroOrbitLib.radiomics.settings import Settings


def bin_edges(values: np.ndarray, settings: Settings) -> np.ndarray:
    """Return the edges of the grey levels of a region, ascending.

    Levels of fixed width start at a multiple of the width at or below the smallest value, as in PyRadiomics, or at the
    smallest value (``settings.ibsi``). Values are also rounded as in PyRadiomics, so that none changes its level.

    :param values: values (N,) of the region.
    :param settings: settings of the extraction.
    """
    if settings.bin_count is not None:
        edges = np.histogram(values, settings.bin_count)[1]
        edges[-1] += 1  # the largest value belongs to the last level
        return edges
    smallest, largest = values.min(), values.max()
    start = smallest if settings.ibsi else smallest - (smallest % settings.bin_width)
    return np.arange(start, largest + 2 * settings.bin_width, settings.bin_width)


@dataclass(frozen=True)
class Neighbours:
    """Grey levels of the neighbours of the N voxels of a region in A directions; level 0 is outside of the region.

    :param steps: steps (A, 3) in voxels along K, J, I, one of the two directions of each line.
    :param flat: the same steps (A,) as differences of flat indices into the padded box.
    :param ahead: grey levels (A, N) one step ahead.
    :param behind: grey levels (A, N) one step back.
    """

    steps: np.ndarray
    flat: np.ndarray
    ahead: np.ndarray
    behind: np.ndarray


@dataclass(frozen=True)
class RegionLevels:
    """A region in its box, with grey levels from 1.

    :param levels: grey level (N,) of each voxel of the region, in array order.
    :param box: grey levels (K, J, I) in the region's box, 0 outside of the region.
    :param spacing: voxel size in mm along K, J, I.
    :param settings: settings of the extraction.
    """

    levels: np.ndarray
    box: np.ndarray
    spacing: np.ndarray
    settings: Settings

    @cached_property
    def present(self) -> np.ndarray:
        """The grey levels (G,) that occur, ascending."""
        return np.flatnonzero(np.bincount(self.levels))

    @cached_property
    def rank_of(self) -> np.ndarray:
        """Index (largest level + 1,) of each level among those that occur."""
        ranks = np.zeros(int(self.present[-1]) + 1, dtype=np.int64)
        ranks[self.present] = np.arange(len(self.present))
        return ranks

    @cached_property
    def ranks(self) -> np.ndarray:
        """Index (N,) of each voxel's level among those that occur."""
        return self.rank_of[self.levels]

    @cached_property
    def padded(self) -> np.ndarray:
        """The box with a margin that contains all neighbours."""
        return np.pad(self.box, max(self.settings.distances))

    @cached_property
    def places(self) -> np.ndarray:
        """Flat index (N,) of every voxel of the region in :attr:`padded`, in array order."""
        return np.flatnonzero(self.padded)

    @cached_property
    def near(self) -> Neighbours:
        """The neighbours at a distance of one."""
        return self._neighbours((1,))

    @cached_property
    def around(self) -> Neighbours:
        """The neighbours at the distances of the settings."""
        return self.near if self.settings.distances == (1,) else self._neighbours(self.settings.distances)

    def _neighbours(self, distances: tuple[int, ...]) -> Neighbours:
        """Return the neighbours at distances in the infinity norm, with steps limited to the box's extent."""
        reach = [min(max(distances), size - 1) for size in self.box.shape]
        if self.settings.force_2d:
            reach[self.settings.force_2d_dimension] = 0
        steps = np.stack(np.meshgrid(*[np.arange(n, -n - 1, -1) for n in reach], indexing="ij"), -1).reshape(-1, 3)
        steps = steps[np.isin(np.abs(steps).max(axis=1), distances)]
        steps = steps[: len(steps) // 2]
        _, rows, columns = self.padded.shape
        flat = steps @ np.array([rows * columns, columns, 1])
        levels = self.padded.ravel()
        places = self.places[None]
        return Neighbours(steps, flat, levels[places + flat[:, None]], levels[places - flat[:, None]])


def region_levels(values: np.ndarray, mask: np.ndarray, spacing: np.ndarray, settings: Settings) -> RegionLevels:
    """Return the grey levels of a region.

    :param values: values (K, J, I) of the image in the region's box.
    :param mask: the region in its box, bool (K, J, I).
    :param spacing: voxel size in mm along K, J, I.
    :param settings: settings of the extraction.
    """
    inside = values[mask]
    levels = np.digitize(inside, bin_edges(inside, settings)).astype(np.int32)
    box = np.zeros(values.shape, dtype=np.int32)
    box[mask] = levels
    return RegionLevels(levels, box, np.asarray(spacing, dtype=np.float64), settings)


def direction_weights(region: RegionLevels, steps: np.ndarray) -> np.ndarray:
    """Return the length (A,) of each step in mm, in the norm of the settings; 1 without weighting.

    :param region: the region, with its settings.
    :param steps: steps (A, 3) in voxels along K, J, I.
    """
    lengths = np.abs(steps) * region.spacing
    norm = region.settings.weighting_norm
    if norm == "manhattan":
        return lengths.sum(axis=1)
    if norm == "euclidean":
        return np.sqrt((lengths**2).sum(axis=1))
    return lengths.max(axis=1) if norm == "infinity" else np.ones(len(steps))
