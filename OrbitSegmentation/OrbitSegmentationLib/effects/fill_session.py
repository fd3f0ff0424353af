"""A fill in progress: the target with its seeds, and the changes that applying it would make."""

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
    """A proposed fill: the structure, and the voxels that the segment gains or loses; ``None`` for no voxels."""

    shape: VoxelMask | None
    added: VoxelMask | None
    removed: VoxelMask | None


class FillSession:
    """Fills one target, again after every mark.

    :param target: the target.
    :param marks: marks made so far; where they overlap, the latest counts.
    :param smoothness: smoothness of the border, see
        :class:`~OrbitSegmentationLib.refinement.graph_cut.SmartFillSolver`.
    :param reach_mm: distance (mm) that the structure may reach beyond its seeds.
    :param drawn_axis: axis of the target across the drawn slices if it is filled between slices, else ``None``.
    :param proposed: whether the content of the segment may change when filling between slices.
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
        """Add a mark; :meth:`solve` then updates the fill."""
        self._solver.mark(self.target.pixels(mark.voxels), mark.background)

    def set_smoothness(self, smoothness: float) -> None:
        """Use another smoothness from the next solution on."""
        self._solver.solver.set_smoothness(smoothness)

    def solve(self) -> None:
        """Update the fill."""
        self.mask = self._solver.solve()

    def fill(self) -> Fill:
        """Return the changes that applying the fill would make."""
        segment = self.target.segment
        parts = (self.mask, self.mask & ~segment, segment & ~self.mask)
        return Fill(*(self.target.voxels(part) for part in parts))

    def fills_of_slices(self) -> Iterator[tuple[SliceGrid, Fill]]:
        """Yield the changes slice by slice, for a target that consists of slices."""
        for grid, found, segment in zip(self.target.place, self.mask, self.target.segment, strict=True):
            yield grid, Fill(*map(grid.voxels, (found, found & ~segment, segment & ~found)))


class _Seeded:
    """Solver that takes marks as seeds, which are fixed and show what both sides look like."""

    def __init__(self, target: FillTarget, smoothness: float, reach_mm: float) -> None:
        self.solver = SmartFillSolver(target.image, target.spacing, smoothness, reach_mm)
        self.solver.set_seeds(target.segment, target.others)

    def mark(self, pixels: np.ndarray, background: bool) -> None:
        self.solver.add_seeds(**{"background" if background else "foreground": pixels})

    def solve(self) -> np.ndarray:
        return self.solver.solve()


class _Drawn:
    """Solver that takes marks as rough drawings of the structure on slices along any axis of the target."""

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
    """Propagate a fill to the next slices, until the structure ends, and yield their fills.

    :param scripted_effect: the effect.
    :param session: session whose outermost slice is propagated.
    :param count: largest number of slices.
    :param step: distance (mm) along the normal to the next slice.
    :param smoothness: smoothness of the border.
    :param with_others: whether the other visible segments count as background.
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

