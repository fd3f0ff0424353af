"""The layout manager: one widget per view node of the scene, arranged as the layout node says."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register
from slicerhost.views.layout_builder import LayoutBuilder, child_elements
from slicerhost.views.plot_widget import qMRMLPlotWidget
from slicerhost.views.slice_widget import qMRMLSliceWidget
from slicerhost.views.table_widget import qMRMLTableWidget
from slicerhost.views.threed_widget import qMRMLThreeDWidget
from slicerhost.vtk_observation import VtkObservation

_WIDGETS = {
    "vtkMRMLViewNode": (qMRMLThreeDWidget, "ThreeDWidget"),
    "vtkMRMLSliceNode": (qMRMLSliceWidget, "qMRMLSliceWidget"),
    "vtkMRMLTableViewNode": (qMRMLTableWidget, "qMRMLTableWidget"),
    "vtkMRMLPlotViewNode": (qMRMLPlotWidget, "qMRMLPlotWidget"),
}


@register
class qMRMLLayoutManager(QtCore.QObject, VtkObservation):
    """Creates and arranges the views of a scene.

    A view exists as long as its node is in the scene, whether or not the current layout shows it.
    """

    layoutChanged = Signal(int)
    activeMRMLThreeDViewNodeChanged = Signal(object)
    activeMRMLTableViewNodeChanged = Signal(object)
    activeMRMLPlotViewNodeChanged = Signal(object)
    activeThreeDRendererChanged = Signal(object)
    nodeAboutToBeEdited = Signal(object)

    def __init__(self, viewport: QtWidgets.QWidget, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._viewport = viewport
        self._detached_viewports: dict[str, QtWidgets.QWidget] = {}
        self._scene: Any = None
        self._layout_node: Any = None
        self._layout_logic = slicer.vtkMRMLLayoutLogic()
        self._slice_logics = vtk.vtkCollection()
        self._view_logics = vtk.vtkCollection()
        self._slice_buttons = QtWidgets.QButtonGroup(self)
        self._slice_buttons.setExclusive(False)
        self._views: dict[str, dict[Any, QtWidgets.QWidget]] = {name: {} for name in _WIDGETS}
        self._extra_factories: list[Any] = []
        self._shown_description: str | None = None
        self._pause_count = 0
        self._box = QtWidgets.QVBoxLayout(viewport)
        self._box.setContentsMargins(0, 0, 0, 0)

    enabled = qt_property(bool, "_enabled", True, changed=lambda self, on: self._enabled_changed(on))

    # Scene

    def mrmlScene(self) -> Any:
        """Return the scene."""
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        """Show the views of a scene."""
        if scene is self._scene:
            return
        self._stop_observing()
        self._scene = scene
        self._layout_node = None
        self._layout_logic.SetMRMLScene(scene)
        self._observe(scene, scene.NodeAddedEvent, self._node_added, call_data_type=vtk.VTK_OBJECT)
        self._observe(scene, scene.NodeRemovedEvent, self._node_removed, call_data_type=vtk.VTK_OBJECT)
        self._observe(scene, scene.EndBatchProcessEvent, self._scene_changed)
        self._observe(scene, scene.EndRestoreEvent, self._scene_changed)
        self._observe(scene, scene.StartCloseEvent, self._scene_about_to_close)
        self._observe(scene, scene.EndCloseEvent, self._scene_changed)
        self._scene_changed()

    def layoutLogic(self) -> Any:
        """Return the vtkMRMLLayoutLogic."""
        return self._layout_logic

    def mrmlSliceLogics(self) -> Any:
        """Return the logics of the slice views (vtkCollection)."""
        return self._slice_logics

    def mrmlViewLogics(self) -> Any:
        """Return the logics of the 3D views (vtkCollection)."""
        return self._view_logics

    def setMRMLColorLogic(self, logic: Any) -> None:
        """Set the colour logic of plot views."""
        self._color_logic = logic

    def mrmlColorLogic(self) -> Any:
        """Return the colour logic of plot views."""
        return self.__dict__.get("_color_logic")

    # Layout

    def viewport(self) -> QtWidgets.QWidget:
        """Return the widget that the layout fills."""
        return self._viewport

    def _get_layout(self) -> int:
        node = slicer.vtkMRMLLayoutNode
        return self._layout_node.GetViewArrangement() if self._layout_node is not None else int(node.SlicerLayoutNone)

    def setLayout(self, layout: int) -> None:
        """Change the layout (vtkMRMLLayoutNode.SlicerLayout...); an unknown one gives the conventional layout."""
        layout = int(layout)
        if layout == self._get_layout() or self._layout_node is None:
            return
        if not self._layout_node.IsLayoutDescription(layout):
            layout = int(slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView)
        self._layout_node.RemoveAllMaximizedViewNodes()
        self._layout_node.SetViewArrangement(layout)

    layout = QtCore.Property(int, _get_layout, setLayout)

    def setLayoutNumberOfCompareViewRows(self, rows: int) -> None:
        """Set the rows of comparison layouts."""
        self._layout_node.SetNumberOfCompareViewRows(rows)

    def setLayoutNumberOfCompareViewColumns(self, columns: int) -> None:
        """Set the columns of comparison layouts."""
        self._layout_node.SetNumberOfCompareViewColumns(columns)

    def addMaximizedViewNode(self, node: Any) -> None:
        """Give a view all the space of its viewport."""
        self._layout_node.AddMaximizedViewNode(node)

    def removeMaximizedViewNode(self, node: Any) -> None:
        """Restore the layout."""
        self._layout_node.RemoveMaximizedViewNode(node)

    def removeAllMaximizedViewNodes(self) -> None:
        """Restore the layout."""
        self._layout_node.RemoveAllMaximizedViewNodes()

    def registerViewFactory(self, factory: Any) -> None:
        """Ask a factory for the elements of layouts that are not MRML views.

        The factory has `viewClassName()` and `createViewFromXML(element)`, or `viewFromXML(element)`.
        """
        self._extra_factories.append(factory)

    # Views

    def sliceViewNames(self) -> list[str]:
        """Return the names of all slice views, hidden ones included."""
        return [node.GetName() for node in self._views["vtkMRMLSliceNode"]]

    def sliceWidget(self, name: str) -> Any:
        """Return the slice view of that name, or None."""
        return self._view_by_name("vtkMRMLSliceNode", name)

    def threeDWidget(self, view: int | str) -> Any:
        """Return a 3D view by its index or name, or None."""
        return self._view("vtkMRMLViewNode", view)

    def tableWidget(self, view: int | str) -> Any:
        """Return a table view by its index, or None."""
        return self._view("vtkMRMLTableViewNode", view)

    def plotWidget(self, view: int | str) -> Any:
        """Return a plot view by its index, or None."""
        return self._view("vtkMRMLPlotViewNode", view)

    threeDViewCount = QtCore.Property(int, lambda self: len(self._views["vtkMRMLViewNode"]))
    tableViewCount = QtCore.Property(int, lambda self: len(self._views["vtkMRMLTableViewNode"]))
    plotViewCount = QtCore.Property(int, lambda self: len(self._views["vtkMRMLPlotViewNode"]))

    def viewWidget(self, node: Any) -> Any:
        """Return the view of a view node, or None."""
        return next((views[node] for views in self._views.values() if node in views), None)

    def viewWidgets(self) -> list[QtWidgets.QWidget]:
        """Return all views."""
        return [widget for views in self._views.values() for widget in views.values()]

    def activeMRMLThreeDViewNode(self) -> Any:
        """Return the node of the first 3D view, or None."""
        return next(iter(self._views["vtkMRMLViewNode"]), None)

    def activeMRMLTableViewNode(self) -> Any:
        """Return the node of the first table view, or None."""
        return next(iter(self._views["vtkMRMLTableViewNode"]), None)

    def activeMRMLPlotViewNode(self) -> Any:
        """Return the node of the first plot view, or None."""
        return next(iter(self._views["vtkMRMLPlotViewNode"]), None)

    def activeThreeDRenderer(self) -> Any:
        """Return the renderer of the first 3D view, or None."""
        widget = self.threeDWidget(0)
        return widget.threeDView()._view.renderer if widget is not None else None

    def resetThreeDViews(self) -> None:
        """Show everything in all 3D views."""
        for widget in self._views["vtkMRMLViewNode"].values():
            widget.threeDView().resetFocalPoint()
            widget.threeDView().resetCamera()

    def resetSliceViews(self) -> None:
        """Fit all slice views to their background volume."""
        for widget in self._views["vtkMRMLSliceNode"].values():
            widget.sliceController().fitSliceToBackground()

    # Pausing

    def setRenderPaused(self, paused: bool) -> None:
        """Pause or resume all views, also those created later."""
        for widget in self.viewWidgets():
            widget.setRenderPaused(paused)
        self._pause_count = max(0, self._pause_count + (1 if paused else -1))

    def pauseRender(self) -> None:
        """Pause all views."""
        self.setRenderPaused(True)

    def resumeRender(self) -> None:
        """Undo one pause."""
        self.setRenderPaused(False)

    # Following the scene

    def _scene_changed(self, *_event: Any) -> None:
        if self._scene.IsBatchProcessing():
            return
        self._create_missing_views()
        layout_node = self._layout_logic.GetLayoutNode()
        if layout_node is not self._layout_node:
            if self._layout_node is not None:
                self._stop_observing(self._layout_node)
            self._layout_node = layout_node
            if layout_node is not None:
                self._observe(layout_node, vtk.vtkCommand.ModifiedEvent, self._layout_modified)
        self._layout_modified()

    def _scene_about_to_close(self, *_event: Any) -> None:
        if self.enabled:
            self._clear_layout()

    def _node_added(self, _scene: Any, _event: str, node: Any) -> None:
        if node.IsA("vtkMRMLAbstractViewNode") and not self._scene.IsBatchProcessing():
            self._add_view(node)

    def _node_removed(self, _scene: Any, _event: str, node: Any) -> None:
        if node.IsA("vtkMRMLAbstractViewNode"):
            self._remove_view(node)

    def _create_missing_views(self) -> None:
        nodes = self._scene.GetNodesByClass("vtkMRMLAbstractViewNode")
        nodes.UnRegister(None)
        present = [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
        for views in self._views.values():
            for node in [node for node in views if node not in present]:
                self._remove_view(node)
        for node in present:
            self._add_view(node)

    def _add_view(self, node: Any) -> None:
        class_name = node.GetClassName()
        if class_name not in _WIDGETS or node in self._views[class_name] or node.GetParentLayoutNode() is not None:
            return
        widget_class, name_prefix = _WIDGETS[class_name]
        widget = widget_class(self._viewport)
        widget.setObjectName(name_prefix + (node.GetLayoutName() or ""))
        widget.hide()
        logic = widget.logic()
        if class_name == "vtkMRMLSliceNode":
            widget.setSliceLogics(self._slice_logics)
            self._slice_logics.AddItem(logic)  # displayable managers look for the logic while they are set up
            widget.sliceController().setControllerButtonGroup(self._slice_buttons)
        elif class_name == "vtkMRMLViewNode":
            self._view_logics.AddItem(logic)
        widget.setMRMLScene(self._scene)
        widget.setMRMLAbstractViewNode(node)
        for _ in range(self._pause_count):
            widget.pauseRender()
        self._views[class_name][node] = widget
        self._observe(node, vtk.vtkCommand.ModifiedEvent, self._view_node_modified)

    def _remove_view(self, node: Any) -> None:
        widget = self._views.get(node.GetClassName(), {}).pop(node, None)
        if widget is None:
            return
        self._stop_observing(node)
        logic = widget.logic()
        for logics in (self._slice_logics, self._view_logics):
            if logic is not None:
                logics.RemoveItem(logic)
        widget.hide()
        widget.setParent(None)
        widget.deleteLater()

    def _view_node_modified(self, node: Any, _event: str) -> None:
        widget = self.viewWidget(node)
        if widget is not None:
            widget.setVisible(bool(node.IsViewVisibleInLayout()))

    # Arranging

    def _enabled_changed(self, enabled: bool) -> None:
        if enabled:
            self._layout_modified()

    def _layout_modified(self, *_event: Any) -> None:
        if self._scene is None or self._scene.IsBatchProcessing() or not self.enabled:
            return
        if self._get_layout() == int(slicer.vtkMRMLLayoutNode.SlicerLayoutCustomView):
            return
        description = self._current_description()
        if description != self._shown_description:
            self._arrange(description)
        self.layoutChanged.emit(self._get_layout())

    def _current_description(self) -> str:
        if self._layout_node is None:
            return ""
        description = self._layout_node.GetCurrentLayoutDescription() or ""
        for index in range(self._layout_node.GetNumberOfMaximizedViewNodes()):
            node = self._layout_node.GetMaximizedViewNode(index)
            if node is not None:
                description = self._layout_logic.GetMaximizedViewLayoutDescription(node, description)
        return description

    def _clear_layout(self) -> None:
        for views in self._views.values():
            for node, widget in views.items():
                node.SetMappedInLayout(False)
                widget.hide()
                widget.setParent(self._viewport)
        for box in [self._box, *(window.layout() for window in self._detached_viewports.values())]:
            while box.count():
                container = box.takeAt(0).widget()
                if container is not None and container not in self.viewWidgets():
                    container.hide()
                    container.deleteLater()
        for window in self._detached_viewports.values():
            window.hide()
        self._shown_description = None

    def _arrange(self, description: str) -> None:
        self._clear_layout()
        self._shown_description = description
        root = self._layout_node.ParseLayout(description) if description else None
        if root is None:
            return
        builder = LayoutBuilder(self._widget_of, self._widgets_of)
        for element in self._viewport_elements(root):
            container = builder.build(element)
            if container is not None:
                self._viewport_box(element).addWidget(container)
                container.show()

    def _viewport_elements(self, root: Any) -> Iterator[Any]:
        return child_elements(root) if root.GetName() == "viewports" else iter([root])

    def _viewport_box(self, element: Any) -> QtWidgets.QLayout:
        name = element.GetAttribute("name") or ""
        if not name:
            return self._box
        if name not in self._detached_viewports:
            window = QtWidgets.QWidget(self._viewport.window(), QtCore.Qt.WindowType.Window)
            window.setObjectName(name)
            window.setWindowTitle(element.GetAttribute("label") or name)
            window.resize(800, 600)
            QtWidgets.QVBoxLayout(window).setContentsMargins(0, 0, 0, 0)
            self._detached_viewports[name] = window
        self._detached_viewports[name].show()
        return self._detached_viewports[name].layout()

    def _widget_of(self, element: Any) -> QtWidgets.QWidget | None:
        if element.GetName() != "view":
            return self._custom_widget(element)
        node = self._layout_logic.GetViewFromElement(element)
        if node is None:
            return self._custom_widget(element)
        return self._set_up_view(node, element) or self._custom_widget(element)

    def _widgets_of(self, element: Any) -> list[QtWidgets.QWidget]:
        """Return the views of all nodes of the element's class (vtkMRMLLayoutLogic::GetViewsFromAttributes)."""
        nodes = self._scene.GetNodesByClass(element.GetAttribute("class"))
        nodes.UnRegister(None)
        nodes = [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
        view_type = element.GetAttribute("type")
        if view_type and element.GetAttribute("class") == "vtkMRMLViewNode":
            nodes = [node for node in nodes if (node.GetAttribute("ViewType") or "main") == view_type]
        widgets = (self._set_up_view(node, element) for node in nodes)
        return [widget for widget in widgets if widget is not None]

    def _set_up_view(self, node: Any, element: Any) -> QtWidgets.QWidget | None:
        self._add_view(node)
        widget = self.viewWidget(node)
        if widget is None:
            return None
        for view_property in child_elements(element):
            if view_property.GetAttribute("action") == "relayout":
                _apply_property(node, view_property.GetAttribute("name"), view_property.GetCharacterData() or "")
        node.SetMappedInLayout(True)
        widget.setVisible(bool(node.GetVisibility()))
        widget.setWindowTitle(node.GetName())
        return widget

    def _custom_widget(self, element: Any) -> QtWidgets.QWidget | None:
        for factory in self._extra_factories:
            widget = factory.viewFromXML(element)
            if widget is not None:
                return widget
        return None

    def _view(self, class_name: str, view: int | str) -> Any:
        if isinstance(view, str):
            return self._view_by_name(class_name, view)
        widgets = list(self._views[class_name].values())
        return widgets[view] if 0 <= view < len(widgets) else None

    def _view_by_name(self, class_name: str, name: str) -> Any:
        return next((widget for node, widget in self._views[class_name].items() if node.GetName() == name), None)


@register
class qSlicerLayoutManager(qMRMLLayoutManager):
    """The application's layout manager; its views are known to the application logic."""

    selectModule = Signal(str)

    def __init__(self, viewport: QtWidgets.QWidget) -> None:
        super().__init__(viewport, viewport)
        application_logic = slicer.app.applicationLogic()
        application_logic.SetSliceLogics(self.mrmlSliceLogics())
        application_logic.SetViewLogics(self.mrmlViewLogics())


def _apply_property(node: Any, name: str, value: str) -> None:
    if name == "orientation":
        node.SetDefaultOrientation(value)
        node.SetOrientation(value)
    elif name == "viewgroup":
        node.SetViewGroup(int(value))
    elif name == "viewlabel":
        node.SetLayoutLabel(value)
    elif name == "viewcolor":
        color = QtGui.QColor(value)
        node.SetLayoutColor(color.redF(), color.greenF(), color.blueF())
