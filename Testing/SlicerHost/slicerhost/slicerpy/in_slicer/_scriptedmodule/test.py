"""The self-test of a scripted module."""
from __future__ import annotations

import logging
import unittest
from typing import Any

import ctk
import slicer
import vtk


class ScriptedLoadableModuleTest(unittest.TestCase):
    """Base of the class <module name>Test. ``runTest`` runs every method whose name contains "test"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.moduleTestNames: list[str] = []
        super().__init__(*args, **kwargs)
        # unittest.TestCase ends the chain of constructors; mixins that come after it get theirs called here.
        super(unittest.TestCase, self).__init__()
        self.enableScreenshots = False
        self.screenshotScaleFactor = 1.0
        if not self.moduleTestNames:
            self.moduleTestNames = [name for name in dir(self) if "test" in name and callable(getattr(self, name))]

    def setUp(self) -> None:
        """Called before each test; override it."""

    def tearDown(self) -> None:
        """Called after each test; override it."""

    def runTest(self) -> None:
        """Run all tests of the class; the first failure is passed on as an exception."""
        if not self.moduleTestNames:
            logging.warning(f"{type(self).__name__} has no tests")
            return
        self.setUpClass()
        for name in self.moduleTestNames:
            self.setUp()
            logging.info(f"Running {name}")
            getattr(self, name)()
            self.tearDown()
        self.tearDownClass()

    def delayDisplay(self, message: str, requestedDelay: int | None = None, msec: int | None = None) -> None:
        """Show a message for some milliseconds, while the application handles its events.

        The time is ``messageDelay`` of the test if it is set, else ``msec``, else ``requestedDelay``, else 100.
        """
        candidates = (getattr(self, "messageDelay", None), msec, requestedDelay, 100)
        slicer.util.delayDisplay(message, next(delay for delay in candidates if delay is not None))

    def takeScreenshot(self, name: str, description: str, type: int = -1) -> None:
        """Show the description and, with ``enableScreenshots``, keep a picture in the scene.

        :param type: what to take, a value of ``slicer.qMRMLScreenShotDialog``; anything else is the main window
        """
        self.delayDisplay(description)
        if not self.enableScreenshots:
            return
        widget, type = self._screenshotSource(type)
        imageData = vtk.vtkImageData()
        slicer.qMRMLUtils().qImageToVtkImageData(ctk.ctkWidgetsUtils.grabWidget(widget), imageData)
        annotations = slicer.modules.annotations.logic()
        annotations.CreateSnapShot(name, description, type, self.screenshotScaleFactor, imageData)

    @staticmethod
    def _screenshotSource(type: int) -> tuple[Any, int]:
        """(widget to take a picture of, the type of picture that is stored)."""
        dialog = slicer.qMRMLScreenShotDialog
        layoutManager = slicer.app.layoutManager()
        if type == dialog.FullLayout:
            return layoutManager.viewport(), type
        if type == dialog.ThreeD:
            return layoutManager.threeDWidget(0).threeDView(), type
        for sliceView in ("Red", "Yellow", "Green"):
            if type == getattr(dialog, sliceView):
                return layoutManager.sliceWidget(sliceView), type
        return slicer.util.mainWindow(), dialog.FullLayout
