"""Correction of the content of a segment, for example a model's outline: every mark is applied at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from NeuroOrbitLib.effects.segments import place_key
from NeuroOrbitLib.effects.writing import redraw_selected_segment
from OrbitSegmentationLib.effects.fill_options import FillSettings
from OrbitSegmentationLib.effects.fill_session import FillSession, Mark
from OrbitSegmentationLib.effects.fill_targets import segment_in_box, volume_target


class ProposalCorrection:
    """Lets marks correct the selected segment, whose content is treated as a proposal, also in the slices around them.

    Each mark is one undo step. Undo and redo are followed, so that marks that were undone no longer count.

    :param scripted_effect: the effect, which writes to the segment.
    :param settings: settings of the SmartFill.
    :param axis: array axis of the reference geometry across the slices that are corrected.
    :param marks: marks that will be made first, for which room is reserved.
    :param earlier: marks that were made and applied before.
    :raises Problem: without a segment or a source volume.
    """

    def __init__(self, scripted_effect: object, settings: FillSettings, axis: int, marks: Iterable[Mark],
                 earlier: Iterable[Mark] = ()) -> None:
        self._effect, self._settings, self._axis = scripted_effect, settings, axis
        self._marks, self._place = list(earlier), place_key(scripted_effect)
        wanted = [mark.voxels for mark in (*self._marks, *marks) if not mark.background]
        self._target = volume_target(scripted_effect, wanted, 2.0 * settings.reach_mm, settings.others_are_background)
        self._first = len(self._marks)
        #: Content of the segment before and after each mark; ``_at`` is the position that undo and redo have led to.
        self._held = [self._target.segment] if self._target is not None else []
        self._at = 0
        self._session = self._replayed()

    @property
    def marks(self) -> list[Mark]:
        """Marks that have been made and not undone."""
        return self._marks[:self._first + self._at]

    def holds(self, mark: Mark) -> bool:
        """Return whether the box has room for a mark; if not, a new correction is needed."""
        return self._target is not None and self._target.holds(mark.voxels)

    def take(self, mark: Mark) -> tuple[int, int]:
        """Correct the segment with a mark.

        :return: number of voxels that the segment gained and lost, fewer than corrected if masking forbids some.
        """
        if self._session is None:
            return 0, 0
        if self._at + 1 < len(self._held):
            self._marks, self._held = self.marks, self._held[:self._at + 1]
            self._session = self._replayed()
        before = self._held[-1]
        self._session.mark(mark)
        self._session.solve()
        added, removed = self._session.mask & ~before, before & ~self._session.mask
        redraw_selected_segment(self._effect, *map(self._target.voxels, (added, removed)))
        self._marks.append(mark)
        after = segment_in_box(self._effect, self._target.place)
        self._held.append(after)
        self._at += 1
        return int((after & ~before).sum()), int((before & ~after).sum())

    def set_smoothness(self, settings: FillSettings) -> None:
        """Use another smoothness from the next mark on."""
        self._settings = settings
        if self._session is not None:
            self._session.set_smoothness(settings.smoothness)

    def follow(self) -> bool:
        """Follow undo or redo to the state that the segment has now.

        :return: ``False`` if the segment never had this state, or another segment is selected.
        """
        if self._target is None or place_key(self._effect) != self._place:
            return False
        now = segment_in_box(self._effect, self._target.place)
        same = [number for number, held in enumerate(self._held) if np.array_equal(held, now)]
        if not same:
            return False
        self._at = min(same, key=lambda number: abs(number - self._at))
        return True

    def _replayed(self) -> FillSession | None:
        settings = self._settings
        return self._target and FillSession(self._target, self.marks, settings.smoothness, settings.reach_mm,
                                            self._axis, proposed=True)
