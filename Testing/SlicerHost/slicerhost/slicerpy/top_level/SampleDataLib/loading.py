"""Downloaded files into the scene. Mixin of SampleDataLogic."""
from __future__ import annotations

import logging
import os
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlparse

import slicer
import vtk
from slicer.i18n import tr as _


@dataclass
class _File:
    """One file of a data set and what is to become of it."""

    uri: str
    fileName: str
    nodeName: str | None
    checksum: str | None
    load: bool | None
    type: str | None
    properties: dict[str, Any]

    def effectiveType(self) -> str | None:
        """Return the given type; without, a file that does not become a node may be a scene or an archive."""
        if self.type is not None or self.nodeName is not None:
            return self.type
        extension = os.path.splitext(self.fileName.lower())[1]
        return {".mrml": "SceneFile", ".mrb": "SceneFile", ".zip": "ZipFile"}.get(extension)


def _describe(source: Any) -> list[_File]:
    """Return the files of a data set, with names for files and nodes that have none.

    Node names are made up only if no file has one: else those without are data that belong to another file.
    """
    nameNodes = all(name is None for name in source.nodeNames)
    return [_describeFile(values, source.loadFileProperties, nameNodes) for values in source.files()]


def _describeFile(values: tuple[Any, ...], properties: dict[str, Any], nameNode: bool) -> _File:
    uri, fileName, nodeName, checksum, load, type_ = values
    base, extension = os.path.splitext(os.path.basename(urlparse(uri).path if fileName is None else fileName))
    if nodeName is None and nameNode and load is not False:
        nodeName = base
    if fileName is None:
        fileName = f"{nodeName or base}-{uuid.uuid4().hex}{extension}"
    return _File(uri, fileName, nodeName, checksum, load, type_, properties)


class Loading:
    """Needs ``downloadFileIntoCache`` and ``logMessage``."""

    def downloadFromSource(self, source: Any, maximumAttemptsCount: int = 3, forceDownload: bool = False) -> list[Any]:
        """Download a data set and load what is to be loaded.

        :return: loaded nodes; paths of scenes that were not loaded; folders of extracted archives; paths of files
            that were asked for with ``loadFiles=False`` although they have a node name. If none of these, the paths
            of all other files.
        """
        results: list[Any] = []
        otherFiles: list[str] = []
        for file in _describe(source):
            for attempt in range(1, maximumAttemptsCount + 1):
                if self._downloadAndLoad(file, forceDownload, results, otherFiles):
                    break
                self.logMessage(_("Loading of {name} failed (attempt {current} of {total})...").format(
                    name=file.fileName, current=attempt, total=maximumAttemptsCount), logging.ERROR)
        return results or otherFiles

    def _downloadAndLoad(self, file: _File, forceDownload: bool, results: list[Any], otherFiles: list[str]) -> bool:
        try:
            path = self.downloadFileIntoCache(file.uri, file.fileName, file.checksum, forceDownload=forceDownload)
        except ValueError:
            return False
        kind = file.effectiveType()
        if kind not in ("ZipFile", "SceneFile") and not file.nodeName:
            otherFiles.append(path)
            return True
        result = self._load(file, kind, path)
        if result is None:
            if os.path.isfile(path):
                os.remove(path)  # it may be incomplete
            return False
        results.append(result)
        return True

    def _load(self, file: _File, kind: str | None, path: str) -> Any:
        """Return the node or path for a file; None if it cannot be read."""
        if file.load is False:
            return path
        if kind == "ZipFile":
            folder = os.path.splitext(path)[0]
            os.makedirs(folder, exist_ok=True)
            return folder if slicer.util.extractArchive(path, folder) else None
        if kind == "SceneFile":
            if file.load and not self.loadScene(path, dict(file.properties)):
                return None
            return path
        return self.loadNode(path, file.nodeName, file.type, dict(file.properties))

    def loadScene(self, uri: str, fileProperties: dict[str, Any] | None = None) -> bool:
        """Load a scene file; False if that failed."""
        return self.loadNode(uri, None, "SceneFile", fileProperties) is not None

    def loadNode(self, uri: str, name: str | None, fileType: str | None = None,
                 fileProperties: dict[str, Any] | None = None) -> Any:
        """Load a file: its first node, the scene if the reader names no node, or None if it cannot be read."""
        self.logMessage("<b>" + _("Requesting load {name} from {uri} ...").format(name=name, uri=uri) + "</b>")
        properties = {**(fileProperties or {}), "fileName": uri, **({"name": name} if name else {})}
        manager = slicer.app.coreIOManager()
        nodes = vtk.vtkCollection()
        success = manager.loadNodes(fileType or manager.fileType(uri), properties, nodes)
        if not success:
            self.logMessage(_("Reading of {uri} reported an error").format(uri=uri),
                            logging.WARNING if nodes.GetNumberOfItems() else logging.ERROR)
            if not nodes.GetNumberOfItems():
                return None
        self.logMessage("<b>" + _("Load finished") + "</b><p></p>")
        loaded = [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
        for node in loaded:
            self._forgetFile(node)
        return loaded[0] if loaded else slicer.mrmlScene

    @staticmethod
    def _forgetFile(node: Any) -> None:
        """The file is in the cache, which is no place to save to."""
        storage = node.GetStorageNode() if node.IsA("vtkMRMLStorableNode") else None
        if storage:
            slicer.mrmlScene.RemoveNode(storage)
            node.SetAndObserveStorageNodeID(None)
