"""The steps of the module as runs of the worker."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from NeuroDifferentialLib.differential.inventory import DEFAULT_MODEL
from NeuroDifferentialLib.lesions.inventory import DEFAULT_MODEL as LESION_MODEL
from NeuroDifferentialLib.mrml.followup import insert_changes
from NeuroDifferentialLib.mrml.lesion_nodes import anatomy_of, corrected_lesions, found_in, insert_lesions
from NeuroDifferentialLib.mrml.results import insert_answer, insert_effects, require_lesions
from NeuroDifferentialLib.t1 import about_t1
from NeuroOrbitLib.dicom.visit import check_visits
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.classifier_logic import ModuleSteps
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.explanation_run import explanation_run
from NeuroOrbitLib.mrml.provenance import volume_identity
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import notices_about_scan
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
    """The steps of the panel, each as a run of the worker."""

    def find(self, flair: slicer.vtkMRMLScalarVolumeNode, t1: slicer.vtkMRMLScalarVolumeNode | None = None,
             tool: Tool = LESION_TOOL) -> VolumeRun:
        """Return the run that finds the lesions of a FLAIR.

        :param flair: FLAIR.
        :param t1: T1 of the same visit.
        :param tool: model that finds the lesions.
        :raises Problem: if a scan cannot be used.
        """
        images, known = {}, []
        if t1 is not None:
            check_scan(t1)
            if differ(patient_of(t1), patient_of(flair)):
                raise Problem(_("'{t1}' is of another patient than '{flair}'. Choose the T1 of the same patient and "
                                "visit, or none.").format(t1=t1.GetName(), flair=flair.GetName()))
            images["t1"], known = whole_image(t1), about_t1(notices_about_scan(t1))
        return VolumeRun(self.runner, f"{_WORKER}:find_lesions", flair, _lesion_arguments(tool),
                         lambda run, answer: insert_lesions(
                             run, {**answer, "notices": [*answer["notices"], *known]}, self._module), images)

    def classify(self, flair: slicer.vtkMRMLScalarVolumeNode, lesions: slicer.vtkMRMLSegmentationNode,
                 tool: Tool) -> VolumeRun:
        """Return the run that measures the lesions as currently drawn, and estimates NMOSD against MS.

        :param flair: FLAIR.
        :param lesions: lesions of the FLAIR.
        :param tool: model that estimates.
        :raises Problem: if the lesions do not belong to the scan.
        """
        check_scan(flair)
        return VolumeRun(self.runner, f"{_WORKER}:classify_lesions", flair, tool.arguments(),
                         lambda run, answer: insert_answer(run, answer, self._module, lesions),
                         masks_of(lesions, flair), [lesions, anatomy_of(lesions)])

    def explain(self, result: ClassifierResult, tool: Tool) -> VolumeRun:
        """Return the run that explains a result by removing each lesion, with the model that gave the result.

        :param result: result to explain.
        :param tool: model that gave the result.
        :raises Problem: if there are no lesions, or the scene's scan or lesions have changed or are gone.
        """
        require_lesions(result)
        return explanation_run(self.runner, f"{_WORKER}:explain_lesions", result, tool, {},
                               lambda run, answer: insert_effects(run, answer, self._module, result),
                               masks_of_result)

    def compare(self, flair: slicer.vtkMRMLScalarVolumeNode, previous: slicer.vtkMRMLScalarVolumeNode,
                tool: Tool = LESION_TOOL, lesions: slicer.vtkMRMLSegmentationNode | None = None) -> VolumeRun:
        """Return the run that compares the lesions of a FLAIR with those of an earlier visit.

        Lesions of either scan that were found before and corrected since are taken as drawn.

        :param flair: FLAIR of the later visit.
        :param previous: FLAIR of the earlier visit.
        :param tool: model that finds the lesions otherwise.
        :param lesions: lesions of the later FLAIR; by default those found last.
        :raises Problem: if a scan cannot be used, both are the same, or DICOM and the dates typed by the user show that
            they are of two patients or swapped.
        """
        check_scan(previous)
        if previous is flair:
            raise Problem(_("Both visits are the same scan. Choose the FLAIR of another visit."))
        check_visits(visit_of(previous), visit_of(flair))
        own = lesions if scan_of(lesions) is flair else found_in(flair)
        before, identity = found_in(previous), volume_identity(previous)
        masks, earlier_masks = corrected_lesions(own, flair), corrected_lesions(before, previous)
        drawn = [own] * bool(masks) + [before] * bool(earlier_masks)  # lesions as found are found anew
        masks |= {f"previous_{name}": mask for name, mask in earlier_masks.items()}
        return VolumeRun(self.runner, f"{_WORKER}:compare_lesions", flair, _lesion_arguments(tool),
                         lambda run, answer: insert_changes(run, answer, self._module, previous, identity),
                         {"previous": whole_image(previous), **masks}, [previous, *drawn])


def lesions_problem(flair: slicer.vtkMRMLScalarVolumeNode, lesions: slicer.vtkMRMLSegmentationNode | None) -> str:
    """Return the reason why lesions cannot be measured in a scan, "" if they can."""
    if lesions is None:
        return _("Press Find lesions first.")
    if scan_of(lesions) not in (None, flair):
        return _("'{lesions}' are of another scan, '{scan}'. Choose that scan, or lesions of '{flair}'.").format(
            lesions=lesions.GetName(), scan=scan_of(lesions).GetName(), flair=flair.GetName())
    if anatomy_of(lesions) is None:
        return _("The brain anatomy that tells where lesions lie does not belong to '{lesions}'. Press Find lesions, "
                 "and correct what it finds in the Segment Editor.").format(
                     lesions=lesions.GetName())
    return ""


def masks_of_result(result: ClassifierResult) -> dict[str, Image]:
    """Return the lesions of a result and the parts of the brain on its scan, as arguments for the worker's steps.

    :raises Problem: if the parts of the brain are no longer in the scene.
    """
    return masks_of(result.segmentation, result.scan)


def masks_of(lesions: slicer.vtkMRMLSegmentationNode | None,
             flair: slicer.vtkMRMLScalarVolumeNode) -> dict[str, Image]:
    """Return lesions as currently drawn, and the parts of the brain, on their scan.

    :raises Problem: if the lesions do not belong to the scan, or the parts of the brain are no longer in the scene.
    """
    problem = lesions_problem(flair, lesions)
    if problem:
        raise Problem(problem)
    return {"lesions": union_of_segments(lesions, flair), "anatomy": whole_image(anatomy_of(lesions))}


def _lesion_arguments(tool: Tool) -> dict[str, object]:
    """Return the worker's arguments for finding lesions, without a device, as they are found on the processor."""
    return {key: value for key, value in tool.arguments().items() if key != "device"}
