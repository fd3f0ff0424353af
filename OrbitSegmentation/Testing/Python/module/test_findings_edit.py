"""Findings as a radiologist edits them in the panel: they reach the report, and nothing is lost unasked."""

from __future__ import annotations

import re
from html import unescape

import pytest
import qt
import slicer
from PySide6.QtTest import QTest

from NeuroOrbitLib.mrml.measurement_table import measurements_of, rows_of
from NeuroOrbitLib.mrml.report_findings import FINDINGS_ATTRIBUTE, edited_findings
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.widgets.run_control import RunState
from Testing.pseudo_language import speak

EDITED = "The findings were edited by a reader."


@pytest.fixture
def findings(measured):
    """The findings of the measured segmentation, shown."""
    found = measured.measurePart.take_home.findings
    found.button.checked = False
    QTest.mouseClick(found.button, qt.Qt.LeftButton)
    assert not found.text.isHidden()
    yield found
    found.button.checked = False


@pytest.fixture
def write(measured, monkeypatch, tmp_path):
    """Presses the report's button and returns the page, "" if none was written."""
    path = tmp_path / "report.html"
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *_: str(path))

    def write_() -> str:
        path.unlink(missing_ok=True)
        QTest.mouseClick(measured.measurePart.take_home.report_button, qt.Qt.LeftButton)
        return path.read_text(encoding="utf-8") if path.exists() else ""

    return write_


@pytest.fixture
def answers(monkeypatch):
    """What the user answers when asked, and what was asked."""
    given, asked = [True], []
    monkeypatch.setattr(slicer.util, "confirmYesNoDisplay", lambda text, *_, **__: asked.append(text) or given[0])
    return given, asked


def lines(findings) -> list[str]:
    return [line for line in findings.text.toPlainText().splitlines() if line]


def add_line(findings, words: str) -> None:
    """Type a line at the beginning."""
    findings.text.moveCursor(qt.QTextCursor.Start)
    QTest.keyClicks(findings.text, words)
    QTest.keyClick(findings.text, qt.Qt.Key_Return)


def findings_in(page: str) -> list[str]:
    """The findings in a page."""
    return [unescape(text) for text in re.findall("<li>(.*?)</li>", page.partition("contenteditable")[2].partition(
        "</ul>")[0])]


def widen_diameter(panel) -> None:
    """Correct a measure by hand."""
    view = panel.measurePart.view
    view.choose("medial_rectus", "right", "greatest_diameter")
    right, front, top = view.markup.GetNthControlPointPositionWorld(1)
    view.markup.SetNthControlPointPositionWorld(1, right + 3.0, front, top)


def choose_normal(panel, key: str) -> None:
    box = panel.measurePart.view.normal_choice.table_box
    index = box.findData(key)
    assert index >= 0
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_findings_that_nobody_edits_are_those_of_the_report_and_need_no_click(measured, findings, write, answers):
    shown = lines(findings)
    assert len(shown) > 2 and any("above the published range" in line for line in shown)
    assert findings.banner.isHidden() and findings.reset_button.isHidden() and findings.keep_button.isHidden()
    page = write()
    assert findings_in(page) == shown and EDITED not in page and not answers[1]
    segmentation = measured.ui.measuredSelector.currentNode()
    assert segmentation.GetAttribute(FINDINGS_ATTRIBUTE) is None


def test_findings_that_nobody_edits_follow_the_measures_and_the_chosen_norms(measured, findings, write):
    before = lines(findings)
    sex = measured.measurePart.view.normal_choice.sex_box
    sex.setCurrentIndex(2)
    sex.activated.emit(2)
    choose_normal(measured, "mri-male")
    compared = lines(findings)
    assert len(compared) > len(before)
    assert any(line.startswith("Medial rectus muscle: greatest diameter") for line in compared)
    assert findings_in(write()) == compared
    choose_normal(measured, "")
    assert lines(findings) == before


def test_findings_are_in_the_language_of_the_application(measured, findings, monkeypatch):
    speak(monkeypatch)
    measured.measurePart.view.refresh()
    words = set(re.findall("[A-Za-z]{2,}", findings.text.toPlainText()))
    assert words <= {"ml", "mm"} and lines(findings)


def test_edited_findings_stand_in_the_report_in_their_order_and_the_report_says_so(findings, write, answers):
    by_rule = lines(findings)
    add_line(findings, "Muscle belly < 8 mm, tendon spared.")
    QTest.keyClicks(findings.text, "  ")
    assert "as you have edited them" in findings.banner.text and not findings.banner.isHidden()
    page = write()
    assert findings_in(page) == ["Muscle belly < 8 mm, tendon spared.", *by_rule] and EDITED in page
    findings.text.setPlainText("\n\nOne sentence.\n")
    assert findings_in(write()) == ["One sentence."]
    findings.text.setPlainText("")
    assert findings_in(write()) == [] and not answers[1]


def test_the_pdf_has_the_edited_findings(measured, findings, tmp_path):
    take_home = measured.measurePart.take_home
    take_home.report(tmp_path / "by_rule.pdf")
    add_line(findings, "Tendon spared.")
    for name in ("edited.pdf", "again.pdf"):
        take_home.report(tmp_path / name)
    pages = [(tmp_path / name).read_bytes() for name in ("by_rule.pdf", "edited.pdf", "again.pdf")]
    assert pages[0] != pages[1] == pages[2]


def test_text_as_it_was_before_editing_is_no_longer_edited(measured, findings):
    before = findings.text.toPlainText()
    add_line(findings, "A word.")
    assert edited_findings(measured.ui.measuredSelector.currentNode()).lines[0] == "A word."
    findings.text.setPlainText(before)
    assert edited_findings(measured.ui.measuredSelector.currentNode()) is None and findings.banner.isHidden()


def test_edited_findings_are_kept_with_their_segmentation_in_the_scene(measured, findings, phantom, write, tmp_path):
    """Saved, reopened, and not taken for those of another segmentation."""
    by_rule = lines(findings)
    findings.text.setPlainText("\n".join(["Größe „normal“; 5 % < x: 50 %3B", *by_rule]))  # the keys have no „
    labels, grey = phantom
    other = add_segmentation(labels, node_from_image(grey, "MRI"), "Of another reader")
    name = measured.ui.measuredSelector.currentNode().GetName()
    measured.ui.measuredSelector.setCurrentNode(other)
    assert findings.text.isHidden() and findings.banner.isHidden() and edited_findings(other) is None
    assert not findings.button.enabled and "Press Measure first" in findings.button.toolTip
    measured.ui.measuredSelector.setCurrentNode(slicer.util.getNode(name))
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    assert findings.text.isHidden()
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert measured.ui.measuredSelector.currentNode().GetName() == name
    assert lines(findings) == ["Größe „normal“; 5 % < x: 50 %3B", *by_rule]
    assert "as you have edited them" in findings.banner.text
    assert findings_in(write())[0] == "Größe „normal“; 5 % < x: 50 %3B"


def test_a_report_of_other_measures_waits_until_edited_findings_are_kept(measured, findings, write, until):
    add_line(findings, "Tendon spared.")
    edited = lines(findings)
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)  # the same measures
    until(lambda: measured.runControl.state is RunState.IDLE)
    assert findings.keep_button.isHidden() and "as you have edited them" in findings.banner.text
    widen_diameter(measured)
    assert "edited for earlier measures" in findings.banner.text and not findings.keep_button.isHidden()
    findings.button.checked = False
    assert write() == "" and "Nothing was written" in measured.measurePart.take_home.banner.text
    assert findings.button.checked and lines(findings) == edited, "they are shown, so that they can be read"
    add_line(findings, "The right medial rectus is thick.")
    assert not findings.keep_button.isHidden(), "editing does not say that all of it was read"
    QTest.mouseClick(findings.keep_button, qt.Qt.LeftButton)
    assert findings.keep_button.isHidden() and "as you have edited them" in findings.banner.text
    assert findings_in(write()) == ["The right medial rectus is thick.", *edited]


def test_edited_findings_are_reset_only_if_the_user_says_so(measured, findings, write, answers):
    given, asked = answers
    add_line(findings, "Tendon spared.")
    edited = lines(findings)
    widen_diameter(measured)
    given[0] = False
    QTest.mouseClick(findings.reset_button, qt.Qt.LeftButton)
    assert "Drop the edited findings" in asked[0] and lines(findings) == edited
    given[0] = True
    QTest.mouseClick(findings.reset_button, qt.Qt.LeftButton)
    assert lines(findings) != edited and "Tendon spared." not in lines(findings)
    assert findings.banner.isHidden() and findings.reset_button.isHidden()
    assert findings_in(write()) == lines(findings)


def test_other_normal_values_put_edited_findings_in_doubt(measured, findings, write):
    choose_normal(measured, "")
    add_line(findings, "Tendon spared.")
    choose_normal(measured, "levator-mri")
    assert "compared with other normal values" in findings.banner.text and write() == ""
    choose_normal(measured, "")
    assert "as you have edited them" in findings.banner.text and findings_in(write())[0] == "Tendon spared."


def test_edited_findings_of_measures_that_are_gone_are_told_and_come_back(measured, findings, write, until):
    add_line(findings, "Tendon spared.")
    table = measurements_of(measured.ui.measuredSelector.currentNode())
    assert rows_of(table)
    slicer.mrmlScene.RemoveNode(table)
    measured._parameterNode.Modified()
    assert "measures that are gone" in findings.banner.text and write() == ""
    QTest.mouseClick(measured.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: measured.runControl.state is RunState.IDLE)
    assert lines(findings)[0] == "Tendon spared." and findings_in(write())[0] == "Tendon spared."


@pytest.mark.parametrize("left", ["Tendon spared.", '{"lines": 3}', '{"sentences": ["Tendon spared."]}', "[]"])
def test_findings_that_something_else_left_are_shown_and_never_written_unasked(measured, findings, write, left):
    measured.ui.measuredSelector.currentNode().SetAttribute(FINDINGS_ATTRIBUTE, left)
    measured.measurePart.view.refresh()
    assert lines(findings) == [left] and not findings.keep_button.isHidden() and write() == ""
