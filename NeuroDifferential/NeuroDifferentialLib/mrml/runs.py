"""The three steps of the module as runs of the worker."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from NeuroDifferentialLib.differential.inventory import DEFAULT_MODEL
from NeuroDifferentialLib.lesions.inventory import DEFAULT_MODEL as LESION_MODEL
from NeuroDifferentialLib.mrml.followup import insert_changes
from NeuroDifferentialLib.mrml.lesion_nodes import anatomy_of, corrected_lesions, found_in, insert_lesions
from NeuroDifferentialLib.mrml.results import insert_answer, insert_effects, require_lesions
from NeuroOrbitLib.dicom.visit import check_visits
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.classifier_logic import ModuleSteps
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.explanation_run import explanation_run
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_masks import union_of_segments
from NeuroOrbitLib.mrml.storage_check import whole_image
from NeuroOrbitLib.mrml.tools import Tool
from NeuroOrbitLib.mrml.visits import differ, patient_of, visit_of
from NeuroOrbitLib.mrml.volumes import check_scan
from NeuroOrbitLib.problem import Problem

_WORKER = "NeuroDifferentialLib.run_differential"
DEFAULT_TOOL, LESION_TOOL = Tool(DEFAULT_MODEL), Tool(LESION_MODEL)


class Steps(ModuleSteps):
    """The steps of the panel."""

    def find(self, flair: slicer.vtkMRMLScalarVolumeNode, t1: slicer.vtkMRMLScalarVolumeNode | None = None,
             tool: Tool = LESION_TOOL) -> VolumeRun:
        """Find the lesions of a FLAIR.

        :param tool: what finds them.

        :raises Problem: if a scan cannot be used.
        """
        images = {}
        if t1 is not None:
            check_scan(t1)
            if differ(patient_of(t1), patient_of(flair)):
                raise Problem(_("'{t1}' is of another patient than '{flair}'. Choose the T1 of the same patient and "
                                "visit, or none.").format(t1=t1.GetName(), flair=flair.GetName()))
            images["t1"] = whole_image(t1)
        return VolumeRun(self.runner, f"{_WORKER}:find_lesions", flair, _lesion_arguments(tool),
                         lambda run, answer: insert_lesions(run, answer, self._module), images)

    def classify(self, flair: slicer.vtkMRMLScalarVolumeNode, lesions: slicer.vtkMRMLSegmentationNode,
                 tool: Tool) -> VolumeRun:
        """Measure the lesions as they are drawn now, and estimate NMOSD against MS.

        :raises Problem: if the lesions do not belong to the scan.
        """
        check_scan(flair)
        return VolumeRun(self.runner, f"{_WORKER}:classify_lesions", flair, tool.arguments(),
                         lambda run, answer: insert_answer(run, answer, self._module, lesions),
                         masks_of(lesions, flair), [lesions, anatomy_of(lesions)])

    def explain(self, result: ClassifierResult, tool: Tool) -> VolumeRun:
        """Leave out every lesion of a result in turn, by the model that gave it.

        :raises Problem: if there are no lesions, or what the result rests on is gone or has changed.
        """
        require_lesions(result)
        return explanation_run(self.runner, f"{_WORKER}:explain_lesions", result, tool, {},
                               lambda run, answer: insert_effects(run, answer, self._module, result),
                               masks_of_result)

    def compare(self, flair: slicer.vtkMRMLScalarVolumeNode, previous: slicer.vtkMRMLScalarVolumeNode,
                tool: Tool = LESION_TOOL, lesions: slicer.vtkMRMLSegmentationNode | None = None) -> VolumeRun:
        """Find what became of the lesions of a FLAIR since that of an earlier visit.

        Lesions that were found in either scan before and corrected since count as they are drawn.

        :param tool: what finds the lesions otherwise. :param lesions: of the FLAIR; those found last by default.

        :raises Problem: if a scan cannot be used, both are one, or they are of two patients or swapped as far as DICOM
            and the days that the user typed say.
        """
        check_scan(previous)
        if previous is flair:
            raise Problem(_("Both visits are the same scan. Choose the FLAIR of another visit."))
        check_visits(visit_of(previous), visit_of(flair))
        own = lesions if scan_of(lesions) is flair else found_in(flair)
        before = found_in(previous)
        masks = corrected_lesions(own, flair)
        masks |= {f"previous_{name}": mask for name, mask in corrected_lesions(before, previous).items()}
        return VolumeRun(self.runner, f"{_WORKER}:compare_lesions", flair, _lesion_arguments(tool),
                         lambda run, answer: insert_changes(run, answer, self._module, previous),
                         {"previous": whole_image(previous), **masks}, [previous, own, before])


def lesions_problem(flair: slicer.vtkMRMLScalarVolumeNode, lesions: slicer.vtkMRMLSegmentationNode | None) -> str:
    """Return why lesions cannot be measured in a scan, "" if they can."""
    if lesions is None:
        return _("Press Find lesions first.")
    if scan_of(lesions) not in (None, flair):
        return _("'{lesions}' are of another scan, '{scan}'. Choose that scan, or lesions of '{flair}'.").format(
            lesions=lesions.GetName(), scan=scan_of(lesions).GetName(), flair=flair.GetName())
    if anatomy_of(lesions) is None:
        return _("The parts of the brain that places are told by do not belong to '{lesions}': they come with Find "
                 "lesions. Press it, and correct what it found in the Segment Editor.").format(
                     lesions=lesions.GetName())
    return ""


def masks_of_result(result: ClassifierResult) -> dict[str, Image]:
    """Return the lesions of a result and the parts of the brain on its scan, as the worker's steps take them.

    :raises Problem: if the parts of the brain have left the scene.
    """
    return masks_of(result.segmentation, result.scan)


def masks_of(lesions: slicer.vtkMRMLSegmentationNode | None,
             flair: slicer.vtkMRMLScalarVolumeNode) -> dict[str, Image]:
    """Return lesions as they are drawn now, and the parts of the brain, on their scan.

    :raises Problem: if they do not belong to it, or the parts of the brain have left the scene.
    """
    problem = lesions_problem(flair, lesions)
    if problem:
        raise Problem(problem)
    return {"lesions": union_of_segments(lesions, flair), "anatomy": whole_image(anatomy_of(lesions))}


def _lesion_arguments(tool: Tool) -> dict[str, object]:
    """What the worker is sent: what finds lesions runs on the processor."""
    return {key: value for key, value in tool.arguments().items() if key != "device"}
