"""A fill in progress: the target with its seeds, and what would change if it were applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.imaging.slices import SliceGrid, VoxelMask
from OrbitSegmentationLib.effects.fill_targets import FillTarget, shifted, slab_target
from OrbitSegmentationLib.refinement.drawn_slices import DrawnSlicesSolver
from OrbitSegmentationLib.refinement.graph_cut import Seeds, SmartFillSolver
from OrbitSegmentationLib.refinement.propagation import propagate


@dataclass(frozen=True, eq=False)
class Mark:
    """Voxels that the user marked as belonging to the structure or, with ``background``, as not belonging to it."""

    voxels: VoxelMask
    background: bool


@dataclass(frozen=True)
class Fill:
    """What is proposed: the structure, and the voxels that the segment gets or loses; ``None`` for no voxels."""

    shape: VoxelMask | None
    added: VoxelMask | None
    removed: VoxelMask | None


class FillSession:
    """Fills one target, again after every mark.

    :param marks: what was marked so far; what was marked last counts.
    :param smoothness: of the border; :param reach_mm: how far beyond its seeds the structure may reach.
    :param drawn_axis: the target's axis across the slices that are drawn, if it is filled between slices.
    :param proposed: whether what the segment holds is a proposal then; else it stays.
    """

    def __init__(self, target: FillTarget, marks: Iterable[Mark], smoothness: float, reach_mm: float,
                 drawn_axis: int | None = None, proposed: bool = False) -> None:
        self.target = target
        self._solver = (_Seeded(target, smoothness, reach_mm) if drawn_axis is None
                        else _Drawn(target, smoothness, drawn_axis, proposed))
        for mark in marks:
            self.mark(mark)
        self.mask = self._solver.solve()

    def mark(self, mark: Mark) -> None:
        """Take in another mark; :meth:`solve` says what follows."""
        self._solver.mark(self.target.pixels(mark.voxels), mark.background)

    def set_smoothness(self, smoothness: float) -> None:
        """Another smoothness from the next solution on."""
        self._solver.solver.set_smoothness(smoothness)

    def solve(self) -> None:
        """Fill again."""
        self.mask = self._solver.solve()

    def fill(self) -> Fill:
        """What applying it would change."""
        segment = self.target.segment
        parts = (self.mask, self.mask & ~segment, segment & ~self.mask)
        return Fill(*(self.target.voxels(part) for part in parts))

    def fills_of_slices(self) -> Iterator[tuple[SliceGrid, Fill]]:
        """The same slice by slice; of a target that consists of slices."""
        for grid, found, segment in zip(self.target.place, self.mask, self.target.segment, strict=True):
            yield grid, Fill(*map(grid.voxels, (found, found & ~segment, segment & ~found)))


class _Seeded:
    """Marks are seeds: they do not move, and say what both sides look like."""

    def __init__(self, target: FillTarget, smoothness: float, reach_mm: float) -> None:
        self.solver = SmartFillSolver(target.image, target.spacing, smoothness, reach_mm)
        self.solver.set_seeds(target.segment, target.others)

    def mark(self, pixels: np.ndarray, background: bool) -> None:
        self.solver.add_seeds(**{"background" if background else "foreground": pixels})

    def solve(self) -> np.ndarray:
        return self.solver.solve()


class _Drawn:
    """Marks are rough drawings of the structure on slices along any axis of the target."""

    def __init__(self, target: FillTarget, smoothness: float, axis: int, proposed: bool) -> None:
        self._axis = axis
        spacing = [target.spacing[axis], *(step for other, step in enumerate(target.spacing) if other != axis)]
        image, segment, others = (np.moveaxis(array, axis, 0) for array in (target.image, target.segment,
                                                                            target.others))
        certain = np.zeros_like(segment) if proposed else segment
        self.solver = DrawnSlicesSolver(image, spacing, smoothness, Seeds.of(certain, others, image.shape),
                                        segment if proposed else None)

    def mark(self, pixels: np.ndarray, background: bool) -> None:
        self.solver.draw(np.moveaxis(pixels, self._axis, 0), remove=background)

    def solve(self) -> np.ndarray:
        return np.moveaxis(self.solver.solve(), 0, self._axis)


def continued(scripted_effect: object, session: FillSession, count: int, step: float, smoothness: float,
              with_others: bool) -> Iterator[tuple[SliceGrid, Fill]]:
    """Carry a fill of a slice on to the next slices, until the structure ends.

    :param count: how many slices at most; :param step: mm along the normal to the next slice.
    """
    along = session.target.place[-1].affine[:3, 3] - session.target.place[0].affine[:3, 3]
    layer = -1 if step * (along @ session.target.place[0].affine[:3, 2]) > 0 else 0
    grid = session.target.place[layer]
    nexts = [slab_target(scripted_effect, [shifted(grid, step * number)], abs(step), with_others)
             for number in range(1, count + 1)]
    found = propagate(session.mask[layer], session.target.image[layer], [target.image[0] for target in nexts],
                      grid.spacing, smoothness, [target.others[0] for target in nexts])
    for target, mask in zip(nexts, found, strict=False):
        place = target.place[0]
        yield place, Fill(place.voxels(mask), place.voxels(mask & ~target.segment[0]), None)

