"""The steps of the module as runs of the worker."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from IVGCResponseLib.gate import GATE
from IVGCResponseLib.inventory import DEFAULT_MODEL
from IVGCResponseLib.mrml.muscles import MUSCLES
from IVGCResponseLib.mrml.parameters import FeatureRegions
from IVGCResponseLib.mrml.response_results import insert_explanation, insert_response
from IVGCResponseLib.muscle_groups import STRATEGIES, values_of
from NeuroOrbitLib.mrml.classifier_logic import ModuleSteps
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.dicom_fields import technique_fields
from NeuroOrbitLib.mrml.explanation_run import explanation_run
from NeuroOrbitLib.mrml.patient_data import PatientData
from NeuroOrbitLib.mrml.radiomics_table import FeatureProfile, features_run
from NeuroOrbitLib.mrml.recalibration import recalibration_content
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.segment_content import content_of
from NeuroOrbitLib.mrml.segment_masks import label_image
from NeuroOrbitLib.mrml.tools import Tool
from NeuroOrbitLib.mrml.volumes import check_scan
from NeuroOrbitLib.problem import Problem

_WORKER = "IVGCResponseLib.run_response"
#: Parameters of an answer that its explanation uses as well.
_GIVEN = ("clinical", "gate", "tags", "recalibration")
DEFAULT_TOOL = Tool(DEFAULT_MODEL)
NOBODY = PatientData()


class Steps(ModuleSteps):
    """The steps of the panel."""

    def prepare(self, volume: slicer.vtkMRMLScalarVolumeNode, muscles: slicer.vtkMRMLSegmentationNode | None,
                device: str) -> VolumeRun:
        """Start to check the series, segment the muscles unless they are given, and measure them.

        :raises Problem: if scan or segmentation cannot be used.
        """
        check_scan(volume)
        name = _("{name} - muscles").format(name=volume.GetName())
        images = {"labels": label_image(muscles, volume)} if muscles else {}
        content = content_of(muscles) if muscles else None
        return VolumeRun(
            self.runner, f"{_WORKER}:prepare_file", volume, {"device": device, "tags": technique_fields(volume)},
            lambda run, answer: MUSCLES.insert(run, answer, name, muscles, content), images, [muscles])

    def classify(self, volume: slicer.vtkMRMLScalarVolumeNode, muscles: slicer.vtkMRMLSegmentationNode | None,
                 patient: PatientData, tool: Tool, recalibration: str = "") -> VolumeRun:
        """Start to estimate the response.

        :param volume: the scan.
        :param muscles: segmentation of the muscles.
        :param patient: the patient's data.
        :param tool: model and device.
        :param recalibration: file made by the command ``recalibrate`` from the user's patients; "" for none.
        :raises Problem: if there are no muscles, the models are not made for the patient, or the file cannot be read.
        """
        check_scan(volume)
        _require_muscles(muscles)
        GATE.passed(patient.clinical, patient.gate, patient.anyway)
        arguments = {**tool.arguments(), "tags": technique_fields(volume), "clinical": dict(patient.clinical),
                     "gate": dict(patient.gate), "anyway": patient.anyway,
                     "recalibration": recalibration_content(recalibration)}
        return VolumeRun(
            self.runner, f"{_WORKER}:classify_volume", volume, arguments,
            lambda run, answer: insert_response(run, answer, self._module, muscles),
            {"labels": label_image(muscles, volume)}, [muscles])

    def explain(self, result: ClassifierResult, tool: Tool) -> VolumeRun:
        """Start to explain a result with the model and the data that gave it, even if others are chosen now.

        :raises Problem: if something that the result depends on was removed or changed.
        """
        given = {key: result.record["parameters"].get(key) for key in _GIVEN}
        return explanation_run(self.runner, f"{_WORKER}:explain_volume", result, tool, given,
                               lambda run, answer: insert_explanation(run, answer, self._module, result))

    def features(self, volume: slicer.vtkMRMLScalarVolumeNode, muscles: slicer.vtkMRMLSegmentationNode | None,
                 regions: FeatureRegions, profile: FeatureProfile) -> VolumeRun:
        """Start to compute radiomics features of the segmentation.

        :raises Problem: if there is no segmentation.
        """
        _require_muscles(muscles)
        groups = {name: values_of(name) for name in STRATEGIES} if regions is FeatureRegions.GROUPS else None
        return features_run(self.runner, self._module, volume, muscles, groups, profile)


def _require_muscles(muscles: slicer.vtkMRMLSegmentationNode | None) -> None:
    if muscles is None:
        raise Problem(_("Segment the muscles first, or choose a segmentation."))
