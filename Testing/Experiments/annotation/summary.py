"""Results of the runs as tables: medians with quartiles, censored runs, and the targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from Testing.Experiments.annotation.methods import FEW_SLICES, METHODS
from Testing.Experiments.annotation.session import TARGETS

Run = dict[str, Any]
GROUPS = ("recti", "optic nerve", "globe")
BRUSH, PEER = "Brush", "Grow from Seeds"
LAST = "... + AutoCorrection"
OURS = ("SmartPencil + SmartFill", LAST, "Pre-label + SmartFill")
#: Target: factor by which interactions are fewer than with the brush, for these structures.
FEWER = 3.0
TARGET_GROUPS = ("recti", "optic nerve")

_NOTES = """\
Scripted users with an unsteady hand (standard deviation {tremor} mm) who know the reference; they stop at Dice 0.90 or
after {limit} interactions. A click, a drag, a press of a button and a change of a slider are one interaction each;
looking at another slice, choosing a tool and holding a modifier key are none, for every method. "Drawn" is the length
of all drags. Medians [quartiles]; a run that did not get there counts as more than all that did ("> {limit}"). "Times
fewer" is the median over cases of brush interactions / interactions (for a brush that did not get there, its limit: the
truth is larger; a case that neither got to the Dice in question is left out). Seconds are processor time of the tool's
own computing. Muscles and nerve are drawn on coronal slices where the scan is fine enough in all directions, else on
the slices as taken. On {few} slices or fewer nobody fills. Muscles and nerve are filled between slices: one stroke on
three slices with the brush of the brush's user, then strokes on slices where the preview is wrong. For the globe,
SmartFill begins with a stroke through it and a stroke around it, in 3-D, and more seeds follow where the preview is
wrong; so does Grow from Seeds for every structure, with strokes around it in two views. What that no longer mends is
mended slice by slice, with SmartPencil or the brush, whichever mends more (after Grow from Seeds: the brush). Who
begins with *Pre-label by model* (one press) has SmartFill take the default model's outline for a proposal, and corrects
muscles and nerve between slices (pre-labelling chooses this, and every stroke is applied at once; strokes that came to
nothing are taken back, a press each), the globe by mending; on synthetic patients this flatters, as the model was
trained on such. Who has SmartPencil alone paints what no region fits. Grow from Seeds is Slicer's
`vtkImageGrowCutSegment`, cropped as the effect crops it. The users are rules, not people: compare methods, do not
expect these numbers of a person. Two experts agree to a Dice of 0.79 about the nerve in CT (Nikolov 2018): 0.90 on a
real scan asks for one reader's own habits.
"""


def complete(runs: Sequence[Run]) -> list[Run]:
    """Return the runs on cases that every method has labelled, except perhaps AutoCorrection."""
    methods: dict[str, set[str]] = {}
    for run in runs:
        methods.setdefault(run["case"], set()).add(run["method"])
    return [run for run in runs if methods[run["case"]] >= set(METHODS) - {LAST}]


def report(runs: Sequence[Run]) -> str:
    """Return all tables (markdown)."""
    from Testing.Experiments.annotation.hand import TREMOR_MM

    parts = ["# What ground truth costs: interactions of simulated annotators", "",
             _NOTES.format(tremor=TREMOR_MM, limit=max(run["limit"] for run in runs), few=FEW_SLICES)]
    for real, title in ((False, "Synthetic patients"), (True, "Annotated real scans (uncertain voxels ignored)")):
        chosen = [run for run in runs if run["real"] is real]
        if chosen:
            sources = ", ".join(sorted({run["source"] for run in chosen}))
            cases = len({run["case"] for run in chosen})
            parts += [f"## {title}", "", f"{cases} structures of: {sources}.", "", _table(chosen), "",
                      "The same by scan (recti and nerve): interactions to Dice 0.85 and 0.90, medians.", "",
                      _by_source(chosen), ""]
    missed = missed_targets(runs)
    parts += [f"## Target: {FEWER:.0f} times fewer than the brush, fewer than Grow from Seeds", "",
              *([f"- missed: {line}" for line in missed] or ["Met for recti and optic nerve, at both Dice values."])]
    return "\n".join(parts)


def _table(runs: Sequence[Run]) -> str:
    titles = ["structure", "method", *[f"{what} to Dice {target:.2f}" for target in TARGETS
                                       for what in ("interactions", "times fewer", "drawn mm", "seconds")], "got there"]
    rows = [titles, ["---"] * len(titles)]
    for group in GROUPS:
        for method in METHODS:
            chosen = [run for run in runs if run["group"] == group and run["method"] == method]
            if chosen:
                rows.append([group, method, *_cells(chosen, runs), _successes(chosen)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _by_source(runs: Sequence[Run]) -> str:
    rows = [["scan", "slices", *METHODS], ["---"] * (2 + len(METHODS))]
    thin = [run for run in runs if run["group"] in TARGET_GROUPS]
    for source in dict.fromkeys(run["source"] for run in thin):
        chosen = [run for run in thin if run["source"] == source]
        by_method = [[run for run in chosen if run["method"] == method] for method in METHODS]
        cells = [" / ".join(_text(_middle(some, target), chosen[0]["limit"], "{:.0f}") if some else "-"
                            for target in TARGETS) for some in by_method]
        rows.append([source, f"{np.median([run['slices'] for run in chosen]):.0f}", *cells])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cells(chosen: Sequence[Run], runs: Sequence[Run]) -> list[str]:
    cells = []
    for target in TARGETS:
        cells += [_quartiles(values(chosen, target, "interactions"), chosen[0]["limit"], "{:.0f}"),
                  f"{np.median(times_fewer(chosen, runs, target)):.1f}",
                  _median(values(chosen, target, "travel_mm"), "{:.0f}"),
                  _median(values(chosen, target, "seconds"), "{:.2f}")]
    return cells


def values(runs: Iterable[Run], target: float, what: str) -> np.ndarray:
    """Return one number per run; infinite if the target was not reached."""
    reached = [run["reached"][str(target)] for run in runs]
    return np.array([np.inf if step is None else step[what] for step in reached], float)


def times_fewer(chosen: Iterable[Run], runs: Iterable[Run], target: float) -> np.ndarray:
    """Return per case the brush's interactions divided by the method's; 0 if only the method missed the target.

    A case that neither of them finished is left out, as it only shows that both need more than the limit.
    """
    brushes = {run["case"]: run for run in runs if run["method"] == BRUSH}
    pairs = [(brushes[run["case"]], run) for run in chosen if run["case"] in brushes]
    with_brush, with_method = (values(chosen, target, "interactions") for chosen in zip(*pairs, strict=True))
    limited = np.minimum(with_brush, [brush["limit"] for brush, _ in pairs])
    return (limited / with_method)[np.isfinite(with_brush) | np.isfinite(with_method)]


def missed_targets(runs: Sequence[Run]) -> list[str]:
    """Return a sentence for each target that the best of our methods misses, on synthetic patients or real scans."""
    missed = []
    for real, where in ((False, "synthetic patients"), (True, "real scans")):
        chosen = [run for run in runs if run["real"] is real]
        for group in TARGET_GROUPS:
            missed += [f"{where}, {group}, {line}" for line in _missed(chosen, group)]
    return missed


def _missed(runs: Sequence[Run], group: str) -> list[str]:
    missed = []
    everything = len(_of(runs, group, BRUSH))
    ours = [chosen for method in OURS if (chosen := _of(runs, group, method)) and len(chosen) == everything]
    for target in TARGETS if ours else ():
        ratio = max(float(np.median(times_fewer(chosen, runs, target))) for chosen in ours)
        least = min(_middle(chosen, target) for chosen in ours)
        peer = _middle(_of(runs, group, PEER), target)
        if ratio < FEWER:
            missed.append(f"Dice {target:.2f}: {ratio:.1f} times fewer than the brush, not {FEWER:.0f}")
        if least >= peer:
            missed.append(f"Dice {target:.2f}: {least:.0f} interactions, Grow from Seeds needs {peer:.0f}")
    return missed


def _middle(runs: Sequence[Run], target: float) -> float:
    return float(np.quantile(values(runs, target, "interactions"), 0.5, method="inverted_cdf"))


def _of(runs: Iterable[Run], group: str, method: str) -> list[Run]:
    return [run for run in runs if run["group"] == group and run["method"] == method]


def _quartiles(numbers: np.ndarray, limit: int, form: str) -> str:
    middle, low, high = (_text(float(np.quantile(numbers, share, method="inverted_cdf")), limit, form)
                         for share in (0.5, 0.25, 0.75))
    return f"{middle} [{low}, {high}]"


def _median(numbers: np.ndarray, form: str) -> str:
    middle = float(np.quantile(numbers, 0.5, method="inverted_cdf"))
    return form.format(middle) if np.isfinite(middle) else "-"


def _text(number: float, limit: int, form: str) -> str:
    return form.format(number) if np.isfinite(number) else f"> {limit}"


def _successes(runs: Sequence[Run]) -> str:
    counts = [int(np.isfinite(values(runs, target, "interactions")).sum()) for target in TARGETS]
    return " and ".join(str(count) for count in counts) + f" of {len(runs)}"
