"""The annotator's choices, stored with the scene."""

from __future__ import annotations

import enum

import slicer
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import parameterNodeWrapper
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

from OrbitSegmentationLib.annotation import structures
from OrbitSegmentationLib.annotation.export import Format

_EDITOR_TAG = "OrbitAnnotation"


class Task(enum.Enum):
    """The structures to label in each case; the value is stored in the scene."""

    MAIN = "main"
    MUSCLES = "muscles"
    ALL = "all"

    def label(self) -> str:
        """Return the text that the user reads."""
        return {"main": _("Eyeball, optic nerve and recti"), "muscles": _("All muscles, nerve, eyeball and gland"),
                "all": _("Everything")}[self.value]

    def keys(self) -> tuple[str, ...]:
        """Return the keys of the structures."""
        return {"main": structures.MAIN, "muscles": structures.MUSCLES, "all": structures.ALL}[self.value]

    def values(self) -> tuple[int, ...]:
        """Return the label values of the structures, on both sides."""
        return structures.task_values(self.keys())


@parameterNodeWrapper
class AnnotationParameterNode:
    """The annotator's choices.

    cases - Folder or table with the scans.
    exports - Folder that annotations are written to.
    annotator - Name of the annotator.
    task - Structures that are asked for.
    label - Label value of the structure that is being drawn.
    asLabelMap, asDicom - Whether these formats are written besides the Slicer segmentation.
    """

    cases: str
    exports: str
    annotator: str
    task: Task = Task.MAIN
    label: int = 1
    asLabelMap: bool = True
    asDicom: bool = False

    def formats(self) -> list[Format]:
        """Return the formats that are written besides the Slicer segmentation."""
        chosen = {Format.LABEL_MAP: self.asLabelMap, Format.DICOM: self.asDicom}
        return [kind for kind, wanted in chosen.items() if wanted]


class OrbitAnnotationLogic(ScriptedLoadableModuleLogic):
    """Stores the annotator's choices separately from those of the module's other page."""

    def getParameterNode(self) -> AnnotationParameterNode:
        """Return the annotator's choices in this scene."""
        return AnnotationParameterNode(super().getParameterNode())

    def editorNode(self) -> slicer.vtkMRMLSegmentEditorNode:
        """Return the state of the page's own Segment Editor; the module Segment Editor has another one."""
        node = slicer.mrmlScene.GetSingletonNode(_EDITOR_TAG, "vtkMRMLSegmentEditorNode")
        if node is None:
            node = slicer.vtkMRMLSegmentEditorNode()
            node.SetSingletonTag(_EDITOR_TAG)
            node = slicer.mrmlScene.AddNode(node)
        return node
