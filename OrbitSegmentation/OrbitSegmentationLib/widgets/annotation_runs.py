"""Computations that the page for annotation starts, with the choices of the panel that contains it."""

from __future__ import annotations

from typing import Any

import slicer

from NeuroOrbitLib.mrml.run import Insert, VolumeRun
from NeuroOrbitLib.widgets.dependencies import missing_for_models

FIND_EYES = "OrbitSegmentationLib.find_eyes:find_eyes_file"


class AnnotationRuns:
    """Starts runs for the page.

    :param panel: the module's panel, which provides model, device and worker process.
    """

    def __init__(self, panel: Any) -> None:
        self._panel = panel

    def prelabel(self, volume: slicer.vtkMRMLScalarVolumeNode, insert: Insert) -> VolumeRun:
        """Start labelling a case for the annotator with the chosen model."""
        self._panel.ensureDependencies()
        return self._start(volume, insert)

    def find_eyes(self, volume: slicer.vtkMRMLScalarVolumeNode, insert: Insert) -> VolumeRun | None:
        """Start looking for the eyes of a case; return ``None``, without asking to install, if packages are missing."""
        if missing_for_models():
            return None
        return self._start(volume, insert, FIND_EYES)

    def _start(self, volume: slicer.vtkMRMLScalarVolumeNode, insert: Insert, pipeline: str = "") -> VolumeRun:
        panel, node = self._panel, self._panel.logic.getParameterNode()
        return panel.logic.startRun(volume, node.modelName, node.device.value, panel.modelChooser.folder(), insert,
                                    pipeline)
