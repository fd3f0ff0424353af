"""Loading and saving (qSlicerCoreIOManager.cxx, qSlicerNodeWriter.cxx) on top of the C++ logics."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import slicer
import vtk
from PySide6 import QtCore

from slicerhost.io_readers import standard_readers
from slicerhost.pythonqt.declare import Signal
from slicerhost.registry import register
from slicerhost.scene import Core

_NO_FILE = "NoFile"
# Formats that several readers could open go to the most specific extension, then to the first of this order.
_WRITER_TYPES = (
    ("vtkMRMLScene", "SceneFile"), ("vtkMRMLSegmentationNode", "SegmentationFile"), ("vtkMRMLVolumeNode", "VolumeFile"),
    ("vtkMRMLModelNode", "ModelFile"), ("vtkMRMLMarkupsNode", "MarkupsFile"), ("vtkMRMLTableNode", "TableFile"),
    ("vtkMRMLTransformNode", "TransformFile"), ("vtkMRMLColorNode", "ColorTableFile"), ("vtkMRMLTextNode", "TextFile"),
    ("vtkMRMLSequenceNode", "SequenceFile"), ("vtkMRMLStorableNode", "NodeFile"),
)
# A plain .nrrd is a volume before it is a segmentation or a transform, a .json is markups before it is text.
_PREFERRED = ("SceneFile", "VolumeFile", "ModelFile", "TableFile", "MarkupsFile", "TransformFile")


@register
class qSlicerIOManager(QtCore.QObject):
    """The application's I/O manager."""

    newFileLoaded = Signal(object)
    fileSaved = Signal(object)

    def __init__(self, core: Core, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._readers = {reader.file_type: reader for reader in standard_readers()}
        self._scripted_readers: list[Any] = []
        self._scripted_writers: list[Any] = []

    # Questions

    def fileType(self, file_name: str | Sequence[str]) -> str:
        """Return the file type whose reader is the most confident: 0.5 + 0.01 per character of the extension."""
        name = str(file_name if isinstance(file_name, (str, Path)) else file_name[0])
        matches = [(-reader.confidence(name), self._rank(reader.file_type), reader.file_type)
                   for reader in self._readers.values() if reader.confidence(name) > 0]
        confident = ((reader.canLoadFileConfidence(name), reader.fileType()) for reader in self._scripted_readers)
        matches += [(-confidence, -1, file_type) for confidence, file_type in confident if confidence > 0]
        return min(matches)[2] if matches else _NO_FILE

    def _rank(self, file_type: str) -> int:
        return _PREFERRED.index(file_type) if file_type in _PREFERRED else len(_PREFERRED)

    def fileDescriptions(self, file_name: str) -> list[str]:
        return [reader.description for reader in self._readers.values()
                if str(file_name).lower().endswith(reader.extensions)]

    def registeredFileReaderCount(self, file_type: str) -> int:
        scripted = sum(reader.fileType() == file_type for reader in self._scripted_readers)
        return int(file_type in self._readers) + scripted

    def registeredFileWriterCount(self, file_type: str) -> int:
        scripted = sum(writer.fileType() == file_type for writer in self._scripted_writers)
        return int(any(file_type == known for _, known in _WRITER_TYPES)) + scripted

    def _scripted_writer(self, node: Any) -> Any:
        """Return the scripted writer that is more confident than Slicer's own, or None."""
        confident = [(writer.canWriteObjectConfidence(node), writer) for writer in self._scripted_writers]
        return max((entry for entry in confident if entry[0] > 0.5), key=lambda entry: entry[0], default=(0, None))[1]

    def fileWriterFileType(self, node: Any, file_format: str = "") -> str:
        writer = self._scripted_writer(node)
        if writer is not None:
            return writer.fileType()
        return next((file_type for class_name, file_type in _WRITER_TYPES if node.IsA(class_name)), _NO_FILE)

    def fileWriterExtensions(self, node: Any) -> list[str]:
        """Return the formats that the node's default storage node writes ("NRRD (.nrrd)")."""
        storage = node.CreateDefaultStorageNode()
        if storage is None:
            return []
        storage.UnRegister(None)
        storage.SetScene(self._core.scene)
        formats = storage.GetSupportedWriteFileTypes()
        return [formats.GetValue(index) for index in range(formats.GetNumberOfValues())]

    def extractKnownExtension(self, file_name: str, node: Any) -> str:
        """Return the longest extension of the file name that the node can be written with."""
        helper = slicer.vtkDataFileFormatHelper
        known = (helper.GetFileExtensionFromFormatString(text) for text in self.fileWriterExtensions(node))
        return max((end for end in known if str(file_name).lower().endswith(end.lower())), key=len, default="")

    # Loading

    def loadNodes(self, file_type: str, properties: Mapping[str, Any], loaded: Any = None,
                  messages: Any = None) -> bool:
        """Read one file or several; put the nodes into the vtkCollection `loaded`."""
        properties = dict(properties)
        file_names = properties["fileName"]
        if isinstance(file_names, (list, tuple)):
            return all([self.loadNodes(file_type, {**properties, "fileName": name}, loaded, messages)
                        for name in file_names])
        file_name = str(file_names)
        nodes = self._read(file_type, file_name, properties, messages) if Path(file_name).exists() else None
        if nodes is None:
            _add_message(messages, f"Failed to load {file_name} as {file_type}")
            return False
        if loaded is not None:
            for node in nodes:
                loaded.AddItem(node)
        self.newFileLoaded.emit({**properties, "fileType": file_type})
        return True

    def _read(self, file_type: str, file_name: str, properties: dict[str, Any], messages: Any) -> list[Any] | None:
        scripted = next((reader for reader in self._scripted_readers if reader.fileType() == file_type
                         and reader.canLoadFileConfidence(file_name) > 0), None)
        if scripted is not None:
            loaded = scripted.load(properties)
            if messages is not None:
                messages.AddMessages(scripted.userMessages())
            return [self._core.scene.GetNodeByID(node_id) for node_id in scripted.loadedNodes] if loaded else None
        reader = self._readers.get(file_type)
        try:
            return reader.read(self._core, file_name, properties) if reader is not None else None
        except RuntimeError as error:  # e.g. VTK's Python wrapping of std::exception
            _add_message(messages, str(error))
            return None

    def loadScene(self, file_name: str, clear: bool = True, messages: Any = None) -> bool:
        return self.loadNodes("SceneFile", {"fileName": file_name, "clear": clear}, None, messages)

    # Saving

    def saveNodes(self, file_type: str, properties: Mapping[str, Any], messages: Any = None,
                  scene: Any = None) -> bool:
        """Write a node (properties: nodeID, fileName, useCompression...) or the scene."""
        properties = dict(properties)
        if file_type == "SceneFile":
            written = self._save_scene(str(properties["fileName"]), messages)
        else:
            written = self._save_node(scene or self._core.scene, properties, messages)
        if written:
            self.fileSaved.emit({**properties, "fileType": file_type})
        return written

    def saveScene(self, file_name: str, screenshot: Any = None, messages: Any = None) -> bool:
        return self.saveNodes("SceneFile", {"fileName": file_name}, messages)

    def _save_node(self, scene: Any, properties: Mapping[str, Any], messages: Any) -> bool:
        node = scene.GetNodeByID(properties["nodeID"])
        file_name = str(properties["fileName"])
        writer = self._scripted_writer(node) if node is not None else None
        if writer is not None:
            written = writer.write(dict(properties))
            if messages is not None:
                messages.AddMessages(writer.userMessages())
            return written
        if node is None or (node.GetStorageNode() is None and not node.AddDefaultStorageNode(file_name)):
            return False
        storage = node.GetStorageNode()
        storage.SetFileName(file_name)
        if properties.get("fileFormat"):
            storage.SetWriteFileFormat(properties["fileFormat"])
        storage.SetURI(None)
        if "useCompression" in properties:
            storage.SetUseCompression(int(properties["useCompression"]))
        written = bool(storage.WriteData(node))
        if messages is not None:
            messages.AddMessages(storage.GetUserMessages())
        return written

    def _save_scene(self, file_name: str, messages: Any) -> bool:
        scene, path = self._core.scene, Path(file_name).absolute()
        if path.suffix.lower() not in (".mrb", ".mrml"):  # a folder: scene and data side by side
            path.mkdir(parents=True, exist_ok=True)
            return bool(scene.SaveSceneToSlicerDataBundleDirectory(str(path), None, messages))
        scene.SetURL(str(path))
        scene.SetRootDirectory(str(path.parent))
        if path.suffix.lower() == ".mrml":
            return bool(scene.Commit(None, messages))
        written = bool(scene.WriteToMRB(str(path), None, messages))
        scene.SetStorableNodesModifiedSinceRead()  # the files of the bundle are gone: the next save writes all again
        return written

    def exportNodes(self, node_ids: Sequence[str], file_names: Sequence[str], properties: Mapping[str, Any],
                    harden_transforms: bool, messages: Any = None) -> bool:
        """Write copies of nodes; the nodes and their storage nodes stay as they are."""
        return all([self._export_node(node_id, str(file_name), properties, harden_transforms, messages)
                    for node_id, file_name in zip(node_ids, file_names, strict=True)])

    def _export_node(self, node_id: str, file_name: str, properties: Mapping[str, Any], harden: bool,
                     messages: Any) -> bool:
        node = self._core.scene.GetNodeByID(node_id)
        if node is None or not node.IsA("vtkMRMLStorableNode"):
            _add_message(messages, f"Unable to find a storable node with ID {node_id}")
            return False
        scene = slicer.vtkMRMLScene()
        self._core.give_data_io(scene)
        copy = scene.AddNewNodeByClass(node.GetClassName())
        copy.CopyContent(node, harden)
        if harden and node.IsA("vtkMRMLTransformableNode") and node.GetParentTransformNode() is not None:
            _harden(copy, node.GetParentTransformNode(), scene)
        if not copy.AddDefaultStorageNode():
            return False
        if node.IsA("vtkMRMLDisplayableNode") and node.GetDisplayNode() is not None:
            display = scene.AddNewNodeByClass(node.GetDisplayNode().GetClassName())
            display.CopyContent(node.GetDisplayNode(), False)
            copy.SetAndObserveDisplayNodeID(display.GetID())
        parameters = {**properties, "nodeID": copy.GetID(), "fileName": file_name}
        return self.saveNodes(self.fileWriterFileType(node), parameters, messages, scene)

    def addDefaultStorageNodes(self) -> None:
        """Give every storable node that lacks one a storage node."""
        for index in range(self._core.scene.GetNumberOfNodes()):
            node = self._core.scene.GetNthNode(index)
            if node.IsA("vtkMRMLStorableNode") and node.GetSaveWithScene():
                node.AddDefaultStorageNode()


def _harden(copy: Any, parent_transform: Any, scene: Any) -> None:
    transform = vtk.vtkGeneralTransform()
    parent_transform.GetTransformFromWorld(transform)
    composite = scene.AddNewNodeByClass("vtkMRMLTransformNode")
    composite.SetAndObserveTransformFromParent(transform)
    copy.SetAndObserveTransformNodeID(composite.GetID())
    copy.HardenTransform()


def _add_message(messages: Any, text: str) -> None:
    if messages is not None:
        messages.AddMessage(vtk.vtkCommand.ErrorEvent, text)
