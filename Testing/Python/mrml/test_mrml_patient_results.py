"""What a report quotes of other modules: the newest answers on this patient's scans, and never another patient's."""

from __future__ import annotations

import numpy as np
import slicer

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.rows import Measured, Row
from NeuroOrbitLib.mrml import tables
from NeuroOrbitLib.mrml.classifier_results import RESULT_ATTRIBUTE, ClassifierResult
from NeuroOrbitLib.mrml.measured_values import measured_values
from NeuroOrbitLib.mrml.measurement_table import (
    OUT_OF_DATE,
    TableRow,
    add_measurement_table,
)
from NeuroOrbitLib.mrml.patient_results import results_of_patient, summarise
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
from NeuroOrbitLib.mrml.visits import set_date
from NeuroOrbitLib.mrml.volumes import node_from_image


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


def test_a_result_whose_scan_has_left_and_one_without_an_answer_are_left_out(slicer_session):
    scan, gone = scan_named("CT", "P1"), scan_named("Gone", "P1")
    answered(gone, "TAOActivity", "Active")
    slicer.mrmlScene.RemoveNode(gone)
    table = tables.add_table("No lesions", [tables.Column("a", "A")], [])
    summarise(ClassifierResult(table), "NMOSD or MS", None)
    table.SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())
    assert results_of_patient(scan) == []
