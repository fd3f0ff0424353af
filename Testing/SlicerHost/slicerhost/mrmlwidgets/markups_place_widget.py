"""The buttons that place, delete and hide the control points of a markups node."""
from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.ctk.buttons import ctkColorPickerButton
from slicerhost.mrmlwidgets.widget import qSlicerWidget
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register

_UNDEFINED = "No markups node, scene or interaction node"


def _set_action_visible(name: str) -> Any:
    return lambda self, shown: getattr(self, name).setVisible(shown)


@register
class qSlicerMarkupsPlaceWidget(qSlicerWidget):
    """Starts and ends the placement of control points of one markups node."""

    activeMarkupsPlaceModeChanged = Signal(bool)
    activeMarkupsFiducialPlaceModeChanged = Signal(bool)

    HidePlaceMultipleMarkupsOption, ShowPlaceMultipleMarkupsOption = 0, 1
    ForcePlaceSingleMarkup, ForcePlaceMultipleMarkups = 2, 3

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self._interaction_node: Any = None
        self._selection_node: Any = None
        self._signalled_place_mode = False
        self._color_button = ctkColorPickerButton(self)
        self._color_button.setObjectName("ColorButton")
        self._color_button.displayColorName = False
        self._color_button.colorChanged.connect(self._color_chosen)
        self._place_button = self._tool_button("PlaceButton", "Place")
        self._place_button.setCheckable(True)
        self._place_button.toggled.connect(self.setPlaceModeEnabled)
        self._delete_button = self._tool_button("DeleteButton", "Delete")
        self._delete_button.clicked.connect(self.modifyLastPoint)
        self._more_button = self._tool_button("MoreButton", "...")
        self._more_button.setMenu(self._create_menu())
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self._color_button, self._place_button, self._delete_button, self._more_button):
            layout.addWidget(widget)
        self._update()

    def _tool_button(self, name: str, text: str) -> QtWidgets.QToolButton:
        button = QtWidgets.QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        return button

    def _create_menu(self) -> QtWidgets.QMenu:
        menu = QtWidgets.QMenu(self)
        self._delete_all_action = menu.addAction("Delete all control points")
        self._delete_all_action.triggered.connect(self.deleteAllPoints)
        self._unset_last_action = menu.addAction("Unset last placed control point")
        self._unset_last_action.triggered.connect(self.unsetLastDefinedPoint)
        self._unset_all_action = menu.addAction("Unset all control points")
        self._unset_all_action.triggered.connect(self.unsetAllPoints)
        return menu

    buttonsVisible = qt_property(
        bool, "_buttons_visible", True, changed=lambda self, shown: self._show_buttons(shown))
    deleteAllControlPointsOptionVisible = qt_property(
        bool, "_delete_all_visible", True, changed=_set_action_visible("_delete_all_action"))
    deleteAllMarkupsOptionVisible = qt_property(
        bool, "_delete_all_visible", True, changed=_set_action_visible("_delete_all_action"))
    unsetLastControlPointOptionVisible = qt_property(
        bool, "_unset_last_visible", True, changed=_set_action_visible("_unset_last_action"))
    unsetAllControlPointsOptionVisible = qt_property(
        bool, "_unset_all_visible", True, changed=_set_action_visible("_unset_all_action"))
    placeMultipleMarkups = qt_property(int, "_place_multiple", ShowPlaceMultipleMarkupsOption)
    defaultNodeColor = qt_property(QtGui.QColor, "_default_color", QtGui.QColor(0, 255, 0))
    nodeColor = QtCore.Property(QtGui.QColor, lambda self: self._color_button.color,
                                lambda self, color: self._color_chosen(color))
    currentNodeActive = QtCore.Property(bool, lambda self: self._is_active(),
                                        lambda self, active: self._set_active(active))
    placeModeEnabled = QtCore.Property(bool, lambda self: self._is_placing(),
                                       lambda self, enabled: self.setPlaceModeEnabled(enabled))
    placeModePersistency = QtCore.Property(
        bool, lambda self: bool(self._interaction_node is not None
                                and self._interaction_node.GetPlaceModePersistence()),
        lambda self, on: self.setPlaceModePersistency(on))

    def _show_buttons(self, shown: bool) -> None:
        for button in (self._color_button, self._place_button, self._delete_button, self._more_button):
            button.setVisible(shown)

    def setMRMLScene(self, scene: Any) -> None:
        super().setMRMLScene(scene)
        find = scene.GetNodeByID if scene is not None else lambda _identifier: None
        self.setInteractionNode(find("vtkMRMLInteractionNodeSingleton"))
        self.setSelectionNode(find("vtkMRMLSelectionNodeSingleton"))

    def interactionNode(self) -> Any:
        """Return the node with the mouse mode."""
        return self._interaction_node

    def setInteractionNode(self, node: Any) -> None:
        """Follow the mouse mode of a node."""
        self._interaction_node = self._follow(self._interaction_node, node, vtk.vtkCommand.ModifiedEvent)
        self._update()

    def selectionNode(self) -> Any:
        """Return the node with the active markups node."""
        return self._selection_node

    def setSelectionNode(self, node: Any) -> None:
        """Follow the active markups node of a node."""
        self._selection_node = self._follow(self._selection_node, node, vtk.vtkCommand.ModifiedEvent)
        self._update()

    def currentNode(self) -> Any:
        """Return the markups node, or None."""
        return self._node

    def currentMarkupsNode(self) -> Any:
        """Return the markups node, or None."""
        return self._node

    def currentMarkupsFiducialNode(self) -> Any:
        """Return the markups node if it is a point list."""
        return self._node if self._node is not None and self._node.IsA("vtkMRMLMarkupsFiducialNode") else None

    def setCurrentNode(self, node: Any) -> None:
        """Set the markups node."""
        if node is not None and not node.IsA("vtkMRMLMarkupsNode"):
            node = None
        if node is not self._node:
            markups = slicer.vtkMRMLMarkupsNode
            self._node = self._follow(self._node, node, vtk.vtkCommand.ModifiedEvent, markups.PointAddedEvent,
                                      markups.PointRemovedEvent, markups.PointPositionDefinedEvent,
                                      markups.PointPositionUndefinedEvent, markups.DisplayModifiedEvent)
            self._update()

    def placeButton(self) -> QtWidgets.QToolButton:
        """Return the button that starts placement."""
        return self._place_button

    def deleteButton(self) -> QtWidgets.QToolButton:
        """Return the button that deletes the last point."""
        return self._delete_button

    def setPlaceModeEnabled(self, enabled: bool) -> None:
        """Start or end placement."""
        if self._node is None or self._interaction_node is None:
            if enabled:
                QtCore.qCritical(f"qSlicerMarkupsPlaceWidget::setPlaceModeEnabled failed: {_UNDEFINED}")
            return
        if not enabled:
            self._interaction_node.SetCurrentInteractionMode(self._interaction_node.ViewTransform)
            return
        if not self._is_active():
            _markups_logic().SetActiveList(self._node)
        if self.placeMultipleMarkups in (self.ForcePlaceSingleMarkup, self.ForcePlaceMultipleMarkups):
            self.setPlaceModePersistency(self.placeMultipleMarkups == self.ForcePlaceMultipleMarkups)
        self._interaction_node.SetCurrentInteractionMode(self._interaction_node.Place)

    def setPlaceModePersistency(self, persistent: bool) -> None:
        """Place one point or many."""
        if self._interaction_node is not None:
            self._interaction_node.SetPlaceModePersistence(int(bool(persistent)))

    def modifyLastPoint(self, *_checked: Any) -> None:
        """Delete the last point, or unset it when the number of points is fixed."""
        if self._node.GetFixedNumberOfControlPoints():
            self.unsetLastDefinedPoint()
        else:
            self.deleteLastPoint()

    def deleteLastPoint(self) -> None:
        """Delete the last control point."""
        if self._node is not None and self._node.GetNumberOfControlPoints() > 0:
            self._node.RemoveNthControlPoint(self._node.GetNumberOfControlPoints() - 1)

    def deleteAllPoints(self, *_checked: Any) -> None:
        """Delete all control points."""
        if self._node is not None:
            self._node.RemoveAllControlPoints()

    def unsetLastDefinedPoint(self, *_checked: Any) -> None:
        """Forget the position of the last placed control point."""
        defined = slicer.vtkMRMLMarkupsNode.PositionDefined
        for index in reversed(range(self._node.GetNumberOfControlPoints())):
            if self._node.GetNthControlPointPositionStatus(index) == defined:
                self._node.UnsetNthControlPointPosition(index)
                return

    def unsetAllPoints(self, *_checked: Any) -> None:
        """Forget the positions of all control points."""
        self._node.UnsetAllControlPoints()

    def _follow(self, previous: Any, node: Any, *events: int) -> Any:
        if previous is not None:
            self._stop_observing(previous)
        for event in events if node is not None else ():
            self._observe(node, event, self._node_modified)
        return node

    def _is_active(self) -> bool:
        return (self._node is not None and self._selection_node is not None
                and self._selection_node.GetActivePlaceNodeClassName() == self._node.GetClassName()
                and _markups_logic().GetActiveListID() == self._node.GetID())

    def _set_active(self, active: bool) -> None:
        if active == self._is_active():
            return
        _markups_logic().SetActiveList(self._node if active else None)
        if not active:
            self._interaction_node.SetCurrentInteractionMode(self._interaction_node.ViewTransform)

    def _is_placing(self) -> bool:
        node = self._interaction_node
        return self._is_active() and node is not None and node.GetCurrentInteractionMode() == node.Place

    def _color_chosen(self, color: QtGui.QColor) -> None:
        if self._node is not None and self._node.GetDisplayNode() is not None:
            self._node.GetDisplayNode().SetSelectedColor(color.redF(), color.greenF(), color.blueF())

    def _node_modified(self, *_event: Any) -> None:
        self._update()

    def _update(self) -> None:
        ready = self._node is not None and self._interaction_node is not None and self.mrmlScene() is not None
        self._color_button.setEnabled(ready)
        self._more_button.setEnabled(ready)
        self._place_button.setEnabled(ready and not self._node.GetControlPointPlacementComplete())
        self._delete_button.setEnabled(ready and self._node.GetNumberOfControlPoints() > 0)
        blocked = self._color_button.blockSignals(True)
        display = self._node.GetDisplayNode() if ready else None
        self._color_button.color = (QtGui.QColor.fromRgbF(*display.GetSelectedColor()) if display is not None
                                    else self.defaultNodeColor)
        self._color_button.blockSignals(blocked)
        placing = ready and self._is_placing()
        blocked = self._place_button.blockSignals(True)
        self._place_button.setChecked(placing)
        self._place_button.blockSignals(blocked)
        if placing != self._signalled_place_mode:
            self._signalled_place_mode = placing
            self.activeMarkupsFiducialPlaceModeChanged.emit(placing)
            self.activeMarkupsPlaceModeChanged.emit(placing)


def _markups_logic() -> Any:
    return slicer.modules.markups.logic()
