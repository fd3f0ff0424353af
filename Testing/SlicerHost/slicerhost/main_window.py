"""The main window: module selector, module panel, viewport, status bar (qSlicerMainWindow.cxx, qSlicerModulePanel.cxx).

Widgets carry the object names of Slicer's .ui files, which modules look for.
"""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from slicerhost.ctk.collapsible import ctkCollapsibleButton
from slicerhost.ctk.texts import ctkFittedTextBrowser
from slicerhost.layout_menu import LayoutToolBar
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register


@register
class qSlicerModulePanel(QtWidgets.QWidget):
    """Shows the panel of the current module below its help text."""

    moduleAdded = Signal(str)
    moduleRemoved = Signal(str)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._manager: Any = None
        self._current: Any = None
        self._scroll_area = QtWidgets.QScrollArea(self)
        self._scroll_area.setWidgetResizable(True)
        self._contents = QtWidgets.QWidget()
        self._contents.setObjectName("scrollAreaWidgetContents")
        self._scroll_area.setWidget(self._contents)
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll_area)
        self._inner = QtWidgets.QVBoxLayout(self._contents)
        self._inner.addWidget(self._create_help())

    helpAndAcknowledgmentVisible = qt_property(
        bool, "_help_visible", True, changed=lambda self, value: self._help.setVisible(value))

    def _create_help(self) -> QtWidgets.QWidget:
        self._help = ctkCollapsibleButton("Help && Acknowledgement")
        self._help.setObjectName("HelpCollapsibleButton")
        self._help_text = ctkFittedTextBrowser(self._help)
        self._help_text.setObjectName("HelpLabel")
        layout = QtWidgets.QVBoxLayout(self._help)
        layout.addWidget(self._help_text)
        self._help.collapsed = True
        self._help.setVisible(False)
        return self._help

    def setModuleManager(self, manager: Any) -> None:
        self._manager = manager

    def moduleManager(self) -> Any:
        return self._manager

    def setModule(self, name: str) -> None:
        """Leave the current module and enter another; an empty name shows none."""
        module = self._manager.module(name) if name else None
        if module is self._current:
            return
        if self._current is not None:
            self._remove_module(self._current)
        self._current = None
        if module is not None:
            self._add_module(module)

    def _add_module(self, module: Any) -> None:
        widget = module.widgetRepresentation()
        if widget is not None:
            self._current = module
            if widget.layout() is not None:
                widget.layout().setContentsMargins(0, 0, 0, 0)
            self._inner.insertWidget(1, widget, 1)
            widget.installEventFilter(self)
            widget.setVisible(True)
            self._show_help(module)
            self._fit_width()
            widget.enter()
        self.moduleAdded.emit(module.name)

    def eventFilter(self, widget: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """Follow the module's panel when it grows."""
        if event.type() == QtCore.QEvent.Type.Resize:
            self._fit_width()
        return False

    def _fit_width(self) -> None:
        """Make the panel as wide as the module needs (qSlicerModulePanel::minimumSizeHint)."""
        self._contents.layout().activate()
        needed = self._contents.minimumSizeHint.width() + self._scroll_area.verticalScrollBar().sizeHint.width() + 4
        self.setMinimumWidth(max(420, needed))

    def _show_help(self, module: Any) -> None:
        self._help.setVisible(self.helpAndAcknowledgmentVisible and bool(module.helpText))
        text = module.helpText.replace("\\n", "<br>") + "<br>" + module.acknowledgementText
        self._help_text.setHtml(text)

    def _remove_module(self, module: Any) -> None:
        widget = module.widgetRepresentation()
        if self._inner.indexOf(widget) < 0:
            return
        widget.exit()
        widget.removeEventFilter(self)
        self._inner.removeWidget(widget)
        widget.setVisible(False)
        widget.setParent(None)
        self.moduleRemoved.emit(module.name)


@register
class qSlicerModuleSelectorToolBar(QtWidgets.QToolBar):
    """The tool bar with the list of modules."""

    moduleSelected = Signal(str)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__("Module Selection", parent)
        self.setObjectName("ModuleSelectorToolBar")
        self._manager: Any = None
        self._selected = ""
        self._modules = QtWidgets.QComboBox(self)
        self._modules.setObjectName("ModulesComboBox")
        self._modules.setMinimumWidth(200)
        self.addWidget(QtWidgets.QLabel("Modules:"))
        self.addWidget(self._modules)
        self._modules.activated.connect(lambda index: self.selectModule(self._modules.itemData(index)))

    def setModuleManager(self, manager: Any) -> None:
        self._manager = manager
        for name in manager.modulesNames():
            self._add_module(name)
        manager.moduleLoaded.connect(self._add_module)

    def _add_module(self, name: str) -> None:
        module = self._manager.module(name)
        if not module.hidden and self._modules.findData(name) < 0:
            self._modules.addItem(module.title, name)

    def selectModule(self, name: str) -> None:
        """Select a module by name; hidden modules are found as well, an unknown name selects none."""
        name = name if self._manager.module(name) is not None else ""
        if name == self._selected:
            return
        self._selected = name
        self._modules.setCurrentIndex(self._modules.findData(name))
        self.moduleSelected.emit(name)

    selectedModule = QtCore.Property(str, lambda self: self._selected, selectModule)


@register
class qSlicerMainWindow(QtWidgets.QMainWindow):
    """The application's main window."""

    initialWindowShown = Signal()

    def __init__(self, module_manager: Any) -> None:
        super().__init__()
        self.setObjectName("qSlicerMainWindow")
        self.setWindowTitle("3D Slicer")
        self._selector = qSlicerModuleSelectorToolBar(self)
        self._selector.setModuleManager(module_manager)
        self.addToolBar(self._selector)
        self._layouts = LayoutToolBar(self)
        self._create_menus()
        self._create_central_widget()
        self._create_panel(module_manager)
        self.statusBar().setObjectName("StatusBar")

    def _create_menus(self) -> None:
        for name in ("File", "Edit", "View", "Help"):
            menu = self.menuBar().addMenu("&" + name)
            menu.setObjectName(name + "Menu")
        file_menu = self.menuBar().findChild(QtWidgets.QMenu, "FileMenu")
        for name, text in (("FileLoadDataAction", "&Add Data"), ("FileSaveSceneAction", "&Save Data"),
                           ("FileCloseSceneAction", "Close Scene"), ("FileExitAction", "Exit")):
            file_menu.addAction(text).setObjectName(name)

    def _create_central_widget(self) -> None:
        central = QtWidgets.QFrame(self)
        central.setObjectName("CentralWidget")
        self._viewport = QtWidgets.QFrame(central)
        self._viewport.setObjectName("CentralWidgetLayoutFrame")
        layout = QtWidgets.QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._viewport)
        self.setCentralWidget(central)

    def _create_panel(self, module_manager: Any) -> None:
        self._dock = QtWidgets.QDockWidget("", self)
        self._dock.setObjectName("PanelDockWidget")
        contents = QtWidgets.QWidget(self._dock)
        contents.setObjectName("dockWidgetContents")
        layout = QtWidgets.QVBoxLayout(contents)
        layout.setContentsMargins(0, 0, 0, 0)
        self._panel = qSlicerModulePanel(contents)
        self._panel.setObjectName("ModulePanel")
        self._panel.setModuleManager(module_manager)
        self._panel.setMinimumWidth(420)
        layout.addWidget(self._panel, 1)
        layout.addWidget(self._create_data_probe(contents))
        self._dock.setWidget(contents)
        self.addDockWidget(QtCore.Qt.DockWidgetArea.LeftDockWidgetArea, self._dock)
        self._selector.moduleSelected.connect(self._panel.setModule)

    def _create_data_probe(self, parent: QtWidgets.QWidget) -> QtWidgets.QWidget:
        probe = ctkCollapsibleButton("Data Probe", parent)
        probe.setObjectName("DataProbeCollapsibleWidget")
        QtWidgets.QVBoxLayout(probe)
        probe.collapsed = True
        return probe

    def moduleSelector(self) -> qSlicerModuleSelectorToolBar:
        return self._selector

    def pythonConsole(self) -> None:
        """The host has no Python console."""

    def errorLogDockWidget(self) -> None:
        """The host has no error log window."""
