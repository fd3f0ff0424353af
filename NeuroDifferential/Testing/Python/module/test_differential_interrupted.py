"""What a step rests on leaves the scene while the step is under way: it ends, says so, and leaves nothing."""

from __future__ import annotations

import pytest
import slicer

from NeuroDifferentialLib.mrml.lesion_nodes import anatomy_of
from NeuroOrbitLib.mrml.volumes import node_from_image
from Testing.panels import lose, run_step


@pytest.mark.parametrize(("name", "lost"), [("applyButton", "lesions"), ("applyButton", "anatomy"),
                                            ("explainButton", "lesions")])
def test_lesions_that_leave_the_scene_end_the_step(slicer_session, with_lesions, name, lost):
    ui, lesions = with_lesions.ui, with_lesions._parameterNode.lesions
    if name == "explainButton":
        run_step(slicer_session, with_lesions, ui.applyButton)
    node = lesions if lost == "lesions" else anatomy_of(lesions)
    came, told = lose(slicer_session, with_lesions, getattr(ui, name), node)
    assert f"'{node.GetName()}' was removed from the scene" in told and not came


def test_a_result_that_leaves_the_scene_is_explained_no_more(slicer_session, with_lesions):
    run_step(slicer_session, with_lesions, with_lesions.ui.applyButton)
    result = with_lesions._parameterNode.result
    came, told = lose(slicer_session, with_lesions, with_lesions.ui.explainButton, result)
    assert f"'{result.GetName()}' was removed from the scene" in told and not came


def test_an_earlier_visit_that_leaves_the_scene_ends_the_comparison(slicer_session, panel, flair):
    panel.ui.followupCollapsibleButton.collapsed = False
    earlier = node_from_image(flair.with_array((0.9 * flair.array).astype(flair.array.dtype)), "Earlier")
    panel.ui.previousSelector.setCurrentNode(earlier)
    came, told = lose(slicer_session, panel, panel.ui.compareButton, earlier)
    assert "'Earlier' was removed from the scene" in told and not came


def test_a_result_whose_parts_of_the_brain_were_deleted_stays_readable(slicer_session, with_lesions, capfd):
    run_step(slicer_session, with_lesions, with_lesions.ui.applyButton)
    text = with_lesions.answerView.card.headline_label.text
    slicer.mrmlScene.RemoveNode(anatomy_of(with_lesions._parameterNode.lesions))
    with_lesions.exit()
    with_lesions.enter()
    assert text and with_lesions.answerView.card.headline_label.text == text
    run_step(slicer_session, with_lesions, with_lesions.ui.explainButton)
    assert "Find lesions" in with_lesions.noticeBanner.text
    assert "Traceback" not in capfd.readouterr().err
