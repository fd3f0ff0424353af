"""The "Reload & Test" box that panels have in developer mode."""
from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import ctk
import qt
import slicer


def _button(text: str, toolTip: str, slot: Callable[[], Any], name: str = "") -> Any:
    button = qt.QPushButton(text)
    button.toolTip = toolTip
    if name:
        button.name = name
    button.connect("clicked()", slot)
    return button


def _row(widgets: list[Any]) -> Any:
    row = qt.QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    return row


class DeveloperSection:
    """Mixin of ScriptedLoadableModuleWidget."""

    def setupDeveloperSection(self) -> None:
        """Add the box to the panel if the application is in developer mode."""
        if not self.developerMode:
            return
        self.reloadCollapsibleButton = ctk.ctkCollapsibleButton()
        self.reloadCollapsibleButton.text = "Reload && Test"
        self.layout.addWidget(self.reloadCollapsibleButton)
        form = qt.QFormLayout(self.reloadCollapsibleButton)
        self.reloadButton = _button("Reload", "Load the module's source again.", self.onReload,
                                    "ScriptedLoadableModuleTemplate Reload")
        self._makeTestButton()
        self.restartButton = _button("Restart Slicer", "Restart the application.", lambda: slicer.app.restart(),
                                     "ScriptedLoadableModuleTemplate Restart")
        self.editSourceButton = _button("Edit", "Open the module's source in an editor. With Shift: copy its path.",
                                        self.onEditSource)
        self._makeEditUiButton()
        first = [self.reloadButton, self.reloadTestMenuButton]
        if self.editModuleUiButton:
            form.addRow(_row([*first, self.restartButton]))
            form.addRow(_row([self.editSourceButton, self.editModuleUiButton]))
        else:
            form.addRow(_row([*first, self.editSourceButton, self.restartButton]))

    def _makeEditUiButton(self) -> None:
        uiFile = self.resourcePath(f"UI/{self.moduleName}.ui")
        self.editModuleUiButton = None
        if os.path.isfile(uiFile):
            self.editModuleUiButton = _button("Edit UI", "Open the module's .ui file in Qt Designer.",
                                              lambda: slicer.util.startQtDesigner(uiFile))

    def _makeTestButton(self) -> None:
        """A button with two actions; the one that was used last is what a click does."""
        self.reloadTestMenu = qt.QMenu(self.parent)
        self.testAction = self._addTestAction("Test", "TestAction", self.onTest)
        self.reloadTestAction = self._addTestAction("Reload and Test", "ReloadTestAction", self.onReloadAndTest)
        self.reloadTestMenuButton = qt.QToolButton()
        policy = qt.QSizePolicy(qt.QSizePolicy.Preferred, qt.QSizePolicy.Preferred)
        self.reloadTestMenuButton.setSizePolicy(policy)
        self.reloadTestMenuButton.toolTip = "Run the self-test, or reload the module and run it"
        self.reloadTestMenuButton.name = "ScriptedLoadableModuleTemplate Testing"
        self.reloadTestMenuButton.setMenu(self.reloadTestMenu)
        remembered = qt.QSettings().value(self._testActionSetting())
        self.chooseTestAction("testAction" if remembered == self.testAction.objectName else "reloadTestAction")

    def _addTestAction(self, text: str, name: str, slot: Callable[..., None]) -> Any:
        action = qt.QAction(text, self.reloadTestMenu)
        action.setStatusTip(f"{text} of the module {self.moduleName}")
        action.setObjectName(name)
        action.triggered.connect(slot)
        self.reloadTestMenu.addAction(action)
        return action

    def _testActionSetting(self) -> str:
        return f"{self.moduleName}/PreferredReloadAndTestAction"

    def chooseTestAction(self, attribute: str) -> None:
        """Make an action (given by the attribute that holds it) what a click on the test button does."""
        if hasattr(self, "reloadTestMenuButton"):
            self.reloadTestMenuButton.setDefaultAction(getattr(self, attribute))

    def rememberTestAction(self) -> None:
        """Keep the chosen action for the next session."""
        if self.developerMode and hasattr(self, "reloadTestMenuButton"):
            qt.QSettings().setValue(self._testActionSetting(), self.reloadTestMenuButton.defaultAction().objectName)
