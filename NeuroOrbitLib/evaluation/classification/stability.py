"""Stability of a selection of features over the trainings of a cross-validation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

#: Largest number of features in a report: those that were selected most often.
_LISTED = 20


def selection_stability(folds: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the frequency of each selected feature, and the overlap of the selections of two trainings.

    :param folds: records of the trainings; ``selected`` holds names of columns, or lists of them by group, and
        ``chosen`` the candidate that was chosen inside the training.
    :return: ``trainings`` (number); ``selected`` (mean number of features); ``overlap`` (mean Jaccard index of all
        pairs of trainings, 1 if all select the same, None for one training); ``features`` (share of the trainings by
        feature, the most frequent first) and ``chosen`` (share by candidate). None if no training records a selection.
    """
    selections = [_names(fold["selected"]) for fold in folds if "selected" in fold]
    if not selections:
        return None
    overlaps = [_jaccard(first, second) for first, second in combinations(selections, 2)]
    chosen = [fold["chosen"] for fold in folds if "chosen" in fold]
    return {"trainings": len(selections), "selected": sum(map(len, selections)) / len(selections),
            "overlap": sum(overlaps) / len(overlaps) if overlaps else None,
            "features": _shares([name for names in selections for name in sorted(names)], len(selections)),
            "chosen": _shares(chosen, len(selections))}


def stability_rows(stability: Mapping[str, Any]) -> list[list[str]]:
    """Return the rows of a report's table: each choice or feature with the percentage of the trainings."""
    shares = [*((f"choice: {name}", share) for name, share in stability["chosen"].items()),
              *list(stability["features"].items())[:_LISTED]]
    return [[name, f"{100 * share:.0f} %"] for name, share in shares]


def stability_text(stability: Mapping[str, Any]) -> str:
    """Return a sentence that describes the stability of the selection."""
    text = (f"{stability['trainings']} trainings selected {stability['selected']:.1f} features each on average, "
            f"{len(stability['features'])} different ones in all")
    if stability["overlap"] is None:
        return f"{text}."
    return f"{text}; two trainings share {100 * stability['overlap']:.0f} % of theirs (mean Jaccard index)."


def _names(selected: Any) -> set[str]:
    if isinstance(selected, Mapping):
        return {name for names in selected.values() for name in names}
    return set(selected)


def _jaccard(first: set[str], second: set[str]) -> float:
    union = first | second
    return len(first & second) / len(union) if union else 1.0


def _shares(names: Sequence[str], trainings: int) -> dict[str, float]:
    return {name: count / trainings for name, count in Counter(names).most_common()}
