"""The page for many scans: what it asks for, what it tells, and that an ended batch can go on."""

from __future__ import annotations

import numpy as np
import pytest
import qt

from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from OrbitSegmentationLib.mrml import batch_run
from OrbitSegmentationLib.widgets.batch_page import BatchPage
from Testing.panels import press
from Testing.pseudo_language import speak, untranslated


class StandInRuns:
    """Starts batches by a function that stands in for the real one."""

    function = "stand_in_batch:run_batch"

    def __init__(self, runner):
        self.runner = runner

    def start(self, source, output):
        return batch_run.BatchRun(self.runner, {"source": source, "output": output}, self.function)


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


def test_the_overview_is_in_the_language_of_the_application(page, tmp_path, until, monkeypatch):
    folder, output = tmp_path / "scans", tmp_path / "out"
    grey = np.zeros((16, 24, 40), np.int16)
    save_image(Image(grey, np.diag([2.5, 2.5, 2.5, 1.0])), folder / "dark.nii.gz")
    grey[5:11, 4:10, 6:12] = grey[5:11, 4:10, 28:34] = 1000
    save_image(Image(grey, np.diag([2.5, 2.5, 2.5, 1.0])), folder / "scan.nii.gz")
    speak(monkeypatch)
    monkeypatch.setattr(StandInRuns, "function", "stand_in_batch:run_with_bright_eyes")
    choose(page, folder, output)
    for _time in range(2):  # once more, when nothing is left to be computed
        press(page.start_button)
        until(lambda: page.banner.notices)
        text = (output / "index.html").read_text(encoding="utf-8")
        assert "case_0001" in text and "data:image/png" in text
        assert untranslated(text, ["case_0001", "case_0002"]) == set()
    assert "No eye was found in this scan." in (output / "failures.csv").read_text(encoding="utf-8")
    assert "The scan is cut off." in (output / "notices.csv").read_text(encoding="utf-8")


def test_a_batch_that_is_done_is_told_although_its_overview_cannot_be_translated(page, tmp_path, until, monkeypatch):
    monkeypatch.setattr(batch_run, "translated", str.upper)
    monkeypatch.setattr(batch_run, "OVERVIEW", "stand_in_batch:no_overview")
    monkeypatch.setattr(StandInRuns, "function", "stand_in_batch:run_with_a_sentence")
    (tmp_path / "scans").mkdir()
    choose(page, tmp_path / "scans", tmp_path / "out")
    press(page.start_button)
    until(lambda: page.banner.notices)
    assert page.banner.text.startswith("1 of 2 scans are segmented"), page.banner.text
    assert "Scans with notices: 1. Read notices.csv" in page.banner.text
    assert page.banner.text.endswith("The overview is in English: index.html cannot be written.")
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


def test_fields_and_buttons_of_the_page_say_what_they_are(page):
    for button in page.findChildren(qt.QPushButton):
        assert button.toolTip or button.isHidden(), button.text
    buddies = {label.buddy() for label in page.findChildren(qt.QLabel) if label.buddy() is not None}
    assert buddies == {page.source_edit, page.output_edit}
