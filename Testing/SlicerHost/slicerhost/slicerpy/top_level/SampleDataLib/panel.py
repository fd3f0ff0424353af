"""The panel: one box of buttons per category, a field for addresses, and a log."""
from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

import ctk
import qt
import slicer
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleWidget

from . import registry
from .logic import SampleDataLogic
from .source import SampleDataSource

ICONS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "Resources", "Icons")
CATEGORY_PROPERTY = "sampleDataCategory"


class SampleDataWidget(ScriptedLoadableModuleWidget):
    """Panel of the SampleData module."""

    def setup(self) -> None:
        super().setup()
        self.logic = SampleDataLogic(self.logMessage)
        self.categoryLayout = qt.QVBoxLayout()
        self.categoryLayout.setContentsMargins(0, 0, 0, 0)
        self.layout.addLayout(self.categoryLayout)
        self.setCategoriesFromSampleDataSources(self.categoryLayout, registry.sources(), self.logic)
        if not self.developerMode:
            self.setCategoryVisible(self.logic.developmentCategoryName, False)
        self._addAddressBox()
        self.log = qt.QTextEdit()
        self.log.readOnly = True
        self.layout.addWidget(self.log)
        self.layout.addStretch(1)

    def cleanup(self) -> None:
        self.removeCategories(self.categoryLayout)

    # Categories

    @staticmethod
    def setCategoriesFromSampleDataSources(categoryLayout: Any, dataSources: dict[str, list[SampleDataSource]],
                                           logic: SampleDataLogic) -> None:
        """Replace what is in the layout by boxes for the categories: General first, then in order of their names."""
        SampleDataWidget.removeCategories(categoryLayout)
        for category in sorted(dataSources, key=lambda name: (name != logic.builtInCategoryName, name)):
            _addCategory(categoryLayout, category, dataSources[category], logic)

    @staticmethod
    def removeCategories(categoryLayout: Any) -> None:
        """Remove all boxes from the layout."""
        while categoryLayout.count() > 0:
            box = categoryLayout.itemAt(0).widget()
            box.visible = False
            categoryLayout.removeWidget(box)
            box.setParent(None)

    @staticmethod
    def findCategoryWidget(parent: Any, category: str) -> Any:
        """Return the box of a category; RuntimeError if there is none."""
        return slicer.util.findChild(parent, None, properties={CATEGORY_PROPERTY: category})

    def _categoryWidget(self, category: str) -> Any:
        if not SampleDataLogic.sampleDataSourcesByCategory(category):
            return None
        try:
            return self.findCategoryWidget(self.parent, category)
        except RuntimeError:
            return None

    def isCategoryVisible(self, category: str) -> bool:
        """Return whether the box of the category can be seen; False also for a category that does not exist."""
        box = self._categoryWidget(category)
        return box is not None and box.isVisible()

    def setCategoryVisible(self, category: str, visible: bool) -> None:
        """Show or hide the box of a category; nothing happens for one that does not exist."""
        box = self._categoryWidget(category)
        if box is not None:
            box.setVisible(visible)

    # Addresses

    def _addAddressBox(self) -> None:
        box = ctk.ctkCollapsibleGroupBox()
        box.title = _("Load data from URL")
        layout = qt.QVBoxLayout()
        box.setLayout(layout)
        self.customSampleLabel = qt.QLabel(_("Download URLs:"))
        self.customSampleUrlEdit = qt.QTextEdit()
        self.customSampleUrlEdit.toolTip = _("One or more addresses of files, one per line.")
        self.customDownloadButton = qt.QPushButton(_("Load"))
        self.customDownloadButton.toolTip = _("Download the files and load them into the scene")
        self.customDownloadButton.connect("clicked()", self.onCustomDataDownload)
        self.showCustomDataFolderButton = qt.QPushButton(_("Show folder"))
        self.showCustomDataFolderButton.toolTip = _("Show the folder of the downloaded files")
        self.showCustomDataFolderButton.connect("clicked()", self.onShowCustomDataFolder)
        for widget in (self.customSampleLabel, self.customSampleUrlEdit, self.customDownloadButton,
                       self.showCustomDataFolderButton):
            layout.addWidget(widget)
        self.categoryLayout.addWidget(box)
        box.collapsed = True

    def onCustomDataDownload(self) -> None:
        """Download and load what the addresses in the field lead to."""
        lines = (line.strip() for line in self.customSampleUrlEdit.toPlainText().splitlines())
        addresses = [line for line in lines if line]
        failed = [address for address in addresses if not self._downloadAddress(address)]
        if len(addresses) > 1:
            self.logMessage(_("{loaded} of {total} data sets were loaded.").format(
                loaded=len(addresses) - len(failed), total=len(addresses)),
                logging.ERROR if failed else logging.INFO)

    def _downloadAddress(self, address: str) -> bool:
        self.logMessage(_("Downloading data from {address} ...").format(address=address), logging.INFO)
        fileName = os.path.basename(urlparse(address).path)
        if not fileName:
            self.logMessage(_("The address {address} names no file").format(address=address), logging.ERROR)
            return False
        return bool(self.logic.downloadFromURL(uris=address, fileNames=fileName, forceDownload=True))

    def onShowCustomDataFolder(self) -> None:
        qt.QDesktopServices.openUrl(qt.QUrl("file:///" + slicer.app.cachePath, qt.QUrl.TolerantMode))

    # Log

    def logMessage(self, message: str, logLevel: int = logging.DEBUG) -> None:
        """Show a message (HTML) in the panel and in the status bar, and write it into the log."""
        if logLevel >= logging.WARNING:
            color = "red" if logLevel >= logging.ERROR else "orange"
            message = f'<b><font color="{color}">{message}</font></b>'
        document = qt.QTextDocument()
        document.setHtml(message)
        text = document.toPlainText()
        slicer.util.showStatusMessage(text, 3000)
        logging.log(logLevel, text)
        self.log.insertHtml(message)
        self.log.insertPlainText("\n")
        self.log.ensureCursorVisible()
        slicer.app.processEvents(qt.QEventLoop.ExcludeUserInputEvents)


def _addCategory(categoryLayout: Any, category: str, sources: list[SampleDataSource], logic: SampleDataLogic) -> None:
    box = ctk.ctkCollapsibleGroupBox(categoryLayout.parentWidget())
    categoryLayout.addWidget(box)
    box.title = logic.categoryTitle(category)
    box.name = f"{category}CollapsibleGroupBox"
    box.setProperty(CATEGORY_PROPERTY, category)
    layout = ctk.ctkFlowLayout()
    layout.preferredExpandingDirections = qt.Qt.Vertical
    box.setLayout(layout)
    for source in sources:
        layout.addWidget(_makeButton(source, logic))


def _makeButton(source: SampleDataSource, logic: SampleDataLogic) -> Any:
    button = qt.QToolButton()
    button.setText(source.sampleDescription or source.nodeNames[0])
    picture = _thumbnail(source)
    if picture:
        button.setIcon(qt.QIcon(picture))
    button.setIconSize(_iconSize())
    button.setToolButtonStyle(qt.Qt.ToolButtonTextUnderIcon)
    policy = qt.QSizePolicy()
    policy.setHorizontalPolicy(qt.QSizePolicy.Expanding)
    button.setSizePolicy(policy)
    button.name = f"{source.sampleName}PushButton"
    button.connect("clicked()", _action(source, logic))
    return button


def _action(source: SampleDataSource, logic: SampleDataLogic) -> Callable[[], Any]:
    get = source.customDownloader or logic.downloadFromSource
    return lambda: get(source)


def _thumbnail(source: SampleDataSource) -> str | None:
    """Return the given picture, or else one in the module's icons that is named like one of the nodes."""
    candidates = [source.thumbnailFileName] if source.thumbnailFileName else [
        os.path.join(ICONS, f"{nodeName}.png") for nodeName in source.nodeNames if nodeName]
    return next((path for path in candidates if os.path.exists(path)), None)


def _iconSize() -> Any:
    """Large enough that two columns fill the module panel."""
    mainWindow = slicer.util.mainWindow()
    if mainWindow is None:
        return qt.QSize(128, 96)
    return qt.QSize(int(mainWindow.iconSize.width() * 6), int(mainWindow.iconSize.height() * 4))
