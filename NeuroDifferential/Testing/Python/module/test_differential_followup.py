"""The earlier visit in the panel: what changed is in the scene and the table, and bad input leaves nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import slicer

from NeuroDifferentialLib.mrml import runs
from NeuroDifferentialLib.mrml.followup import summary_of
from NeuroDifferentialLib.mrml.lesion_nodes import ANATOMY_REFERENCE, FOUND_REFERENCE, keep_found, region_segment
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.mrml.provenance import add_record, volume_identity
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.visits import set_date
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image
from Testing.panels import is_idle, press, run_step, scene_content, wait_until

MODULE_FOLDER = Path(__file__).resolve().parents[3]


@pytest.fixture
def earlier(flair):
    """A FLAIR of another day."""
    return flair.with_array((0.9 * flair.array).astype(flair.array.dtype))


@pytest.fixture
def canned(monkeypatch, panel):
    """The panel with a comparison that is known beforehand."""
    monkeypatch.setattr(runs, "_WORKER", "canned_comparison")
    with JobRunner(extra_paths=[MODULE_FOLDER, Path(__file__).parent],
                   temporary_folder=slicer.app.temporaryPath) as runner:
        panel.logic = sys.modules["NeuroDifferential"].NeuroDifferentialLogic(runner)
        yield panel


def choose(panel, image: Image):
    """Open the part of the panel and choose the FLAIR of an earlier visit."""
    panel.ui.followupCollapsibleButton.collapsed = False
    node = node_from_image(image, "Earlier")
    panel.ui.previousSelector.setCurrentNode(node)
    return node


def test_compare_asks_for_an_earlier_visit_first(panel):
    assert not panel.ui.compareButton.enabled and "earlier visit" in panel.ui.compareButton.toolTip
    assert panel.followupView.isHidden()


def test_changes_since_the_earlier_visit_are_in_the_scene_and_the_table(slicer_session, canned, scan, earlier):
    choose(canned, earlier)
    run_step(slicer_session, canned, canned.ui.compareButton)
    view = canned.followupView
    changes = view._changes
    assert view.table_view.rowCount == 2 and view.table_view.item(0, 1).text() == "New"
    assert view.table_view.item(0, 5).text() == "900" and view.table_view.item(0, 6).text() == "12.3"
    assert "0.90 ml now" in view.summary_label.text and "beyond the noise of 0.12 ml" in view.summary_label.text
    node = changes.segmentation
    found = slicer.util.arrayFromSegmentBinaryLabelmap(node, "lesions_new", scan)
    assert found[21, 32, 32] and np.count_nonzero(found) == 3 * 5 * 5
    assert node.GetSegmentation().GetSegment("lesions_vanished") is not None and node.GetDisplayNode().GetVisibility()
    assert node.GetSegmentation().ContainsRepresentation("Closed surface")
    view.earlier_box.checked = True
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    assert composite.GetForegroundVolumeID() == changes.earlier.GetID() and composite.GetForegroundOpacity() == 1.0
    view.earlier_box.checked = False
    assert not composite.GetForegroundVolumeID()
    view.table_view.setCurrentCell(1, 0)
    view.table_view.setCurrentCell(0, 0)
    offset = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode().GetSliceOffset()
    assert offset == pytest.approx(changes.record["lesions"][0]["center"][2], abs=0.1)
    canned.ui.inputSelector.setCurrentNode(node_from_image(earlier, "Another patient"))
    assert canned._parameterNode.changes is None and view.isHidden() and not node.GetDisplayNode().GetVisibility()


def found_in(scan, where) -> slicer.vtkMRMLSegmentationNode:
    """Lesions as *Find lesions* leaves them in the scene."""
    image = image_from_node(scan)
    labels = np.zeros(image.array.shape, np.uint8)
    labels[where] = 1
    node = add_segmentation(image.with_array(labels), scan, "Lesions", region_segment)
    anatomy = node_from_image(image.with_array(np.ones_like(labels)), "Parts", "vtkMRMLLabelMapVolumeNode")
    node.SetNodeReferenceID(ANATOMY_REFERENCE, anatomy.GetID())
    node.SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())
    keep_found(node, scan)
    return node


def test_the_earlier_visit_does_not_stay_over_the_scan_when_its_changes_are_gone(slicer_session, canned, scan, earlier):
    choose(canned, earlier)
    run_step(slicer_session, canned, canned.ui.compareButton)
    canned.followupView.earlier_box.checked = True
    slicer.mrmlScene.RemoveNode(canned._parameterNode.changes)
    assert canned.followupView.isHidden() and not canned.followupView.earlier_box.checked
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    assert composite.GetBackgroundVolumeID() == scan.GetID()
    assert composite.GetForegroundVolumeID() is None, "the earlier visit would pass for this scan"


def test_the_earlier_visit_is_shown_where_the_patient_lies_now(slicer_session, canned, scan, earlier):
    choose(canned, earlier)
    run_step(slicer_session, canned, canned.ui.compareButton)
    matrix = np.eye(4)
    matrix[:3, 3] = (0.0, 20.0, 25.0)
    scan.ApplyTransformMatrix(slicer.util.vtkMatrixFromArray(matrix))
    canned.followupView.earlier_box.checked = True
    shown = image_from_node(canned.followupView._changes.earlier)
    np.testing.assert_allclose(shown.affine, image_from_node(scan).affine, atol=1e-3)


def test_lesions_that_were_corrected_are_compared_as_they_are_drawn(slicer_session, canned, scan, earlier):
    """A false lesion that the user deleted came back as a new one."""
    lesions = found_in(scan, np.s_[20:24, 30:34, 30:34])
    canned._parameterNode.lesions = lesions
    choose(canned, earlier)
    run_step(slicer_session, canned, canned.ui.compareButton)
    assert canned.followupView._changes.record["lesion_voxels"] is None  # as found: the model looks itself
    assert "corrected" not in canned.followupView.summary_label.text
    segment = lesions.GetSegmentation().GetNthSegmentID(0)
    array = slicer.util.arrayFromSegmentBinaryLabelmap(lesions, segment, scan)
    array[20:22] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(array, lesions, segment, scan)
    canned._onParametersChanged()
    assert "Press Compare again" in canned.followupView.summary_label.text
    run_step(slicer_session, canned, canned.ui.compareButton)
    record = canned.followupView._changes.record
    assert "Press Compare again" not in canned.followupView.summary_label.text
    assert record["found_voxels"] == 4 * 4 * 4, "what was deleted can be told"
    assert record["lesion_voxels"] == 2 * 4 * 4 and record["drawn_now"] and not record["drawn_before"]
    assert "The lesions of this visit count as they were corrected." in canned.followupView.summary_label.text


def erase(lesions, scan, slices: slice) -> None:
    """Delete lesions on some slices, as a user does in the Segment Editor."""
    segment = lesions.GetSegmentation().GetNthSegmentID(0)
    array = slicer.util.arrayFromSegmentBinaryLabelmap(lesions, segment, scan)
    array[slices] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(array, lesions, segment, scan)


def test_lesions_as_found_are_among_what_the_application_offers_to_save(scan):
    """They were hidden, so that the window for saving left them out, and a scene that was opened again lacked them."""
    kept = found_in(scan, np.s_[20:24, 30:34, 30:34]).GetNodeReference(FOUND_REFERENCE)
    assert kept.GetSaveWithScene() and not kept.GetHideFromEditors()


def test_a_scene_that_was_saved_without_what_was_found_can_be_compared(slicer_session, canned, scan, earlier, capfd):
    """Panel, comparison and DICOM ended with an error of Python."""
    lesions = found_in(scan, np.s_[20:24, 30:34, 30:34])
    canned._parameterNode.lesions = lesions
    choose(canned, earlier)
    lesions.GetNodeReference(FOUND_REFERENCE).SetAndObserveImageData(None)
    run_step(slicer_session, canned, canned.ui.compareButton)
    record = canned.followupView._changes.record
    assert record["lesion_voxels"] == 4 * 4 * 4 and record["found_voxels"] is None, "the model looks itself"
    assert "corrected since" not in canned.followupView.summary_label.text
    assert "Traceback" not in capfd.readouterr().err


def test_lesions_of_the_earlier_visit_that_were_corrected_since_are_told(slicer_session, canned, scan, earlier):
    """The numbers of before stood there as if nothing had happened, and went into the report."""
    node = choose(canned, earlier)
    before, view = found_in(node, np.s_[20:24, 30:34, 30:34]), canned.followupView
    run_step(slicer_session, canned, canned.ui.compareButton)
    assert "Press Compare again" not in view.summary_label.text and view.record() is not None
    erase(before, node, np.s_[20:22])
    canned._onParametersChanged()
    assert "lesions of the earlier visit were corrected since" in view.summary_label.text
    assert view.record() is None, "reports leave out what is out of date"
    now = found_in(scan, np.s_[25:29, 30:34, 30:34])
    canned._parameterNode.lesions = now
    erase(now, scan, np.s_[25:27])
    canned._onParametersChanged()
    assert "lesions of both visits were corrected since" in view.summary_label.text
    run_step(slicer_session, canned, canned.ui.compareButton)
    assert "Press Compare again" not in view.summary_label.text and view.record() is not None
    erase(before, node, np.s_[:])
    canned._onParametersChanged()
    assert "lesions of the earlier visit were corrected since" in view.summary_label.text
    slicer.mrmlScene.RemoveNode(node)
    canned._onParametersChanged()
    assert "0.90 ml now" in view.summary_label.text, "without the earlier scan nothing is known of its lesions"


def test_changes_since_another_visit_than_the_chosen_one_say_so_and_stay_out_of_reports(slicer_session, canned, scan,
                                                                                        earlier):
    first, view = choose(canned, earlier), canned.followupView
    run_step(slicer_session, canned, canned.ui.compareButton)
    second = node_from_image(earlier, "Two years ago")
    canned.ui.previousSelector.setCurrentNode(second)
    assert "since 'Earlier', not since 'Two years ago'" in view.summary_label.text
    assert view.record() is None
    canned.ui.previousSelector.setCurrentNode(first)
    assert "not since" not in view.summary_label.text and view.record() is not None
    canned.ui.previousSelector.setCurrentNode(second)
    run_step(slicer_session, canned, canned.ui.compareButton)
    assert "not since" not in view.summary_label.text and view.record() is not None
    slicer.mrmlScene.RemoveNode(second)
    canned.ui.previousSelector.setCurrentNode(None)
    assert view.record() is not None, "without a choice nothing speaks against what is shown"
    canned.ui.previousSelector.setCurrentNode(first)
    assert "not the changes since 'Earlier'" in view.summary_label.text and view.record() is None


def test_changes_of_visits_that_are_dated_the_other_way_round_since_stay_out_of_reports(slicer_session, canned, scan,
                                                                                        earlier):
    """Days typed in Orbit Segmentation turned growth into shrinking, and nothing said so."""
    first, view = choose(canned, earlier), canned.followupView
    run_step(slicer_session, canned, canned.ui.compareButton)
    canned.exit()
    for node, day in ((first, "2024-06-01"), (scan, "2024-03-01")):
        set_date(node, day)
    canned.enter()
    assert "2024-06-01" in view.summary_label.text and view.record() is None, view.summary_label.text
    set_date(first, "2023-06-01")
    canned._onParametersChanged()
    assert "2023-06-01" not in view.summary_label.text and view.record() is not None


@pytest.mark.parametrize(("visit", "text"), [
    ("later", "The scan was changed since"), ("earlier", "The scan of the earlier visit was changed since")])
def test_changes_in_voxels_that_were_changed_since_say_so(slicer_session, canned, scan, earlier, visit, text):
    """Other voxels of the earlier visit left the changes, and the report, as they were."""
    node = choose(canned, earlier)
    run_step(slicer_session, canned, canned.ui.compareButton)
    assert canned.followupView.record() is not None
    changed = scan if visit == "later" else node
    slicer.util.updateVolumeFromArray(changed, slicer.util.arrayFromVolume(changed)[::-1] + 0)
    canned._onParametersChanged()
    assert text in canned.followupView.summary_label.text
    assert canned.followupView.record() is None


def test_changes_since_a_visit_whose_file_is_missing_stay_readable(slicer_session, canned, scan, earlier, capfd):
    """The panel could not be opened in a scene that had been moved without the file of the earlier visit."""
    node = choose(canned, earlier)
    found_in(node, np.s_[20:24, 30:34, 30:34])
    run_step(slicer_session, canned, canned.ui.compareButton)
    canned.exit()
    node.SetAndObserveImageData(None)
    canned.enter()
    assert "0.90 ml now" in canned.followupView.summary_label.text
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("corrected", [True, False])
def test_lesions_that_were_corrected_in_former_voxels_of_the_earlier_visit_are_told(slicer_session, canned, earlier,
                                                                                    corrected):
    """They counted as drawn on a scan that they had never been drawn on; those as found are found anew."""
    node = choose(canned, earlier)
    before = found_in(node, np.s_[20:24, 30:34, 30:34])
    add_record("record", {"input": volume_identity(node)}, [before])
    if corrected:
        erase(before, node, np.s_[20:22])
    slicer.util.updateVolumeFromArray(node, slicer.util.arrayFromVolume(node)[::-1] + 0)
    run_step(slicer_session, canned, canned.ui.compareButton)
    assert ("'Earlier' holds other voxels now than when 'Lesions' was made from it" in canned.noticeBanner.text
            ) == corrected


@pytest.mark.parametrize(("make", "texts"), [
    (lambda flair: flair, ("Both visits are the same scan",)),
    (lambda flair: Image(flair.array[20:21], flair.affine), ("slice", "too little of a brain")),
    (lambda flair: flair.with_array(np.full(flair.array.shape, np.nan, np.float32)), ("not numbers",)),
], ids=("same", "slice", "no-numbers"))
def test_an_earlier_visit_that_cannot_be_used_leaves_the_scene_as_it_was(slicer_session, panel, flair, make, texts):
    choose(panel, make(flair))
    before = scene_content()
    press(panel.ui.compareButton)
    wait_until(slicer_session, lambda: is_idle(panel))
    assert any(text in panel.noticeBanner.text for text in texts), panel.noticeBanner.text
    assert scene_content() == before and panel._parameterNode.changes is None


def test_visits_the_wrong_way_round_are_told_and_nothing_is_left(slicer_session, panel, scan, flair):
    node = choose(panel, flair.with_array((0.9 * flair.array).astype(flair.array.dtype)))
    assert set_date(scan, "2024-03-01") and set_date(node, "2024-06-01")
    before = scene_content()
    press(panel.ui.compareButton)
    wait_until(slicer_session, lambda: is_idle(panel))
    assert "2024-06-01) is later than the second one (2024-03-01). Swap the scans" in panel.noticeBanner.text
    assert scene_content() == before and panel._parameterNode.changes is None


def test_the_summary_says_whether_a_change_is_beyond_the_noise():
    record = {"before_ml": 1.0, "after_ml": 1.5, "change_ml": 0.5, "noise_ml": 0.2, "beyond_noise": True, "new": 1,
              "grown": 0, "shrunk": 0, "vanished": 0, "stable": 4}
    assert summary_of(record) == ("1.00 ml before, 1.50 ml now: +0.50 ml, beyond the noise of 0.20 ml. 1 new, 0 grown, "
                                  "0 shrunk, 0 vanished, 4 stable.")
    assert "within the noise" in summary_of({**record, "beyond_noise": False})
    assert "1.084 ml now: +0.084 ml, beyond the noise of 0.082 ml." in summary_of(
        {**record, "after_ml": 1.084, "change_ml": 0.084, "noise_ml": 0.082})
    assert summary_of({**record, "before_ml": 0.734, "after_ml": 3.366, "change_ml": 2.632}).startswith(
        "0.73 ml before, 3.37 ml now: +2.64 ml,")


def test_a_stable_lesion_of_one_mask_only_says_so(module):
    """Rows read 'Stable' beside 0 and 21 mm3."""
    from NeuroDifferentialLib.mrml.followup import _with_fates_in_words

    volumes = ((21.0, 20.0), (0.0, 21.0), (21.0, 0.0))
    rows = [{"change": "stable", "before_mm3": before, "after_mm3": after} for before, after in volumes]
    new = {"change": "new", "before_mm3": 0.0, "after_mm3": 21.0}
    assert [row["change"] for row in _with_fates_in_words([*rows, new])] == [
        "Stable", "Stable, found in this visit only", "Stable, found in the earlier visit only", "New"]
