"""The annotation page when something ends, vanishes or fails while a case is open."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
import slicer

from NeuroOrbitLib.files import safe
from NeuroOrbitLib.files.replacing import replace_file
from NeuroOrbitLib.widgets.run_control import RunState
from OrbitSegmentationLib.annotation.progress import claim_of
from Testing.annotator import (
    LEFT_EYE,
    MUSCLE,
    RIGHT_EYE,
    background,
    click_structure,
    open_selected,
    out,
    paint_at,
)
from Testing.panels import is_idle, press


def leave_module(panel):
    panel.exit()


def show_first_page(panel):
    panel.ui.pagesTabWidget.setCurrentIndex(0)


@pytest.mark.parametrize("leave", [leave_module, show_first_page])
def test_prelabels_that_come_after_the_page_was_left_are_there_and_leave_the_views_alone(page, panel, until, leave):
    open_selected(page)
    press(page.ui.prelabelButton)
    leave(panel)
    other = panel.logic.getParameterNode().inputVolume
    slicer.util.setSliceViewerLayers(background=other)
    until(lambda: page.prelabel.run_control.state is RunState.IDLE)
    assert page.opened.filled() == {RIGHT_EYE, LEFT_EYE, MUSCLE}
    assert background() is other
    assert page.editor.widget.activeEffect() is None, "the mouse belongs to others"
    panel.enter()
    panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.annotationTab)
    assert background() is page.opened.volume
    assert "The model labelled 3 structures" in page.notice.text
    node = page.editor.widget.mrmlSegmentEditorNode()
    assert (node.GetAttribute("SmartFill.Scope"), node.GetAttribute("SmartFill.SegmentIsProposal")) == ("3", "1")
    assert node.GetActiveEffectName() == "SmartFill"


def test_eyes_found_after_the_page_was_left_leave_the_views_alone(page, panel, until):
    open_selected(page)
    assert page.eyes.is_looking()
    show_first_page(panel)
    offsets = [node.GetSliceOffset() for node in slicer.util.getNodesByClass("vtkMRMLSliceNode")]
    until(lambda: not page.eyes.is_looking())
    assert offsets == [node.GetSliceOffset() for node in slicer.util.getNodesByClass("vtkMRMLSliceNode")]


@pytest.fixture
def locked(monkeypatch):
    """From now on no file can be removed, as in a folder that became read-only."""
    def refuse(self, missing_ok=False):
        raise PermissionError(13, "Permission denied", str(self))

    return lambda: monkeypatch.setattr(Path, "unlink", refuse)


def test_case_whose_folder_became_read_only_can_be_left(page, folder, locked):
    open_selected(page)
    volume = page.opened.volume
    locked()
    slicer.mrmlScene.Clear(0)
    assert page.opened is None
    assert not slicer.mrmlScene.IsNodePresent(volume)
    assert claim_of(out(folder), "p1").annotator == "Ann", "what cannot be removed stays, and harms nobody"


def test_labels_are_not_replaced_when_what_is_done_cannot_be_written(page, folder, drawn, monkeypatch):
    press(page.ui.saveButton)
    before = contents(out(folder))
    click_structure(page, LEFT_EYE)
    paint_at(page, (-30, 0, 0))

    def fill_disk(new, place):
        if place.name == "p1.annotation.json":
            raise OSError(errno.ENOSPC, "No space left on device")
        replace_file(new, place)

    monkeypatch.setattr(safe, "replace_file", fill_disk)
    press(page.ui.saveButton)
    assert "the disk is full" in page.notice.text
    assert contents(out(folder)) == before
    assert page.opened.unsaved


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".csv"}


@pytest.mark.parametrize("node", ["volume", "segmentation"])
def test_nodes_of_the_case_that_leave_the_scene_are_told_and_the_labels_can_be_saved(page, folder, drawn, node):
    slicer.mrmlScene.RemoveNode(getattr(page.opened, node))
    assert "p1 were removed from the scene. Press Save" in page.notice.text
    assert not page.ui.prelabelButton.enabled and "again" in page.ui.prelabelButton.toolTip
    press(page.ui.saveButton)
    open_selected(page)
    assert page.opened.in_scene() and page.opened.filled() == {RIGHT_EYE}
    assert page.ui.prelabelButton.enabled


@pytest.fixture
def slow(panel):
    """Runs of the model take half a minute."""
    panel._parameterNode.modelName = "slow"


def test_case_can_be_opened_while_the_page_for_segmenting_computes(page, panel, slow, capfd):
    show_first_page(panel)
    press(panel.ui.applyButton)
    panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.annotationTab)
    open_selected(page)
    assert page.opened.case.name == "p1" and page.cases.selected().name == "p1"
    assert page.editor.segment_id() == "right_eyeball", "the first structure is picked"
    press(page.ui.prelabelButton)
    assert page.notice.text.startswith("A computation is running. Cancel it or wait for its end")
    assert not is_idle(panel), "it goes on"
    assert "Traceback" not in capfd.readouterr().err


def test_segmenting_waits_for_prelabels(page, panel, slow):
    open_selected(page)
    press(page.ui.prelabelButton)
    show_first_page(panel)
    press(panel.ui.applyButton)
    assert panel.noticeBanner.text.startswith("A computation is running. Cancel it or wait for its end")
    assert page.prelabel.run_control.state is RunState.RUNNING, "it goes on"
