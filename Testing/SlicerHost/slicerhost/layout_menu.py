"""The main window's tool bar with the menu of view layouts (qSlicerMainWindow.cxx, setupLayoutManager and init).

Modules find it by name and add their own layouts to the menu: an action's data is the layout it switches to.
"""
from __future__ import annotations

import slicer
from PySide6 import QtGui, QtWidgets

_LAYOUTS = {
    "Conventional": "Conventional", "ConventionalWidescreen": "Conventional Widescreen",
    "ConventionalPlot": "Conventional Plot", "FourUp": "Four-Up", "FourUpTable": "Four-Up Table",
    "FourUpPlot": "Four-Up Plot", "FourUpPlotTable": "Four-Up Plot Table", "Dual3D": "Dual 3D",
    "Triple3DEndoscopy": "Triple 3D", "OneUp3D": "3D only", "3DTable": "3D Table", "OneUpPlot": "Plot only",
    "OneUpRedSlice": "Red slice only", "OneUpYellowSlice": "Yellow slice only", "OneUpGreenSlice": "Green slice only",
    "Tabbed3D": "Tabbed 3D", "TabbedSlice": "Tabbed slice", "ThreeOverThree": "Three over three",
    "ThreeOverThreePlot": "Three over three Plot", "FourOverFour": "Four over four", "TwoOverTwo": "Two over Two",
    "SideBySide": "Side by side", "FourByThreeSlice": "Four by three slice", "FourByTwoSlice": "Four by two slice",
    "ThreeByThreeSlice": "Three by three slice", "DualMonitorFourUp": "Dual Monitor Four-Up",
}
_ACTION_NAMES = {"Triple3DEndoscopy": "Triple3D", "DualMonitorFourUp": "DualMonitorFourUpView"}


class LayoutToolBar:
    """Builds the tool bar; `connect` ties its menu to the layout manager."""

    def __init__(self, main_window: QtWidgets.QMainWindow) -> None:
        self._bar = QtWidgets.QToolBar("Layout Selection", main_window)
        self._bar.setObjectName("ViewToolBar")
        self._menu = QtWidgets.QMenu("Layout", main_window)
        self._menu.setObjectName("LayoutMenu")
        for layout, text in _LAYOUTS.items():
            self._menu.addAction(_layout_action(layout, text, main_window))
        self._button = QtWidgets.QToolButton(main_window)
        self._button.setMenu(self._menu)
        self._button.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        self._button.setDefaultAction(self._menu.actions()[0])
        self._bar.addWidget(self._button)
        main_window.addToolBar(self._bar)
        self._manager: QtWidgets.QWidget | None = None

    def connect(self, manager: QtWidgets.QWidget) -> None:
        """Let the menu switch the layout and the button show the current one."""
        self._manager = manager
        self._menu.triggered.connect(self._switch)
        manager.layoutChanged.connect(self._show)

    def _switch(self, action: QtGui.QAction) -> None:
        if action.data() is not None and any(own.text == action.text for own in self._menu.actions()):
            self._manager.setLayout(int(action.data()))

    def _show(self, layout: int) -> None:
        shown = [action for action in self._menu.actions() if action.data() == layout and action.menu() is None]
        if shown:
            self._button.setDefaultAction(shown[-1])


def _layout_action(layout: str, text: str, parent: QtWidgets.QWidget) -> QtGui.QAction:
    action = QtGui.QAction(text, parent)
    action.setObjectName(f"ViewLayout{_ACTION_NAMES.get(layout, layout)}Action")
    action.setData(int(getattr(slicer.vtkMRMLLayoutNode, f"SlicerLayout{layout}View")))
    return action
