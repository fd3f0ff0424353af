"""File types that Slicer reads, and how: each reader calls the C++ logic that Slicer's reader calls.

A reader takes (core, file name, properties) and returns the loaded nodes, or None when reading failed.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import slicer

from slicerhost.scene import Core

_VOLUME_OPTIONS = {"labelmap": 0x1, "center": 0x2, "singleFile": 0x4, "autoWindowLevel": 0x8,
                   "discardOrientation": 0x10}
_BEGINNINGS = {"ColorTableFile": b"# Color table file", "TransformFile": b"#Insight Transform File"}
Properties = Mapping[str, Any]
Nodes = list[Any] | None


@dataclass(frozen=True)
class Reader:
    """A file type: its name in Slicer, a description, the extensions and the function that reads a file."""

    file_type: str
    description: str
    extensions: tuple[str, ...]
    read: Callable[[Core, str, Properties], Nodes]

    def confidence(self, file_name: str) -> float:
        """Return 0 for a foreign extension, else 0.5 plus 0.01 per character of the longest one that matches.

        A segmentation in a plain .nrrd file is known by its header (qSlicerSegmentationsReader.cxx); a .txt file is
        a text unless it begins as a colour table or transform does (qSlicerColorsReader.cxx, qSlicerTablesReader.cxx).
        """
        name = file_name.lower()
        longest = max((len(extension) for extension in self.extensions if name.endswith(extension)), default=0)
        if self.file_type == "SegmentationFile" and longest == len(".nrrd") and Path(file_name).is_file():
            with open(file_name, "rb") as file:
                header = file.read(800)
            return 0.6 if b"Segment0_ID:=" in header or b"Segmentation_" in header else 0.4
        if longest and name.endswith(".txt") and self.file_type in _BEGINNINGS and Path(file_name).is_file():
            with open(file_name, "rb") as file:
                return 0.6 if _BEGINNINGS[self.file_type] in file.read(100) else 0.4
        if self.file_type == "TableFile" and name.endswith(".txt"):
            return 0.4
        return 0.5 + 0.01 * longest if longest else 0.0


def base_name(file_name: str) -> str:
    """Return the name up to the first dot, as QFileInfo::baseName does."""
    return Path(file_name).name.split(".")[0]


def _node_list(node: Any) -> Nodes:
    return None if node is None else [node]


def _read_scene(core: Core, file_name: str, properties: Properties) -> Nodes:
    scene, clear = core.scene, bool(properties.get("clear", False))
    if file_name.lower().endswith(".mrb"):
        return [] if scene.ReadFromMRB(file_name, clear) else None
    if clear:
        scene.Clear(False)
    scene.SetURL(file_name)
    scene.SetRootDirectory(str(Path(file_name).absolute().parent))
    return [] if (scene.Connect() if clear else scene.Import()) else None


def _read_volume(core: Core, file_name: str, properties: Properties) -> Nodes:
    options = sum(bit for name, bit in _VOLUME_OPTIONS.items() if properties.get(name))
    name = properties.get("name") or base_name(file_name)
    node = core.logics["Volumes"].AddArchetypeVolume(file_name, name, options)
    if node is None:
        return None
    if properties.get("colorNodeID") and node.GetDisplayNode() is not None:
        node.GetDisplayNode().SetAndObserveColorNodeID(properties["colorNodeID"])
    if properties.get("show", True):
        selection = core.application_logic.GetSelectionNode()
        is_labelmap = node.IsA("vtkMRMLLabelMapVolumeNode")
        (selection.SetActiveLabelVolumeID if is_labelmap else selection.SetActiveVolumeID)(node.GetID())
        core.application_logic.PropagateVolumeSelection()
    return [node]


def _read_segmentation(core: Core, file_name: str, properties: Properties) -> Nodes:
    if file_name.lower().endswith((".stl", ".obj")):
        return _read_surface_segmentation(core, file_name, properties)
    colors = core.scene.GetNodeByID(properties.get("colorNodeID", ""))
    logic = core.logics["Segmentations"]
    return _node_list(logic.LoadSegmentationFromFile(file_name, properties.get("autoOpacities", True),
                                                     properties.get("name", ""), colors))


def _read_surface_segmentation(core: Core, file_name: str, properties: Properties) -> Nodes:
    model, storage = slicer.vtkMRMLModelNode(), slicer.vtkMRMLModelStorageNode()
    storage.SetFileName(file_name)
    if not storage.ReadData(model) or model.GetPolyData() is None:
        return None
    name = properties.get("name") or Path(file_name).stem
    surface = slicer.vtkSegmentationConverter.GetSegmentationClosedSurfaceRepresentationName()
    segment = slicer.vtkSegment()
    segment.SetName(name)
    segment.AddRepresentation(surface, model.GetPolyData())
    node = core.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", core.scene.GetUniqueNameByString(name))
    node.SetSourceRepresentationToClosedSurface()
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetPreferredDisplayRepresentationName2D(surface)
    node.GetSegmentation().AddSegment(segment)
    return [node]


def _read_model(core: Core, file_name: str, properties: Properties) -> Nodes:
    system = properties.get("coordinateSystem", slicer.vtkMRMLStorageNode.CoordinateSystemLPS)
    node = core.logics["Models"].AddModel(file_name, int(system))
    if node is not None and properties.get("name"):
        node.SetName(core.scene.GenerateUniqueName(properties["name"]))
    return _node_list(node)


def _read_markups(core: Core, file_name: str, properties: Properties) -> Nodes:
    node_ids = core.logics["Markups"].LoadMarkups(file_name, properties.get("name") or base_name(file_name))
    return [core.scene.GetNodeByID(node_id) for node_id in node_ids.split(",")] if node_ids else None


def _read_table(core: Core, file_name: str, properties: Properties) -> Nodes:
    name = core.scene.GetUniqueNameByString(properties.get("name") or base_name(file_name))
    node = core.logics["Tables"].AddTable(file_name, name)
    if node is not None:
        core.application_logic.GetSelectionNode().SetActiveTableID(node.GetID())
        core.application_logic.PropagateTableSelection()
    return _node_list(node)


def _read_transform(core: Core, file_name: str, properties: Properties) -> Nodes:
    return _node_list(core.logics["Transforms"].AddTransform(file_name, core.scene))


def _read_color(core: Core, file_name: str, properties: Properties) -> Nodes:
    name = properties.get("name") or base_name(file_name)
    return _node_list(core.logics["Colors"].LoadColorFile(file_name, name))


def _read_text(core: Core, file_name: str, properties: Properties) -> Nodes:
    node = slicer.vtkMRMLTextNode()
    node.SetName(core.scene.GenerateUniqueName(properties.get("name") or base_name(file_name)))
    node.SetForceCreateStorageNode(True)  # a short text would be stored in the scene (qSlicerTextsReader.cxx)
    core.scene.AddNode(node)
    node.AddDefaultStorageNode(file_name)
    node.GetStorageNode().SetFileName(file_name)
    return [node] if node.GetStorageNode().ReadData(node) else None


def _read_sequence(core: Core, file_name: str, properties: Properties) -> Nodes:
    return _node_list(core.logics["Sequences"].AddSequence(file_name))


def standard_readers() -> list[Reader]:
    """Return the readers of Slicer's own file types that the host offers."""
    return [
        Reader("SceneFile", "MRML Scene", (".mrml", ".mrb"), _read_scene),
        Reader("SegmentationFile", "Segmentation", (".seg.nrrd", ".seg.nhdr", ".seg.vtm", ".nrrd", ".nhdr", ".vtm",
               ".nii.gz", ".hdr", ".nii", ".mgz", ".stl", ".obj"), _read_segmentation),
        Reader("MarkupsFile", "Markups", (".mrk.json", ".json", ".fcsv", ".acsv"), _read_markups),
        Reader("VolumeFile", "Volume", (".hdr", ".nhdr", ".nrrd", ".mhd", ".mha", ".mnc", ".nii", ".nii.gz", ".gz",
               ".mgh", ".mgz", ".img", ".pic", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp", ".png", ".dcm"), _read_volume),
        Reader("ModelFile", "Model", (".vtk", ".vtp", ".vtu", ".g", ".byu", ".stl", ".ply", ".obj", ".ucd"),
               _read_model),
        Reader("TableFile", "Table", (".tsv", ".csv", ".txt", ".db", ".sqlite"), _read_table),
        Reader("TransformFile", "Transform", (".h5", ".tfm", ".mat", ".nrrd", ".nii.gz", ".txt"), _read_transform),
        Reader("ColorTableFile", "Color", (".ctbl", ".cxml", ".csv", ".txt"), _read_color),
        Reader("TextFile", "Text", (".txt", ".xml", ".json"), _read_text),
        Reader("SequenceFile", "Sequence", (".seq.nrrd", ".seq.nhdr", ".seq.mrb", ".mrb", ".mrml"), _read_sequence),
    ]
