"""The steps of the module as runs of the worker."""

from __future__ import annotations

import json
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from IVGCResponseLib.gate import GATE
from IVGCResponseLib.inventory import DEFAULT_MODEL
from IVGCResponseLib.mrml.muscles import insert_muscles
from IVGCResponseLib.mrml.parameters import FeatureRegions
from IVGCResponseLib.mrml.response_results import insert_explanation, insert_response
from IVGCResponseLib.muscle_groups import STRATEGIES, values_of
from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.dicom_fields import technique_fields
from NeuroOrbitLib.mrml.patient_data import PatientData
from NeuroOrbitLib.mrml.radiomics_table import FeatureProfile, features_run
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import require_same_images, require_same_scan
from NeuroOrbitLib.mrml.segment_masks import label_image
from NeuroOrbitLib.mrml.tools import Tool
from NeuroOrbitLib.mrml.volumes import check_scan
from NeuroOrbitLib.problem import Problem

_WORKER = "IVGCResponseLib.run_response"
#: What an explanation takes over from the answer that it explains.
_GIVEN = ("model", "clinical", "gate", "tags", "recalibration")
DEFAULT_TOOL = Tool(DEFAULT_MODEL)
NOBODY = PatientData()


class Steps:
    """Starts the runs.

    :param runner: starts the worker process.
    :param module: name of the module, for records.
    """

    def __init__(self, runner: JobRunner, module: str) -> None:
        self.runner, self._module = runner, module

    def prepare(self, volume: slicer.vtkMRMLScalarVolumeNode, muscles: slicer.vtkMRMLSegmentationNode | None,
                device: str) -> VolumeRun:
        """Check the series and segment the muscles unless they are given.

        :raises Problem: if scan or segmentation cannot be used.
        """
        check_scan(volume)
        images = {"labels": label_image(muscles, volume)} if muscles else {}
        return VolumeRun(
            self.runner, f"{_WORKER}:prepare_file", volume, {"device": device, "tags": technique_fields(volume)},
            lambda run, answer: insert_muscles(run, answer, self._module, muscles), images)

    def classify(self, volume: slicer.vtkMRMLScalarVolumeNode, muscles: slicer.vtkMRMLSegmentationNode | None,
                 patient: PatientData, tool: Tool, recalibration: str = "") -> VolumeRun:
        """Estimate the response.

        :param recalibration: file that the command ``recalibrate`` made of one's own patients; "" for none.
        :raises Problem: if there are no muscles, the patient is not one that the models were made for, or the file
            cannot be read.
        """
        check_scan(volume)
        _require_muscles(muscles)
        GATE.passed(patient.clinical, patient.gate, patient.anyway)
        arguments = {**tool.arguments(), "tags": technique_fields(volume), "clinical": dict(patient.clinical),
                     "gate": dict(patient.gate), "anyway": patient.anyway,
                     "recalibration": _content(recalibration) if recalibration else None}
        return VolumeRun(
            self.runner, f"{_WORKER}:classify_volume", volume, arguments,
            lambda run, answer: insert_response(run, answer, self._module, muscles),
            {"labels": label_image(muscles, volume)})

    def explain(self, result: ClassifierResult, tool: Tool) -> VolumeRun:
        """Explain a result by the model and the data that gave it, whichever are chosen now.

        :raises Problem: if what the result rests on is gone or has changed.
        """
        if result.problem():
            raise Problem(result.problem())
        require_same_scan(result.record, result.scan)
        images = {"labels": label_image(result.segmentation, result.scan)}
        require_same_images(result.record, images)
        given = result.record["parameters"]
        arguments = {**tool.arguments(), **{key: given.get(key) for key in _GIVEN}}
        return VolumeRun(
            self.runner, f"{_WORKER}:explain_volume", result.scan, arguments,
            lambda run, answer: insert_explanation(run, answer, self._module, result),
            images)

    def features(self, volume: slicer.vtkMRMLScalarVolumeNode, muscles: slicer.vtkMRMLSegmentationNode | None,
                 regions: FeatureRegions, profile: FeatureProfile) -> VolumeRun:
        """Compute radiomics features of the segmentation.

        :raises Problem: if there is none.
        """
        _require_muscles(muscles)
        groups = {name: values_of(name) for name in STRATEGIES} if regions is FeatureRegions.GROUPS else None
        return features_run(self.runner, self._module, volume, muscles, groups, profile)


def _content(path: str) -> object:
    """What a recalibration file holds; the worker looks whether it fits the model."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(_("The recalibration '{path}' cannot be read. Choose a file that the command 'recalibrate' "
                        "wrote, or leave the field empty.").format(path=path)) from error


def _require_muscles(muscles: slicer.vtkMRMLSegmentationNode | None) -> None:
    if muscles is None:
        raise Problem(_("Segment the muscles first, or choose a segmentation."))
