"""A fill in progress: the target with its seeds, and what would change if it were applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from NeuroOrbitLib.imaging.slices import VoxelMask
from OrbitSegmentationLib.effects.fill_targets import FillTarget, shifted, slab_target
from OrbitSegmentationLib.refinement.graph_cut import SmartFillSolver
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
    """

    def __init__(self, target: FillTarget, marks: Iterable[Mark], smoothness: float, reach_mm: float) -> None:
        self.target = target
        self._solver = SmartFillSolver(target.image, target.spacing, smoothness, reach_mm)
        self._solver.set_seeds(target.segment, target.others)
        for mark in marks:
            self.mark(mark)
        self.mask = self._solver.solve()

    def mark(self, mark: Mark) -> None:
        """Take in another mark; :meth:`solve` says what follows."""
        kind = "background" if mark.background else "foreground"
        self._solver.add_seeds(**{kind: self.target.pixels(mark.voxels)})

    def set_smoothness(self, smoothness: float) -> None:
        """Another smoothness from the next solution on."""
        self._solver.set_smoothness(smoothness)

    def solve(self) -> None:
        """Fill again."""
        self.mask = self._solver.solve()

    def fill(self) -> Fill:
        """What applying it would change."""
        segment = self.target.segment
        parts = (self.mask, self.mask & ~segment, segment & ~self.mask)
        return Fill(*(self.target.voxels(part) for part in parts))


def continued(scripted_effect: object, session: FillSession, count: int, step: float, smoothness: float,
              with_others: bool) -> Iterator[Fill]:
    """Carry a fill of a slice on to the next slices, until the structure ends.

    :param count: how many slices at most; :param step: mm to the next slice, negative for the other side.
    """
    grid = session.target.place[-1 if step > 0 else 0]
    layer = -1 if step > 0 else 0
    nexts = [slab_target(scripted_effect, [shifted(grid, step * number)], abs(step), with_others)
             for number in range(1, count + 1)]
    found = propagate(session.mask[layer], session.target.image[layer], [target.image[0] for target in nexts],
                      grid.spacing, smoothness, [target.others[0] for target in nexts])
    for target, mask in zip(nexts, found, strict=False):
        shape = target.voxels(mask[None])
        yield Fill(shape, target.voxels((mask & ~target.segment[0])[None]), None)

