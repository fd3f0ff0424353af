"""The letters of a PDF: drawn in a font that has them, or named in a message; never boxes."""

from __future__ import annotations

import pytest

from NeuroOrbitLib.clinical_report.content import Header, content_of
from NeuroOrbitLib.clinical_report.pdf import report_pdf
from NeuroOrbitLib.evaluation.reports.letters import draw_all_letters
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
