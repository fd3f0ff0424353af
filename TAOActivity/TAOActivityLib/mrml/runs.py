"""The three steps of the module as runs of the worker."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import slicer

from NeuroOrbitLib.models import find_package
from NeuroOrbitLib.mrml.classifier_logic import ModuleSteps
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.dicom_fields import technique_fields
from NeuroOrbitLib.mrml.explanation_run import explanation_run
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import require_same_scan
from NeuroOrbitLib.mrml.segment_masks import label_image
from NeuroOrbitLib.mrml.tools import Tool
from NeuroOrbitLib.mrml.volumes import check_scan
from NeuroOrbitLib.problem import Problem
from TAOActivityLib.inventory import DEFAULT_MODEL, regions_of
from TAOActivityLib.mrml.activity_results import insert_activity, insert_explanation
from TAOActivityLib.mrml.parameters import TAOActivityParameterNode
from TAOActivityLib.mrml.prepared_scan import PreparedScan, insert_preparation
from TAOActivityLib.run_activity import PATCH, STRIDE

_WORKER = "TAOActivityLib.run_activity"


@dataclass(frozen=True)
class Question:
    """The settings of an explanation; see :func:`TAOActivityLib.run_activity.explain_crop`."""

    method: str = "occlusion"
    patch: int = PATCH
    stride: int = STRIDE
    fill: str | float = "image mean"
    each_slice: bool = True


DEFAULT_TOOL, DEFAULT_QUESTION = Tool(DEFAULT_MODEL), Question()


def question_of(node: TAOActivityParameterNode) -> Question:
    """Return the settings of an explanation by the user's choices."""
    return Question(node.method.value, node.patch, node.stride, node.fill.argument(), node.eachSlice)


class Steps(ModuleSteps):
    """The steps of the panel."""

    def prepare(self, volume: slicer.vtkMRMLScalarVolumeNode, orbits: slicer.vtkMRMLSegmentationNode | None,
                tool: Tool) -> VolumeRun:
        """Start to find the orbits unless they are given, check the sequence and place the crop.

        :raises Problem: if scan, segmentation or model cannot be used.
        """
        check_scan(volume)
        arguments = tool.arguments()
        regions = regions_of(find_package(tool.model, arguments["model_folders"]))
        images = {"labels": label_image(orbits, volume)} if orbits else {}
        return VolumeRun(
            self.runner, f"{_WORKER}:prepare_file", volume, {**arguments, "tags": technique_fields(volume)},
            lambda run, answer: insert_preparation(run, answer, self._module, regions, orbits), images, [orbits])

    def classify(self, prepared: PreparedScan, tool: Tool) -> VolumeRun:
        """Start to classify the crop at the place where the user left it.

        :raises Problem: if the scan was not prepared or has changed since.
        """
        volume, orbits = prepared.scan, prepared.orbits
        problem = prepared.problem(volume, prepared.region)
        if problem:
            raise Problem(problem)
        require_same_scan(prepared.record, volume)
        arguments = {**tool.arguments(), "tags": technique_fields(volume), "crop": prepared.crop(),
                     "placed": prepared.record["crops"][prepared.region]}
        return VolumeRun(
            self.runner, f"{_WORKER}:classify_crop", volume, arguments,
            lambda run, answer: insert_activity(run, answer, self._module, orbits),
            {"labels": label_image(orbits, volume)}, [orbits])

    def explain(self, result: ClassifierResult, question: Question, tool: Tool) -> VolumeRun:
        """Start to explain a result with the model that gave it, even if ``tool`` names another.

        :raises Problem: if something that the result depends on was removed or changed.
        """
        return explanation_run(self.runner, f"{_WORKER}:explain_crop", result, tool,
                               {**asdict(question), "crop": result.record["crop"]},
                               lambda run, answer: insert_explanation(run, answer, self._module, result))
