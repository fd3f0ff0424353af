"""The panel as a neurologist uses it: find, correct, apply, read, tick, explain, report."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
import qt
import slicer
import vtk
from scipy import ndimage

from NeuroDifferentialLib.lesions.inventory import CLASSICAL, DEFAULT_MODEL, lesion_packages, model_titles
from NeuroDifferentialLib.mrml.effects import color_of, effects_of
from NeuroDifferentialLib.mrml.lesion_nodes import region_segment
from NeuroDifferentialLib.mrml.results import edited_ticks, show_lesion
from NeuroDifferentialLib.places.regions import REGION_WORDS
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models.package import METADATA_FILE
from NeuroOrbitLib.mrml import provenance, translation
from NeuroOrbitLib.mrml.classifier_results import HEAT_REFERENCE, ClassifierResult
from NeuroOrbitLib.mrml.heat_maps import add_heat_map, views_showing
from NeuroOrbitLib.mrml.provenance import record_of
from NeuroOrbitLib.mrml.run_records import keep_places
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image
from NeuroOrbitLib.number_text import signed
from NeuroOrbitLib.phantom.brain.scans import ScanQuality, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BrainSequence
from NeuroOrbitLib.sentences import Sentence, from_plain, to_plain
from Testing.Lint.source_tree import REPOSITORY
from Testing.panels import is_idle, press, run_step, scene_content, self_tests_of, wait_until
from Testing.pseudo_language import facts_of, speak, untranslated

#: Pictures to look at after the tests.
PICTURES = REPOSITORY / "out" / "tests"


def _axis_of(view) -> int:
    """The axis of the patient along which a slice view goes through the scan."""
    return int(np.abs(slicer.util.arrayFromVTKMatrix(view.GetSliceToRAS())[:3, 2]).argmax())


@pytest.fixture
def applied(slicer_session, with_lesions):
    """The panel after Apply."""
    run_step(slicer_session, with_lesions, with_lesions.ui.applyButton)
    return with_lesions


def test_only_find_can_be_pressed_at_first_and_the_others_say_why(panel):
    ui = panel.ui
    assert ui.findButton.enabled and not ui.editButton.enabled
    assert not ui.applyButton.enabled and "Press Find lesions first" in ui.applyButton.toolTip
    assert not ui.explainButton.enabled and "Press Apply first" in ui.explainButton.toolTip
    assert "ignores cord, optic nerve and serology" in ui.brainOnlyLabel.text
    assert panel.answerView.card.isHidden() and not ui.reportButton.enabled


def test_lesions_are_found_with_places_and_codes(slicer_session, panel, scan, truth):
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView)
    slicer.util.setSliceViewerLayers(background=None)
    run_step(slicer_session, panel, panel.ui.findButton)
    assert slicer.app.layoutManager().layout == slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
    node = panel._parameterNode.lesions
    segments = node.GetSegmentation()
    assert segments.GetNumberOfSegments() >= 1 and node.GetDisplayNode().GetVisibility()
    tag = slicer.vtkSegment.GetTerminologyEntryTagName()
    entry = vtk.mutable("")
    segments.GetSegment(segments.GetNthSegmentID(0)).GetTag(tag, entry)
    assert "49755003" in str(entry) and "110702" in str(entry)
    found = np.zeros(truth.shape, bool)
    for segment_id in segments.GetSegmentIDs():
        found |= slicer.util.arrayFromSegmentBinaryLabelmap(node, segment_id, scan) > 0
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.5
    red = slicer.app.layoutManager().sliceWidget("Red")
    assert red.mrmlSliceCompositeNode().GetBackgroundVolumeID() == scan.GetID(), "lesions are shown over their scan"
    ijk = image_from_node(scan).grid.ijk_from_ras(np.array([0.0, 0.0, red.mrmlSliceNode().GetSliceOffset()]))
    assert found[round(float(ijk[2]))].any(), "a slice that shows a lesion"
    assert panel.ui.applyButton.enabled and panel.ui.editButton.enabled
    assert record_of(node)["model"]["name"] == DEFAULT_MODEL and record_of(node)["model"]["version"]


def test_what_finds_lesions_is_chosen_above_the_button_and_kept_with_the_scene(panel):
    box = panel.lesionModelBox
    assert box.count == len(model_titles()) and box.currentIndex == list(model_titles()).index(DEFAULT_MODEL)
    last = box.count - 1
    assert "Classical" in box.itemText(last)
    box.currentIndex = last
    box.activated.emit(last)
    assert panel._parameterNode.lesionModel == CLASSICAL and "no network" in box.toolTip


def test_a_model_that_is_gone_is_named_and_another_one_can_be_chosen(panel):
    panel._parameterNode.lesionModel = "of-another-computer"
    assert not panel.ui.findButton.enabled
    assert "'of-another-computer' is not installed" in panel.ui.findButton.toolTip
    panel._parameterNode.lesionModel = CLASSICAL
    assert panel.ui.findButton.enabled


def copy_renamed(package, own):
    """Copy a package into a folder whose name becomes the name of the copy; return this folder."""
    shutil.copytree(package.folder, own)
    metadata = own / METADATA_FILE
    metadata.write_text(metadata.read_text(encoding="utf-8").replace(f'"{package.name}"', f'"{own.name}"'),
                        encoding="utf-8")
    return own


def test_models_that_were_trained_while_the_application_runs_are_listed_when_the_module_is_opened(panel, tmp_path):
    """They were listed only after a start of the application, or after another folder had been chosen."""
    panel.modelChooser.set_folder(str(tmp_path))
    box, chooser = panel.lesionModelBox, panel.modelChooser.combo_box
    lesion_models, classifiers = box.count, chooser.count
    copy_renamed(lesion_packages()[DEFAULT_MODEL], tmp_path / "mine")
    copy_renamed(panel.modelChooser.current_package(), tmp_path / "own-table")
    panel.exit()
    panel.enter()
    assert (box.count, chooser.count) == (lesion_models + 1, classifiers + 1)
    assert box.currentIndex == [*lesion_packages(str(tmp_path))].index(DEFAULT_MODEL), "the choice is kept"


def test_a_model_that_was_removed_after_it_was_listed_is_not_replaced_in_silence(slicer_session, panel, tmp_path):
    """The box showed it, and lesions were found with the model that had been chosen before."""
    own = copy_renamed(lesion_packages()[DEFAULT_MODEL], tmp_path / "own" / "mine")
    panel.modelChooser.set_folder(str(own.parent))
    box, place = panel.lesionModelBox, [*lesion_packages(str(own.parent))].index("mine")
    shutil.rmtree(own)
    box.currentIndex = place
    box.activated.emit(place)
    assert panel._parameterNode.lesionModel == "mine" and box.currentIndex == place
    before = scene_content()
    run_step(slicer_session, panel, panel.ui.findButton)
    assert "There is no model mine" in panel.noticeBanner.text and scene_content() == before


def test_apply_shows_lesions_estimate_and_limits(applied):
    record = applied.result().record
    assert record["lesion_count"] >= 3 and applied.answerView.table_view.rowCount == record["lesion_count"]
    assert not applied.answerView.card.isHidden()
    assert "probability of NMOSD" in applied.answerView.card.headline_label.text
    lines = applied.answerView.card.lines_label.text
    assert "ignores cord, optic nerve and serology" in lines and "synthetic phantoms" in lines
    assert "95 of 100 trainings" in lines and "of the intracranial volume" in lines
    place, counted = next((name, each) for name, each in record["regions"].items() if each["count"])
    assert f"{place} {counted['count']} ({counted['volume_ml']:.2f} ml)" in lines.replace("\xa0", " ")
    said = [each.text for each in applied.parent.findChildren(qt.QLabel) if "ignores cord" in (each.text or "")
            and not each.isHidden()]
    assert len(said) == 1, "what is said three times is not read"
    for _ in range(3):  # a layout asks for more room, gets it, and is laid out again
        slicer.app.processEvents()
    card, table = applied.answerView.card, applied.answerView.table_view
    assert card.height >= card.minimumSizeHint.height() and table.height > 100, "nothing is squeezed"
    applied.parent.grab().save(str(PICTURES / "neuro_differential_panel.png"))


def test_every_heading_of_the_lesions_can_be_read_without_scrolling(applied):
    table = applied.answerView.table_view
    slicer.app.processEvents()
    metrics = table.horizontalHeader().fontMetrics()
    for column in range(table.columnCount):
        lines = table.horizontalHeaderItem(column).text().split("\n")
        assert max(map(metrics.horizontalAdvance, lines)) < table.columnWidth(column), lines
    assert sum(table.columnWidth(column) for column in range(table.columnCount)) <= table.viewport().width
    assert {table.horizontalHeaderItem(column).text() for column in range(table.columnCount)} >= {
        "Elongation", "Volume\n[mm³]", "To\nventricle\n[mm]"}


def test_a_click_on_a_row_shows_the_lesion_and_leaves_the_brain_where_it_is(applied):
    views = slicer.util.getNodesByClass("vtkMRMLSliceNode")
    middles = [np.delete(slicer.util.arrayFromVTKMatrix(view.GetSliceToRAS())[:3, 3], axis)
               for view, axis in ((view, _axis_of(view)) for view in views)]
    applied.answerView.table_view.setCurrentCell(0, 0)
    for view, middle in zip(views, middles, strict=True):
        moved = slicer.util.arrayFromVTKMatrix(view.GetSliceToRAS())[:3, 3]
        assert np.delete(moved, _axis_of(view)) == pytest.approx(middle), "only along the slices"
    applied.answerView.table_view.setCurrentCell(1, 0)
    lesion = applied.result().record["lesions"][1]
    node = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
    assert node.GetSliceOffset() == pytest.approx(lesion["s_mm"], abs=0.1)


def test_lesions_and_criteria_speak_the_users_language(applied, monkeypatch):
    result = applied.result()
    record = json.loads(json.dumps(to_plain(dict(result.record))), object_hook=from_plain)
    assert all(isinstance(box["name"], Sentence) for each in record["criteria"] for box in each["boxes"])
    monkeypatch.setattr(translation, "translate", lambda context, text: f"<{text}>")
    applied.criteriaView.set_result(None)
    applied.criteriaView.set_result(result)
    assert any(box.text.startswith("<Dawson finger>") for box in applied.criteriaView.boxes.values())
    assert all(f"<{word}>" == translation.translated(word) for word in REGION_WORDS.values())


def test_criteria_are_ticked_by_the_lesions_and_can_be_changed(applied):
    view, record = applied.criteriaView, applied.result().record
    boxes = {f"{each['name']}: {box['name']}": box for each in record["criteria"] for box in each["boxes"]}
    assert view.boxes.keys() == boxes.keys()
    assert all(widget.checked == boxes[key]["fulfilled"] for key, widget in view.boxes.items())
    cord = next(key for key in boxes if key.startswith("McDonald 2017") and key.endswith("Spinal cord"))
    assert "cannot tell" in view.boxes[cord].text
    view.boxes[cord].checked = True
    assert edited_ticks(applied.result()) == {cord: True}
    view.set_result(None)
    view.set_result(applied.result())
    assert view.boxes[cord].checked, "what the reader ticked is kept with the result"


def test_ticks_that_a_new_result_does_not_have_are_named(slicer_session, applied):
    """A corrected lesion and Apply took the reader's ticks away without a word."""
    record, cord = applied.result().record, "McDonald 2017, dissemination in space: Spinal cord"
    computed = next(f"{each['name']}: {box['name']}" for each in record["criteria"] for box in each["boxes"]
                    if box["fulfilled"])
    applied.criteriaView.boxes[cord].checked = True
    applied.criteriaView.boxes[computed].checked = False
    applied.criteriaView.boxes[computed].checked = True  # as computed: nothing to tell
    run_step(slicer_session, applied, applied.ui.applyButton)
    assert not applied.criteriaView.boxes[cord].checked
    assert f"what you had changed in the result before: {cord}. Change it" in applied.noticeBanner.text
    run_step(slicer_session, applied, applied.ui.applyButton)
    assert not applied.noticeBanner.text


def test_a_heading_says_what_the_ticks_below_it_make_of_the_criteria(applied):
    view = applied.criteriaView
    criteria, heading = next(each for each in view.headings if each[0]["name"].startswith("McDonald 2017"))
    boxes = [view.boxes[f"{criteria['name']}: {box['name']}"] for box in criteria["boxes"]]
    computed = heading.text
    before = [box.checked for box in boxes]
    for box in boxes:
        box.checked = False
    boxes[0].checked = True
    assert ": not fulfilled by your ticks. At least two" in heading.text
    boxes[-1].checked = True
    assert ": fulfilled by your ticks. At least two" in heading.text
    view.set_result(None)
    view.set_result(applied.result())
    assert ": fulfilled by your ticks." in view.headings[0][1].text, "as it was left"
    for box, was_checked in zip((view.boxes[f"{criteria['name']}: {box['name']}"] for box in criteria["boxes"]),
                                before, strict=True):
        box.checked = was_checked
    assert view.headings[0][1].text == computed and "by brain MRI" in computed


def test_a_row_shows_its_lesion_where_the_patient_lies_now(applied):
    """After a registration the rows led to where the lesions had been."""
    result = applied.result()
    moved = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[:3, 3] = (0.0, 0.0, 25.0)
    moved.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    for node in (result.scan, result.segmentation):
        node.SetAndObserveTransformNodeID(moved.GetID())
    show_lesion(result, 0)
    offset = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode().GetSliceOffset()
    assert offset == pytest.approx(result.record["lesions"][0]["s_mm"] + 25.0, abs=0.1)


def _move(scan, *nodes) -> np.ndarray:
    """Put a scan and what belongs to it under a transform; return its matrix."""
    moved = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[:3, 3] = (0.0, 20.0, 25.0)
    moved.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    for node in (scan, *nodes):
        node.SetAndObserveTransformNodeID(moved.GetID())
    return matrix


def test_the_report_outlines_the_lesions_on_the_brain_of_a_patient_who_was_moved_since(applied, tmp_path):
    """The outlines stayed behind, so that they lay around other parts of the brain."""
    result, pages = applied.result(), [tmp_path / "before.html", tmp_path / "after.html"]
    applied.reportButton.write(pages[0])
    _move(result.scan, result.segmentation)
    applied.reportButton.write(pages[1])
    pictures = [re.findall(r'<img[^>]*src="([^"]+)"', page.read_text(encoding="utf-8")) for page in pages]
    assert pictures[0] and pictures[0] == pictures[1]


def test_heat_lies_on_the_brain_of_a_patient_who_was_moved_since(applied):
    result = applied.result()
    scan = image_from_node(result.scan)
    heat = add_heat_map(scan.with_array(np.ones(scan.array.shape, np.float32)), "Heat")
    provenance.add_record("Heat record", result.record, [heat])
    keep_places(heat, scan.affine)
    result.table.SetNodeReferenceID(HEAT_REFERENCE, heat.GetID())
    matrix = _move(result.scan, result.segmentation)

    def lies_on_the_scan() -> bool:
        applied.exit()
        applied.enter()
        return np.allclose(image_from_node(heat).affine, image_from_node(result.scan).affine, atol=1e-6)

    assert lies_on_the_scan() and np.allclose(image_from_node(heat).affine, matrix @ scan.affine)
    assert lies_on_the_scan(), "it goes along once"
    result.scan.HardenTransform()
    assert lies_on_the_scan()
    _move(result.scan, heat)
    assert lies_on_the_scan(), "the user has moved both"
    for node in (result.scan, heat):
        node.HardenTransform()
    assert lies_on_the_scan()


def test_the_box_of_the_heat_says_whether_the_slices_show_it(slicer_session, applied):
    """It stayed ticked over slices without heat, as if the network looked at nothing."""
    first, box, heats = applied.result(), applied.effectsView.heat_box, []
    run_step(slicer_session, applied, applied.ui.applyButton)
    for result in (first, applied.result()):
        scan = image_from_node(result.scan)
        heats.append(add_heat_map(scan.with_array(np.ones(scan.array.shape, np.float32)), "Heat"))
        provenance.add_record("Heat record", result.record, heats[-1:])
        result.table.SetNodeReferenceID(HEAT_REFERENCE, heats[-1].GetID())
    applied._parameterNode.result = first.table
    box.checked = True
    assert views_showing(heats[0])
    last = next(table for table in slicer.util.getNodesByClass("vtkMRMLTableNode")
                if table.GetNodeReference(HEAT_REFERENCE) is heats[1])
    applied.ui.resultSelector.setCurrentNode(last)
    assert box.checked == bool(views_showing(heats[1]))
    box.checked = False
    box.checked = True
    assert views_showing(heats[1]) and not views_showing(heats[0])


def test_what_the_reader_ticks_is_in_the_report(applied, tmp_path, monkeypatch):
    view, record = applied.criteriaView, applied.result().record
    boxes = {f"{each['name']}: {box['name']}": box for each in record["criteria"] for box in each["boxes"]}
    found = next(key for key, box in boxes.items() if box["fulfilled"])
    cord = next(key for key in boxes if key.startswith("McDonald 2017") and key.endswith("Spinal cord"))
    page = tmp_path / "report.html"
    applied.reportButton.write(page)
    first = page.read_text(encoding="utf-8")
    assert "changed by the reader" not in first and "<td>fulfilled</td>" in first
    assert f"{record['volume_ml']:.2f} ml, {record['percent_of_intracranial']:.2f} % of the intracranial" in first
    place = next(name for name, each in record["regions"].items() if each["count"])
    assert f"<td>{place}</td><td>{record['regions'][place]['count']}</td>" in first
    assert "What each lesion changes" not in first and "Since the earlier visit" not in first
    view.boxes[cord].checked, view.boxes[found].checked = True, False
    applied.reportButton.write(page)
    text = page.read_text(encoding="utf-8")
    assert ", as changed by the reader" in text
    assert text.count("yes, changed by the reader") == 1 and text.count("no, changed by the reader") == 1
    assert text.count("<img") <= 12, "slices without lesions are left out"
    with monkeypatch.context() as patch:
        speak(patch)
        applied.reportButton.write(tmp_path / "other.html")
    left = untranslated((tmp_path / "other.html").read_text(encoding="utf-8"), facts_of(applied.result().record))
    assert not left
    applied.reportButton.write(page.with_suffix(".pdf"))
    assert page.with_suffix(".pdf").read_bytes().startswith(b"%PDF") and "report.pdf" in applied.noticeBanner.text


def test_a_deleted_lesion_stays_deleted_in_the_next_steps(slicer_session, applied):
    before = applied.result().record
    node = applied._parameterNode.lesions
    node.GetSegmentation().RemoveSegment("lesions_periventricular")
    run_step(slicer_session, applied, applied.ui.applyButton)
    after = applied.result().record
    assert 0 < after["lesion_count"] < before["lesion_count"]
    assert after["volume_ml"] < before["volume_ml"]
    assert applied.answerView.table_view.rowCount == after["lesion_count"]
    run_step(slicer_session, applied, applied.ui.explainButton)
    assert applied.effectsView.table_view.rowCount == after["lesion_count"]


def test_without_lesions_there_is_an_answer_and_no_estimate(slicer_session, with_lesions):
    segments = with_lesions._parameterNode.lesions.GetSegmentation()
    segments.RemoveAllSegments()
    run_step(slicer_session, with_lesions, with_lesions.ui.applyButton)
    assert with_lesions.answerView.card.isHidden()
    assert "No lesions were found" in with_lesions.answerView.notices.text
    press(with_lesions.ui.explainButton)
    wait_until(slicer_session, lambda: is_idle(with_lesions))
    assert "no lesions in this result" in with_lesions.noticeBanner.text


def test_explain_ranks_the_lesions_and_the_report_is_written(slicer_session, applied, tmp_path):
    assert applied.effectsView.table_view.isHidden(), "no empty table before there is anything in it"
    run_step(slicer_session, applied, applied.ui.explainButton)
    assert applied.effectsView.table_view.rowCount == applied.result().record["lesion_count"]
    applied.effectsView.table_view.setCurrentCell(0, 0)
    strongest = applied.result().explanation["effects"][0]
    node = effects_of(applied.result())
    segment = node.GetSegmentation().GetSegment(f"lesion_{strongest['lesion']}")
    red, _green, blue = segment.GetColor()
    assert (red > blue) == (strongest["beyond_volume"] > 0) and abs(red - blue) > 0.4
    assert node.GetSegmentation().GetNumberOfSegments() == applied.effectsView.table_view.rowCount
    assert node.GetDisplayNode().GetVisibility() and not applied.result().segmentation.GetDisplayNode().GetVisibility()
    assert node.GetSegmentation().ContainsRepresentation("Closed surface")
    assert applied.result().heat_table.GetName() == "Patient - effect of each lesion"
    assert applied.effectsView.heat_box.isHidden(), "a learner on the lesion table sees no image"
    page = tmp_path / "report.html"
    applied.reportButton.write(page)
    text = page.read_text(encoding="utf-8")
    assert text.count("ignores cord") == 1
    assert "What each lesion changes" in text and f"<td>{signed(100 * strongest['change'], 1)}</td>" in text
    assert "for NMOSD" in text and "McDonald 2017" in text and "research" in text.lower()


def test_an_outline_of_any_effect_is_seen_on_grey_brain_and_white_lesion():
    assert min(np.ptp(color_of(share)) for share in np.linspace(-1, 1, 21)) > 0.2


def test_a_second_patient_starts_without_the_first_ones_lesions(slicer_session, applied, flair):
    second = node_from_image(flair, "Second")
    applied.ui.inputSelector.setCurrentNode(second)
    assert applied._parameterNode.lesions is None and applied._parameterNode.result is None
    assert applied.answerView.card.isHidden() and not applied.criteriaView.boxes
    assert not applied.ui.applyButton.enabled


def test_a_saved_scene_shows_the_answer_again(slicer_session, applied, tmp_path):
    headline = applied.answerView.card.headline_label.text
    path = str(tmp_path / "scene.mrb")
    assert slicer.util.saveScene(path)
    slicer.mrmlScene.Clear(0)
    assert applied.answerView.card.isHidden()
    slicer.util.loadScene(path)
    applied.initializeParameterNode()
    assert applied.answerView.card.headline_label.text == headline
    assert "changed after" not in applied.answerView.notices.text, "the lesions are those that were saved"
    assert ClassifierResult(applied._parameterNode.result).segmentation is not None
    assert applied.ui.applyButton.enabled


def test_cancel_leaves_the_scene_as_it_was(slicer_session, panel):
    before = scene_content()
    press(panel.ui.findButton)
    wait_until(slicer_session, lambda: not is_idle(panel))
    panel.runControl.cancel()
    wait_until(slicer_session, lambda: is_idle(panel))
    assert scene_content() == before


def test_a_slab_of_a_brain_is_refused_with_the_reason_and_nothing_is_left(slicer_session, panel, flair):
    panel.ui.inputSelector.setCurrentNode(node_from_image(Image(flair.array[20:28], flair.affine), "Slab"))
    before = scene_content()
    press(panel.ui.findButton)
    wait_until(slicer_session, lambda: is_idle(panel))
    assert "too little of a brain" in panel.noticeBanner.text and scene_content() == before


def refused(session, panel, image: Image, t1: Image | None = None) -> str:
    """Let the panel find lesions in an image that is no FLAIR of a brain: what it says; nothing may be left."""
    panel.ui.inputSelector.setCurrentNode(node_from_image(image, "Wrong"))
    if t1 is not None:
        panel.ui.t1Selector.setCurrentNode(node_from_image(t1, "Other T1"))
    before = scene_content()
    if panel.ui.findButton.enabled:
        press(panel.ui.findButton)
        wait_until(session, lambda: is_idle(panel))
    assert scene_content() == before and panel._parameterNode.lesions is None
    return panel.noticeBanner.text


def test_a_t1_is_refused_as_flair(slicer_session, panel, t1):
    assert "looks like a T1, not a FLAIR" in refused(slicer_session, panel, t1)


def test_a_ct_is_refused_as_flair(slicer_session, panel, flair):
    brain = ndimage.binary_fill_holes(flair.array > 0.2 * flair.array.max())
    bone, fat = (ndimage.binary_dilation(brain, iterations=count) for count in (2, 4))
    units = np.select([brain, bone, fat], [35, 900, -90], -1000) + np.random.default_rng(0).normal(0, 8, brain.shape)
    assert "This is a CT, not a FLAIR" in refused(slicer_session, panel, flair.with_array(units.astype(np.int16)))


def test_voxels_that_are_no_numbers_are_refused(slicer_session, panel, flair):
    array = flair.array.astype(np.float32)
    array[4:] = np.nan
    assert "are not numbers" in refused(slicer_session, panel, flair.with_array(array))


def test_half_a_brain_is_refused(slicer_session, panel, flair):
    half = Image(flair.array[:flair.array.shape[0] // 2], flair.affine)
    assert "The brain is cut off at the scan's upper end" in refused(slicer_session, panel, half)


def test_a_t2_is_refused_as_flair(slicer_session, panel, average_brain, lesions):
    sequence = BrainSequence("coarse T2", (2.0, 2.0, 3.0), 3.0, 4000, 90, noise=40.0)
    t2 = simulate_brain(average_brain, lesions, sequence, 5, "stripped", ScanQuality(bias=0.05))
    assert "it looks like a T2, not a FLAIR" in refused(slicer_session, panel, t2)


def test_several_volumes_in_one_are_refused_before_anything_starts(panel, flair):
    node, voxels = node_from_image(flair, "Series over time"), vtk.vtkImageData()
    voxels.SetDimensions(flair.array.shape[::-1])
    voxels.AllocateScalars(vtk.VTK_FLOAT, 2)
    node.SetAndObserveImageData(voxels)
    before = scene_content()
    panel.ui.inputSelector.setCurrentNode(node)
    assert not panel.ui.findButton.enabled and not panel.ui.applyButton.enabled
    told = "'Series over time' holds several values per voxel (2-component). Extract one volume"
    assert told in panel.noticeBanner.text and told in panel.ui.findButton.toolTip
    assert scene_content() == before


def test_lesions_of_another_scan_and_a_mask_from_a_file_are_told_apart_from_found_ones(with_lesions, flair):
    panel, parameters = with_lesions, with_lesions._parameterNode
    before = scene_content()
    found = parameters.lesions
    coarse = flair.with_array((flair.array > 0).astype(np.uint8))
    other = node_from_image(Image(flair.array[::2], flair.affine @ np.diag([1, 1, 2, 1])), "Other FLAIR")
    of_other = add_segmentation(Image(coarse.array[::2], flair.affine @ np.diag([1, 1, 2, 1])), other, "Other lesions",
                                region_segment)
    panel.ui.lesionsSelector.setCurrentNode(of_other)
    assert not panel.ui.applyButton.enabled
    assert "'Other lesions' are of another scan, 'Other FLAIR'" in panel.ui.applyButton.toolTip
    drawn = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "From a file")
    panel.ui.lesionsSelector.setCurrentNode(drawn)
    assert not panel.ui.applyButton.enabled and "does not belong to 'From a file'" in panel.ui.applyButton.toolTip
    panel.ui.lesionsSelector.setCurrentNode(found)
    assert panel.ui.applyButton.enabled
    for node in (of_other, drawn, other):
        slicer.mrmlScene.RemoveNode(node)
    assert scene_content()[1] == before[1]


def test_the_t1_of_another_patient_is_refused(slicer_session, panel, flair, t1):
    other = t1.with_array(np.ascontiguousarray(t1.array[:, ::-1]))
    assert "The T1 does not fit the FLAIR" in refused(slicer_session, panel, flair, other)


def test_sample_data_offers_both_diseases_with_pictures(module):
    sources = {source.sampleName: source for source in slicer.modules.sampleDataSources["Orbit"]}
    for name in ("BrainMS", "BrainNMOSD"):
        assert not qt.QPixmap(sources[name].thumbnailFileName).isNull()


def test_module_has_icon_help_and_category(module):
    assert not module.icon.isNull() and "research use only" in module.helpText.replace("\n", " ")
    assert "Part of the extension NeuroOrbit." in module.acknowledgementText
    assert list(module.categories) == ["Quantification"]


def test_self_test_refuses_an_empty_volume(module):
    import sys

    test = sys.modules["NeuroDifferential"].NeuroDifferentialTest()
    test.setUp()
    test.test_emptyVolumeIsRefused()


def test_extension_build_runs_the_self_test_and_no_other_class(module):
    assert self_tests_of("NeuroDifferential") == {"NeuroDifferentialTest"}
