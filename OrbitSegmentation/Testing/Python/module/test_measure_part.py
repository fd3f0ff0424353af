"""The part Measure as a radiologist uses it: the result is measured, values are seen, corrected and compared."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import numpy as np
import pytest
import qt
import slicer
from PySide6.QtTest import QTest
from slicerhost import errors
from vtk.util.numpy_support import vtk_to_numpy

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.jobs.runner import Job
from NeuroOrbitLib.measurements.edits import can_be_edited, edited
from NeuroOrbitLib.measurements.pairs import SHORT, Pair
from NeuroOrbitLib.measurements.rows import Row
from NeuroOrbitLib.mrml import provenance, translation
from NeuroOrbitLib.mrml.measurement_table import mark_out_of_date, measurements_of, rows_of
from NeuroOrbitLib.mrml.measuring import mark_changes, start_measuring
from NeuroOrbitLib.mrml.place_markup import MARKUP_ATTRIBUTE, points_of
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_masks import label_masks, labelled_segments, set_segment_mask
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import to_plain
from NeuroOrbitLib.widgets.run_control import RunState
from Testing.pseudo_language import speak, untranslated
from Testing.Python.mrml.test_mrml_patient_results import answered

FOLDER = Path(__file__).resolve().parent
LEVATOR = "Healthy adults, MRI, superior rectus and levator together"
DIAMETER = ("medial_rectus", "right", "greatest_diameter")


def value_of(panel, key) -> Row:
    table = measurements_of(panel.ui.measuredSelector.currentNode())
    return next(row for row in rows_of(table) if row.row.key == key)


def markups():
    return [node for node in slicer.util.getNodesByClass("vtkMRMLMarkupsNode") if node.GetAttribute(MARKUP_ATTRIBUTE)]


def short_keys(view) -> set:
    """Keys of the measures that the short list has."""
    view.all_box.checked = False
    keys = set(filter(None, (view.grid._key_at(line, column) for line in range(view.grid.rowCount)
                             for column in (1, 2))))
    view.all_box.checked = True
    return keys


def view_axes(name):
    matrix = slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode().GetSliceToRAS()
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def test_any_segmentation_is_measured_and_its_table_needs_no_scrolling_sideways(measured):
    view = measured.measurePart.view
    assert view.grid.isColumnHidden(4), "without normal values their column leaves its room to the names"
    name, right, left, difference, _normal = view.grid.texts("medial_rectus", "greatest_diameter")
    assert name == "Greatest diameter, mm"
    assert float(right) == pytest.approx(value_of(measured, DIAMETER).row.value, abs=0.05)
    assert float(difference) == pytest.approx(float(right) - float(left), abs=0.11)
    widths = sum(view.grid.columnWidth(column) for column in range(5))
    assert widths <= view.grid.viewport().width
    assert view.grid.rowCount < 60
    view.all_box.checked = True
    assert view.grid.rowCount > 80
    view.all_box.checked = False


def test_measuring_does_not_ask_for_pytorch(measured, until, monkeypatch):
    def refuse(*_given: object) -> None:
        raise Problem("PyTorch is missing.")

    monkeypatch.setattr("NeuroOrbitLib.widgets.analysis_panel.ensure_dependencies", refuse)
    before = measurements_of(measured.ui.measuredSelector.currentNode())
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    table = measurements_of(measured.ui.measuredSelector.currentNode())
    assert table is not None and table is not before and len(rows_of(table)) > 50


def test_measuring_asks_for_the_packages_that_it_needs(measured, until, monkeypatch):
    def decline(path: Path, requester: str) -> None:
        assert "scikit-image" in path.read_text(encoding="utf-8")
        raise Problem(f"{requester} lacks scikit-image.")

    monkeypatch.setattr("NeuroOrbitLib.widgets.analysis_panel.ensure_packages", decline)
    before = measurements_of(measured.ui.measuredSelector.currentNode())
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    assert measured.noticeBanner.text == "Orbit Segmentation lacks scikit-image."
    assert measurements_of(measured.ui.measuredSelector.currentNode()) is before


def test_names_of_measures_are_in_the_language_of_the_application(monkeypatch):
    speak(monkeypatch)
    names = [translation.translated(Pair("", quantity).short_name) for quantity in SHORT]
    assert {word for name in names for word in re.findall("[A-Za-z]{2,}", name)} <= {"mm", "ml"}
    assert translation.translated(Pair("", "volume").short_name).endswith(", ml")


def test_a_chosen_value_shows_one_markup_in_the_plane_where_it_was_taken(measured):
    view, before = measured.measurePart.view, view_axes("Green")
    view.choose(*DIAMETER)
    (line,) = markups()
    assert line.IsA("vtkMRMLMarkupsLineNode")
    row = value_of(measured, DIAMETER).row
    distance = np.linalg.norm(np.diff(row.measured.place.points, axis=0))
    assert line.GetLineLengthWorld() == pytest.approx(distance, abs=0.02)
    axes = view_axes("Green")
    assert abs(axes[:3, 2] @ row.measured.place.normal) == pytest.approx(1.0, abs=1e-3)
    np.testing.assert_allclose((axes[:3, 3] - row.measured.place.points.mean(axis=0)) @ axes[:3, 2], 0.0, atol=0.05)
    assert axes[0, 0] < 0, "the patient's right stays on the left of the view"
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    assert hierarchy.GetItemByDataNode(line) == 0
    view.choose("bony_orbit", "left", "volume")
    (plane,) = markups()
    assert plane.IsA("vtkMRMLMarkupsPlaneNode") and plane.GetLocked()
    measured.exit()
    assert not markups()
    np.testing.assert_allclose(view_axes("Green")[:3, :3], before[:3, :3], atol=1e-6)
    measured.enter()


def test_dragging_an_end_changes_the_value_and_undo_and_reset_bring_it_back(measured):
    view = measured.measurePart.view
    view.choose(*DIAMETER)
    automatic = value_of(measured, DIAMETER).row.value
    (line,) = markups()
    start, end = (np.array(line.GetNthControlPointPositionWorld(number)) for number in (0, 1))
    for step in (1.0, 2.0):
        line.SetNthControlPointPositionWorld(1, *(end + step * (end - start) / np.linalg.norm(end - start)))
    row = value_of(measured, DIAMETER)
    length = line.GetLineLengthWorld()
    assert row.is_edited and row.row.value == pytest.approx(length, abs=0.01)
    assert row.automatic.value == pytest.approx(automatic)
    assert "✎" in view.grid.texts(DIAMETER[0], DIAMETER[2])[1]
    assert markups() == [line] and not view.details.reset_button.isHidden()
    QTest.mouseClick(view.details.reset_button, qt.Qt.LeftButton)
    assert value_of(measured, DIAMETER).row.value == pytest.approx(automatic)
    assert view.details.reset_button.isHidden()
    QTest.mouseClick(view.details.undo_button, qt.Qt.LeftButton)  # takes back the reset
    assert value_of(measured, DIAMETER).row.value == pytest.approx(length, abs=0.01)
    QTest.mouseClick(view.details.undo_button, qt.Qt.LeftButton)  # and both steps of the drag at once
    assert value_of(measured, DIAMETER).row.value == pytest.approx(automatic)
    assert view.details.undo_button.isHidden()
    (line,) = markups()
    np.testing.assert_allclose(line.GetNthControlPointPositionWorld(1), end, atol=0.02)


def test_deleting_a_point_in_a_view_leaves_no_nonsense(measured):
    """The views offer it: a line of one point was taken for a diameter of 0 mm, and an outline for its old area."""
    view = measured.measurePart.view
    view.choose(*DIAMETER)
    (line,) = markups()
    line.RemoveNthControlPoint(0)
    line.SetNthControlPointPositionWorld(0, *line.GetNthControlPointPositionWorld(0))
    assert all(problem.text.count("locked") for problem in errors.take("vtk error"))
    assert line.GetNumberOfControlPoints() == 2 and value_of(measured, DIAMETER).row.value > 2.0
    view.all_box.checked = True
    area = ("medial_rectus", "right", "greatest_area")
    before = value_of(measured, area).row.value
    view.choose(*area)
    (outline,) = markups()
    outline.RemoveNthControlPoint(0)
    row = value_of(measured, area)
    assert row.is_edited and 0.5 * before < row.row.value != before
    while outline.GetNumberOfControlPoints() > 1:
        outline.RemoveNthControlPoint(0)
    assert value_of(measured, area).row.value > 1.0


def test_what_is_shown_for_a_value_can_be_moved_from_there(measured):
    """Diameters grew, and sections shrank, by up to a fifth as soon as one of their points was touched."""
    view = measured.measurePart.view
    view.all_box.checked = True
    for row in view._rows:
        if row.row.value is not None and can_be_edited(row.row) and row.row.side is Side.RIGHT:
            view.choose(*row.row.key)
            (node,) = markups()
            assert edited(row.row, points_of(node)).value == pytest.approx(row.row.value, rel=0.04), row.row.name


EXOPHTHALMOS, SIDES_APART = ("eyeball", "right", "exophthalmos"), ("head", "", "exophthalmos_difference")


def test_the_difference_between_the_sides_follows_an_exophthalmos_that_the_user_draws(measured, until):
    view, automatic = measured.measurePart.view, value_of(measured, SIDES_APART).row.value
    left = value_of(measured, ("eyeball", "left", "exophthalmos")).row.value
    view.choose(*EXOPHTHALMOS)
    (line,) = markups()
    foot, front = (np.array(line.GetNthControlPointPositionWorld(number)) for number in (0, 1))
    line.SetNthControlPointPositionWorld(1, *(front + 6.0 * (front - foot) / np.linalg.norm(front - foot)))

    def is_as_drawn():
        drawn, row = value_of(measured, EXOPHTHALMOS).row.value, value_of(measured, SIDES_APART)
        assert row.row.value == pytest.approx(abs(drawn - left), abs=0.01) and abs(row.row.value - automatic) > 3.0
        assert row.is_edited and row.automatic.value == pytest.approx(automatic)

    is_as_drawn()
    assert "✎" in view.grid.texts("head", SIDES_APART[2])[1]
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    is_as_drawn()
    view.choose(*EXOPHTHALMOS)
    QTest.mouseClick(view.details.reset_button, qt.Qt.LeftButton)
    assert value_of(measured, SIDES_APART).row.value == pytest.approx(automatic)
    assert not value_of(measured, SIDES_APART).is_edited
    QTest.mouseClick(view.details.undo_button, qt.Qt.LeftButton)
    is_as_drawn()


def test_an_island_of_a_muscle_is_left_out_and_the_panel_says_so(measured, phantom, until):
    """Measured again after a stray stroke: the values stay, and the notice tells what was left out."""
    view, before = measured.measurePart.view, value_of(measured, DIAMETER).row.value
    labels, _grey = phantom
    segmentation = measured.ui.measuredSelector.currentNode()
    drawn = labels.array.copy()
    drawn[4:8, 4:8, 4:8] = 9
    name = labelled_segments(segmentation)[9]
    slicer.util.updateSegmentBinaryLabelmapFromArray((drawn == 9).astype(np.uint8), segmentation, name,
                                                     scan_of(segmentation))
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    note = "Measured in the largest piece of its outline; 64 mm³ elsewhere were left out."
    assert f"Right medial rectus muscle: {note}" in view.notices.text
    assert not view.notices.isHidden()
    row = value_of(measured, DIAMETER).row
    assert row.value == pytest.approx(before, abs=0.02) and row.measured.note == note
    view.choose(*DIAMETER)
    assert note in view.details.label.text


def test_all_places_are_one_model(measured):
    view = measured.measurePart.view
    before = len(slicer.util.getNodesByClass("vtkMRMLModelNode"))
    view.places_box.checked = True
    models = slicer.util.getNodesByClass("vtkMRMLModelNode")
    assert len(models) == before + 1
    assert models[-1].GetPolyData().GetNumberOfLines() > 60
    view.places_box.checked = False
    assert not models[-1].GetDisplayNode().GetVisibility()
    assert len(slicer.util.getNodesByClass("vtkMRMLModelNode")) == before + 1



def test_all_places_follow_what_is_drawn_and_measured_again(measured, until):
    """They stood where values had been taken before they were corrected."""
    view = measured.measurePart.view
    view.places_box.checked = True
    model = slicer.util.getNodesByClass("vtkMRMLModelNode")[-1]

    def is_shown(point) -> bool:
        points = vtk_to_numpy(model.GetPolyData().GetPoints().GetData())
        return bool((np.linalg.norm(points - point, axis=1) < 0.05).any())

    view.choose(*DIAMETER)
    (line,) = markups()
    before = np.array(line.GetNthControlPointPositionWorld(1))
    drawn = before + np.array([1.0, 4.0, 2.0])
    assert is_shown(before) and not is_shown(drawn)
    line.SetNthControlPointPositionWorld(1, *drawn)
    assert is_shown(drawn) and not is_shown(before)
    segmentation = measured.ui.measuredSelector.currentNode()
    segmentation.GetSegmentation().RemoveSegment("left_medial_rectus")
    gone = value_of(measured, ("medial_rectus", "left", "greatest_diameter")).row.measured.place.points[0]
    assert is_shown(gone)
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    assert view.places_box.checked and is_shown(drawn) and not is_shown(gone)


def test_a_value_that_is_no_longer_listed_is_no_longer_shown_to_be_drawn(measured):
    """Dragging it changed nothing, without a word, once the short list had no row for it."""
    view = measured.measurePart.view
    view.all_box.checked = True
    key = next(row.row.key for row in view._rows if row.row.measured.place is not None and can_be_edited(row.row)
               and row.row.key not in short_keys(view))
    view.choose(*key)
    assert markups()
    view.all_box.checked = False
    assert view.grid.current_key() is None and not markups()
    view.choose(*DIAMETER)
    assert markups()
    heading = next(line for line in range(view.grid.rowCount) if view.grid.columnSpan(line, 0) == 5)
    QTest.mouseClick(view.grid.viewport(), qt.Qt.LeftButton, qt.Qt.NoModifier,
                     view.grid.visualItemRect(view.grid.item(heading, 0)).center())
    assert not markups() and "Click a value" in view.details.label.text


def test_places_of_one_patient_do_not_stay_over_the_next_one(measured, phantom):
    measured.ui.inputSelector.setCurrentNode(scan_of(measured.ui.measuredSelector.currentNode()))
    measured.measurePart.view.places_box.checked = True
    places = slicer.util.getNodesByClass("vtkMRMLModelNode")[-1]
    own = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", "The user's own")
    own.CreateDefaultDisplayNodes()
    assert places.GetDisplayNode().GetVisibility()
    measured.ui.inputSelector.setCurrentNode(node_from_image(phantom[1], "Next patient"))
    assert not places.GetDisplayNode().GetVisibility() and own.GetDisplayNode().GetVisibility()


def test_a_chosen_measure_is_shown_on_its_own_scan(measured, phantom):
    other = node_from_image(phantom[1], "Another patient")
    slicer.util.setSliceViewerLayers(background=other)
    measured.measurePart.view.choose(*DIAMETER)
    scan = scan_of(measured.ui.measuredSelector.currentNode())
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    assert composite.GetBackgroundVolumeID() == scan.GetID() and len(markups()) == 1


def test_editing_a_segment_marks_the_rows_of_its_side_and_measuring_again_keeps_the_users_values(measured, until):
    view, segmentation = measured.measurePart.view, measured.ui.measuredSelector.currentNode()
    view.choose(*DIAMETER)
    (line,) = markups()
    right, front, top = line.GetNthControlPointPositionWorld(1)
    line.SetNthControlPointPositionWorld(1, right + 3.0, front, top)
    drawn = value_of(measured, DIAMETER).row.value
    segmentation.GetSegmentation().RemoveSegment("right_lacrimal_gland")
    until(lambda: value_of(measured, DIAMETER).is_out_of_date)
    assert value_of(measured, ("eyeball", "right", "volume")).is_out_of_date
    assert not value_of(measured, ("eyeball", "left", "volume")).is_out_of_date
    assert "out of date" in view.notices.text
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    row = value_of(measured, DIAMETER)
    assert row.is_edited and not row.is_out_of_date and row.row.value == pytest.approx(drawn)
    assert view.notices.isHidden()
    tables = [node for node in slicer.util.getNodesByClass("vtkMRMLTableNode") if "measures" in node.GetName()]
    assert tables == [measurements_of(segmentation)]


def test_measures_of_a_patient_who_was_moved_are_out_of_date(measured):
    view, segmentation = measured.measurePart.view, measured.ui.measuredSelector.currentNode()
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    for node in (scan_of(segmentation), segmentation):
        node.SetAndObserveTransformNodeID(transform.GetID())
    mark_changes(segmentation)
    assert not any(row.is_out_of_date for row in rows_of(measurements_of(segmentation))), "it lies where it was"
    matrix = np.eye(4)
    matrix[0, 3] = 25.0
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    view._on_segmentation_changed()
    assert all(row.is_out_of_date for row in rows_of(measurements_of(segmentation)))
    assert "changed or moved" in view.notices.text


def test_measures_of_voxels_that_were_changed_since_are_out_of_date(measured, until, tmp_path):
    """The report showed pictures of the new voxels beside the signal of the old ones."""
    segmentation = measured.ui.measuredSelector.currentNode()
    scan = scan_of(segmentation)
    slicer.util.updateVolumeFromArray(scan, slicer.util.arrayFromVolume(scan) // 2)
    until(lambda: "out of date" in measured.measurePart.view.notices.text)
    assert all(row.is_out_of_date for row in rows_of(measurements_of(segmentation)))
    measured.measurePart.take_home.report(tmp_path / "report.html")
    assert "Press Measure again" in measured.measurePart.take_home.banner.text
    assert not (tmp_path / "report.html").exists()


def test_measures_of_a_segment_that_was_given_another_name_are_out_of_date(measured, until):
    segmentation = measured.ui.measuredSelector.currentNode()
    muscle = segmentation.GetSegmentation().GetSegment("right_medial_rectus")
    muscle.SetTag("TerminologyEntry", anatomy.terminology_entry(anatomy.label_value("lacrimal_gland", "left")))
    until(lambda: "out of date" in measured.measurePart.view.notices.text)
    assert value_of(measured, DIAMETER).is_out_of_date


def test_values_that_the_user_has_drawn_go_with_a_patient_who_was_moved(measured, until):
    view, segmentation = measured.measurePart.view, measured.ui.measuredSelector.currentNode()
    view.choose(*DIAMETER)
    right, front, top = view.markup.GetNthControlPointPositionWorld(1)
    view.markup.SetNthControlPointPositionWorld(1, right + 3.0, front, top)
    drawn = value_of(measured, DIAMETER).row
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    for node in (scan_of(segmentation), segmentation):
        node.SetAndObserveTransformNodeID(transform.GetID())
    turn = np.array([[0.8, -0.6, 0.0, 25.0], [0.6, 0.8, 0.0, -4.0], [0.0, 0.0, 1.0, 7.0], [0.0, 0.0, 0.0, 1.0]])
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(turn))
    until(lambda: value_of(measured, DIAMETER).is_out_of_date)
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    for node in (scan_of(segmentation), segmentation):
        node.HardenTransform()
    view._on_segmentation_changed()
    row = value_of(measured, DIAMETER)
    assert row.is_edited and row.row.value == pytest.approx(drawn.value)
    place = drawn.measured.place
    expected = place.points @ turn[:3, :3].T + turn[:3, 3]
    np.testing.assert_allclose(row.row.measured.place.points, expected, atol=0.02)
    np.testing.assert_allclose(row.row.measured.place.normal, turn[:3, :3] @ place.normal, atol=1e-3)
    np.testing.assert_allclose(view.markup.GetNthControlPointPositionWorld(0), expected[0], atol=0.02)


def test_a_value_drawn_before_the_patient_was_moved_comes_back_where_the_patient_lies_now(measured):
    view, segmentation = measured.measurePart.view, measured.ui.measuredSelector.currentNode()
    drawn = []
    view.choose(*DIAMETER)
    for step in (3.0, 2.0):
        right, front, top = view.markup.GetNthControlPointPositionWorld(1)
        view.markup.SetNthControlPointPositionWorld(1, right + step, front, top)
        view.markup.InvokeEvent(view.markup.PointEndInteractionEvent)
        drawn.append(value_of(measured, DIAMETER).row)
    matrix = np.eye(4)
    matrix[0, 3] = 25.0
    for node in (scan_of(segmentation), segmentation):
        node.ApplyTransformMatrix(slicer.util.vtkMatrixFromArray(matrix))
    view._on_segmentation_changed()
    for row in reversed(drawn):
        place = value_of(measured, DIAMETER).row.measured.place
        np.testing.assert_allclose(place.points, row.measured.place.points + np.array([25.0, 0.0, 0.0]), atol=0.02)
        view._undo()


def test_a_second_segment_of_one_structure_is_told_and_not_measured(measured):
    view, segmentation = measured.measurePart.view, measured.ui.measuredSelector.currentNode().GetSegmentation()
    assert "not measured" not in view.notices.text
    copy = slicer.vtkSegment()
    copy.DeepCopy(segmentation.GetSegment("right_eyeball"))
    copy.SetName("Right eyeball, corrected")
    segmentation.AddSegment(copy, "Segment_1")
    view._on_segmentation_changed()
    assert "'Right eyeball, corrected' is not measured: 'Right eyeball' stands for the same" in view.notices.text


def test_a_segment_whose_name_says_the_other_side_is_told_with_what_it_counts_as(measured):
    """Slicer's list changes the name alone, which readers take for the structure; the codes say another side."""
    view, node = measured.measurePart.view, measured.ui.measuredSelector.currentNode()
    assert "counts as" not in view.notices.text
    node.GetSegmentation().GetSegment("right_medial_rectus").SetName("MR left")
    node.GetSegmentation().GetSegment("right_eyeball").SetName("Right globe")
    view._on_segmentation_changed()
    told = f"'MR left' of '{node.GetName()}' counts as 'Right medial rectus muscle'"
    assert told in view.notices.text and view.notices.text.count("counts as") == 1


def test_segments_that_share_voxels_are_told_with_the_measures_and_in_the_report(measured, until):
    view, node = measured.measurePart.view, measured.ui.measuredSelector.currentNode()
    scan, names = scan_of(node), {value: anatomy.segment_id(value) for value in anatomy.LABEL_VALUES}
    nerve, muscle = (anatomy.label_value(structure, "right") for structure in ("optic_nerve", "medial_rectus"))
    masks = label_masks(node, scan)
    shared = masks[muscle] & (np.cumsum(masks[muscle]).reshape(masks[muscle].shape) <= 40)
    node.GetSegmentation().SeparateSegmentLabelmap(names[nerve])
    set_segment_mask(node, names[nerve], masks[nerve] | shared, scan)
    assert "share" not in view.notices.text
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    told = (f"'{node.GetName()}': 'Right optic nerve' and 'Right medial rectus muscle' share 40 voxels; the label "
            "map gives them to 'Right medial rectus muscle'.")
    assert told in view.notices.text
    assert any(told in text for text in measured.measurePart.take_home._notices())


def test_a_segment_that_reaches_beyond_the_scan_is_told_with_the_measures(measured, until):
    view, node = measured.measurePart.view, measured.ui.measuredSelector.currentNode()
    segmentation = node.GetSegmentation()
    segmentation.SeparateSegmentLabelmap("right_lacrimal_gland")
    layer = segmentation.GetSegment("right_lacrimal_gland").GetRepresentation(
        slicer.vtkSegmentationConverter.GetBinaryLabelmapRepresentationName())
    count = int((vtk_to_numpy(layer.GetPointData().GetScalars()) > 0).sum())
    layer.SetOrigin(*np.add(layer.GetOrigin(), [0.0, 0.0, 500.0]))
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    assert (f"'{node.GetName()}' reaches beyond '{scan_of(node).GetName()}', and what lies there is not used: Right "
            f"lacrimal gland ({count} of {count} voxels).") in view.notices.text


def test_copied_measures_have_a_cell_for_every_heading(measured):
    measured.measurePart.view.copy()
    header, *lines = [line.split("\t") for line in qt.QApplication.clipboard().text().splitlines()]
    assert len(lines) > 80 and {len(line) for line in lines} == {len(header)}
    names = [line[header.index("name")] for line in lines]
    assert "Right bony orbit: muscle index, horizontal (Barrett)" in names


def test_a_copy_of_a_segmentation_has_no_measures_and_measuring_it_leaves_those_of_the_original(measured, until):
    original = measured.ui.measuredSelector.currentNode()
    table = measurements_of(original)
    copy = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Copy")
    copy.Copy(original)  # as the module Data does
    copy.SetName("Copy")
    measured.ui.measuredSelector.setCurrentNode(copy)
    assert not measured.measurePart.view.grid.visible
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    assert measurements_of(copy) not in (None, table)
    assert measurements_of(original) is table and rows_of(table)


def test_normal_values_are_of_one_table_of_the_scans_modality_and_are_remembered(measured):
    view = measured.measurePart.view
    choice = view.normal_choice
    titles = [choice.table_box.itemText(index) for index in range(choice.table_box.count)]
    assert LEVATOR in titles and not [title for title in titles if "CT" in title]
    assert not [title for title in titles if "female" in title]
    choice.table_box.setCurrentIndex(titles.index(LEVATOR))
    choice.table_box.activated.emit(titles.index(LEVATOR))
    cells = view.grid.texts("superior_rectus", "volume")
    assert cells[4].startswith("0.35 to 1.42  z +")
    assert not view.grid.texts("bony_orbit", "volume")[4]
    choice.sex_box.setCurrentIndex(1)
    choice.sex_box.activated.emit(1)
    titles = [choice.table_box.itemText(index) for index in range(choice.table_box.count)]
    assert [title for title in titles if "female" in title] and not [title for title in titles if ", male" in title]
    assert choice.current().key == "levator-mri"
    choice.age_box.value = 9
    assert "child" in view.notices.text
    choice.age_box.value = 0


def test_age_and_sex_that_were_typed_stay_with_the_scan(measured, phantom):
    """They were gone as soon as another scan was looked at, and with them the norms of that sex."""
    labels, grey = phantom
    first, choice = measured.ui.measuredSelector.currentNode(), measured.measurePart.view.normal_choice
    choice.sex_box.setCurrentIndex(2)
    choice.sex_box.activated.emit(2)
    choice.age_box.value = 52
    other = add_segmentation(labels, node_from_image(grey, "MRI of another patient"), "Another patient")
    measured.ui.measuredSelector.setCurrentNode(other)
    assert (choice.age_box.value, choice.sex_box.currentIndex) == (0, 0)
    measured.ui.measuredSelector.setCurrentNode(first)
    assert (choice.age_box.value, choice.sex_box.currentIndex) == (52, 2)


def test_chosen_maps_give_t2_and_fat_fraction_of_every_muscle(measured, phantom, until):
    _labels, grey = phantom
    key = ("inferior_rectus", "left", "t2_mean")
    assert not [row for row in rows_of(measurements_of(measured.ui.measuredSelector.currentNode()))
                if row.row.quantity in ("t2_mean", "fat_fraction_mean")]
    for name, value in (("t2Map", 61), ("fatImage", 30), ("waterImage", 90)):
        node = node_from_image(grey.with_array(np.full(grey.array.shape, value, np.int16)), name)
        getattr(measured.ui, f"{name}Selector").setCurrentNode(node)
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    assert measured.noticeBanner.isHidden(), measured.noticeBanner.text
    assert value_of(measured, key).row.value == pytest.approx(61.0, abs=0.1)
    assert value_of(measured, (*key[:2], "fat_fraction_mean")).row.value == pytest.approx(25.0, abs=0.1)
    assert value_of(measured, (*key[:2], "water_fraction_mean")).row.value == pytest.approx(75.0, abs=0.1)


def test_maps_of_one_patient_do_not_measure_the_next(measured, phantom):
    """The T2 map of the patient before gave the muscles of the next one a T2."""
    labels, grey = phantom
    t2 = node_from_image(grey.with_array(np.full(grey.array.shape, 61, np.int16)), "T2 map")
    measured.ui.t2MapSelector.setCurrentNode(t2)
    other = add_segmentation(labels, node_from_image(grey, "MRI of another patient"), "Another patient")
    measured.ui.measuredSelector.setCurrentNode(other)
    assert measured.ui.t2MapSelector.currentNode() is None
    measured.ui.t2MapSelector.setCurrentNode(t2)
    measured._parameterNode.Modified()
    assert measured.ui.t2MapSelector.currentNode() is t2, "chosen beside this scan"


def test_a_map_that_is_known_to_be_of_another_patient_is_refused(measured, phantom, monkeypatch):
    _labels, grey = phantom
    t2 = node_from_image(grey.with_array(np.full(grey.array.shape, 61, np.int16)), "T2 map")
    monkeypatch.setattr("NeuroOrbitLib.mrml.measuring.patient_of", lambda node: "B" if node is t2 else "A")
    segmentation = measured.ui.measuredSelector.currentNode()
    with pytest.raises(Problem, match="The map 'T2 map' is of another patient than 'MRI of the phantom'"):
        start_measuring(None, segmentation, "OrbitSegmentation", {"t2": t2})


def test_a_nerve_outlined_without_its_sheath_has_no_sheath_diameter(measured, until):
    """In the panel nothing could be said of it, so that the nerve's width passed for that of the sheath."""
    sheath, nerve = (("optic_nerve", "right", f"{name}_diameter_10mm") for name in ("sheath", "nerve"))
    width = value_of(measured, sheath).row.value
    box = measured.measurePart.sheath_box
    box.checked = True
    assert value_of(measured, sheath).is_out_of_date
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    assert value_of(measured, sheath).row.value is None and "sheath" in value_of(measured, sheath).row.measured.reason
    assert value_of(measured, nerve).row.value == pytest.approx(width)
    measured.ui.measuredSelector.setCurrentNode(None)
    assert not box.checked and not box.enabled


def test_measures_of_a_nerve_whose_sheath_was_said_to_be_another_meanwhile_are_out_of_date(measured, until):
    sheath, box = ("optic_nerve", "right", "sheath_diameter_10mm"), measured.measurePart.sheath_box
    before = measurements_of(measured.ui.measuredSelector.currentNode())
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    box.checked = True
    until(lambda: measured.runControl.state is RunState.IDLE)
    assert measurements_of(measured.ui.measuredSelector.currentNode()) is not before
    assert value_of(measured, sheath).row.value is not None, "it was measured as the box said before"
    assert value_of(measured, sheath).is_out_of_date
    assert "out of date" in measured.measurePart.view.notices.text


def test_the_report_has_the_institutions_header_and_says_of_a_child_what_its_norms_are(measured, tmp_path):
    (tmp_path / "header.json").write_text('{"institution": "St. Elsewhere"}', encoding="utf-8")
    choice, take_home = measured.measurePart.view.normal_choice, measured.measurePart.take_home
    line = next(widget for widget in measured.ui.deviceComboBox.parent().findChildren(qt.QLineEdit)
                if widget.objectName == "reportHeaderLineEdit")
    line.text = str(tmp_path / "header.json")
    index = choice.table_box.findData("levator-mri")
    choice.table_box.setCurrentIndex(index)
    choice.table_box.activated.emit(index)
    choice.age_box.value = 9
    take_home.indication_line.text = "Thyroid eye disease, CAS 4 of 7"
    take_home.indication_line.editingFinished.emit()
    take_home.report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Indication: <b>Thyroid eye disease, CAS 4 of 7</b>" in page
    assert "St. Elsewhere" in page and "The patient is a child" in page
    line.text, choice.age_box.value = str(tmp_path / "gone.json"), 0
    take_home.report(tmp_path / "other.html")
    assert "gone.json cannot be read" in take_home.banner.text and not (tmp_path / "other.html").exists()
    line.text = ""
    take_home.report(tmp_path / "other.html")
    other = (tmp_path / "other.html").read_text(encoding="utf-8")
    assert "St. Elsewhere" not in other and "is a child" not in other


def test_a_segmentation_without_orbits_is_told(panel, slicer_session):
    empty = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Liver")
    panel.ui.measuredSelector.setCurrentNode(empty)
    assert not panel.ui.measureButton.enabled
    assert "scan of 'Liver' is not in the scene" in panel.ui.measureButton.toolTip


def test_a_result_is_measured_by_itself(panel, until, monkeypatch):
    QTest.mouseClick(panel.ui.applyButton, qt.Qt.LeftButton)
    until(lambda: measurements_of(panel.ui.resultSelector.currentNode()) is not None)
    assert panel.ui.measuredSelector.currentNode() is panel.ui.resultSelector.currentNode()
    assert panel.measurePart.view.grid.texts("eyeball", "exophthalmos")[1] == "–"
    panel.measurePart.view.choose("eyeball", "right", "exophthalmos")
    assert "Not measurable because" in panel.measurePart.view.details.label.text
    monkeypatch.setattr(translation, "translate", lambda context, text: f"<{text}>")
    panel.measurePart.view.choose("eyeball", "left", "exophthalmos")
    assert "&lt;Not measurable because &lt;" in panel.measurePart.view.details.label.text, "both parts are translated"


def test_all_that_is_known_of_a_measure_is_said_in_the_language_of_the_application(measured, monkeypatch):
    view = measured.measurePart.view
    speak(monkeypatch)
    box = view.normal_choice.table_box
    view.normal_choice.set_scan(None, "MRI")
    said = [text for row in range(1, box.count) for text in (box.itemText(row), box.itemData(row, qt.Qt.ToolTipRole))]
    row = box.findData("china-mri-3t")
    box.setCurrentIndex(row)
    box.activated.emit(row)
    for found in rows_of(measurements_of(measured.ui.measuredSelector.currentNode())):
        view.choose(*found.row.key)
        said.append(view.details.label.text)
    said += [view.grid.item(row, column).toolTip() for row in range(view.grid.rowCount) for column in range(5)
             if view.grid.item(row, column) is not None]
    assert len(said) > 200 and untranslated("<br>".join(said)) <= {"mm", "ml"}


def test_the_report_button_writes_a_page_with_the_edited_value_and_the_chosen_norms(measured, tmp_path, monkeypatch):
    part, path = measured.measurePart, tmp_path / "report.html"
    scan = scan_of(measured.ui.measuredSelector.currentNode())
    for number, other in enumerate((scan, measured.ui.inputSelector.currentNode())):
        answered(other, "TAOActivity", f"Active: probability {80 + number} %")
    part.view.choose(*DIAMETER)
    part.view.markup.SetNthControlPointPosition(0, 0.0, 0.0, 0.0)
    edited = f"{value_of(measured, DIAMETER).row.value:.1f}"
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *_: str(path))
    QTest.mouseClick(part.take_home.report_button, qt.Qt.LeftButton)
    assert str(path) in part.take_home.banner.text, part.take_home.banner.text
    page = path.read_text(encoding="utf-8")
    assert edited in page and "research use only" in page.lower()
    assert "Active: probability 80 %" in page and "81 %" not in page, "the other scan may be of another patient"
    speak(monkeypatch)
    part.take_home.report(path)
    data = ["Active: probability 80 %", "Title of TAOActivity"]
    assert untranslated(path.read_text(encoding="utf-8"), data) <= {"MRI", "mm", "ml", "SlicerNeuroOrbit"}


@pytest.mark.parametrize("kept", [False, True])
def test_the_name_of_a_report_tells_the_scans_only_where_the_user_keeps_names(measured, monkeypatch, kept):
    suggested = []
    monkeypatch.setattr(provenance, "keeps_names", lambda: kept)
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda _parent, _title, name, *_: suggested.append(name))
    measured.ui.measuredSelector.currentNode().SetName("5: T2/FS cor")
    QTest.mouseClick(measured.measurePart.take_home.report_button, qt.Qt.LeftButton)
    measured.ui.measuredSelector.currentNode().SetName("Drawn by hand")
    assert suggested == ["5-T2-FS-cor-orbits.html" if kept else "orbits.html"], "no system refuses the name"


def test_dicom_of_a_scan_without_series_and_a_report_of_old_measures_are_told(measured, tmp_path, monkeypatch):
    take_home = measured.measurePart.take_home
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda *_: False)
    for into in take_home.dicom_button.menu().actions()[:3]:
        take_home.banner.clear_notices()
        into.trigger()
        assert "does not say which DICOM files it was made of" in take_home.banner.text
    table = measurements_of(measured.ui.measuredSelector.currentNode())
    mark_out_of_date(table, {"right"})
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *_: str(tmp_path / "report.html"))
    QTest.mouseClick(take_home.report_button, qt.Qt.LeftButton)
    assert "Press Measure again" in take_home.banner.text and not list(tmp_path.iterdir())


def without_quotes(table) -> None:
    """Let a table be as versions left it that kept rows as plain JSON: files of tables lose what is quoted."""
    for index, row in enumerate(rows_of(table)):
        table.SetCellText(index, 6, json.dumps(to_plain(row.row.as_data())))


def without_rows(table) -> None:
    """Let a table be as a script leaves it that saves the .mrml alone, without the files of its nodes."""
    table.GetTable().SetNumberOfRows(0)


def test_a_scan_whose_file_was_missing_when_the_scene_was_opened_is_told(measured, tmp_path):
    """The button of the report did nothing at all, and Measure spoke of something wrong inside the program."""
    scan = scan_of(measured._parameterNode.measuredSegmentation)
    measured.exit()
    slicer.util.setSliceViewerLayers(background=None)
    scan.SetAndObserveImageData(None)
    measured.enter()
    measured.measurePart.take_home.report(tmp_path / "report.html")
    told = "'MRI of the phantom' has no voxels. Load the scan again"
    assert told in measured.measurePart.take_home.banner.text and not list(tmp_path.iterdir())
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    assert told in measured.noticeBanner.text


@pytest.mark.parametrize("lose", [without_quotes, without_rows])
def test_measures_that_a_scene_lost_are_told_until_they_are_measured_again(measured, lose, until, tmp_path):
    part, count = measured.measurePart, len(measured.measurePart.view._rows)
    lose(measurements_of(measured.ui.measuredSelector.currentNode()))
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert "cannot be read" in part.view.notices.text and "Press Measure again" in part.view.notices.text
    assert part.view.grid.isHidden() and not part.view.notices.isHidden()
    part.take_home.report(tmp_path / "report.html")
    assert "Press Measure again" in part.take_home.banner.text and not (tmp_path / "report.html").exists()
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    assert len(part.view._rows) == count and part.view.notices.isHidden(), part.view.notices.text


@pytest.fixture
def endless_measuring(panel, monkeypatch):
    """The panel measures for ever, in a worker that knows how."""
    from OrbitSegmentationLib.widgets import measure_part

    monkeypatch.setattr(measure_part, "start_measuring", functools.partial(
        measure_part.start_measuring, function="stand_in_pipeline:never_measured"))
    with JobRunner(extra_paths=[FOLDER], temporary_folder=slicer.app.temporaryPath) as runner:
        monkeypatch.setattr(panel.measurePart, "_runner", runner)
        yield panel


def test_apply_need_not_wait_until_a_result_has_been_measured(endless_measuring, until, monkeypatch):
    panel = endless_measuring
    QTest.mouseClick(panel.ui.applyButton, qt.Qt.LeftButton)
    until(lambda: panel.runControl.state is RunState.RUNNING and panel.ui.resultSelector.currentNode() is not None)
    assert not panel.ui.measureButton.enabled, "it is being measured"
    first, worker = panel.ui.resultSelector.currentNode(), panel.logic._runner.worker_pid
    assert panel.ui.applyButton.enabled, panel.ui.applyButton.toolTip
    waited = []
    monkeypatch.setattr(Job, "wait", lambda *arguments, **_named: waited.append(arguments))
    QTest.mouseClick(panel.ui.applyButton, qt.Qt.LeftButton)
    assert not waited
    assert not panel.ui.applyButton.enabled and panel.ui.applyButton.toolTip == "A run is under way."
    until(lambda: panel.ui.resultSelector.currentNode() is not first)
    assert panel.logic._runner.worker_pid == worker, "the worker with the loaded model was not ended"
    assert not panel.measurePart._runner.is_busy or panel.runControl.state is RunState.RUNNING


def test_measuring_that_the_user_asked_for_is_not_ended_by_apply(endless_measuring, phantom):
    panel, (labels, grey) = endless_measuring, phantom
    panel.ui.measuredSelector.setCurrentNode(add_segmentation(labels, node_from_image(grey, "MRI"), "Drawn by hand"))
    QTest.mouseClick(panel.ui.measureButton, qt.Qt.LeftButton)
    assert panel.runControl.state is RunState.RUNNING
    assert not panel.ui.applyButton.enabled
    panel.runControl.cancel()


def test_a_segmentation_whose_scan_is_in_the_scene_can_be_measured_without_choosing_a_scan_for_apply(panel, phantom):
    labels, grey = phantom
    segmentation = add_segmentation(labels, node_from_image(grey, "MRI of the phantom"), "Drawn by hand")
    panel.ui.inputSelector.setCurrentNode(None)
    panel.ui.measuredSelector.setCurrentNode(segmentation)
    assert not panel.ui.applyButton.enabled and "Select a scan first" in panel.ui.applyButton.toolTip
    assert panel.ui.measureButton.enabled, panel.ui.measureButton.toolTip


def test_a_segmentation_from_a_file_is_measured_on_the_chosen_scan_of_its_voxels(panel, phantom, until, tmp_path):
    labels, grey = phantom
    drawn = add_segmentation(labels, node_from_image(grey, "Drawn on"), "Drawn by hand")
    path = str(tmp_path / "drawn.seg.nrrd")
    assert slicer.util.saveNode(drawn, path)
    slicer.mrmlScene.Clear(0)
    segmentation = slicer.util.loadSegmentation(path)
    panel.ui.measuredSelector.setCurrentNode(segmentation)
    assert "Load it and choose it as the scan" in panel.ui.measureButton.toolTip
    affine = grey.affine.copy()
    affine[0, 3] += 0.5
    panel.ui.inputSelector.setCurrentNode(node_from_image(Image(grey.array, affine), "Other voxels"))
    assert not panel.ui.measureButton.enabled, "half a voxel beside is another scan"
    scan = node_from_image(grey, "MRI of the phantom")
    panel.ui.inputSelector.setCurrentNode(scan)
    assert panel.ui.measureButton.enabled, panel.ui.measureButton.toolTip
    assert scan_of(segmentation) is None, "nothing changes before the button is pressed"
    QTest.mouseClick(panel.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: panel.runControl.state is RunState.IDLE)
    assert scan_of(segmentation) is scan and measurements_of(segmentation) is not None


def test_measures_of_one_patient_do_not_stay_beside_the_scan_of_the_next(measured, phantom):
    segmentation = measured.ui.measuredSelector.currentNode()
    first = scan_of(segmentation)
    measured.ui.inputSelector.setCurrentNode(first)
    assert measured.ui.measuredSelector.currentNode() is segmentation
    measured.ui.inputSelector.setCurrentNode(node_from_image(phantom[1], "Next patient"))
    assert measured.ui.measuredSelector.currentNode() is None and measured.measurePart.view.grid.rowCount == 0
    measured.ui.inputSelector.setCurrentNode(first)
    assert measured.ui.measuredSelector.currentNode() is segmentation
    assert measured.measurePart.view.grid.texts(DIAMETER[0], DIAMETER[2])[1]
