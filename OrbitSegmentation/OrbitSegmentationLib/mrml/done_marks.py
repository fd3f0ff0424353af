"""Marks of the structures that are done, independent of undo and redo."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import slicer
import vtk

from NeuroOrbitLib.mrml import segment_masks

_STATUS = slicer.vtkSlicerSegmentationsModuleLogic
_MARK_TAG = "NeuroOrbit.Done"


class DoneMarks:
    """The structures that are done, shown as the status "completed" of their segments, which the user may also set.

    Undo and redo bring back old segments with their old statuses, which must not count, but a status that the annotator
    sets in Slicer's segment list must. Each mark therefore has an identifier, which its segment carries as a tag. If a
    segment's status differs from the one that was set together with its tag, the annotator has changed it.

    Only :meth:`write` corrects outdated statuses, when the labels are saved, since any change of a segment ends redo.

    :param segmentation: segmentation whose segments with the status "completed" are done.
    :param done: label values of further structures that are done.
    """

    def __init__(self, segmentation: slicer.vtkMRMLSegmentationNode, done: Iterable[int]) -> None:
        self._node = segmentation
        self._done: set[int] = set()
        self._status_with_mark: dict[tuple[int, str], bool] = {}
        completed = {value for value, segment in self._segments().items() if _is_completed(segment)}
        for value in sorted(completed | set(done)):
            self.mark(value, True)

    def values(self) -> set[int]:
        """Return the label values of the structures that are done."""
        for value, segment in self._segments().items():
            completed = _is_completed(segment)
            if completed != self._status_with_mark.get((value, _mark_of(segment)), False):
                self.mark(value, completed)
        return set(self._done)

    def mark(self, value: int, done: bool) -> None:
        """Mark a structure as done, or as not done; its segment is made if there is none yet."""
        segment = self._node.GetSegmentation().GetSegment(segment_masks.add_label_segment(self._node, value))
        mark = uuid.uuid4().hex
        self._status_with_mark[value, mark] = done
        self._done = self._done | {value} if done else self._done - {value}
        with slicer.util.NodeModify(self._node):  # observers are notified after both changes, not between them
            segment.SetTag(_MARK_TAG, mark)
            _STATUS.SetSegmentStatus(segment, _STATUS.Completed if done else _STATUS.InProgress)

    def write(self) -> None:
        """Set the statuses of the segments to the marks, as the file to be saved shall contain them."""
        done = self.values()
        for value, segment in self._segments().items():
            if _is_completed(segment) != (value in done):
                self.mark(value, value in done)

    def _segments(self) -> dict[int, slicer.vtkSegment]:
        segmentation = self._node.GetSegmentation()
        names = segment_masks.labelled_segments(self._node)
        return {value: segmentation.GetSegment(name) for value, name in names.items()}


def _is_completed(segment: slicer.vtkSegment) -> bool:
    return _STATUS.GetSegmentStatus(segment) == _STATUS.Completed


def _mark_of(segment: slicer.vtkSegment) -> str:
    tag = vtk.mutable("")
    segment.GetTag(_MARK_TAG, tag)
    return str(tag)
