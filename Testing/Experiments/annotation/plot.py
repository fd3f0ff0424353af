"""The figure of the runs: a dot per case, lines for medians, one panel per structure and Dice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from Testing.Demo.small_files import make_small
from Testing.Experiments.annotation.methods import METHODS
from Testing.Experiments.annotation.session import TARGETS
from Testing.Experiments.annotation.summary import GROUPS, Run, values

COLORS = ("#8a8a8a", "#e0a030", "#2a7fba", "#1a4f8a", "#3d9a5f", "#b0504a")

#: Width in pixels, which keeps small letters legible.
_WIDEST = 1430


def draw(runs: Sequence[Run], path: Path) -> None:
    """Draw interactions to each Dice for each method (logarithmic); open triangles: not reached; squares: real."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(TARGETS), len(GROUPS), figsize=(13, 7.5), sharey=True, sharex=True)
    for row, target in zip(axes, TARGETS, strict=True):
        for panel, group in zip(row, GROUPS, strict=True):
            _panel(panel, [run for run in runs if run["group"] == group], target)
            panel.set_title(f"{group}, Dice {target:.2f}", fontsize=11)
        row[0].set_ylabel("clicks, strokes, presses and\nslider changes (log)")
    figure.suptitle("Interactions until a structure is labelled: simulated annotators "
                    "(dots: synthetic patients, squares: real scans, open triangles: did not get there)", fontsize=11)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)
    make_small(path, _WIDEST)


def _panel(panel, runs: Sequence[Run], target: float) -> None:
    for place, (method, color) in enumerate(zip(METHODS, COLORS, strict=True)):
        for real, marker in ((False, "o"), (True, "s")):
            chosen = [run for run in runs if run["method"] == method and run["real"] is real]
            if not chosen:
                continue
            numbers = values(chosen, target, "interactions")
            across = place + np.linspace(-0.25, 0.25, len(numbers))
            there = np.isfinite(numbers)
            panel.plot(across[there], numbers[there], marker, color=color, markersize=4, alpha=0.7, linestyle="none")
            limits = np.array([run["limit"] for run in chosen], float)
            panel.plot(across[~there], limits[~there], "^", color=color, markersize=5, fillstyle="none",
                       linestyle="none")
            if not real:
                middle = float(np.quantile(np.where(there, numbers, limits), 0.5, method="inverted_cdf"))
                panel.plot([place - 0.35, place + 0.35], [middle, middle], color=color, linewidth=2.5)
                panel.annotate(f"{middle:.0f}", (place + 0.36, middle), fontsize=9, va="center", color=color)
    panel.set_yscale("log")
    panel.set_ylim(0.8, 150)
    panel.set_yticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
    panel.set_xticks(range(len(METHODS)), list(METHODS), rotation=25, ha="right", fontsize=9)
    panel.set_xlim(-0.6, len(METHODS) - 0.3)
    panel.grid(axis="y", alpha=0.3)
