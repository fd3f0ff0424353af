"""The segments of a segmentation as Qt item models."""
from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtGui

from slicerhost.pythonqt.declare import qt_property
from slicerhost.registry import register
from slicerhost.vtk_observation import VtkObservation

SEGMENT_ID_ROLE = QtCore.Qt.ItemDataRole.UserRole + 1
VISIBILITY, COLOR, OPACITY, NAME, STATUS, LAYER = range(6)
HEADERS = ("", "", "Opacity", "Name", "", "Layer")
_STATUS_TEXTS = ("Not started", "In progress", "Completed", "Flagged")
_EYE = "\N{FISHEYE}"
_CLOSED_EYE = "\N{WHITE CIRCLE}"


@register
class qMRMLSegmentsModel(QtGui.QStandardItemModel, VtkObservation):
    """One row per segment: visibility, colour, opacity, name, status, layer."""

    SegmentIDRole = SEGMENT_ID_ROLE

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(0, len(HEADERS), parent)
        self._node: Any = None
        self._updating = False
        self._filter_texts: list[tuple[str, str, int]] = []
        self.setHorizontalHeaderLabels(list(HEADERS))
        self.itemChanged.connect(self._item_changed)

    def segmentationNode(self) -> Any:
        """Return the segmentation node, or None."""
        return self._node

    def setSegmentationNode(self, node: Any) -> None:
        """Show the segments of a node, or none."""
        if node is self._node:
            return
        self._stop_observing()
        self._node = node
        if node is not None:
            segmentation = slicer.vtkSegmentation
            for event in (segmentation.SegmentAdded, segmentation.SegmentRemoved, segmentation.SegmentModified,
                          segmentation.SegmentsOrderModified, slicer.vtkMRMLDisplayableNode.DisplayModifiedEvent,
                          vtk.vtkCommand.ModifiedEvent):
                self._observe(node, event, self._node_modified)
        self._updateFromSegments()

    def _segmentIDs(self) -> list[str]:
        """Return the segment IDs in the order of the rows."""
        return [self.item(row, NAME).data(SEGMENT_ID_ROLE) for row in range(self.rowCount())]

    def _updateFromSegments(self) -> None:
        """Read all segments; rows are kept when their number did not change, so that selections survive."""
        segmentation = self._node.GetSegmentation() if self._node is not None else None
        identifiers = list(segmentation.GetSegmentIDs()) if segmentation is not None else []
        self._filter_texts = [_filter_text(each, segmentation.GetSegment(each)) for each in identifiers]
        self._updating = True
        try:
            if identifiers != self._segmentIDs():
                self.removeRows(0, self.rowCount())
                for identifier in identifiers:
                    self.appendRow([_item(identifier, column) for column in range(len(HEADERS))])
            for row, identifier in enumerate(identifiers):
                self._show_segment(row, identifier, segmentation.GetSegment(identifier))
        finally:
            self._updating = False

    def _show_segment(self, row: int, identifier: str, segment: Any) -> None:
        display = self._node.GetDisplayNode()
        visible = display is None or display.GetSegmentVisibility(identifier)
        status = _filter_text(identifier, segment)[2]
        self.item(row, VISIBILITY).setText(_EYE if visible else _CLOSED_EYE)
        self.item(row, COLOR).setData(QtGui.QColor.fromRgbF(*segment.GetColor()),
                                     QtCore.Qt.ItemDataRole.DecorationRole)
        self.item(row, OPACITY).setText(f"{display.GetSegmentOpacity3D(identifier):.2f}" if display else "")
        self.item(row, NAME).setText(segment.GetName() or "")
        self.item(row, STATUS).setText(_STATUS_TEXTS[status] if status < len(_STATUS_TEXTS) else "")
        self.item(row, LAYER).setText(str(self._node.GetSegmentation().GetLayerIndex(identifier)))

    def _item_changed(self, item: QtGui.QStandardItem) -> None:
        if self._updating or self._node is None:
            return
        identifier = item.data(SEGMENT_ID_ROLE)
        if item.column() == NAME:
            self._node.GetSegmentation().GetSegment(identifier).SetName(item.text())
        elif item.column() == OPACITY and self._node.GetDisplayNode() is not None:
            self._node.GetDisplayNode().SetSegmentOpacity3D(identifier, float(item.text()))

    def _node_modified(self, *_event: Any) -> None:
        self._updateFromSegments()


def _filter_text(identifier: str, segment: Any) -> tuple[str, str, int]:
    """Return what segments are filtered by: ID, name and status."""
    status = int(slicer.vtkSlicerSegmentationsModuleLogic.GetSegmentStatus(segment))
    return identifier, segment.GetName() or "", status


def _item(identifier: str, column: int) -> QtGui.QStandardItem:
    item = QtGui.QStandardItem()
    item.setData(identifier, SEGMENT_ID_ROLE)
    item.setEditable(column in (NAME, OPACITY))
    return item


def _refilter(model: qMRMLSortFilterSegmentsProxyModel, _value: Any) -> None:
    model.invalidateFilter()


@register
class qMRMLSortFilterSegmentsProxyModel(QtCore.QSortFilterProxyModel):
    """Hides segments by name, ID or status."""

    def __init__(self, segments: qMRMLSegmentsModel, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._segments = segments
        self.setSourceModel(segments)

    textFilter = qt_property(str, "_text_filter", "", changed=_refilter)
    filterEnabled = qt_property(bool, "_filter_enabled", False, changed=_refilter)
    hideSegments = qt_property("QStringList", "_hidden_segments", [], changed=_refilter)

    def setHideSegments(self, identifiers: list[str]) -> None:
        """Hide the segments of these IDs."""
        self.hideSegments = list(identifiers)

    def showStatus(self, status: int) -> bool:
        """Return whether segments of that status are shown; none excluded means all are."""
        return status not in self._hidden_statuses()

    def setShowStatus(self, status: int, shown: bool) -> None:
        """Show or hide the segments of a status."""
        (self._hidden_statuses().discard if shown else self._hidden_statuses().add)(status)
        self.invalidateFilter()

    def segmentIDFromIndex(self, index: QtCore.QModelIndex) -> str:
        """Return the segment ID at an index."""
        return index.data(SEGMENT_ID_ROLE) or ""

    def indexFromSegmentID(self, identifier: str, column: int = 0) -> QtCore.QModelIndex:
        """Return the index of a segment; invalid when it is not shown."""
        for row in range(self.rowCount()):
            if self.index(row, 0).data(SEGMENT_ID_ROLE) == identifier:
                return self.index(row, column)
        return QtCore.QModelIndex()

    def filterAcceptsRow(self, row: int, parent: QtCore.QModelIndex) -> bool:
        # Not read from the source model: its items are not complete while Qt inserts their row.
        texts = self._segments._filter_texts
        if row >= len(texts):
            return True
        identifier, name, status = texts[row]
        return (identifier not in self.hideSegments and self.textFilter.lower() in name.lower()
                and self.showStatus(status))

    def _hidden_statuses(self) -> set[int]:
        return self.__dict__.setdefault("_hidden_status_set", set())
