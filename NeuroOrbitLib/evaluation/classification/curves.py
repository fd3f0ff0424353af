"""The curves of an evaluation as plain data that is part of a model package, so that a panel can plot them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.evaluation.classification.roc import roc_points
from NeuroOrbitLib.evaluation.segmentation.tables import finite

#: Entries of an evaluation that are kept.
_KEPT = ("title", "synthetic", "synthetic_cases", "cases", "patients", "positives", "threshold", "measures",
         "ceiling_auc", "ceiling_auc_of_this_cohort", "baselines")


def evaluation_document(results: Mapping[str, Any], repeats: Sequence[Predictions]) -> dict[str, Any]:
    """Return an evaluation as plain data without its cases.

    :param results: content of the ``evaluation.json`` of a report.
    :param repeats: calibrated out-of-fold predictions that were evaluated, one entry per repeat.
    :return: cohort and ``measures`` (``mean``, ``sd``, ``low``, ``high`` by name) as in ``results``; ``roc`` with the
        lists ``false_positive_rate`` and ``true_positive_rate`` of the probabilities averaged over repeats, and
        ``auc``, ``low``, ``high``; ``reliability`` with the lists ``predicted``, ``observed``, ``counts``, and
        ``expected_error``.
    """
    average = np.mean([repeat.probabilities for repeat in repeats], axis=0)
    false_positives, true_positives, _ = roc_points(repeats[0].labels, average)
    mean = results["mean_prediction"]
    area = mean["auc"]
    return finite({
        **{name: results[name] for name in _KEPT if name in results}, "repeats": len(repeats),
        "roc": {"false_positive_rate": _rounded(false_positives), "true_positive_rate": _rounded(true_positives),
                "auc": area["value"], "low": area["low"], "high": area["high"]},
        "reliability": {**mean["reliability"], "expected_error": mean["expected_calibration_error"]},
    })


def _rounded(values: np.ndarray) -> list[float]:
    return np.round(values, 4).tolist()
