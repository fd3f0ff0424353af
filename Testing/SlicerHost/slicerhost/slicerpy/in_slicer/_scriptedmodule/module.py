"""What a scripted module says about itself."""
from __future__ import annotations

import importlib
import os
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _


class ScriptedLoadableModule:
    """Base of the class that has the module's name; ``parent`` is the qSlicerScriptedLoadableModule."""

    def __init__(self, parent: Any) -> None:
        super().__init__()
        self.parent = parent
        self.moduleName = type(self).__name__
        parent.title = ""
        parent.categories = []
        parent.dependencies = []
        # As in Slicer, a module that does not say whose work it is gets the names and funders of Slicer's own modules.
        parent.contributors = ["Slicer's developers"]
        parent.helpText = _("This module has no help text yet.")
        parent.acknowledgementText = _("This work is supported by those who support Slicer.")
        self._setIcon()
        if not hasattr(slicer, "selfTests"):
            slicer.selfTests = {}
        slicer.selfTests[self.moduleName] = self.runTest

    def _setIcon(self) -> None:
        for extension in (".svg", ".png"):
            icon = self.resourcePath(f"Icons/{self.moduleName}{extension}")
            if os.path.isfile(icon):
                self.parent.icon = qt.QIcon(icon)
                return

    def resourcePath(self, filename: str) -> str:
        """Absolute path of a file in the module's folder ``Resources``."""
        return os.path.join(os.path.dirname(self.parent.path), "Resources", filename)

    def getDefaultModuleDocumentationLink(self, docPage: str | None = None) -> str:
        """Return an HTML paragraph with the link to the module's page (or ``docPage``) in the online documentation."""
        if docPage:
            url = slicer.app.documentationBaseUrl + docPage
        else:
            url = slicer.app.moduleDocumentationUrl(self.moduleName)
        text = _("More can be found in the {url_start}online documentation{url_end}.")
        return "<p>" + text.format(url_start=f'<a href="{url}">', url_end="</a>") + "</p>"

    def runTest(self, msec: int = 100, **kwargs: Any) -> None:
        """Run the self-test, the class <module name>Test; ``msec`` is how long its messages are shown."""
        module = importlib.import_module(type(self).__module__)
        testClass = getattr(module, f"{self.moduleName}Test", None)
        if testClass is None:
            raise AssertionError(f"{module.__name__} has no class {self.moduleName}Test")
        test = testClass()
        test.messageDelay = msec
        test.runTest(**kwargs)
