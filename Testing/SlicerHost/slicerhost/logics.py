"""The logics of Slicer's C++ modules, brought up in the order that works without a single VTK message."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer

# Module name, logic class, folder below the share directory
_MODULE_LOGICS = (
    ("Colors", "vtkSlicerColorLogic", ""),
    ("Units", "vtkSlicerUnitsLogic", ""),
    ("Cameras", "vtkSlicerCamerasModuleLogic", ""),
    ("SubjectHierarchy", "vtkSlicerSubjectHierarchyModuleLogic", ""),
    ("Terminologies", "vtkSlicerTerminologiesModuleLogic", "terminologies"),
    ("Volumes", "vtkSlicerVolumesLogic", ""),
    ("Models", "vtkSlicerModelsLogic", ""),
    ("Markups", "vtkSlicerMarkupsLogic", ""),
    ("Annotations", "vtkSlicerAnnotationModuleLogic", ""),
    ("Segmentations", "vtkSlicerSegmentationsModuleLogic", ""),
    ("Tables", "vtkSlicerTablesLogic", ""),
    ("Plots", "vtkSlicerPlotsLogic", ""),
    ("Texts", "vtkSlicerTextsLogic", ""),
    ("Transforms", "vtkSlicerTransformLogic", ""),
    ("Sequences", "vtkSlicerSequencesLogic", ""),
    ("CropVolume", "vtkSlicerCropVolumeLogic", ""),
    ("VolumeRendering", "vtkSlicerVolumeRenderingLogic", ""),
    ("SceneViews", "vtkSlicerSceneViewsModuleLogic", ""),
    ("ViewControllers", "vtkSlicerViewControllersLogic", ""),
    ("Reformat", "vtkSlicerReformatLogic", ""),
    ("Data", "vtkSlicerDataModuleLogic", ""),
)


def create(application_logic: Any, scene: Any, share: Path) -> dict[str, Any]:
    """Return the module logics by module name, connected to the application logic and the scene."""
    logics: dict[str, Any] = {}
    for name, class_name, folder in _MODULE_LOGICS:
        logic = getattr(slicer, class_name)()
        if hasattr(logic, "SetModuleShareDirectory"):
            logic.SetModuleShareDirectory(str(share / folder))
        if name == "Colors":
            application_logic.SetColorLogic(logic)
        logic.SetMRMLApplicationLogic(application_logic)
        logic.SetMRMLScene(scene)
        application_logic.SetModuleLogic(name, logic)
        logics[name] = logic
    return logics
