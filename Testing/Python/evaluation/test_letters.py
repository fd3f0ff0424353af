"""The letters of a PDF: drawn in a font that has them, or named in a message; never boxes."""

from __future__ import annotations

import pytest

from NeuroOrbitLib.clinical_report.content import Header, content_of
from NeuroOrbitLib.clinical_report.pdf import report_pdf
from NeuroOrbitLib.evaluation.reports.letters import draw_all_letters
from NeuroOrbitLib.evaluation.reports.line_breaks import wrapped
from NeuroOrbitLib.evaluation.reports.pdf_page import PdfPage
from NeuroOrbitLib.problem import Problem

#: A letter that only another of matplotlib's fonts has.
ELSEWHERE = "\U0001d4d0"


def report(patient: str) -> bytes:
    return report_pdf(content_of([], [], None, header=Header("Universität"), patient={"Patient": patient}))


def figure_with(text: str):
    from matplotlib.figure import Figure

    figure = Figure()
    return figure, figure.text(0.5, 0.5, text)


@pytest.mark.filterwarnings("error:Glyph")
@pytest.mark.parametrize("patient", ["Müller, Zoë", "Иванов", "Παπαδόπουλος", "Nguyễn", "9.9 ✎ ▲\u00a0mm²\u200b"])
def test_letters_of_the_usual_font_stay_in_it(patient):
    figure, text = figure_with(patient)
    draw_all_letters(figure)
    assert text.get_fontfamily() == ["sans-serif"]
    assert report(patient).startswith(b"%PDF")


@pytest.mark.filterwarnings("error:Glyph")
def test_other_letters_are_drawn_in_a_font_that_has_them():
    figure, text = figure_with(f"A{ELSEWHERE}")
    draw_all_letters(figure)
    assert text.get_fontfamily()[0] == "DejaVu Sans" and len(text.get_fontfamily()) == 2
    assert report(ELSEWHERE).startswith(b"%PDF")


def test_letters_that_no_font_has_are_named_and_nothing_is_written(tmp_path, monkeypatch):
    from matplotlib.font_manager import fontManager

    few = [font for font in fontManager.ttflist if font.name.startswith(("DejaVu Sans", "Last Resort"))]
    monkeypatch.setattr(fontManager, "ttflist", few)
    with pytest.raises(Problem, match=r"No font on this computer has the letters 山 田, .* web page"):
        report("Müller 山田")
    page = PdfPage("Lesions")
    page.paragraph("山田")
    with pytest.raises(Problem, match="No font"):
        page.write(tmp_path / "report.pdf")
    assert not (tmp_path / "report.pdf").exists()


@pytest.mark.parametrize(("text", "letters"), [("右眼窩の内側直筋は6.8mmで公表範囲を超えています。" * 6, 128),
                                               ("안와 검사 " * 40, 61), ("Befund: 右眼窩 " * 30, 40)])
def test_lines_of_wide_letters_end_at_the_margin(text, letters):
    """A letter of these scripts is as wide as two others: half of each line was cut off at the edge of the page."""
    lines = wrapped(text, letters)
    widths = [sum(2 if ord(letter) > 0x2000 else 1 for letter in line) for line in lines]
    assert max(widths) <= letters and min(widths[:-1]) > 0.8 * letters
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_wide_cells_of_a_table_do_not_run_into_the_next_column():
    page = PdfPage("Lesions")
    page.table(["所見", "B"], [["右眼窩の内側直筋は公表範囲を超えています。" * 4, "x" * 60]])
    first, second = (sorted(each.get_position()[0] for each in page.sheets[0].texts if each.get_text() in (name, "B"))
                     for name in ("所見", "B"))
    cell = [each for each in page.sheets[0].texts if "直筋" in each.get_text()]
    widest = max(len(each.get_text()) for each in cell) * cell[0].get_fontsize() / 595
    assert first[0] + widest <= second[0]
