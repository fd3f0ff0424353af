"""The widgets inside the Segment Editor, with the object names that modules look for."""
from __future__ import annotations

import slicer
from PySide6 import QtCore, QtWidgets

from slicerhost.ctk.buttons import ctkCheckBox
from slicerhost.ctk.collapsible import ctkCollapsibleGroupBox, ctkExpandableWidget
from slicerhost.ctk.ranges import ctkRangeWidget
from slicerhost.ctk.texts import ctkFittedTextBrowser
from slicerhost.mrmlwidgets.node_combo_box import qMRMLNodeComboBox
from slicerhost.mrmlwidgets.segments_table import qMRMLSegmentsTableView
from slicerhost.mrmlwidgets.show_3d_button import qMRMLSegmentationShow3DButton

_SEGMENTATION, _EDITOR = slicer.vtkMRMLSegmentationNode, slicer.vtkMRMLSegmentEditorNode
MASK_MODES = (
    ("Everywhere", _SEGMENTATION.EditAllowedEverywhere),
    ("Inside all segments", _SEGMENTATION.EditAllowedInsideAllSegments),
    ("Inside all visible segments", _SEGMENTATION.EditAllowedInsideVisibleSegments),
    ("Outside all segments", _SEGMENTATION.EditAllowedOutsideAllSegments),
    ("Outside all visible segments", _SEGMENTATION.EditAllowedOutsideVisibleSegments),
)
OVERWRITE_MODES = (
    ("Overwrite all", _EDITOR.OverwriteAllSegments),
    ("Overwrite visible", _EDITOR.OverwriteVisibleSegments),
    ("Allow overlap", _EDITOR.OverwriteNone),
)


def _named(widget: QtWidgets.QWidget, name: str) -> QtWidgets.QWidget:
    widget.setObjectName(name)
    return widget


class EditorPanel:
    """Creates the widgets on a parent; what they do is the editor widget's business."""

    def __init__(self, parent: QtWidgets.QWidget) -> None:
        outer = QtWidgets.QVBoxLayout(parent)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(self._selectors(parent))
        outer.addLayout(self._segment_actions(parent))
        columns = QtWidgets.QHBoxLayout()
        columns.addLayout(self._effects(parent))
        columns.addLayout(self._segments_and_options(parent), 1)
        outer.addLayout(columns)
        outer.addStretch(1)

    def _selectors(self, parent: QtWidgets.QWidget) -> QtWidgets.QLayout:
        grid = QtWidgets.QGridLayout()
        self.segmentation_label = _named(QtWidgets.QLabel("Segmentation:", parent), "SegmentationNodeLabel")
        self.segmentation_selector = _named(qMRMLNodeComboBox(parent), "SegmentationNodeComboBox")
        self.segmentation_selector.nodeTypes = ["vtkMRMLSegmentationNode"]
        self.segmentation_selector.renameEnabled = True
        self.rotate_warning_button = _named(QtWidgets.QToolButton(parent), "SliceRotateWarningButton")
        self.rotate_warning_button.setText("\N{WARNING SIGN}")
        self.rotate_warning_button.setToolTip("The slice views are not aligned with the segmentation. Click to align.")
        self.source_label = _named(QtWidgets.QLabel("Source volume:", parent), "SourceVolumeNodeLabel")
        self.source_selector = _named(qMRMLNodeComboBox(parent), "SourceVolumeNodeComboBox")
        self.source_selector.nodeTypes = ["vtkMRMLScalarVolumeNode"]
        self.source_selector.hideChildNodeTypes = ["vtkMRMLLabelMapVolumeNode"]
        self.source_selector.addEnabled = False
        self.source_selector.removeEnabled = False
        self.source_selector.noneDisplay = "Select source volume to enable editing"
        self.source_selector.noneEnabled = True
        self.geometry_button = _named(QtWidgets.QToolButton(parent), "SpecifyGeometryButton")
        self.geometry_button.setText("\N{IDENTICAL TO}")
        rows = ((self.segmentation_label, self.segmentation_selector, self.rotate_warning_button),
                (self.source_label, self.source_selector, self.geometry_button))
        for row, widgets in enumerate(rows):
            for column, widget in enumerate(widgets):
                grid.addWidget(widget, row, column)
        grid.setColumnStretch(1, 1)
        return grid

    def _segment_actions(self, parent: QtWidgets.QWidget) -> QtWidgets.QLayout:
        row = QtWidgets.QHBoxLayout()
        self.add_button = _named(QtWidgets.QPushButton("Add", parent), "AddSegmentButton")
        self.remove_button = _named(QtWidgets.QPushButton("Remove", parent), "RemoveSegmentButton")
        self.show_3d_button = _named(qMRMLSegmentationShow3DButton(parent), "Show3DButton")
        self.switch_button = _named(QtWidgets.QToolButton(parent), "SwitchToSegmentationsButton")
        self.switch_button.setText("\N{RIGHTWARDS ARROW}")
        self.switch_button.setToolTip("Go to Segmentations module")
        for widget in (self.add_button, self.remove_button, self.show_3d_button, self.switch_button):
            row.addWidget(widget)
        return row

    def _effects(self, parent: QtWidgets.QWidget) -> QtWidgets.QLayout:
        column = QtWidgets.QVBoxLayout()
        self.effects_box = _named(QtWidgets.QFrame(parent), "EffectsGroupBox")
        self.effects_grid = QtWidgets.QGridLayout(self.effects_box)
        self.effects_grid.setContentsMargins(0, 0, 0, 0)
        self.undo_redo_box = _named(QtWidgets.QFrame(parent), "UndoRedoGroupBox")
        self.undo_redo_grid = QtWidgets.QGridLayout(self.undo_redo_box)
        self.undo_redo_grid.setContentsMargins(0, 0, 0, 0)
        self.undo_button = _named(QtWidgets.QToolButton(self.undo_redo_box), "UndoButton")
        self.undo_button.setText("Undo")
        self.redo_button = _named(QtWidgets.QToolButton(self.undo_redo_box), "RedoButton")
        self.redo_button.setText("Redo")
        for index, button in enumerate((self.undo_button, self.redo_button)):
            self.undo_redo_grid.addWidget(button, 0, index)
        column.addWidget(self.effects_box)
        column.addWidget(self.undo_redo_box)
        column.addStretch(1)
        return column

    def _segments_and_options(self, parent: QtWidgets.QWidget) -> QtWidgets.QLayout:
        column = QtWidgets.QVBoxLayout()
        table_frame = _named(ctkExpandableWidget(parent), "SegmentsTableResizableFrame")
        table_layout = QtWidgets.QVBoxLayout(table_frame)
        table_layout.setContentsMargins(0, 0, 0, 0)
        self.segments_table = _named(qMRMLSegmentsTableView(table_frame), "SegmentsTableView")
        self.segments_table.selectionMode = int(QtWidgets.QAbstractItemView.SelectionMode.SingleSelection.value)
        self.segments_table.setMinimumHeight(100)
        table_layout.addWidget(self.segments_table)
        column.addWidget(table_frame)
        column.addWidget(self._options(parent))
        column.addWidget(self._masking(parent))
        return column

    def _options(self, parent: QtWidgets.QWidget) -> QtWidgets.QWidget:
        self.options_box = _named(QtWidgets.QGroupBox("Options", parent), "OptionsGroupBox")
        layout = QtWidgets.QVBoxLayout(self.options_box)
        self.help_browser = _named(ctkFittedTextBrowser(self.options_box), "EffectHelpBrowser")
        self.options_frame = _named(QtWidgets.QFrame(self.options_box), "EffectsOptionsFrame")
        self.options_layout = QtWidgets.QVBoxLayout(self.options_frame)
        self.options_layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.help_browser)
        layout.addWidget(self.options_frame)
        self.options_box.hide()
        return self.options_box

    def _masking(self, parent: QtWidgets.QWidget) -> QtWidgets.QWidget:
        self.masking_box = _named(ctkCollapsibleGroupBox(parent), "MaskingGroupBox")
        self.masking_box.setTitle("Masking")
        form = QtWidgets.QFormLayout(self.masking_box)
        self.mask_mode = _named(QtWidgets.QComboBox(), "MaskModeComboBox")
        for text, mode in MASK_MODES:
            self.mask_mode.addItem(text, int(mode))
        self.mask_mode.insertSeparator(self.mask_mode.count)
        self.fixed_mask_modes = self.mask_mode.count
        self.intensity_check_box = _named(ctkCheckBox(), "SourceVolumeIntensityMaskCheckBox")
        self.intensity_range = _named(ctkRangeWidget(), "SourceVolumeIntensityMaskRangeWidget")
        intensity = QtWidgets.QHBoxLayout()
        intensity.addWidget(self.intensity_check_box)
        intensity.addWidget(self.intensity_range, 1)
        self.overwrite_mode = _named(QtWidgets.QComboBox(), "OverwriteModeComboBox")
        for text, mode in OVERWRITE_MODES:
            self.overwrite_mode.addItem(text, int(mode))
        form.addRow("Editable area:", self.mask_mode)
        form.addRow("Editable intensity range:", intensity)
        form.addRow("Modify other segments:", self.overwrite_mode)
        self.masking_box.hide()
        return self.masking_box


def without_signals(widget: QtCore.QObject) -> QtCore.QSignalBlocker:
    """Return a context manager within which the widget emits no signals."""
    return QtCore.QSignalBlocker(widget)
