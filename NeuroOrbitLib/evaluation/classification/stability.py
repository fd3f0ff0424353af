"""How stable a selection of features is over the trainings of a cross-validation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

#: Features that a report lists at most, those that were selected most often.
_LISTED = 20


def selection_stability(folds: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return how often each feature was selected, and how much the selections of two trainings overlap.

    :param folds: what the trainings recorded; ``selected`` holds names of columns, or lists of them by group, and
        ``chosen`` the candidate that a choice inside the training took.
    :return: ``trainings``; ``selected`` (mean number of features); ``overlap`` (mean Jaccard index of every two
        trainings, 1 where all select the same, None with one training); ``features`` (share of the trainings by
        feature, the most frequent first) and ``chosen`` (share by candidate). None where nothing was selected.
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
    """Return the rows of a report's table: what was chosen or selected, and in how many of 100 trainings."""
    shares = [*((f"choice: {name}", share) for name, share in stability["chosen"].items()),
              *list(stability["features"].items())[:_LISTED]]
    return [[name, f"{100 * share:.0f} %"] for name, share in shares]


def stability_text(stability: Mapping[str, Any]) -> str:
    """Return the selection in a sentence."""
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
