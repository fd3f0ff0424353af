"""Fills that wait for Apply: slices or slabs, each from the marks on it, or one block of voxels."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import slicer

from NeuroOrbitLib.effects.reference import reference_of
from NeuroOrbitLib.effects.segments import segment_and_volume
from NeuroOrbitLib.effects.slice_images import whole_slice
from NeuroOrbitLib.imaging.slices import SliceGrid
from OrbitSegmentationLib.effects.fill_options import DRAWN, SLAB, FillSettings
from OrbitSegmentationLib.effects.fill_session import Fill, FillSession, Mark, continued
from OrbitSegmentationLib.effects.fill_targets import axis_across, shifted, slab_target, volume_target

_PLANE_MM = 0.02  # planes closer than this count as the same
_NO_TIE = 0.237  # keeps offsets that occur in scans away from where they would round up or down by chance


@dataclass(frozen=True, eq=False)
class Place:
    """A slice that is filled.

    :param grid: pixels of the slice.
    :param step: distance (mm) along its normal to the next slice of the reference geometry, whatever other volume the
        view shows; negative if the view looks the other way.
    """

    grid: SliceGrid
    step: float

    @property
    def plane(self) -> Hashable:
        """Key that is equal for slices in the same plane."""
        return plane_of(self.grid)


def place_in(scripted_effect: object, view: object) -> Place | None:
    """Return the slice that a view shows; ``None`` if it does not cut the reference geometry.

    :raises Problem: without a segment or a source volume.
    """
    segment_and_volume(scripted_effect)
    grid = whole_slice(view.mrmlSliceNode(), reference_of(scripted_effect).grid)
    if grid is None:
        return None
    upward = slicer.util.arrayFromVTKMatrix(view.mrmlSliceNode().GetSliceToRAS())[:3, 2] @ grid.affine[:3, 2]
    return Place(grid, math.copysign(grid.step, upward))


def plane_of(grid: SliceGrid) -> Hashable:
    """Return a key that is equal for grids in the same plane, from whichever side they look at it."""
    normal = grid.affine[:3, 2] / np.linalg.norm(grid.affine[:3, 2])
    normal = normal * np.sign(normal[np.flatnonzero(np.abs(normal) > 1e-3)[0]])
    offset = float(normal @ grid.affine[:3, 3])
    return (*(np.round(normal, 3) + 0.0).tolist(), math.floor(offset / _PLANE_MM + _NO_TIE))


@dataclass(eq=False)
class _Part:
    """The fill of one slice or slab.

    :param place: slice in which it was begun.
    :param session: its session.
    :param carried: number of slices that it was propagated to, by direction (1 upward, -1 downward).
    """

    place: Place
    session: FillSession
    carried: dict[int, int] = field(default_factory=dict)


class SliceFills:
    """Fills of slices or slabs in any orientation; where several fill the same slice, the latest counts."""

    can_go_on = True

    def __init__(self, scripted_effect: object, settings: FillSettings) -> None:
        self._effect, self._settings = scripted_effect, settings
        self._parts: list[_Part] = []
        self._filled: dict[Hashable, tuple[_Part, Fill]] = {}

    def take(self, place: Place, marks: Sequence[Mark], mark: Mark | None) -> None:
        """Fill a slice or slab, with a new mark if there is one; a mark in a filled slab corrects the whole slab.

        :param place: slice that the user works in.
        :param marks: all marks, including the new one.
        :param mark: the new mark; ``None`` if there is none.
        """
        part = next((part for part in reversed(self._parts) if place.plane in _planes(part)), None)
        if part is None:
            target = slab_target(self._effect, self._grids(place), abs(place.step),
                                 self._settings.others_are_background)
            part = _Part(place, FillSession(target, marks, self._settings.smoothness, self._settings.reach_mm))
        else:
            self._parts.remove(part)
            if mark is not None:
                part.session.mark(mark)
                part.session.solve()
        part.carried.clear()
        self._parts.append(part)
        self._show_anew(part)

    def carry_on(self, direction: int, count: int) -> int:
        """Propagate the latest fill to the next slices of its view and return how many slices were filled.

        :param direction: 1 for upward, -1 for downward.
        :param count: number of slices to fill, unless the structure ends before.
        """
        part = self._parts[-1]
        part.carried[direction] = count
        return self._carry(part, direction)

    def carry_on_like(self, other: SliceFills) -> None:
        """Propagate each slice's fill as far as in another work."""
        carried = {part.place.plane: part.carried for part in other._parts}
        for part in self._parts:
            part.carried.update(carried.get(part.place.plane, {}))
            self._show_anew(part)

    def set_smoothness(self, settings: FillSettings) -> None:
        """Update all fills with another smoothness."""
        self._settings = settings
        for part in self._parts:
            part.session.set_smoothness(settings.smoothness)
            part.session.solve()
            self._show_anew(part)

    def fills(self) -> list[Fill]:
        """Return the fills that would be applied."""
        return [fill for _part, fill in self._filled.values()]

    def _show_anew(self, part: _Part) -> None:
        self._filled = {plane: owned for plane, owned in self._filled.items() if owned[0] is not part}
        for grid, fill in part.session.fills_of_slices():
            self._filled[plane_of(grid)] = part, fill
        for direction in part.carried:
            self._carry(part, direction)

    def _carry(self, part: _Part, direction: int) -> int:
        found = 0
        for grid, fill in continued(self._effect, part.session, part.carried[direction], direction * part.place.step,
                                    self._settings.smoothness, self._settings.others_are_background):
            self._filled[plane_of(grid)] = part, fill
            found += 1
        return found

    def _grids(self, place: Place) -> list[SliceGrid]:
        settings = self._settings
        each_side = int(settings.slab_mm / 2.0 / abs(place.step)) if settings.scope == SLAB else 0
        return [shifted(place.grid, place.step * number) for number in range(-each_side, each_side + 1)]


def _planes(part: _Part) -> Iterator[Hashable]:
    return (plane_of(grid) for grid in part.session.target.place)


class BlockFill:
    """Fill of one block of voxels, in 3-D or between drawn slices, from all marks."""

    can_go_on = False

    def __init__(self, scripted_effect: object, settings: FillSettings) -> None:
        self._effect, self._settings = scripted_effect, settings
        self._session: FillSession | None = None
        self._axis: int | None = None  # array axis across the drawn slices

    def take(self, place: Place, marks: Sequence[Mark], mark: Mark | None) -> None:
        """Fill as :meth:`SliceFills.take`; a mark outside of the block makes a larger one."""
        if self._session is None or (mark is not None and not self._session.target.holds(mark.voxels)):
            self._begin(place, marks)
        elif mark is not None:
            self._session.mark(mark)
            self._session.solve()

    def fill_along(self, other: BlockFill) -> None:
        """Fill between slices across the same axis as another work, whichever slice is taken first."""
        self._axis = other._axis

    def set_smoothness(self, settings: FillSettings) -> None:
        """Update the fill with another smoothness."""
        self._settings = settings
        if self._session is not None:
            self._session.set_smoothness(settings.smoothness)
            self._session.solve()

    def fills(self) -> list[Fill]:
        """Return the fill that would be applied, if there is one."""
        return [self._session.fill()] if self._session is not None else []

    def _begin(self, place: Place, marks: Sequence[Mark]) -> None:
        settings = self._settings
        wanted = [mark.voxels for mark in marks if not mark.background]
        target = volume_target(self._effect, wanted, 2.0 * settings.reach_mm, settings.others_are_background)
        if settings.scope == DRAWN and self._axis is None:
            self._axis = axis_across(place.grid)
        self._session = (FillSession(target, marks, settings.smoothness, settings.reach_mm, self._axis)
                         if target is not None else None)


def fill_work(scripted_effect: object, settings: FillSettings) -> SliceFills | BlockFill:
    """Return the work that the settings ask for, with nothing filled yet."""
    return (SliceFills if settings.of_slices else BlockFill)(scripted_effect, settings)
