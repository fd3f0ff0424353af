"""The report of one answer on one page: the number, its limits, the five slices with the heat, the signal ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from NeuroOrbitLib.anatomy import structure
from NeuroOrbitLib.classifiers.wording import limits_text
from NeuroOrbitLib.evaluation.reports.page import Page
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.pictures import blended, gray_pixels, png_data_url, with_side_letters
from NeuroOrbitLib.saliency.colors import heat_pixels
from TAOActivityLib.wording import answer_lines, method_text

_LOW, _HIGH = -1.5, 4.0
_ENLARGED = 2
_SHOWN = slice(18, 146)


@dataclass(frozen=True)
class HeatView:
    """Heat as it is to be drawn.

    :param image: on the crop's grid.
    :param explanation: how it was made, see :func:`TAOActivityLib.run_activity.explain_crop`.
    :param threshold_percent: heat below this share of the largest is not drawn.
    :param opacity_percent: of what is drawn.
    """

    image: Image
    explanation: Mapping[str, object]
    threshold_percent: float = 30.0
    opacity_percent: float = 60.0

    def over(self, gray: np.ndarray, number: int) -> np.ndarray | None:
        """Pixels of slice ``number`` with the heat over its grey pixels; None when nothing is warm."""
        largest = float(self.image.array.max())
        if largest <= 0:
            return None
        values = self.image.array[number, _SHOWN, _SHOWN]
        mask = values >= largest * max(self.threshold_percent, 1.0) / 100
        return blended(gray, heat_pixels(values, largest), mask, self.opacity_percent / 100)


def write_report(path: Path, record: Mapping[str, object], crop: Image, heat: HeatView | None = None) -> Path:
    """Write the page.

    :param record: of the result, see :func:`TAOActivityLib.run_activity.classify_crop`.
    :param crop: what the classifier saw (5, 164, 164).
    :param heat: what speaks for active disease, if that was asked.
    """
    synthetic = "The model has learned from synthetic images only." if record.get("synthetic_training") else ""
    name = record["input"].get("name")  # left out unless the user keeps names of scans
    page = Page(": ".join(filter(None, ["Activity of thyroid eye disease", name])), synthetic)
    page.heading("Answer")
    page.table(["", ""], [list(line) for line in answer_lines(record)])
    page.paragraph(limits_text(record))
    page.heading("What the classifier saw, from below to above")
    _pictures(page, crop, heat)
    if heat is not None:
        page.paragraph(method_text(heat.explanation))
        page.table(["Muscle", "Mean heat"], [[name, f"{value:.4f}"] for name, value in _sorted(heat.explanation)],
                   "Mean heat of each muscle")
    page.heading("Signal ratios")
    page.table(*_ratios(record["ratios"], record["cut_offs"]),
               "Signal of the muscle over that of a tissue that the disease spares. Cut-offs are published ones; they "
               "belong to their scanners and protocols.")
    page.heading("How this came about")
    page.table(["", ""], _provenance(record))
    return page.write(Path(path))


def _pictures(page: Page, crop: Image, heat: HeatView | None) -> None:
    """Add one picture per slice, the patient's right side on the left and so marked; with heat beneath if any."""
    mirrored = crop.affine[0, 0] > 0  # a left orbit is stored as a right one
    for number in range(crop.array.shape[0]):
        gray = gray_pixels(crop.array[number, _SHOWN, _SHOWN], _LOW, _HIGH)
        warm = heat.over(gray, number) if heat is not None else None
        parts = [_as_shown(pixels, mirrored) for pixels in (gray, warm) if pixels is not None]
        page.picture(png_data_url(np.concatenate(parts)), f"Slice {number + 1} of {crop.array.shape[0]}")


def _as_shown(pixels: np.ndarray, mirrored: bool) -> np.ndarray:
    turned = pixels[:, ::-1] if mirrored else pixels
    return with_side_letters(turned.repeat(_ENLARGED, axis=0).repeat(_ENLARGED, axis=1), "R")


def _sorted(explanation: Mapping[str, object]) -> list[tuple[str, float]]:
    return sorted(explanation["by_muscle"].items(), key=lambda item: -item[1])


def _ratios(rows: Sequence[Mapping[str, object]], cut_offs: Mapping[str, float]) -> tuple[list[str], list[list[str]]]:
    header = ["Muscle", "Side"]
    for name, cut_off in cut_offs.items():
        header += [f"To {name}", f"At least {cut_off:g}"]
    cells = []
    for row in rows:
        line = [structure(str(row["muscle"])).name.capitalize(), str(row["side"])]
        for name, cut_off in cut_offs.items():
            ratio = row.get(f"to_{name}")
            line += ["–", "–"] if ratio is None else [f"{ratio:.2f}", "yes" if ratio >= cut_off else "no"]
        cells.append(line)
    return header, cells


def _provenance(record: Mapping[str, object]) -> list[list[str]]:
    model, source = record["model"], record["input"]
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    return [
        ["Model", f"{model['title']} ({model['name']} {model['version']})"],
        ["Weights, SHA-256", str(model["sha256"])],
        ["Trained on", str(model["training_data"])],
        ["Scan", ", ".join([*filter(None, [source.get("name")]), f"voxels SHA-256 {source['voxels_sha256']}"])],
        ["Region", str(record["crop"]["region"])],
        ["Time", str(record["time"])],
        ["Computed on", str(record["device"]["reason"])],
        ["Software", versions],
    ]
