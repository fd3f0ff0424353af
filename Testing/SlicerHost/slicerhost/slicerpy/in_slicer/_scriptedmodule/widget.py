"""The panel of a scripted module."""
from __future__ import annotations

import os
import subprocess
from typing import Any

import qt
import slicer

from .developersection import DeveloperSection


class ScriptedLoadableModuleWidget(DeveloperSection):
    """Base of the class <module name>Widget; ``parent`` is the qSlicerScriptedLoadableModuleWidget.

    Without parent, a window of its own is made, set up and shown; whoever made it deletes its ``parent``.
    """

    def __init__(self, parent: Any = None) -> None:
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Widget")
        self.developerMode = slicer.util.settingsValue("Developer/DeveloperMode", False, converter=slicer.util.toBool)
        self.parent = parent or self._makeWindow()
        self.layout = self.parent.layout()
        if not parent:
            self.setup()
            self.parent.show()
        slicer.app.moduleManager().connect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    @staticmethod
    def _makeWindow() -> Any:
        window = slicer.qMRMLWidget()
        window.setLayout(qt.QVBoxLayout())
        window.setMRMLScene(slicer.mrmlScene)
        return window

    def setup(self) -> None:
        """Fill the panel; overriding methods call this one first."""
        self.setupDeveloperSection()

    def cleanup(self) -> None:
        """Called before the module is unloaded; override it."""

    def resourcePath(self, filename: str) -> str:
        """Absolute path of a file in the module's folder ``Resources``."""
        return os.path.join(os.path.dirname(slicer.util.modulePath(self.moduleName)), "Resources", filename)

    def _onModuleAboutToBeUnloaded(self, moduleName: str) -> None:
        if moduleName != self.moduleName:
            return
        self.cleanup()
        self.rememberTestAction()
        slicer.app.moduleManager().disconnect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    def onReload(self) -> None:
        """Load the module's source again and replace the panel."""
        line = "-" * 40
        print(f"\n\n{line}\nReloading module: {self.moduleName}\n{line}\n\n")
        slicer.util.reloadScriptedModule(self.moduleName)

    def onTest(self, **kwargs: Any) -> None:
        """Run the self-test; a failure is shown in a message box."""
        self.chooseTestAction("testAction")
        with slicer.util.tryWithErrorDisplay("Test failed."):
            self._runSelfTest(**kwargs)

    def onReloadAndTest(self, **kwargs: Any) -> None:
        """Reload the module and run its self-test; a failure is shown in a message box."""
        self.chooseTestAction("reloadTestAction")
        with slicer.util.tryWithErrorDisplay("Reload and Test failed."):
            self.onReload()
            self._runSelfTest(**kwargs)

    def _runSelfTest(self, **kwargs: Any) -> None:
        delay = slicer.app.userSettings().value("Developer/SelfTestDisplayMessageDelay")
        slicer.selfTests[self.moduleName](msec=int(delay or 100), **kwargs)

    def onEditSource(self) -> None:
        """Open the module's source in the editor of the settings; with Shift held down, copy its path."""
        source = slicer.util.modulePath(self.moduleName)
        if slicer.app.keyboardModifiers() == qt.Qt.ShiftModifier:
            slicer.app.clipboard().setText(os.path.abspath(source))
            slicer.util.delayDisplay(f"The path {os.path.abspath(source)} is on the clipboard")
            return
        editor = slicer.app.settings().value("Python/Editor")
        if not editor:
            qt.QDesktopServices.openUrl(qt.QUrl("file:///" + source, qt.QUrl.TolerantMode))
            return
        try:
            subprocess.Popen([editor, source], env=slicer.util.startupEnvironment())
        except OSError:
            slicer.util.errorDisplay(f"The editor\n\n{editor}\n\ncould not open\n\n{source}")
