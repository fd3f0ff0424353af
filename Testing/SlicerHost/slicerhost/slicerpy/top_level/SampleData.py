"""The SampleData module: data sets for tests, demonstrations and teaching."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import qt
import slicer
from SampleDataLib.logic import SampleDataLogic
from SampleDataLib.panel import SampleDataWidget
from SampleDataLib.selftest import SampleDataTest
from SampleDataLib.source import SampleDataSource
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule

__all__ = ["SampleData", "SampleDataLogic", "SampleDataSource", "SampleDataTest", "SampleDataWidget",
           "downloadFromURL", "downloadSample", "downloadSamples"]


def downloadFromURL(*args: Any, **kwargs: Any) -> list[Any]:
    """See ``SampleDataLogic.downloadFromURL``."""
    return SampleDataLogic().downloadFromURL(*args, **kwargs)


def downloadSample(sampleName: str) -> Any:
    """Return the first node of a registered data set."""
    return SampleDataLogic().downloadSample(sampleName)


def downloadSamples(sampleName: str) -> list[Any]:
    """Return all nodes of a registered data set."""
    return SampleDataLogic().downloadSamples(sampleName)


def _named(objects: Iterable[Any], name: str) -> Any:
    return next((candidate for candidate in objects if candidate.objectName == name), None)


class SampleData(ScriptedLoadableModule):
    """Description of the module."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        parent.title = _("Sample Data")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Informatics")]
        parent.helpText = _("Downloads data sets, or has other modules make them, and loads them into the scene.")
        parent.helpText += self.getDefaultModuleDocumentationLink()
        if not slicer.app.commandOptions().noMainWindow:
            slicer.app.connect("startupCompleted()", self.addMenu)
        if not hasattr(slicer.modules, "sampleDataSources"):
            slicer.modules.sampleDataSources = {}

    def addMenu(self) -> None:
        """Offer the module in the File menu, before the entry that saves the scene."""
        fileMenu = _named(slicer.app.topLevelWidgets(), "FileMenu")
        saveAction = _named(fileMenu.actions(), "FileSaveSceneAction") if fileMenu else None
        if saveAction is None:
            return
        action = qt.QAction(_("Download Sample Data"), slicer.util.mainWindow())
        action.setToolTip(_("Go to the SampleData module to download data from the network"))
        action.connect("triggered()", self.select)
        fileMenu.insertAction(saveAction, action)
        fileMenu.insertSeparator(saveAction)

    def select(self) -> None:
        """Show the module."""
        slicer.util.mainWindow().moduleSelector().selectModule("SampleData")
