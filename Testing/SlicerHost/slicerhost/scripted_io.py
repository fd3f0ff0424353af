"""File readers and writers of scripted modules (qSlicerScriptedFileReader.cxx, qSlicerScriptedFileWriter.cxx).

A module file may define `<Module>FileReader` and `<Module>FileWriter`; both are registered when the module is loaded.
"""
from __future__ import annotations

import re
import sys
from typing import Any

import slicer
from PySide6 import QtCore

from slicerhost.pythonqt.declare import qt_property
from slicerhost.registry import register
from slicerhost.scripted_module import PythonDelegate


class _ScriptedFormat:
    """What readers and writers share: description, file type and the messages for the user."""

    def _text(self, method: str) -> str:
        return self._delegate.call(method) or ""

    def description(self) -> str:
        return self._text("description")

    def fileType(self) -> str:
        return self._text("fileType")

    def userMessages(self) -> Any:
        return self._messages

    def _instantiate(self, module_name: str, suffix: str) -> bool:
        cls = getattr(sys.modules.get(module_name), module_name + suffix, None)
        return cls is not None and self._delegate.instantiate(cls, self)


@register
class qSlicerScriptedFileReader(_ScriptedFormat, QtCore.QObject):
    """The C++ side of a `<Module>FileReader`."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._messages = slicer.vtkMRMLMessageCollection()
        self._delegate = PythonDelegate("description", "fileType", "extensions", "canLoadFile",
                                        "canLoadFileConfidence", "load")

    loadedNodes = qt_property("QStringList", "_loaded_nodes", [])

    def extensions(self) -> list[str]:
        return list(self._delegate.call("extensions") or [])

    def _suffixes(self) -> list[str]:
        return [suffix for text in self.extensions() for suffix in extensions_in(text)]

    def supportedNameFilters(self, file_name: str) -> list[str]:
        """Return the name filters that the file name matches."""
        return [text for text in self.extensions() if str(file_name).lower().endswith(tuple(extensions_in(text)))]

    def canLoadFile(self, file_name: str) -> bool:
        if self._delegate.has("canLoadFile"):
            return bool(self._delegate.call("canLoadFile", file_name))
        return bool(self.supportedNameFilters(file_name))

    def canLoadFileConfidence(self, file_name: str) -> float:
        """Return the module's own confidence, or 0.5 plus 0.01 for each character of the longest extension."""
        if self._delegate.has("canLoadFileConfidence"):
            return float(self._delegate.call("canLoadFileConfidence", file_name) or 0.0)
        if not self.canLoadFile(file_name):
            return 0.0
        matching = (len(suffix) for suffix in self._suffixes() if file_name.lower().endswith(suffix))
        return 0.5 + 0.01 * max(matching, default=0)

    def load(self, properties: dict[str, Any]) -> bool:
        self.loadedNodes = []
        self._messages.ClearMessages()
        return self._delegate.call("load", properties) is True


@register
class qSlicerScriptedFileWriter(_ScriptedFormat, QtCore.QObject):
    """The C++ side of a `<Module>FileWriter`."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._messages = slicer.vtkMRMLMessageCollection()
        self._delegate = PythonDelegate("description", "fileType", "extensions", "canWriteObject",
                                        "canWriteObjectConfidence", "write")

    writtenNodes = qt_property("QStringList", "_written_nodes", [])

    def extensions(self, node: Any) -> list[str]:
        return list(self._delegate.call("extensions", node) or [])

    def canWriteObject(self, node: Any) -> bool:
        return self.canWriteObjectConfidence(node) > 0

    def canWriteObjectConfidence(self, node: Any) -> float:
        """Return the module's confidence; a plain yes counts 0.5, as for Slicer's own writers."""
        if self._delegate.has("canWriteObjectConfidence"):
            return float(self._delegate.call("canWriteObjectConfidence", node) or 0.0)
        return 0.5 if self._delegate.call("canWriteObject", node) else 0.0

    def write(self, properties: dict[str, Any]) -> bool:
        self.writtenNodes = []
        self._messages.ClearMessages()
        return self._delegate.call("write", properties) is True


def extensions_in(name_filter: str) -> list[str]:
    """Return the extensions of a name filter: "My file (*.a *.b)" gives [".a", ".b"]."""
    inside = re.search(r"\(([^)]*)\)", name_filter)
    return [part.lstrip("*").lower() for part in (inside.group(1) if inside else name_filter).split()]


def register_of_module(module_name: str, io_manager: Any) -> None:
    """Register the reader and the writer that a loaded module file defines."""
    reader, writer = qSlicerScriptedFileReader(io_manager), qSlicerScriptedFileWriter(io_manager)
    if reader._instantiate(module_name, "FileReader"):
        io_manager._scripted_readers.append(reader)
    if writer._instantiate(module_name, "FileWriter"):
        io_manager._scripted_writers.append(writer)
