"""Follow-up as a radiologist uses it: earlier scans are ticked, what changed is told, plotted and coloured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import qt
import slicer
from PySide6.QtTest import QTest
from vtk.util import numpy_support

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.measurements.rows import Measured, Place, Row
from NeuroOrbitLib.mrml import follow_up, provenance, translation, views
from NeuroOrbitLib.mrml.belongings import give
from NeuroOrbitLib.mrml.follow_up import courses_in, dates_of, follow_up_of, growth_of, latest_comparison
from NeuroOrbitLib.mrml.follow_up_chart import CHART_REFERENCE
from NeuroOrbitLib.mrml.growth_model import COLORS, SCALARS
from NeuroOrbitLib.mrml.measurement_table import (
    EDITED,
    MEASUREMENTS_REFERENCE,
    TableRow,
    add_measurement_table,
    rows_of,
)
from NeuroOrbitLib.mrml.measuring import set_has_sheath
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, scan_of
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.visits import date_of, set_date
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image
from NeuroOrbitLib.phantom.head.shape import random_head_shape
from NeuroOrbitLib.phantom.orbit.activity import HEALTHY
from NeuroOrbitLib.phantom.patients.patient import scan_patient
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.phantom.scanner.rendering import Pose
from NeuroOrbitLib.widgets.run_control import RunState
from Testing.panels import double_segment
from Testing.Python.measurements.heads import swollen

VOLUME = ("inferior_rectus", "left", "volume")
TURN = Pose.from_angles((4.0, -3.0, 8.0), (2.0, 5.0, -3.0))


@pytest.fixture(scope="module")
def scans():
    """CT and labels of one head on two days, the second one turned and with a swollen left inferior rectus."""
    head = random_head_shape(np.random.default_rng(6), "F")
    plan = replace(protocol("ct-fast"), spacing=(1.2, 1.2, 1.4), size=(122, 98, 56), center=(0, -18, 0))
    later = swollen(head, "L", "inferior rectus", 2.4)
    return [scan_patient(shape, pose, HEALTHY, plan, 3) for shape, pose in ((head, Pose.neutral()), (later, TURN))]


@pytest.fixture
def visits(panel, scans):
    """Segmentations of both days in the scene; the later one is to be measured."""
    nodes = [add_segmentation(scan.labels, node_from_image(scan.image, name), f"Orbits {name}")
             for name, scan in zip(("CT of March", "CT of June"), scans, strict=True)]
    panel.ui.measuredSelector.setCurrentNode(nodes[1])
    return nodes


def tick(part, segmentation, date: str = "") -> None:
    """Tick a scan and type its date, as a user does."""
    _node, box, edit = next(line for line in part.visits._lines if line[0] is segmentation)
    if date:
        edit.text = date
        edit.editingFinished.emit()
    box.checked = True


def file_in_hierarchy(scan, patient: str, study_date: str) -> None:
    """Let a scan belong to a patient and a study, as the application does with DICOM."""
    constants = slicer.vtkMRMLSubjectHierarchyConstants
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    person = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), f"Patient {patient}")
    hierarchy.SetItemUID(person, "DICOM", patient)
    study = hierarchy.CreateStudyItem(person, "CT")
    hierarchy.SetItemAttribute(study, constants.GetDICOMStudyDateAttributeName(), study_date)
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(scan), study)


def assert_growth_is_where_the_muscle_grew(model, segmentation) -> None:
    points = numpy_support.vtk_to_numpy(model.GetPolyData().GetPoints().GetData())
    moved = numpy_support.vtk_to_numpy(model.GetPolyData().GetPointData().GetArray(SCALARS))
    where = segmentation.GetSegmentCenterRAS("left_inferior_rectus")
    near = np.linalg.norm(points - where, axis=1) < 8.0
    assert np.percentile(moved[near], 95) > 1.0
    other = segmentation.GetSegmentCenterRAS("right_inferior_rectus")
    assert np.percentile(moved[np.linalg.norm(points - other, axis=1) < 8.0], 95) < 0.8


def assert_chart_is_read_at_a_glance(chart, change) -> None:
    """No value under the legend at the top, sides told apart without colours, and a band that says what it is."""
    series = [chart.GetNthPlotSeriesNode(number) for number in range(chart.GetNumberOfPlotSeriesNodes())]
    drawn = [slicer.util.arrayFromTableColumn(each.GetTableNode(), "y") for each in series]
    low, high = chart.GetYAxisRange()
    assert low < min(map(np.nanmin, drawn)) and max(map(np.nanmax, drawn)) < low + 0.7 * (high - low)
    assert series[2].GetName() == "Left"
    np.testing.assert_allclose(drawn[2], [change.first.value, change.second.value], atol=1e-3)
    months = slicer.util.arrayFromTableColumn(series[2].GetTableNode(), "x")
    np.testing.assert_allclose(months, [0.0, 3.02], atol=0.02)
    assert len({(each.GetMarkerStyle(), each.GetLineStyle()) for each in series}) == len(series) == 4
    band = drawn[3]
    assert series[3].GetName() == f"Left: no change up to ± {change.band:.2f} ml"
    np.testing.assert_allclose(band[[0, 1, 3, 4]], change.first.value + change.band * np.array([1, 1, -1, -1]),
                               atol=1e-3)
    assert np.isnan(band[2]), "two lines and no frame"


def compare(panel, visits, until) -> None:
    """Compare both days, as a user does."""
    part, (march, june) = panel.measurePart.follow_up, visits
    tick(part, march, "2024-03-01")
    tick(part, june, "2024-06-01")
    QTest.mouseClick(part.button, qt.Qt.LeftButton)
    until(lambda: panel.runControl.state is RunState.IDLE)
    assert panel.noticeBanner.isHidden(), panel.noticeBanner.text


def slice_nodes() -> dict:
    """The three usual slice views, and where each looks: (node, RAS mm of its middle, mm of its shorter side)."""
    found = {}
    for name in ("Red", "Green", "Yellow"):
        node = slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode()
        middle = np.array([node.GetSliceToRAS().GetElement(row, 3) for row in range(3)])
        found[name] = (node, middle, min(node.GetFieldOfView()[:2]))
    return found


def test_the_views_are_turned_to_the_orbits_that_were_compared(panel, visits, until):
    march, june = visits
    other = node_from_image(image_from_node(scan_of(march)), "another patient")
    views.show_volume(other)
    for node, _middle, _size in slice_nodes().values():
        node.JumpSliceByCentering(0.0, -150.0, 120.0)
        node.SetFieldOfView(700.0, 700.0, 1.0)
    compare(panel, visits, until)
    display = scan_of(june).GetDisplayNode()
    assert (display.GetWindow(), display.GetLevel()) == (350.0, 40.0)
    eyes = [np.array(june.GetSegmentCenterRAS(f"{side}_eyeball")) for side in ("right", "left")]
    for name, (_node, middle, size) in slice_nodes().items():
        composite = slicer.app.layoutManager().sliceWidget(name).mrmlSliceCompositeNode()
        assert composite.GetBackgroundVolumeID() == scan_of(june).GetID()
        assert size < 160.0 and min(np.linalg.norm(middle - eye) for eye in eyes) < 50.0, name
    camera = slicer.modules.cameras.logic().GetViewActiveCameraNode(slicer.util.getNode("vtkMRMLViewNode1"))
    assert np.linalg.norm(np.array(camera.GetFocalPoint()) - np.mean(eyes, axis=0)) < 50.0


def test_the_outlines_of_the_date_that_is_shown_are_its_own(panel, visits, until):
    """Those of the other date lie beside the anatomy of this one; whoever made them."""
    part, (march, june) = panel.measurePart.follow_up, visits
    assert march.GetDisplayNode().GetVisibility() and march.GetAttribute(provenance.MODULE_ATTRIBUTE) is None
    compare(panel, visits, until)
    assert views.is_shown(scan_of(june))
    assert june.GetDisplayNode().GetVisibility() and not march.GetDisplayNode().GetVisibility()
    views.show_volume(scan_of(march))
    march.GetDisplayNode().SetVisibility(True)
    june.GetDisplayNode().SetVisibility(False)
    part.grid.choose(*VOLUME)
    assert views.is_shown(scan_of(june))
    assert june.GetDisplayNode().GetVisibility() and not march.GetDisplayNode().GetVisibility()


def test_the_views_stay_at_a_segmentation_that_was_chosen_while_another_was_compared(panel, visits, until):
    """What the panel then tells is of the chosen one."""
    part, (march, june) = panel.measurePart.follow_up, visits
    tick(part, march, "2024-03-01")
    tick(part, june, "2024-06-01")
    QTest.mouseClick(part.button, qt.Qt.LeftButton)
    panel.ui.measuredSelector.setCurrentNode(march)
    views.show_volume(scan_of(march))
    until(lambda: panel.runControl.state is RunState.IDLE)
    assert courses_in(follow_up_of(june)) and views.is_shown(scan_of(march)) and not views.is_shown(scan_of(june))


def test_the_report_says_what_changed_since_the_earlier_scan(panel, visits, until, tmp_path):
    compare(panel, visits, until)
    take_home, june = panel.measurePart.take_home, visits[1]
    take_home.report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Scan of 2024-06-01 compared with that of 2024-03-01." in page
    assert "Left inferior rectus muscle: volume increased from " in page and "variation of the measurement 0." in page
    assert "Other measures whose change is within the variation" in page
    assert "Press Compare again" not in panel.measurePart.follow_up.banner.text
    halve(visits[0])
    panel.measurePart.follow_up.set_segmentation(june)
    assert "Press Compare again" in panel.measurePart.follow_up.banner.text, "the earlier outlines are others now"
    assert latest_comparison(june) is None


def halve(segmentation) -> None:
    """Take away the lower half of the first segment."""
    segment = segmentation.GetSegmentation().GetNthSegmentID(0)
    array = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, segment)
    array[: array.shape[0] // 2] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(array, segmentation, segment)


def test_changes_and_measures_are_there_when_the_scene_is_opened_again(panel, visits, until, tmp_path):
    compare(panel, visits, until)
    QTest.mouseClick(panel.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: panel.runControl.state is RunState.IDLE)
    part, measures = panel.measurePart.follow_up, len(panel.measurePart.view._rows)
    cells, legend = part.grid.texts(*VOLUME), part.legend.text
    assert measures > 100 and slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert part.grid.texts(*VOLUME) == cells and part.legend.text == legend
    assert len(panel.measurePart.view._rows) == measures


def test_changes_that_a_scene_lost_are_told_until_they_are_compared_again(panel, visits, until):
    compare(panel, visits, until)
    part, (_march, june) = panel.measurePart.follow_up, visits
    table = follow_up_of(june)
    for row in range(table.GetNumberOfRows()):  # as earlier versions' rows are after the scene was saved and opened
        table.SetCellText(row, table.GetNumberOfColumns() - 1, "place: null}")
    part.set_segmentation(june)
    assert "cannot be read" in part.banner.text and "Press Compare again" in part.banner.text
    assert part.grid.isHidden() and part.legend.isHidden()
    QTest.mouseClick(part.button, qt.Qt.LeftButton)
    until(lambda: panel.runControl.state is RunState.IDLE)
    assert part.grid.texts(*VOLUME) and "cannot be read" not in part.banner.text


def test_a_click_on_a_change_shows_its_place(panel, visits, until):
    compare(panel, visits, until)
    part, (march, june) = panel.measurePart.follow_up, visits
    views.show_volume(scan_of(march))
    for node, _middle, _size in slice_nodes().values():
        node.JumpSliceByCentering(0.0, -150.0, 120.0)
    part.grid.choose(*VOLUME)
    where = np.array(june.GetSegmentCenterRAS("left_inferior_rectus"))
    for name, (node, middle, _size) in slice_nodes().items():
        normal = np.array([node.GetSliceToRAS().GetElement(row, 2) for row in range(3)])
        assert abs((middle - where) @ normal) < 8.0, name
        assert slicer.app.layoutManager().sliceWidget(name).mrmlSliceCompositeNode().GetBackgroundVolumeID() == (
            scan_of(june).GetID())


def test_the_report_of_the_earliest_scan_says_nothing_of_later_ones(panel, visits, until):
    """Beside the measures of March it listed those of June as changes, under "Compared with an earlier scan"."""
    march, june = visits
    panel.ui.measuredSelector.setCurrentNode(march)
    compare(panel, visits, until)
    assert dates_of(follow_up_of(march)) == ["2024-03-01", "2024-06-01"]
    assert latest_comparison(march) is None
    panel.ui.measuredSelector.setCurrentNode(june)
    compare(panel, visits, until)
    assert latest_comparison(june)["second"] == "2024-06-01"


def test_changes_stay_when_the_segmentation_of_an_earlier_date_is_removed(panel, visits, until):
    """The other dates moved up in its place, and the changes passed for those of changed outlines."""
    compare(panel, visits, until)
    part, (march, june) = panel.measurePart.follow_up, visits
    slicer.mrmlScene.RemoveNode(march)
    part.set_segmentation(june)
    assert "Press Compare again" not in part.banner.text and part.grid.texts(*VOLUME)
    assert latest_comparison(june)["first"] == "2024-03-01"
    for node, _middle, _size in slice_nodes().values():
        node.JumpSliceByCentering(0.0, -150.0, 120.0)
    part.grid.choose(*VOLUME)
    where = np.array(june.GetSegmentCenterRAS("left_inferior_rectus"))
    assert min(np.linalg.norm(middle - where) for _node, middle, _size in slice_nodes().values()) < 20.0


def plotted() -> list[slicer.vtkMRMLPlotChartNode]:
    """The charts that the layout plots."""
    names = {slicer.app.applicationLogic().GetSelectionNode().GetActivePlotChartID(),
             *(view.GetPlotChartNodeID() for view in slicer.util.getNodesByClass("vtkMRMLPlotViewNode"))}
    return [slicer.mrmlScene.GetNodeByID(name) for name in names - {None}]


def assert_growth_and_plot_are_hidden_with_their_scan(panel, june, march):
    part, model = panel.measurePart.follow_up, growth_of(follow_up_of(june))
    panel.ui.inputSelector.setCurrentNode(scan_of(june))
    model.GetDisplayNode().SetVisibility(True)
    part.plot()
    panel.showChoice(scan_of(june), None)
    assert plotted() == slicer.util.getNodesByClass("vtkMRMLPlotChartNode")
    panel.ui.inputSelector.setCurrentNode(scan_of(march))
    assert not plotted(), "without a name, it would pass for one of the chosen scan"
    assert not model.GetDisplayNode().GetVisibility(), "the growth lies on the other day's scan"


def test_what_changed_is_told_plotted_and_coloured(panel, visits, until):
    part, (march, june) = panel.measurePart.follow_up, visits
    assert not part.button.enabled and "Choose at least one" in part.button.toolTip
    tick(part, march)
    assert not part.button.enabled and "date of 'CT of June', 'CT of March' is not known" in part.banner.text
    tick(part, march, "20240301")
    tick(part, june, "2024-06-01")
    assert date_of(scan_of(march)).isoformat() == "2024-03-01"
    assert part.button.enabled, part.button.toolTip
    QTest.mouseClick(part.button, qt.Qt.LeftButton)
    until(lambda: panel.runControl.state is RunState.IDLE)
    assert panel.noticeBanner.isHidden(), panel.noticeBanner.text
    table = follow_up_of(june)
    assert dates_of(table) == ["2024-03-01", "2024-06-01"]
    changes = {course.row.key: course.change for course in courses_in(table)}
    assert changes[VOLUME].verdict == "increased" and changes[VOLUME].difference > 0.2
    assert changes["medial_rectus", "left", "volume"].verdict == "no change"
    cells = part.grid.texts(*VOLUME)
    change = changes[VOLUME]
    assert cells == ("Volume, ml", f"{change.first.value:.2f} → {change.second.value:.2f}\n"
                                   f"▲ +{change.difference:.2f} ± {change.band:.2f}")
    assert "▲" not in part.grid.texts("medial_rectus", "left", "volume")[1]
    assert part.legend.text.startswith("2024-03-01 → 2024-06-01;") and part.legend.visible
    width = part.grid.horizontalHeader().sectionSize(0)
    assert width >= qt.QFontMetrics(part.grid.font).horizontalAdvance("diameter, mm"), "names are wrapped, not cut"

    model = growth_of(table)
    assert_growth_is_where_the_muscle_grew(model, june)
    assert not model.GetDisplayNode().GetVisibility()
    part.growth_box.checked = True
    assert model.GetDisplayNode().GetVisibility() and not june.GetDisplayNode().GetVisibility3D()
    assert model.GetDisplayNode().GetColorNodeID() == COLORS and model.GetDisplayNode().GetColorNode() is not None

    part.grid.choose(*VOLUME)
    for _ in range(2):  # the second plot takes the place of the first one
        QTest.mouseClick(part.plot_button, qt.Qt.LeftButton)
    (chart,) = slicer.util.getNodesByClass("vtkMRMLPlotChartNode")
    assert table.GetNodeReference(CHART_REFERENCE) is chart
    assert_chart_is_read_at_a_glance(chart, changes[VOLUME])
    assert provenance.record_of(table)["dates"] == dates_of(table)

    panel.exit()
    panel.enter()
    assert part.chosen() == [march] and part.grid.texts(*VOLUME) == cells, "another module was open meanwhile"
    assert "Press Compare again" not in part.banner.text
    QTest.mouseClick(panel.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: panel.runControl.state is RunState.IDLE)
    assert "Press Compare again" not in part.banner.text
    for visit in (june, march):
        set_has_sheath(visit, False)
        part.set_segmentation(june)
        assert "Press Compare again" in part.banner.text, "other diameters of the nerve would be compared"
        set_has_sheath(visit, True)
        part.set_segmentation(june)
        assert "Press Compare again" not in part.banner.text, "as it was compared, though measures are out of date"

    assert_growth_and_plot_are_hidden_with_their_scan(panel, june, march)


def test_scans_of_different_patients_or_of_one_day_are_told(panel, visits):
    part, (march, june) = panel.measurePart.follow_up, visits
    file_in_hierarchy(scan_of(march), "P1", "20240301")
    file_in_hierarchy(scan_of(june), "P2", "20240601")
    tick(part, march)
    assert "are of different patients" in part.banner.text and not part.button.enabled
    file_in_hierarchy(scan_of(june), "P1", "20240301")
    tick(part, march, "2024-03-01")
    assert "have the same date" in part.banner.text and not part.button.enabled
    tick(part, june, "2024-06-01")
    assert part.banner.isHidden() and part.button.enabled
    for text in ("yesterday", "2024611", "2024-13-01"):
        tick(part, june, text)
        assert date_of(scan_of(june)).isoformat() == "2024-06-01", "what is no date, or may be two, changes nothing"
    tick(part, june, "2024-1-11")
    assert date_of(scan_of(june)).isoformat() == "2024-01-11", "it was taken for the first of November"


def test_a_date_that_was_corrected_after_comparing_asks_to_compare_again(panel, visits, until):
    """A wrong date turns growth into shrinking; the report went on telling the old dates."""
    compare(panel, visits, until)
    part, (march, june) = panel.measurePart.follow_up, visits
    assert latest_comparison(june)["first"] == "2024-03-01"
    tick(part, march, "2024-09-01")
    assert "Press Compare again" in part.banner.text and latest_comparison(june) is None
    tick(part, march, "2024-03-01")
    assert "Press Compare again" not in part.banner.text and latest_comparison(june)


def test_dates_come_from_the_study_and_order_the_scans_whichever_is_measured(panel, visits):
    from NeuroOrbitLib.mrml.visits import in_order

    march, june = visits
    file_in_hierarchy(scan_of(march), "P1", "20240301")
    file_in_hierarchy(scan_of(june), "P1", "20240601")
    assert in_order([june, march]) == [march, june]


def with_values(segmentation, change) -> None:
    """Draw a segmentation anew after a change of its label map."""
    from NeuroOrbitLib.anatomy import segment_id
    from NeuroOrbitLib.mrml.segment_masks import label_image, set_segment_mask

    scan = scan_of(segmentation)
    values = change(label_image(segmentation, scan).array)
    for value in range(1, 25):
        if segmentation.GetSegmentation().GetSegment(segment_id(value)) is not None:
            set_segment_mask(segmentation, segment_id(value), values == value, scan)


def compare_with(panel, march, june, until) -> str:
    """Compare both days and return what the panel says."""
    part = panel.measurePart.follow_up
    tick(part, march, "2024-03-01")
    tick(part, june, "2024-06-01")
    QTest.mouseClick(part.button, qt.Qt.LeftButton)
    until(lambda: panel.runControl.state is RunState.IDLE)
    return f"{panel.noticeBanner.text} {part.banner.text}"


def test_the_same_image_on_two_dates_is_refused(panel, scans, visits, until):
    """It was compared, and the panel said that nothing had changed."""
    march, _june = visits
    copy = add_segmentation(scans[0].labels, node_from_image(scans[0].image, "CT of May"), "Orbits of May")
    panel.ui.measuredSelector.setCurrentNode(copy)
    assert "Both scans hold the same image: there is nothing to compare" in compare_with(panel, march, copy, until)


def test_exchanged_sides_of_one_date_are_refused_with_its_name(panel, visits, until):
    march, june = visits
    with_values(march, lambda values: np.where((values > 0) & (values < 25), values + np.where(values % 2, 1, -1), 0))
    assert "Right and left are exchanged in 'Orbits CT of March'" in compare_with(panel, march, june, until)
    assert follow_up_of(june) is None


def test_a_date_with_one_orbit_is_compared_in_that_orbit_and_the_other_one_is_told(panel, visits, until):
    march, june = visits
    with_values(march, lambda values: np.where(values % 2, values, 0))
    told = compare_with(panel, march, june, until)
    assert "Only one of the dates has the left orbit" in told and "could not be brought" not in told
    changes = {course.row.key for course in courses_in(follow_up_of(june)) if course.change}
    assert ("medial_rectus", "right", "volume") in changes and ("medial_rectus", "left", "volume") not in changes
    assert growth_of(follow_up_of(june)) is not None


def test_a_value_drawn_on_an_earlier_scan_goes_with_a_patient_who_was_moved_since(visits, monkeypatch):
    """Only the segmentation that the panel shows was looked at: others were compared with a value left behind."""
    march, june = visits
    scan, ends = scan_of(march), np.array([[0.0, 0.0, 0.0], [5.0, 0.0, 0.0]])
    drawn = Row("medial_rectus", Side.RIGHT, "greatest_diameter", Measured(5.0, None, Place("line", ends), "drawn"))
    table = add_measurement_table("Measures", [TableRow(drawn, frozenset({EDITED}), Measured(4.0, 0.2))], "CT")
    table.SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())
    give(march, MEASUREMENTS_REFERENCE, table)
    pose = {**provenance.volume_identity(scan), "ijk_to_world": image_from_node(scan).affine.tolist()}
    provenance.add_record("record", {"input": pose}, [table])
    stretched = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    stretched.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(np.diag([1.2, 1.0, 1.0, 1.0])))
    for node in (scan, march):
        node.SetAndObserveTransformNodeID(stretched.GetID())
    assert set_date(scan, "2024-03-01") and set_date(scan_of(june), "2024-06-01")
    monkeypatch.setattr(follow_up, "VolumeRun", lambda *_arguments: None)
    follow_up.start_follow_up(None, june, [march], "OrbitSegmentation")
    assert rows_of(table)[0].row.value == pytest.approx(6.0)


def test_warnings_of_a_comparison_speak_the_users_language(panel, visits, until, monkeypatch):
    march, june = visits
    with_values(march, lambda values: np.where(values % 2, values, 0))
    compare_with(panel, march, june, until)
    monkeypatch.setattr(translation, "translate", lambda context, text: f"<{text}>")
    panel.measurePart.follow_up.show_problem()
    assert panel.measurePart.follow_up.banner.text == (
        "<Only one of the dates has the <left> orbit in its label map: its changes cannot be measured.>")


def test_a_second_segment_of_one_structure_on_any_date_is_told(panel, visits, until):
    march, june = visits
    double_segment(march, "right_eyeball", "Right eyeball, corrected")
    compare(panel, visits, until)
    told = " ".join(notice["text"] for notice in provenance.notices_of(follow_up_of(june)))
    assert f"'Right eyeball, corrected' of '{march.GetName()}' is not used: 'Right eyeball' stands for the same" in told


def test_growth_goes_along_with_a_patient_who_was_moved_since(panel, visits, until):
    """The coloured muscles stayed where the scan had lain, beside the anatomy that they tell of."""
    compare(panel, visits, until)
    june = visits[1]
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    for shift in (9.0, 20.0):
        matrix[0, 3] = shift
        transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
        for node in (scan_of(june), june):
            node.SetAndObserveTransformNodeID(transform.GetID())
        panel.exit()
        panel.enter()
        place = np.array(june.GetSegmentCenterRAS("left_inferior_rectus"))
        model = growth_of(follow_up_of(june))
        points = numpy_support.vtk_to_numpy(model.GetPolyData().GetPoints().GetData())
        assert_growth_is_where_the_muscle_grew(model, june)
        assert np.linalg.norm(points - place, axis=1).min() < 8.0
