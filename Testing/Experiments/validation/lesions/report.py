"""The page of results of the lesion validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_INTRODUCTION = """# Lesions in FLAIR

White-matter lesions found without any patient's image, by every model that comes with the extension and by the
classical way (tissue classes from FLAIR and T1 with priors of place made from twelve head label maps, bright outliers
grown level by level inside white matter). One frozen setting of each model for all scans. Written by
`make validate-lesions`; lesions are components of at least three touching voxels (26 neighbours), and one voxel in
common counts. The classical setting was chosen while looking at p07, p26 and 106639, and what counts as halo, plexus,
septum, lining or healthy brainstem while looking at all real scans here, as well as how the network of
`wmh-any-flair` and the classical way are joined: the real rows are not independent of that.
The synthetic scans lie on label maps that neither the priors nor the models have seen; they are drawn, not measured,
and only say how the ways cope with loads, slices and scalps. Brain (all that lies inside the skull, fluid included),
ventricles and white matter are those of `brain-any-contrast`, weighed with the priors; how was chosen while looking at
these scans. What was done about confluent lesions and black fluid, and where the network alone has the last word, was
chosen while looking at them and at 17 other drawn scans. Seconds are those of the processor, for the lesions; naming
the parts takes another half to four.
Two visits are scored by all patches that are new, grown, shrunk or vanished; how the comparison works was chosen while
looking at the one real pair, and what surrounds a bright patch while looking at the drawn ones. In a pair of drawn
visits without new lesions, whatever is told is false (ml), and Dice and F1 mean nothing.
"""
_PEERS = """
## Published tools beside it
Tools that were trained on patients report, on their own test patients: LST-AI Dice .62 to .65 and F1 .63, SAMSEG and
LST below .56, FLAMeS .74. Readers of the Ljubljana scans agree among each other at about .7 to .8.

Not for diagnostic use: five patients and a few drawn scans do not validate anything.
"""
#: Least Dice and F1 (``None``: no goal) by group, then by case if cases differ.
GOALS: dict[str, dict[str, tuple[float, float | None]]] = {
    "real, FLAIR + T1": {"p07": (0.55, 0.56), "p26": (0.76, 0.68)},
    "real, FLAIR alone": {"p07": (0.48, None), "p26": (0.72, None)},
    "real, thick slices": {"": (0.55, 0.45)},
    "real, two visits": {"": (0.0, 0.40)},
    "synthetic, 1 ml": {"": (0.60, None)}, "synthetic, 8 ml": {"": (0.72, None)},
    "synthetic, 50 ml": {"": (0.80, None)},
}
_COLUMNS = ("dice", "f1", "volume_ml", "reference_ml", "brain_dice", "ventricle_dice", "white_dice")


def page_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return the page in Markdown."""
    lines = [_INTRODUCTION,
             "| scans | case | model | Dice | lesion F1 | ml | reference ml | brain | ventricles | white matter | s | "
             "goal |", "|---|---|---|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        lines.append(f"| {row['group']} | {row['name']} | {row['model']} | "
                     + " | ".join(_two(row, key) for key in _COLUMNS) + f" | {row['seconds']:.0f} | {_goal(row)} |")
    lines += ["", "## Means", "| scans | model | number | Dice | lesion F1 | goals reached |",
              "|---|---|---|---|---|---|"]
    for kind in ("real", "synthetic"):
        for model in dict.fromkeys(row["model"] for row in rows):
            own = [row for row in rows if row["group"].startswith(kind) and row["model"] == model
                   and "dice" in row and "two visits" not in row["group"]]
            if own:
                means = [f"{np.mean([row[key] for row in own]):.2f}" for key in ("dice", "f1")]
                lines.append(f"| {kind} | {model} | {len(own)} | {means[0]} | {means[1]} | "
                             f"{sum(reached(row) is True for row in own)} of {len(own)} |")
    return "\n".join(lines) + "\n" + _PEERS


def reached(row: dict[str, Any]) -> bool | None:
    """Return whether a row reaches its goal; ``None`` if it has none."""
    goals = GOALS.get(row["group"], {})
    goal = goals.get(row["name"], goals.get(""))
    if goal is None or "dice" not in row:
        return None
    return bool(row["dice"] >= goal[0] and row["f1"] >= (goal[1] or 0.0))


def _goal(row: dict[str, Any]) -> str:
    goals = GOALS.get(row["group"], {})
    goal = goals.get(row["name"], goals.get(""))
    if goal is None:
        return "-"
    wanted = " / ".join(f"{value:.2f}" for value in goal if value)
    return f"{wanted} {'reached' if reached(row) else 'missed'}"


def _two(row: dict[str, Any], key: str) -> str:
    return f"{row[key]:.2f}" if key in row else "-"
