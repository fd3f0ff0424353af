"""A report as PDF holds what the web page holds: words, tables, pictures, on as many sheets as it needs."""

from __future__ import annotations

import re
import zlib

import numpy as np

from NeuroOrbitLib.evaluation.reports.page import Page
from NeuroOrbitLib.evaluation.reports.pdf_page import PdfPage, page_for
from NeuroOrbitLib.imaging.pictures import png_data_url


def words_in(pdf: bytes) -> str:
    """The text of a PDF, without the kerning between letters."""
    streams = (found.group(1) for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL))
    text = b""
    for stream in streams:
        try:
            text += zlib.decompress(stream)
        except zlib.error:
            continue
    lines = re.findall(rb"\[(.*?)\] TJ|(\((?:\\.|[^)])*\)) Tj", text, re.DOTALL)
    joined = (b"".join(re.findall(rb"\(((?:\\.|[^)\\])*)\)", kerned or plain)) for kerned, plain in lines)
    return "\n".join(line.decode("latin-1").replace("\\(", "(").replace("\\)", ")") for line in joined)


def filled(rows: int = 3) -> PdfPage:
    page = PdfPage("Lesions: Scan 7", "Learned from synthetic images only.")
    page.heading("Answer")
    page.paragraph("78 % for NMOSD, costs $5 and $6.")
    page.picture(png_data_url(np.full((40, 60, 3), (10, 200, 30), np.uint8)), "Slice 1 of 2")
    page.picture(png_data_url(np.zeros((40, 60, 3), np.uint8)), "Slice 2 of 2")
    page.table(["Lesion", "Place"], [[str(number), "periventricular " * 20] for number in range(rows)], "All of them")
    return page


def test_words_tables_and_pictures_are_in_the_file(tmp_path):
    pdf = filled().write(tmp_path / "report.pdf").read_bytes()
    said = words_in(pdf)
    for words in ("Lesions: Scan 7", "For research use only", "synthetic images only", "Answer", "78 % for NMOSD",
                  "$5 and $6", "Slice 2 of 2", "Lesion", "periventricular", "All of them"):
        assert words in said, words
    assert len(re.findall(rb"/Subtype /Image", pdf)) >= 2
    assert pdf == filled().write(tmp_path / "again.pdf").read_bytes()


def test_a_long_table_goes_on_on_the_next_sheet_within_the_margins():
    page = filled(60)
    assert len(page.sheets) > 1
    places = [text.get_position() for sheet in page.sheets for text in sheet.texts]
    assert min(y for _x, y in places) > 0.02 and max(y for _x, y in places) < 1 and min(x for x, _y in places) > 0.05
    for sheet in page.sheets:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        FigureCanvasAgg(sheet).draw()
        width = sheet.bbox.width
        assert max(text.get_window_extent().x1 for text in sheet.texts) < width * 0.96


def test_the_name_of_the_file_says_which_it_is(tmp_path):
    assert isinstance(page_for(tmp_path / "a.PDF", "x"), PdfPage)
    assert isinstance(page_for(tmp_path / "a.html", "x"), Page)
