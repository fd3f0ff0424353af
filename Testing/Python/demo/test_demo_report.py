"""The demonstration's report, read as its reader's browser reads it."""

from __future__ import annotations

import base64
import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from NeuroOrbitLib.research_use import RESEARCH_USE
from Testing.Demo.cases import DemonstrationCase, Reference
from Testing.Demo.outcome import Outcome, Picture
from Testing.Demo.report import report_html

PICTURE = b"\x89PNG picture"
RECORD = {
    "notices": [{"level": "warning", "text": "The left eye was not found."}],
    "model": {"name": "orbit", "version": "1.2", "title": "Orbit <any>", "sha256": "ab12",
              "training_data": "synthetic: phantoms"},
    "device": {"name": "cpu", "reason": "No graphics card."},
    "versions": {"torch": "2.9"},
    "seconds": 3.25,
    "application": "Slicer 5.10",
    "input": {"shape_kji": [3, 4, 5], "voxels_sha256": "cd34"},
}
MEASURED = {"label": 9, "name": "Right medial rectus muscle", "volume_ml": 1.537, "mean_intensity": 41.26,
            "normal": "0.50 to 0.92 (adults)", "position": "above"}
MISSED = {**MEASURED, "label": 10, "name": "Left medial rectus muscle", "volume_ml": None, "mean_intensity": None,
          "position": "", "reference_ml": 0.7, "dice": 0.0, "surface_dice": 0.0}


class Page(HTMLParser):
    """Words, rows of cells and picture addresses of a page; fails on tags that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words, self.rows, self.addresses, self.open = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "img":
            self.addresses.append(dict(attributes)["src"])
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def row(self, start):
        """The last row whose first cell starts with these words."""
        return next(row for row in reversed(self.rows) if row[0].startswith(start))


@pytest.fixture
def picture(tmp_path):
    file = tmp_path / "axial.png"
    file.write_bytes(PICTURE)
    return Picture("Axial", file)


def page(*outcomes):
    return Page(report_html(outcomes, 61.7, datetime.datetime(2030, 1, 2, 3, 4)))


def case(reference=None):
    return DemonstrationCase("scan", "Scan of A & B", Path("scan.nii.gz"), reference)


def test_the_reader_sees_volumes_normal_ranges_notices_and_where_they_come_from(picture):
    shown = page(Outcome(case(), "", RECORD, [MEASURED], [picture], 5.5))
    assert shown.row("Right medial") == [
        "Right medial rectus muscle", "1.54 (above normal)", "41.3", "0.50 to 0.92 (adults)"]
    text = "".join(shown.words)
    for expected in (RESEARCH_USE, "The left eye was not found.", "Scan of A & B", "2030-01-02 03:04", "62 seconds"):
        assert expected in text
    assert shown.row("Model") == ["Model", "Orbit <any> (orbit 1.2), SHA-256 ab12"]
    assert shown.row("Time")[1].startswith("3.2 s to compute, 5.5 s from Apply")
    assert "5 x 4 x 3" in shown.row("Scan")[1]


def test_agreement_is_shown_where_the_truth_is_known(picture):
    known = Reference("known exactly", Path("labels.nii.gz"))
    shown = page(Outcome(case(known), "", RECORD, [{**MEASURED, "dice": 0.914, "surface_dice": 0.99,
                                                    "reference_ml": 1.4}, MISSED], [picture], 5.5))
    assert shown.row("Right medial")[1:5] == ["1.54 (above normal)", "1.40", "0.91", "0.99"]
    assert shown.row("Left medial")[1:5] == ["not found", "0.70", "0.00", "0.00"]
    assert shown.row("Scan of A")[1:] == ["5.5", "1", "1", "", "0.46", "known exactly"]


def test_the_pictures_are_inside_the_page(picture):
    shown = page(Outcome(case(), "", RECORD, [MEASURED], [picture, picture], 5.5))
    assert shown.addresses == [f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"] * 2


def test_a_case_that_failed_says_why():
    shown = page(Outcome(case(), "No eye was found in <this> scan."))
    assert "No eye was found in <this> scan." in shown.words
    assert shown.row("Scan of A")[1] == "no result"
