"""An evaluation as text tables and as plain data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from NeuroOrbitLib.evaluation.reports.text import aligned
from NeuroOrbitLib.evaluation.segmentation.scores import (
    METRICS,
    StructureScore,
    Summary,
    cohort_volume_agreement,
    summarise_cohort,
)
from NeuroOrbitLib.evaluation.segmentation.slices import mean_relative_curve
from NeuroOrbitLib.evaluation.segmentation.volumes import VolumeAgreement
from NeuroOrbitLib.number_text import fixed

Case = Mapping[int, StructureScore]

# Heading, factor and decimals of each measure.
_COLUMNS = {
    "dice": ("Dice", 1, 3),
    "iou": ("IoU", 1, 3),
    "sensitivity": ("Sensitivity", 1, 3),
    "precision": ("Precision", 1, 3),
    "specificity": ("Specificity", 1, 4),
    "surface_dice": ("Surface Dice", 1, 3),
    "hausdorff95": ("HD95 mm", 1, 2),
    "mean_surface_distance": ("Mean dist. mm", 1, 2),
    "volume_error": ("Volume error %", 100, 1),
}
_BARS = "▁▂▃▄▅▆▇█"


def metrics_table(cases: Sequence[Case], name_of: Callable[[int], str]) -> str:
    """Return a text table of every measure by structure: the value of one case, or mean ± SD over several.

    Lines below it tell of means over fewer cases: measures without a value where a structure was missed look too good.
    """
    summaries = summarise_cohort(cases)
    header = ["Structure", "Cases", *(heading for heading, _, _ in _COLUMNS.values())]
    rows = [
        [name_of(label), str(summary["dice"].cases), *(_summary_text(summary[m], *_COLUMNS[m][1:]) for m in METRICS)]
        for label, summary in summaries.items()
    ]
    notes = [f"{name_of(label)}, {note}" for label, summary in summaries.items() for note in _fewer_cases(summary)]
    return "\n".join([aligned([header, *rows]), *notes])


def _fewer_cases(summary: Mapping[str, Summary]) -> Iterator[str]:
    """Yield a line for each smaller number of cases than that of the Dice, with the measures that are means over it."""
    known = {metric: summary[metric].cases for metric in METRICS}
    for count in sorted({count for count in known.values() if 0 < count < known["dice"]}, reverse=True):
        names = ", ".join(_COLUMNS[metric][0] for metric in METRICS if known[metric] == count)
        yield f"{names}: mean of {count} of {known['dice']} cases; no value where the structure is missing."


def volume_table(cases: Sequence[Case], name_of: Callable[[int], str]) -> str:
    """Return a text table of the agreement of volumes over the cases, by structure."""
    header = ["Structure", "Cases", "Pearson R", "MAE ml", "RMSE ml", "Relative error %", "Bias ml",
              "95 % limits of agreement ml"]
    rows = [[name_of(label), *_volume_cells(a)] for label, a in cohort_volume_agreement(cases).items()]
    return aligned([header, *rows])


def slice_table(cases: Sequence[Case], name_of: Callable[[int], str]) -> str:
    """Return a text table of the IoU in ten equal parts along each structure, as bars and as numbers."""
    rows = [["Structure", "", *(f"{10 * part}-{10 * part + 10} %" for part in range(10))]]
    for label, curve in _relative_curves(cases).items():
        rows.append([name_of(label), _bars(curve), *(_number(value, 2) for value in curve)])
    return aligned(rows)


def as_data(cases: Mapping[str, Case], name_of: Callable[[int], str]) -> dict[str, Any]:
    """Return the evaluation as plain data for JSON, with ``None`` for values that are not finite.

    :param cases: scores of each case, by its name.
    :param name_of: function that returns the name of a label value.
    """
    scores = list(cases.values())
    summaries, volumes, curves = summarise_cohort(scores), cohort_volume_agreement(scores), _relative_curves(scores)
    structures = {
        str(label): {
            "name": name_of(label),
            "summary": {metric: asdict(summary) for metric, summary in summaries[label].items()},
            "volume_agreement_mm3": asdict(volumes[label]),
            "iou_along_structure": curves[label].tolist(),
        }
        for label in summaries
    }
    per_case = {name: {str(label): _score_data(score) for label, score in case.items()} for name, case in cases.items()}
    return finite({"structures": structures, "cases": per_case})


def finite(value: Any) -> Any:
    """Return plain data with every NaN or infinite number replaced by ``None``."""
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _score_data(score: StructureScore) -> dict[str, Any]:
    slices = {"positions_mm": score.slices.positions.tolist(), "iou": score.slices.iou.tolist()}
    return {
        **score.metrics,
        "reference_volume_mm3": score.reference_volume,
        "predicted_volume_mm3": score.predicted_volume,
        f"{score.slices.plane}_slices": slices,
    }


def _relative_curves(cases: Iterable[Case]) -> dict[int, np.ndarray]:
    gathered: dict[int, list] = {}
    for case in cases:
        for label, score in case.items():
            gathered.setdefault(label, []).append(score.slices)
    return {label: mean_relative_curve(curves) for label, curves in sorted(gathered.items())}


def _summary_text(summary: Summary, factor: float, decimals: int) -> str:
    mean = _number(summary.mean * factor, decimals)
    return mean if math.isnan(summary.sd) else f"{mean} ± {_number(summary.sd * factor, decimals)}"


def _volume_cells(agreement: VolumeAgreement) -> list[str]:
    low, high = agreement.limits_of_agreement
    return [
        str(agreement.cases),
        _number(agreement.pearson_r, 3),
        _number(agreement.mean_absolute_error / 1000, 3),
        _number(agreement.root_mean_square_error / 1000, 3),
        f"{_number(agreement.relative_error * 100, 1)} ± {_number(agreement.relative_error_sd * 100, 1)}",
        _number(agreement.bias / 1000, 3),
        f"{_number(low / 1000, 3)} to {_number(high / 1000, 3)}",
    ]


def _number(value: float, decimals: int) -> str:
    return fixed(value, decimals) if math.isfinite(value) else "-"


def _bars(curve: np.ndarray) -> str:
    return "".join(" " if math.isnan(v) else _BARS[min(int(v * len(_BARS)), len(_BARS) - 1)] for v in curve)
