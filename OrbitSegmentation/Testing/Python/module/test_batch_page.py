"""The page for many scans: what it asks for, what it tells, and that an ended batch can go on."""

from __future__ import annotations

import pytest

from NeuroOrbitLib.imaging.files import save_image
from OrbitSegmentationLib.mrml import batch_run
from OrbitSegmentationLib.widgets.batch_page import BatchPage
from Testing.panels import press


class StandInRuns:
    """Starts batches by a function that stands in for the real one."""

    def __init__(self, runner):
        self.runner = runner

    def start(self, source, output):
        return batch_run.BatchRun(self.runner, {"source": source, "output": output},
                                  "stand_in_batch:run_batch")


@pytest.fixture
def page(slicer_session, module, runner):
    found = BatchPage(StandInRuns(runner))
    found.show()
    yield found
    found.end()
    found.close()


def choose(page, source, output):
    page.source_edit.text, page.output_edit.text = str(source), str(output)


def test_page_asks_for_both_folders_first(page, tmp_path):
    assert not page.start_button.enabled and "Choose the folders" in page.start_button.toolTip
    choose(page, tmp_path, tmp_path / "out")
    assert page.start_button.enabled


def test_what_came_of_it_is_told_and_can_be_opened(page, tmp_path, make_scan, until):
    save_image(make_scan(), tmp_path / "scan.nii.gz")
    choose(page, tmp_path, tmp_path.parent / f"{tmp_path.name}-out")
    assert not page.open_button.visible
    press(page.start_button)
    until(lambda: page.banner.notices)
    assert "1 of 2 scans are segmented and measured. 1 could not be done" in page.banner.text
    assert page.banner.notices[0]["level"] == "warning"
    assert page.open_button.visible


def test_ended_batch_says_how_to_go_on(page, tmp_path, until):
    choose(page, tmp_path / "slow", tmp_path / "out")
    press(page.start_button)
    until(lambda: "case_0001" in page.control.status_label.text)
    press(page.control.cancel_button)
    until(lambda: page.banner.notices)
    assert "start again to go on" in page.banner.text and page.start_button.enabled


def test_problem_is_told_in_its_words(page, tmp_path, until):
    choose(page, tmp_path / "nowhere", tmp_path / "out")
    press(page.start_button)
    until(lambda: page.banner.notices)
    assert page.banner.text == "There are no scans."


def test_module_shows_the_page_as_a_tab(panel):
    tabs = panel.ui.pagesTabWidget
    assert tabs.tabText(tabs.count - 1) == "Batch"
