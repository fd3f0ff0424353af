"""The base class of subject hierarchy plugins that are written in Python."""
from __future__ import annotations

import logging
from typing import Any

import slicer


class AbstractScriptedSubjectHierarchyPlugin:
    """``scriptedPlugin`` is the qSlicerSubjectHierarchyScriptedPlugin that calls the methods of this object."""

    def __init__(self, scriptedPlugin: Any) -> None:
        self.scriptedPlugin = scriptedPlugin
        self.register()

    def register(self) -> None:
        """Make the plugin known to the subject hierarchy."""
        slicer.qSlicerSubjectHierarchyPluginHandler.instance().registerPlugin(self.scriptedPlugin)
        logging.debug(f"Registered the subject hierarchy plugin {self.scriptedPlugin.name}")
