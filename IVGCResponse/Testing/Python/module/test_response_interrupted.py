"""What a step rests on leaves the scene while the step is under way: it ends, says so, and leaves nothing."""

from __future__ import annotations

import pytest

from Testing.panels import lose, run_step


@pytest.mark.parametrize("name", ["prepareButton", "applyButton", "explainButton", "featuresButton"])
def test_muscles_that_leave_the_scene_end_the_step(slicer_session, panel, muscles, name):
    panel.ui.featuresCollapsibleButton.collapsed = False
    if name == "explainButton":
        run_step(slicer_session, panel, panel.ui.applyButton)
    came, told = lose(slicer_session, panel, getattr(panel.ui, name), muscles)
    assert "'Muscles' was removed from the scene" in told and not came


def test_a_result_that_leaves_the_scene_is_explained_no_more(slicer_session, panel):
    run_step(slicer_session, panel, panel.ui.applyButton)
    result = panel._parameterNode.result
    came, told = lose(slicer_session, panel, panel.ui.explainButton, result)
    assert f"'{result.GetName()}' was removed from the scene" in told and not came
