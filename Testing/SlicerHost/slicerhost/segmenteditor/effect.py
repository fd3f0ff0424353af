"""The base class of all Segment Editor effects (qSlicerSegmentEditorAbstractEffect)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import slicer
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.ctk.texts import ctkMessageBox
from slicerhost.pythonqt.declare import qt_property
from slicerhost.registry import register
from slicerhost.segmenteditor.effect_coordinates import EffectCoordinates
from slicerhost.segmenteditor.effect_parameters import EffectParameters

_LOGIC = slicer.vtkSlicerSegmentEditorLogic
_MODES = [_LOGIC.ModificationModeSet, _LOGIC.ModificationModeAdd, _LOGIC.ModificationModeRemove,
          _LOGIC.ModificationModeRemoveAll]  # VTK's Python enumerations cannot be made from numbers
_WHOLE_EXTENT = [0, -1, 0, -1, 0, -1]


@register
class qSlicerSegmentEditorAbstractEffect(QtCore.QObject, EffectParameters, EffectCoordinates):
    """Options frame, parameters, images and views of an effect; an editor widget connects it to its logic."""

    ModificationModeSet, ModificationModeAdd, ModificationModeRemove, ModificationModeRemoveAll = range(4)
    NotConfirmed, ConfirmedWithoutDialog, ConfirmedWithDialog = range(3)

    perSegment = qt_property(bool, "_per_segment", True)
    requireSegments = qt_property(bool, "_require_segments", True)
    showEffectCursorInSliceView = qt_property(bool, "_cursor_in_slice_view", True)
    showEffectCursorInThreeDView = qt_property(bool, "_cursor_in_threed_view", False)
    name = QtCore.Property(str, lambda self: self._name, lambda self, name: self._set_name(name))
    title = QtCore.Property(str, lambda self: self._title or self._name,
                            lambda self, title: self.__dict__.__setitem__("_title", title))

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._name = self._title = ""
        self._is_active = False
        self._editor: Any = None
        self._logic: Any = None
        self._confirmed_segment: Any = None
        self._saved_cursor = QtGui.QCursor()
        self._frame = QtWidgets.QFrame()
        self._frame.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        layout = QtWidgets.QFormLayout(self._frame)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)

    def _set_name(self, name: str) -> None:
        QtCore.qCritical("Cannot set effect name by method, only in constructor!")

    def _connect_to_editor(self, editor: Any, logic: Any) -> None:
        """Give the effect the editor that it can ask for changes, and the logic that makes them."""
        self._editor = editor
        self._logic = logic

    # What effects override

    def icon(self) -> QtGui.QIcon:
        """Return the icon of the effect's button."""
        return QtGui.QIcon()

    def helpText(self) -> str:
        """Return the description shown above the options."""
        return ""

    def clone(self) -> Any:
        """Return a new effect of the same kind: every editor widget has its own."""
        return type(self)(None)

    def activate(self) -> None:
        """Show the options."""
        self._frame.setVisible(True)
        self._is_active = True
        self.updateGUIFromMRML()

    def deactivate(self) -> None:
        """Hide the options."""
        self._frame.setVisible(False)
        self._is_active = False

    def active(self) -> bool:
        """Return whether the effect is the active one of its editor."""
        return self._is_active

    def setupOptionsFrame(self) -> None:
        """Create the options."""

    def createCursor(self, view_widget: Any) -> QtGui.QCursor:
        """Return the mouse pointer of the effect: an arrow with the effect's icon below."""
        icon = self.icon()
        if icon.isNull():
            return QtGui.QCursor(QtCore.Qt.CursorShape.ArrowCursor)
        return QtGui.QCursor(icon.pixmap(24, 24), 0, 0)

    def processInteractionEvents(self, interactor: Any, event: int, view_widget: Any) -> bool:
        """React to mouse and keyboard in a view; return True to keep the event from everyone else."""
        return False

    def processViewNodeEvents(self, view_node: Any, event: int, view_widget: Any) -> None:
        """React to a change of a view node."""

    def setMRMLDefaults(self) -> None:
        """Set the parameters that are not set yet."""

    def referenceGeometryChanged(self) -> None:
        """React to another reference geometry."""

    def sourceVolumeNodeChanged(self) -> None:
        """React to another source volume."""

    def masterVolumeNodeChanged(self) -> None:
        """The old name of `sourceVolumeNodeChanged`."""

    def layoutChanged(self) -> None:
        """React to another layout."""

    def interactionNodeModified(self, interaction_node: Any) -> None:
        """React to another mouse mode: leaving the view mode ends the effect."""
        if interaction_node.GetCurrentInteractionMode() != interaction_node.ViewTransform:
            self.selectEffect("")

    def updateGUIFromMRML(self) -> None:
        """Show the parameters in the options."""

    def updateMRMLFromGUI(self) -> None:
        """Store the options in the parameters."""

    def cleanup(self) -> None:
        """Free what would keep the effect alive."""

    # Options

    def optionsFrame(self) -> QtWidgets.QFrame:
        """Return the frame of the options."""
        return self._frame

    def optionsLayout(self) -> QtWidgets.QFormLayout:
        """Return the layout of the options."""
        return self._frame.layout()

    def addOptionsWidget(self, option: QtWidgets.QWidget | QtWidgets.QLayout) -> None:
        """Add a widget or layout over the full width."""
        self._adopt(option)
        self.optionsLayout().addRow(option)

    def addLabeledOptionsWidget(self, label: str, option: QtWidgets.QWidget | QtWidgets.QLayout) -> QtWidgets.QLabel:
        """Add a widget or layout with a label; return the label."""
        self._adopt(option)
        label_widget = QtWidgets.QLabel(label)
        if isinstance(option, QtWidgets.QLayout) and not isinstance(option, QtWidgets.QHBoxLayout):
            label_widget.setAlignment(QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignTop)
        self.optionsLayout().addRow(label_widget, option)
        return label_widget

    def _adopt(self, option: QtWidgets.QWidget | QtWidgets.QLayout) -> None:
        if isinstance(option, QtWidgets.QWidget):
            option.setParent(self._frame)
            policy = QtWidgets.QSizePolicy.Policy
            option.setSizePolicy(policy.Preferred, policy.MinimumExpanding)

    def selectEffect(self, name: str) -> None:
        """Make another effect the active one, or none."""
        self._editor.setActiveEffectByName(name)

    # Images

    def sourceVolumeImageData(self) -> Any:
        """Return the source volume on the reference geometry (vtkOrientedImageData), or None."""
        return self._logic.GetAlignedSourceVolume() if self._logic.UpdateAlignedSourceVolume() else None

    def masterVolumeImageData(self) -> Any:
        """Return the source volume's image data; the old name of `sourceVolumeImageData`."""
        return self.sourceVolumeImageData()

    def modifierLabelmap(self) -> Any:
        """Return the label map to draw on, as the last user left it."""
        return self._logic.GetModifierLabelmap()

    def defaultModifierLabelmap(self) -> Any:
        """Return the label map to draw on, empty and on the reference geometry, or None."""
        return self._logic.GetModifierLabelmap() if self._logic.ResetModifierLabelmapToDefault() else None

    def maskLabelmap(self) -> Any:
        """Return the mask: voxels that may not be changed are not 0."""
        return self._logic.GetMaskLabelmap() if self._logic.UpdateMaskLabelmap() else None

    def selectedSegmentLabelmap(self) -> Any:
        """Return the selected segment."""
        return self._logic.GetSelectedSegmentLabelmap() if self._logic.UpdateSelectedSegmentLabelmap() else None

    def referenceGeometryImage(self) -> Any:
        """Return the reference geometry."""
        return self._logic.GetReferenceGeometryImage() if self._logic.UpdateReferenceGeometryImage() else None

    @staticmethod
    def applyImageMask(image: Any, mask: Any, fill_value: float, not_mask: bool = False) -> None:
        """Set voxels to the fill value where the mask is not 0 (or is 0, with `not_mask`)."""
        slicer.vtkOrientedImageDataResample.ApplyImageMask(image, mask, fill_value, not_mask)

    # Changing segments

    def saveStateForUndo(self) -> None:
        """Remember the segmentation; call it before a change."""
        self._editor.saveStateForUndo()

    def modifySelectedSegmentByLabelmap(self, labelmap: Any, mode: int, *options: Any) -> None:
        """Change the selected segment; options: extent (6 integers) and bypassMasking."""
        node = self.parameterSetNode()
        self.modifySegmentByLabelmap(node.GetSegmentationNode(), node.GetSelectedSegmentID() or "", labelmap, mode,
                                     *options)

    def modifySegmentByLabelmap(self, segmentation_node: Any, segment_id: str, labelmap: Any, mode: int,
                                *options: Any) -> None:
        """Change a segment by a label map, within the masks of the editor."""
        extent, bypass_masking = _WHOLE_EXTENT, False
        for option in options:
            if isinstance(option, Sequence):
                extent = [int(value) for value in option]
            else:
                bypass_masking = bool(option)
        if len(extent) != 6:
            QtCore.qCritical("modifySegmentByLabelmap failed: extent must have 6 int values")
            return
        self._logic.ModifySegmentByLabelmap(segmentation_node, segment_id, labelmap, _MODES[int(mode)], extent,
                                            self.perSegment, bypass_masking)

    def confirmCurrentSegmentVisible(self) -> int:
        """Ask before the change of a hidden segment; return NotConfirmed, or Confirmed... and whether it was asked."""
        node = self.parameterSetNode()
        segmentation_node = node.GetSegmentationNode() if node is not None else None
        segment_id = node.GetSelectedSegmentID() if node is not None else None
        if segmentation_node is None or not segment_id:
            return self.ConfirmedWithoutDialog
        segment = segmentation_node.GetSegmentation().GetSegment(segment_id)
        displays = [segmentation_node.GetNthDisplayNode(index)
                    for index in range(segmentation_node.GetNumberOfDisplayNodes())]
        if segment is self._confirmed_segment or any(
                display.GetVisibility() and display.GetSegmentVisibility(segment_id) for display in displays):
            return self.ConfirmedWithoutDialog
        return self._ask_about_hidden_segment(segmentation_node, segment_id, segment)

    def _ask_about_hidden_segment(self, segmentation_node: Any, segment_id: str, segment: Any) -> int:
        buttons = QtWidgets.QMessageBox.StandardButton
        box = ctkMessageBox(slicer.util.mainWindow())
        box.setWindowTitle("Operate on invisible segment?")
        box.setText("The currently selected segment is hidden. Would you like to make it visible?")
        for button in (buttons.Yes, buttons.No, buttons.Cancel):
            box.addButton(button)
        box.setIcon(QtWidgets.QMessageBox.Icon.Question)
        answer = box.exec()
        if answer == buttons.Cancel:
            return self.NotConfirmed
        display = segmentation_node.GetDisplayNode()
        if answer == buttons.Yes and display is not None:
            display.SetVisibility(True)
            display.SetSegmentVisibility(segment_id, True)
        else:
            self._confirmed_segment = segment
        return self.ConfirmedWithDialog

    # Views

    @staticmethod
    def renderWindow(view_widget: Any) -> Any:
        """Return the render window of a slice or 3D widget."""
        return view_widget.viewWidget().renderWindow()

    @staticmethod
    def renderer(view_widget: Any) -> Any:
        """Return the first renderer of a slice or 3D widget."""
        return view_widget.viewWidget().renderWindow().GetRenderers().GetItemAsObject(0)

    @staticmethod
    def viewNode(view_widget: Any) -> Any:
        """Return the view node of a slice or 3D widget."""
        return view_widget.mrmlAbstractViewNode()

    @staticmethod
    def forceRender(view_widget: Any) -> None:
        """Draw the view now."""
        view_widget.viewWidget().forceRender()

    @staticmethod
    def scheduleRender(view_widget: Any) -> None:
        """Draw the view soon."""
        view_widget.viewWidget().scheduleRender()

    def addActor2D(self, view_widget: Any, actor: Any) -> None:
        """Show an actor in a view."""
        self.renderer(view_widget).AddViewProp(actor)
        self.scheduleRender(view_widget)

    def addActor3D(self, view_widget: Any, actor: Any) -> None:
        """Show an actor in a view."""
        self.addActor2D(view_widget, actor)

    def removeActor2D(self, view_widget: Any, actor: Any) -> None:
        """Take an actor out of a view."""
        self.renderer(view_widget).RemoveViewProp(actor)
        self.scheduleRender(view_widget)

    def removeActor3D(self, view_widget: Any, actor: Any) -> None:
        """Take an actor out of a view."""
        self.removeActor2D(view_widget, actor)

    def cursorOff(self, view_widget: Any) -> None:
        """Hide the mouse pointer in a view."""
        self._saved_cursor = view_widget.cursor
        view_widget.viewWidget().setDefaultViewCursor(QtGui.QCursor(QtCore.Qt.CursorShape.BlankCursor))

    def cursorOn(self, view_widget: Any) -> None:
        """Show the mouse pointer again."""
        view_widget.viewWidget().setDefaultViewCursor(self._saved_cursor)

    def segmentationDisplayableInView(self, view_node: Any) -> bool:
        """Return whether the segmentation can be shown in a view."""
        return bool(self._logic.IsSegmentationDisplayableInView(view_node))
