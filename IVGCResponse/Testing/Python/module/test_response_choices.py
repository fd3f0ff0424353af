"""Several patients in one scene: muscles, features and reasons belong to the scan that is chosen."""

from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer

from NeuroOrbitLib.anatomy import segment_id
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
from NeuroOrbitLib.mrml.segment_masks import label_masks, set_segment_mask
from NeuroOrbitLib.mrml.volumes import node_from_image
from Testing.panels import is_idle, press, run_step, wait_until


@pytest.fixture
def step(slicer_session, panel):
    """Press a button of the panel by its name and wait for the end: ``step("applyButton")``."""
    return lambda name: run_step(slicer_session, panel, getattr(panel.ui, name))


def test_back_at_the_first_patient_the_muscles_need_not_be_found_again(panel, step, volume, muscles, scan):
    step("prepareButton")
    panel.ui.inputSelector.setCurrentNode(node_from_image(scan.image, "Second"))
    assert panel._parameterNode.inputSegmentation is None and not panel.ui.applyButton.enabled
    panel.ui.inputSelector.setCurrentNode(volume)
    assert panel._parameterNode.inputSegmentation is muscles and muscles.GetDisplayNode().GetVisibility()


def test_muscles_that_were_corrected_after_apply_are_not_explained_as_if_they_were_the_answers(
        slicer_session, panel, step, volume, muscles):
    step("applyButton")
    mask = label_masks(muscles, volume)[9]
    mask[np.nonzero(mask)[0].max()] = False
    set_segment_mask(muscles, segment_id(9), mask, volume)
    press(panel.ui.explainButton)
    wait_until(slicer_session, lambda: is_idle(panel))
    assert "changed since this result was computed. Press Apply again" in panel.noticeBanner.text
    assert panel.result().heat is None


def test_features_of_one_patient_are_not_shown_for_the_next_one(panel, volume, scan):
    features = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "First - radiomics")
    features.SetNodeReferenceID(SCAN_REFERENCE, volume.GetID())
    panel._parameterNode.features = features
    assert panel.featuresPart.table_view.mrmlTableNode() is features
    panel.ui.inputSelector.setCurrentNode(node_from_image(scan.image, "Second"))
    assert panel._parameterNode.features is None and panel.featuresPart.table_view.isHidden()


def test_table_one_stays_until_there_are_features_to_show(panel, cohort):
    panel.featuresPart.show_table_one(cohort.folder)
    table = slicer.util.getNode("Table 1*")
    panel._parameterNode.prevalence = 30.0
    assert panel.featuresPart.table_view.mrmlTableNode() is table and not panel.featuresPart.table_view.isHidden()


def test_what_may_be_typed_can_be_read_in_every_field(panel):
    slicer.app.processEvents()
    fields = [field for field in panel.patientForm.form.fields.values() if isinstance(field, qt.QLineEdit)]
    assert fields
    for field in fields:
        assert field.fontMetrics().horizontalAdvance(field.placeholderText) < field.width - 10, field.placeholderText
