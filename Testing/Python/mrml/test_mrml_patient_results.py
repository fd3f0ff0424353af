"""What a report quotes of other modules: the newest answers on this patient's scans, and never another patient's."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.rows import Measured, Row
from NeuroOrbitLib.mrml import tables
from NeuroOrbitLib.mrml.classifier_results import (
    HEAT_REFERENCE,
    RESULT_ATTRIBUTE,
    SEGMENTATION_REFERENCE,
    ClassifierResult,
)
from NeuroOrbitLib.mrml.heat_maps import add_heat_map
from NeuroOrbitLib.mrml.measured_values import measured_values
from NeuroOrbitLib.mrml.measurement_table import (
    OUT_OF_DATE,
    TableRow,
    add_measurement_table,
)
from NeuroOrbitLib.mrml.patient_results import heat_maps_of, results_of_patient, summarise
from NeuroOrbitLib.mrml.provenance import add_record, image_sha256, volume_identity
from NeuroOrbitLib.mrml.run_records import keep_places
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
from NeuroOrbitLib.mrml.segment_masks import label_image, union_of_segments
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.visits import set_date
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image


def scan_named(name: str, patient: str = ""):
    scan = node_from_image(Image(np.ones((4, 5, 6), np.int16), np.eye(4)), name)
    if patient:
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
        item = hierarchy.GetItemByUID("DICOM", patient)
        if not item:
            item = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), patient)
            hierarchy.SetItemUID(item, "DICOM", patient)
        hierarchy.SetItemParent(hierarchy.GetItemByDataNode(scan), item)
    return scan


def answered(scan, module: str, headline: str, lines=()) -> ClassifierResult:
    table = tables.add_table(f"{module} result", [tables.Column("a", "A")], [])
    table.SetAttribute(RESULT_ATTRIBUTE, module)
    table.SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())
    return summarise(ClassifierResult(table), f"Title of {module}", Answer(headline, True, 0.8, None, 0.5, lines))


def test_a_report_quotes_the_newest_answer_on_every_scan_of_the_patient_alone(slicer_session):
    ct, flair = scan_named("CT", "P1"), scan_named("FLAIR", "P1")
    other, unknown = scan_named("Other", "P2"), scan_named("Unknown")
    set_date(flair, "2024-05-06")
    answered(ct, "TAOActivity", "Inactive: probability 20 %")
    answered(ct, "TAOActivity", "Active: probability 80 %", [("Trained on", "synthetic images only.")])
    answered(flair, "NeuroDifferential", "MS: probability of NMOSD 10 %")
    answered(other, "TAOActivity", "Active: probability 99 %")
    answered(unknown, "IVGCResponse", "Responder: probability 77 %")
    assert results_of_patient(ct) == [
        ("Title of TAOActivity", "Active: probability 80 %. Trained on: synthetic images only."),
        ("Title of NeuroDifferential, scan of 2024-05-06", "MS: probability of NMOSD 10 %.")]
    assert [text for _title, text in results_of_patient(unknown)] == ["Responder: probability 77 %."]


def measured(scan, *values: float | None, states: frozenset = frozenset()) -> None:
    """A table of measures of a scan with the exophthalmos of both eyes."""
    rows = [TableRow(Row("eyeball", side, "exophthalmos", Measured(value)), states)
            for side, value in zip(Side, values, strict=True)]
    add_measurement_table("Measures", rows, "CT").SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())


def test_measured_exophthalmos_is_that_of_this_scan_else_of_another_one_of_the_patient(slicer_session):
    coronal, ct, other = scan_named("T2", "P1"), scan_named("CT", "P1"), scan_named("Other", "P2")
    measured(other, 25.0, 25.5)
    assert measured_values(coronal, "eyeball", "exophthalmos") == []
    measured(ct, 17.0, 18.5)
    assert measured_values(coronal, "eyeball", "exophthalmos") == [17.0, 18.5]
    measured(coronal, 30.0, 31.0, states=frozenset({OUT_OF_DATE}))
    assert measured_values(coronal, "eyeball", "exophthalmos") == [17.0, 18.5], "what is out of date does not count"
    measured(coronal, None, 19.5)
    assert measured_values(coronal, "eyeball", "exophthalmos") == [19.5]


def drawn_on(scan, value: int) -> slicer.vtkMRMLSegmentationNode:
    """A segmentation with one structure of 2 x 2 x 2 voxels."""
    labels = np.zeros((4, 5, 6), np.uint8)
    labels[1:3, 1:3, 1:3] = value
    return add_segmentation(Image(labels, np.eye(4)), scan, "Drawn")


def edit(segmentation) -> None:
    name = segmentation.GetSegmentation().GetNthSegmentID(0)
    array = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, name)
    array[tuple(np.argwhere(array)[0])] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(array, segmentation, name)


@pytest.mark.parametrize(("name", "drawn_up"), [("labels", label_image), ("lesions", union_of_segments)])
def test_an_answer_says_that_its_segmentation_was_edited_since(slicer_session, name, drawn_up):
    """The report quoted it beside measures of the corrected outlines without a word."""
    scan = scan_named("CT", "P1")
    segmentation = drawn_on(scan, 9)
    result = answered(scan, "TAOActivity", "Active: probability 80 %")
    result.table.SetNodeReferenceID(SEGMENTATION_REFERENCE, segmentation.GetID())
    add_record("Record", {"images_sha256": {name: image_sha256(drawn_up(segmentation, scan)), "t1": "not looked at"}},
               [result.table])
    assert results_of_patient(scan) == [("Title of TAOActivity", "Active: probability 80 %.")]
    heat = add_heat_map(Image(np.ones((2, 2, 2), np.float32), np.eye(4)), "Heat")
    result.table.SetNodeReferenceID(HEAT_REFERENCE, heat.GetID())
    assert list(heat_maps_of(scan)) == ["Title of TAOActivity, heat map"]
    edit(segmentation)
    assert list(heat_maps_of(scan)) == ["Segmentation edited since: Title of TAOActivity, heat map"]
    ((_title, text),) = results_of_patient(scan)
    assert text == ("The scan or its segmentation was changed after this answer was computed: "
                    "Active: probability 80 %.")
    slicer.mrmlScene.RemoveNode(segmentation)
    assert list(heat_maps_of(scan)) == ["Segmentation removed since: Title of TAOActivity, heat map"]
    ((_title, text),) = results_of_patient(scan)
    assert text == ("The segmentation that this answer rests on is no longer in the scene: Active: probability 80 %.")


def test_heat_of_an_earlier_answer_is_not_named_like_that_of_the_newest(slicer_session):
    """Beside the report's answer of 80 % it stood for the evidence of another one, of 20 %, that was explained."""
    scan = scan_named("CT", "P1")
    first = answered(scan, "TAOActivity", "Inactive: probability 20 %")
    heats = [add_heat_map(Image(np.ones((2, 2, 2), np.float32), np.eye(4)), "Heat") for _answer in range(2)]
    first.table.SetNodeReferenceID(HEAT_REFERENCE, heats[0].GetID())
    second = answered(scan, "TAOActivity", "Active: probability 80 %")
    assert heat_maps_of(scan) == {"Earlier answer: Title of TAOActivity, heat map": heats[0]}
    second.table.SetNodeReferenceID(HEAT_REFERENCE, heats[1].GetID())
    assert heat_maps_of(scan) == {"Title of TAOActivity, heat map": heats[1]}


def test_heat_goes_along_with_a_scan_that_was_moved_before_it_is_exported(slicer_session):
    """It was written beside the anatomy where the scan had lain when the heat was computed."""
    scan = scan_named("CT", "P1")
    result = answered(scan, "TAOActivity", "Active")
    heat = add_heat_map(Image(np.ones((2, 2, 2), np.float32), np.eye(4)), "Heat")
    heat.SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())
    add_record("Record", {"input": {**volume_identity(scan), "ijk_to_world": np.eye(4).tolist()}}, [heat])
    keep_places(heat, np.eye(4))
    result.table.SetNodeReferenceID(HEAT_REFERENCE, heat.GetID())
    moved = np.eye(4)
    moved[:3, 3] = 3.0, -4.0, 5.0
    scan.ApplyTransformMatrix(slicer.util.vtkMatrixFromArray(moved))
    (exported,) = heat_maps_of(scan).values()
    assert np.allclose(image_from_node(exported).affine, moved)


def test_a_result_whose_scan_has_left_and_one_without_an_answer_are_left_out(slicer_session):
    scan, gone = scan_named("CT", "P1"), scan_named("Gone", "P1")
    answered(gone, "TAOActivity", "Active")
    slicer.mrmlScene.RemoveNode(gone)
    table = tables.add_table("No lesions", [tables.Column("a", "A")], [])
    summarise(ClassifierResult(table), "NMOSD or MS", None)
    table.SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())
    assert results_of_patient(scan) == []
