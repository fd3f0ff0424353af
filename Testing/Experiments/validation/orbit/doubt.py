"""Tests whether confidence and notices can be trusted: confidence against true Dice, notices against planted faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.evaluation.reports.text import aligned
from Testing.Experiments.validation.orbit.scoring import FURTHER, SCORED

#: Upper ends of the bins of confidence.
_BINS = (0.6, 0.7, 0.8, 0.9, 1.0)
#: Largest share of faultless scans that may raise a notice, least share of planted faults that must raise one, and
#: largest expected error of the confidence in globe, nerve and recti.
MOST_FALSE, LEAST_TOLD, LARGEST_ERROR = 0.15, 0.85, 0.05
#: With fewer structures, as in a few scans, means say nothing about calibration.
_LEAST_STRUCTURES = 40
#: Scans with a fault of their own that must raise a notice: the face was removed.
FAULTY = ("mne_t1_defaced",)
_ORIGINS = {"annotated real scans": ("annotated",), "synthetic images": ("phantom", "label maps"),
            "label maps among them": ("label maps",)}


def pairs_of(results: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[float, float]]]:
    """Return (confidence, Dice) of every structure on each side by the structure's key, if both values exist."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for result in results:
        confidences = result.get("confidence", {})
        for key, row in result["structures"].items():
            values = structure(key).values
            if len(row["dice"]) < len(values):  # an image of one orbit: the side is that which was found
                values = [value for value in values if str(value) in confidences]
            if len(values) == len(row["dice"]):
                pairs.setdefault(key, []).extend(
                    (confidences[str(value)], dice) for value, dice in zip(values, row["dice"], strict=True)
                    if str(value) in confidences and dice is not None)
    return pairs


def confidence_table(results: Iterable[Mapping[str, Any]]) -> str:
    """Return a table of mean confidence, mean Dice and their mean absolute difference per bin; empty without values."""
    results, lines = list(results), []
    for title, starts in _ORIGINS.items():
        pairs = pairs_of(result for result in results if result["group"].startswith(starts))
        for name, keys in (("globe, nerve and recti", SCORED), ("other structures", FURTHER)):
            some = np.array([pair for key in keys for pair in pairs.get(key, ())])
            if len(some):
                lines.append((f"{title}: {name}", str(len(some)), *(f"{value:.3f}" for value in (
                    *some.mean(axis=0), expected_error(some), np.abs(some[:, 0] - some[:, 1]).mean()))))
    heading = ("Structures", "Number", "Confidence", "Dice", "Expected error", "Mean difference")
    return aligned([heading, *lines], left=(0,)) if lines else ""


def expected_error(pairs: np.ndarray) -> float:
    """Return the expected calibration error of ``pairs`` (N, 2): mean difference per bin, weighted by bin size."""
    bins = np.searchsorted(_BINS, pairs[:, 0])
    return float(sum(abs(np.diff(pairs[bins == each].mean(axis=0))[0]) * (bins == each).mean()
                     for each in np.unique(bins)))


def missed_doubts(results: Iterable[Mapping[str, Any]], planted: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each requirement on confidence and notices that is not met."""
    pairs, missed = pairs_of(results), []
    some = np.array([pair for key in SCORED for pair in pairs.get(key, ())])
    if len(some) >= _LEAST_STRUCTURES and expected_error(some) > LARGEST_ERROR:
        missed.append(f"expected error of the confidence {expected_error(some):.3f}")
    if planted:
        false, told = _false_share(planted), float(np.mean(_answers(planted)))
        missed += [f"{100 * false:.0f} % of the scans without fault raise a notice"] if false > MOST_FALSE else []
        missed += [f"only {100 * told:.0f} % of the planted faults raise a notice"] if told < LEAST_TOLD else []
    return missed


def planted_table(planted: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a table: how many unchanged scans raise a notice, and how many raise a new one with each fault."""
    faultless = _raised(planted)
    lines = [("Fault", "Notice"), ("none (scans as they are)", f"{sum(faultless)} of {len(faultless)}")]
    for name in dict.fromkeys(name for result in planted.values() for name in result["told"]):
        answers = [result["told"][name] for result in planted.values() if name in result["told"]]
        lines.append((name, f"{sum(answers)} of {len(answers)}"))
    every = _answers(planted)
    lines.append(("all faults", f"{sum(every)} of {len(every)} ({100 * np.mean(every):.0f} %)"))
    return aligned(lines, left=(0,))


def _answers(planted: Mapping[str, Mapping[str, Any]]) -> list[bool]:
    return [answer for result in planted.values() for answer in result["told"].values()]


def _false_share(planted: Mapping[str, Mapping[str, Any]]) -> float:
    return float(np.mean(_raised(planted)))


def _raised(planted: Mapping[str, Mapping[str, Any]]) -> list[bool]:
    """Return whether each scan without a fault raises a notice."""
    return [bool(result["usual"]) for name, result in planted.items() if name not in FAULTY]
