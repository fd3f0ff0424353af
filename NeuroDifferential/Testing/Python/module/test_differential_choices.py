"""Several patients and results in one scene: what is chosen belongs together, and nothing of another stays chosen."""

from __future__ import annotations

import pytest
import slicer
import vtk

from NeuroDifferentialLib.lesions.inventory import CLASSICAL
from NeuroDifferentialLib.mrml import runs
from NeuroOrbitLib.mrml.provenance import record_of
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.problem import Problem
from Testing.panels import is_idle, press, run_step, tab_steps_back, wait_until


@pytest.fixture
def applied(slicer_session, with_lesions):
    """The panel after Apply."""
    run_step(slicer_session, with_lesions, with_lesions.ui.applyButton)
    return with_lesions


def test_back_at_the_first_patient_the_lesions_need_not_be_found_again(with_lesions, scan, flair):
    lesions = with_lesions._parameterNode.lesions
    with_lesions.ui.inputSelector.setCurrentNode(node_from_image(flair, "Second"))
    assert with_lesions._parameterNode.lesions is None and not lesions.GetDisplayNode().GetVisibility()
    with_lesions.ui.inputSelector.setCurrentNode(scan)
    assert with_lesions._parameterNode.lesions is lesions and lesions.GetDisplayNode().GetVisibility()
    assert with_lesions.ui.applyButton.enabled, with_lesions.ui.applyButton.toolTip


def test_an_answer_that_comes_meanwhile_waits_until_its_scan_is_chosen_again(slicer_session, with_lesions, scan, flair):
    panel, lesions = with_lesions, with_lesions._parameterNode.lesions
    second = node_from_image(flair, "Second")
    press(panel.ui.applyButton)
    panel.ui.inputSelector.setCurrentNode(second)
    wait_until(slicer_session, lambda: is_idle(panel))
    assert panel._parameterNode.inputVolume is second and panel._parameterNode.result is None
    assert panel.answerView.card.isHidden() and not lesions.GetDisplayNode().GetVisibility()
    assert "Choose this scan" in panel.noticeBanner.text
    panel.ui.inputSelector.setCurrentNode(scan)
    assert panel._parameterNode.lesions is lesions and lesions.GetDisplayNode().GetVisibility()
    assert not panel.answerView.card.isHidden()


def test_a_chosen_result_brings_the_lesions_that_it_rests_on(applied, scan):
    parameters, earlier = applied._parameterNode, applied._parameterNode.result
    first = parameters.lesions
    parameters.lesions = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Drawn by hand")
    applied.ui.resultSelector.setCurrentNode(None)
    applied.ui.resultSelector.setCurrentNode(earlier)
    assert parameters.lesions is first


def test_lesions_that_were_corrected_after_apply_are_not_explained_as_if_they_were_the_answers(slicer_session, applied):
    applied._parameterNode.lesions.GetSegmentation().RemoveSegment("lesions_periventricular")
    press(applied.ui.explainButton)
    wait_until(slicer_session, lambda: is_idle(applied))
    assert "changed since this result was computed. Press Apply again" in applied.noticeBanner.text
    assert applied.effectsView.table_view.rowCount == 0


def test_an_answer_about_lesions_that_were_corrected_since_says_so(slicer_session, applied, tmp_path):
    page = tmp_path / "page.html"

    def reported() -> str:
        applied.reportButton.write(page)
        return page.read_text(encoding="utf-8")

    assert "changed after" not in applied.answerView.notices.text and "changed after" not in reported()
    applied.exit()
    applied.logic.getParameterNode().lesions.GetSegmentation().RemoveSegment("lesions_periventricular")
    applied.enter()
    assert "changed after" in applied.answerView.notices.text and "Press Apply" in applied.answerView.notices.text
    assert "changed after" in reported()
    run_step(slicer_session, applied, applied.ui.applyButton)
    assert "changed after" not in applied.answerView.notices.text and "changed after" not in reported()


def test_an_answer_about_lesions_that_were_moved_off_the_brain_since_says_so(applied, scan):
    assert "changed after" not in applied.answerView.notices.text
    applied.exit()
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(2, 3, 30.0)
    scan.ApplyTransformMatrix(matrix)  # as hardening a transform on the scan alone does
    applied.enter()
    assert "changed after" in applied.answerView.notices.text
    applied.exit()
    matrix.Invert()
    scan.ApplyTransformMatrix(matrix)
    applied.enter()
    assert "changed after" not in applied.answerView.notices.text


def test_lesions_found_anew_take_the_answer_about_the_former_ones_from_the_panel(slicer_session, applied):
    former = applied._parameterNode.result
    applied._parameterNode.lesionModel = CLASSICAL
    run_step(slicer_session, applied, applied.ui.findButton)
    assert record_of(applied._parameterNode.lesions)["model"]["name"] == CLASSICAL
    assert applied._parameterNode.result is None and applied.answerView.card.isHidden()
    assert slicer.mrmlScene.IsNodePresent(former), "it can be chosen again"


def test_t1_and_earlier_visit_of_one_patient_are_not_taken_for_the_next_one(panel, flair, t1):
    parameters = panel._parameterNode
    panel.ui.t1Selector.setCurrentNode(node_from_image(t1, "T1"))
    panel.ui.previousSelector.setCurrentNode(node_from_image(flair, "Earlier"))
    assert parameters.t1Volume and parameters.previousVolume
    panel.ui.inputSelector.setCurrentNode(node_from_image(flair, "Second patient"))
    assert parameters.t1Volume is None and parameters.previousVolume is None


def test_t1_of_the_same_patient_stays_chosen_when_the_flair_is_corrected(panel, scan, flair, t1):
    second, structural = node_from_image(flair, "FLAIR, second series"), node_from_image(t1, "T1")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "Patient")
    hierarchy.SetItemUID(patient, "DICOM", "4711")
    for node in (scan, second, structural):
        hierarchy.SetItemParent(hierarchy.GetItemByDataNode(node), patient)
    panel.ui.t1Selector.setCurrentNode(structural)
    panel.ui.inputSelector.setCurrentNode(second)
    assert panel._parameterNode.t1Volume is structural


def test_what_the_scene_knows_of_the_slices_of_a_t1_is_told_as_its_own(panel, scan, t1, monkeypatch):
    structural, inserted = node_from_image(t1, "T1"), []
    monkeypatch.setattr(runs, "insert_lesions", lambda _run, answer, _module: inserted.append(answer["notices"]))
    monkeypatch.setattr(runs, "notices_about_scan", lambda node: [f"3 slices of {node.GetName()} were interpolated."])
    run = panel.logic._steps.find(scan, structural)
    run.cancel()  # else the worker that all tests share goes on computing
    run._insert(run, {"notices": ["One."]})
    assert inserted == [["One.", "T1: 3 slices of T1 were interpolated."]]


def test_a_t1_that_is_known_to_be_of_another_patient_is_refused(panel, scan, flair, t1):
    """Registered onto this brain it may fit well enough to be used."""
    structural = node_from_image(t1, "T1")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    for node, name in ((scan, "4711"), (structural, "4712")):
        patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), name)
        hierarchy.SetItemUID(patient, "DICOM", name)
        hierarchy.SetItemParent(hierarchy.GetItemByDataNode(node), patient)
    with pytest.raises(Problem, match="'T1' is of another patient"):
        panel.logic.find(scan, structural)


def test_what_a_result_left_behind_is_never_taken_for_a_scan_when_the_scan_is_deleted(applied, scan, flair):
    slicer.mrmlScene.RemoveNode(scan)
    assert applied._parameterNode.inputVolume is None, "the volumes that are left are no scans"
    assert applied._parameterNode.result is None and applied.answerView.card.isHidden()
    other = node_from_image(flair, "Other")
    applied.ui.inputSelector.setCurrentNode(other)
    assert applied._parameterNode.inputVolume is other


def test_an_answer_whose_scan_has_left_does_not_pass_for_one_of_another_scan(applied, scan, flair):
    """Its lesions were chosen for the next patient's scan."""
    table, other = applied._parameterNode.result, node_from_image(flair, "Next patient")
    slicer.mrmlScene.RemoveNode(scan)
    applied.ui.inputSelector.setCurrentNode(other)
    applied.ui.resultSelector.setCurrentNode(table)
    assert applied._parameterNode.result is table
    assert applied._parameterNode.inputVolume is None and applied._parameterNode.lesions is None
    applied.ui.inputSelector.setCurrentNode(other)
    assert applied._parameterNode.lesions is None and not applied.ui.applyButton.enabled


def test_the_tab_key_goes_through_the_panel_from_top_to_bottom(panel):
    assert tab_steps_back(panel.parent) == []
