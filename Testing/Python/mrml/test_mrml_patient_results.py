"""What a report quotes of other modules: the newest answers on this patient's scans, and never another patient's."""

from __future__ import annotations

import numpy as np
import slicer

from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import tables
from NeuroOrbitLib.mrml.classifier_results import RESULT_ATTRIBUTE, ClassifierResult
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


def test_a_result_whose_scan_has_left_and_one_without_an_answer_are_left_out(slicer_session):
    scan, gone = scan_named("CT", "P1"), scan_named("Gone", "P1")
    answered(gone, "TAOActivity", "Active")
    slicer.mrmlScene.RemoveNode(gone)
    table = tables.add_table("No lesions", [tables.Column("a", "A")], [])
    summarise(ClassifierResult(table), "NMOSD or MS", None)
    table.SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())
    assert results_of_patient(scan) == []
