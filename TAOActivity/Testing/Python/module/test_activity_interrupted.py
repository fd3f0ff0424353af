"""What a step rests on leaves the scene while the step is under way: it ends, says so, and leaves nothing."""

from __future__ import annotations

import pytest

from Testing.panels import lose, run_step

STEPS = ("prepareButton", "applyButton", "explainButton")


@pytest.fixture
def before(slicer_session, panel):
    """Do the steps before one."""

    def run_earlier(name):
        for earlier in STEPS[:STEPS.index(name)]:
            run_step(slicer_session, panel, getattr(panel.ui, earlier))

    return run_earlier


@pytest.mark.parametrize("name", STEPS)
def test_orbits_that_leave_the_scene_end_the_step(slicer_session, panel, orbits, before, name):
    before(name)
    came, told = lose(slicer_session, panel, getattr(panel.ui, name), orbits)
    assert "'Orbits' was removed from the scene" in told and not came


def test_a_result_that_leaves_the_scene_is_explained_no_more(slicer_session, panel, before):
    before("explainButton")
    result = panel._parameterNode.result
    came, told = lose(slicer_session, panel, panel.ui.explainButton, result)
    assert f"'{result.GetName()}' was removed from the scene" in told and not came


def test_a_box_that_leaves_the_scene_is_not_needed_any_more(slicer_session, panel, before):
    before("applyButton")
    _came, told = lose(slicer_session, panel, panel.ui.applyButton, panel._parameterNode.cropBox)
    assert "removed" not in told and panel._parameterNode.result is not None
