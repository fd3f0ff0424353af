"""The report of one answer as web page or PDF: probability, limits, slices with heat, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from NeuroOrbitLib.anatomy.structures import LABEL_VALUES, label_name
from NeuroOrbitLib.classifiers.wording import limits_text
from NeuroOrbitLib.evaluation.reports.page import Page
from NeuroOrbitLib.evaluation.reports.pdf_page import PdfPage, page_for
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.pictures import blended, gray_pixels, png_data_url, with_outline, with_side_letters
from NeuroOrbitLib.number_text import fixed
from NeuroOrbitLib.saliency.colors import heat_pixels
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _

_LOW, _HIGH = -1.5, 4.0
_ENLARGED = 2
_MOST_SLICES = 12
#: Grey value window of the scan shown under the classifier's image, as percentiles of its voxels.
_SHOWN_PERCENTILES = (1.0, 99.8)
_OUTLINE = (255, 120, 0)


@dataclass(frozen=True)
class HeatView:
    """A heat map and how to draw it.

    :param image: heat map on the grid of the classifier's input.
    :param explanation: the worker's data on how the heat map was made, with the heat of each structure, see
        :attr:`ReportWords.heat_of`.
    :param threshold_percent: heat below this percentage of the maximum is not drawn.
    :param opacity_percent: opacity (percent) of the heat.
    """

    image: Image
    explanation: Mapping[str, object]
    threshold_percent: float = 30.0
    opacity_percent: float = 60.0

    def over(self, gray: np.ndarray, number: int, shown: slice) -> np.ndarray | None:
        """Return the pixels of slice ``number`` with the heat over its grey pixels, or None if there is no heat at all.

        :param gray: grey pixels of the shown part of the slice.
        :param number: number of the slice, from 0.
        :param shown: rows and columns that are shown.
        """
        largest = float(self.image.array.max())
        if largest <= 0:
            return None
        values = self.image.array[number, shown, shown]
        mask = values >= largest * max(self.threshold_percent, 1.0) / 100
        return blended(gray, heat_pixels(values, largest), mask, self.opacity_percent / 100)


@dataclass(frozen=True)
class ReportTable:
    """A section with a table of numbers: its heading, the table's header and rows, and a caption."""

    heading: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""


@dataclass(frozen=True)
class ReportWords:
    """The texts of a module's report.

    :param title: title of the page, followed by the scan's name if the user keeps names.
    :param answer: the answer and its limits, as pairs (heading, text).
    :param pictures: heading of the pictures.
    :param method: returns a sentence on how a heat map was made, from its explanation.
    :param tables: numbers behind the answer.
    :param origin: further lines on the provenance of the answer, as pairs (heading, text).
    :param slices: numbers of the slices to draw; by default at most twelve of those that are not empty.
    :param shown: rows and columns to draw.
    :param outlined: whether the classifier's input is a mask, which is outlined on the scan if the scan is given.
    :param heat_of: key under which an explanation contains the mean heat of each structure by name, and the heading
        for a structure; without such heat its table is left out.
    """

    title: str
    answer: Sequence[tuple[str, str]]
    pictures: str
    method: Callable[[Mapping[str, object]], str]
    tables: Sequence[ReportTable] = ()
    origin: Sequence[tuple[str, str]] = ()
    slices: Sequence[int] | None = None
    shown: slice = field(default_factory=lambda: slice(None))
    outlined: bool = False
    heat_of: tuple[str, str] = ("by_structure", _("Structure"))


def write_report(path: Path, record: Mapping[str, object], words: ReportWords, seen: Image,
                 heat: HeatView | None = None, scan: Image | None = None, say: Callable[[str], str] = str) -> Path:
    """Write the report and return its path.

    :param path: file to write: ``.pdf`` for A4 sheets, otherwise a web page.
    :param record: the result as plain data, as the scene keeps it.
    :param words: texts of the report.
    :param seen: the classifier's input, z-scores (K, J, I).
    :param heat: heat map of the class and how to draw it, if it was computed.
    :param scan: the scan, to be drawn under the classifier's input if ``words.outlined`` is set.
    :param say: returns a sentence in the language of the application.
    """
    synthetic = _("The model has learned from synthetic images only.") if record.get("synthetic_training") else ""
    name = record["input"].get("name")  # absent unless the user keeps names of scans
    page = page_for(Path(path), joined(filter(None, [words.title, name]), ": "), synthetic, say)
    page.heading(_("Answer"))
    page.table(["", ""], [list(line) for line in words.answer])
    page.paragraph(limits_text(record))
    page.heading(words.pictures)
    _pictures(page, words, seen, heat, scan if words.outlined else None)
    if heat is not None:
        page.paragraph(words.method(heat.explanation))
        key, title = words.heat_of
        hottest_first = sorted(heat.explanation.get(key, {}).items(), key=lambda item: -item[1])
        if hottest_first:
            names = {label_name(value): label_name(value) for value in LABEL_VALUES}  # JSON keeps keys as text
            page.table([title, _("Mean heat")], [[names.get(name, name), fixed(value, 4)]
                                                 for name, value in hottest_first],
                       _("Where the heat lies, on average"))
    for table in words.tables:
        page.heading(table.heading)
        page.table(table.header, table.rows, table.caption)
    page.heading(_("How this came about"))
    page.table(["", ""], _provenance(record, words.origin))
    return page.write(Path(path))


def _pictures(page: Page | PdfPage, words: ReportWords, seen: Image, heat: HeatView | None,
              scan: Image | None) -> None:
    """Add one picture per slice, with the patient's right side on the left, marked so; any heat is drawn beneath it."""
    mirrored = seen.affine[0, 0] > 0  # a left orbit is stored as a right one
    count, under = seen.array.shape[0], None if scan is None else _on_grid_of(seen, scan)
    window = (_LOW, _HIGH) if under is None else tuple(np.percentile(under, _SHOWN_PERCENTILES))
    for number in _with_content(seen.array) if words.slices is None else words.slices:
        part = (number, words.shown, words.shown)
        gray = gray_pixels((seen.array if under is None else under)[part], *window)
        if under is not None:
            gray = with_outline(gray, seen.array[part] >= 0.5, _OUTLINE)
        warm = heat.over(gray, number, words.shown) if heat is not None else None
        parts = [_as_shown(pixels, mirrored, seen.spacing) for pixels in (gray, warm) if pixels is not None]
        page.picture(png_data_url(np.concatenate(parts)),
                     _("Slice {number} of {count}").format(number=number + 1, count=count))


def _on_grid_of(seen: Image, scan: Image) -> np.ndarray:
    from NeuroOrbitLib.imaging.resampling import resample  # heavy: not needed when the application starts

    return resample(scan, seen.grid, antialias=True).array


def _with_content(array: np.ndarray) -> list[int]:
    """Return the numbers of at most twelve evenly spaced slices that are not empty."""
    filled = np.flatnonzero(np.ptp(array, axis=(1, 2)) > 0)
    chosen = np.linspace(0, len(filled) - 1, min(len(filled), _MOST_SLICES)).round().astype(int)
    return filled[chosen].tolist()


def _as_shown(pixels: np.ndarray, mirrored: bool, spacing: Sequence[float]) -> np.ndarray:
    """Return a slice enlarged, in the patient's true proportions, as a network's pixels need not be square."""
    turned = (pixels[:, ::-1] if mirrored else pixels).repeat(_ENLARGED, axis=1)
    count = len(pixels)
    rows = max(round(count * _ENLARGED * spacing[1] / spacing[0]), 1)
    return with_side_letters(turned[np.arange(rows) * count // rows], "R")


def _provenance(record: Mapping[str, object], more: Sequence[tuple[str, str]]) -> list[list[str]]:
    model, source = record["model"], record["input"]
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    return [
        [_("Model"), f"{model['title']} ({model['name']} {model['version']})"],
        [_("Weights, SHA-256"), str(model["sha256"])],
        [_("Trained on"), str(model["training_data"])],
        [_("Scan"), joined([*filter(None, [source.get("name")]),
                         _("voxels SHA-256 {digest}").format(digest=source["voxels_sha256"])], ", ")],
        *(list(line) for line in more),
        [_("Time"), str(record["time"])],
        [_("Computed on"), str(record["device"]["reason"])],
        [_("Software"), versions],
    ]
