"""The selector of a segmentation and of its segments (qMRMLSegmentSelectorWidget)."""
from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from slicerhost.ctk.choices import ctkCheckableComboBox
from slicerhost.mrmlwidgets.node_combo_box import qMRMLNodeComboBox
from slicerhost.mrmlwidgets.widget import qMRMLWidget
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register


@register
class qMRMLSegmentSelectorWidget(qMRMLWidget):
    """Chooses a segmentation and one or several of its segments."""

    currentNodeChanged = Signal(object)
    currentSegmentChanged = Signal(str)
    segmentSelectionChanged = Signal("QStringList")

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._node_selector = qMRMLNodeComboBox(self)
        self._node_selector.setObjectName("MRMLNodeComboBox_Segmentation")
        self._node_selector.nodeTypes = ["vtkMRMLSegmentationNode"]
        self._node_selector.noneEnabled = False
        self._node_selector.addEnabled = False
        self._segments = QtWidgets.QComboBox(self)
        self._segments.setObjectName("comboBox_Segment")
        self._several = ctkCheckableComboBox(self)
        self._several.setObjectName("CheckableComboBox_Segment")
        self._several.hide()
        for widget in (self._node_selector, self._segments, self._several):
            layout.addWidget(widget, 1)
        self._node_selector.currentNodeChanged.connect(self._node_changed)
        self._segments.currentIndexChanged.connect(self._segment_changed)
        self._several.checkedIndexesChanged.connect(
            lambda: self.segmentSelectionChanged.emit(self.selectedSegmentIDs()))

    noneEnabled = qt_property(bool, "_none_enabled", False,
                              changed=lambda self, on: setattr(self._node_selector, "noneEnabled", on))
    segmentationNodeSelectorVisible = qt_property(
        bool, "_selector_visible", True, changed=lambda self, shown: self._node_selector.setVisible(shown))
    multiSelection = qt_property(bool, "_multi_selection", False, changed=lambda self, on: self._show_several(on))

    def setMRMLScene(self, scene: Any) -> None:
        super().setMRMLScene(scene)
        self._node_selector.setMRMLScene(scene)

    def currentNode(self) -> Any:
        """Return the segmentation node, or None."""
        return self._node_selector.currentNode()

    def currentNodeID(self) -> str:
        """Return the ID of the segmentation node."""
        return self._node_selector.currentNodeID

    def setCurrentNode(self, node: Any) -> None:
        """Select a segmentation."""
        self._node_selector.setCurrentNode(node)

    def setCurrentNodeID(self, identifier: str) -> None:
        """Select a segmentation by ID."""
        self._node_selector.setCurrentNodeID(identifier)

    def currentSegmentID(self) -> str:
        """Return the ID of the selected segment."""
        return self._segments.currentData or ""

    def setCurrentSegmentID(self, identifier: str) -> None:
        """Select a segment."""
        self._segments.setCurrentIndex(self._segments.findData(identifier))

    def selectedSegmentIDs(self) -> list[str]:
        """Return the IDs of the checked segments, or of the selected one."""
        if not self.multiSelection:
            return [self.currentSegmentID()] if self.currentSegmentID() else []
        return [index.data(QtCore.Qt.ItemDataRole.UserRole) for index in self._several.checkedIndexes()]

    def setSelectedSegmentIDs(self, identifiers: list[str]) -> None:
        """Check these segments."""
        for row in range(self._several.count):
            state = (QtCore.Qt.CheckState.Checked if self._several.itemData(row) in identifiers
                     else QtCore.Qt.CheckState.Unchecked)
            self._several.setCheckState(self._several.model().index(row, 0), state)

    def _show_several(self, several: bool) -> None:
        self._several.setVisible(several)
        self._segments.setVisible(not several)

    def _node_changed(self, node: Any) -> None:
        self._stop_observing()
        if node is not None:
            segmentation = slicer.vtkSegmentation
            for event in (segmentation.SegmentAdded, segmentation.SegmentRemoved, segmentation.SegmentModified):
                self._observe(node, event, self._segments_modified)
        self._list_segments()
        self.currentNodeChanged.emit(node)

    def _segments_modified(self, *_event: Any) -> None:
        self._list_segments()

    def _list_segments(self) -> None:
        previous = self.currentSegmentID()
        node = self.currentNode()
        blocked = self._segments.blockSignals(True)
        self._segments.clear()
        self._several.clear()
        if self.noneEnabled:
            self._segments.addItem("None", "")
        segmentation = node.GetSegmentation() if node is not None else None
        for identifier in segmentation.GetSegmentIDs() if segmentation is not None else ():
            name = segmentation.GetSegment(identifier).GetName()
            self._segments.addItem(name, identifier)
            self._several.addItem(name, identifier)
        if previous:
            self._segments.setCurrentIndex(max(0, self._segments.findData(previous)))
        self._segments.blockSignals(blocked)
        if self.currentSegmentID() != previous:
            self.currentSegmentChanged.emit(self.currentSegmentID())

    def _segment_changed(self, *_index: Any) -> None:
        self.currentSegmentChanged.emit(self.currentSegmentID())
        self.segmentSelectionChanged.emit(self.selectedSegmentIDs())
