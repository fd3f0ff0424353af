"""The page of results of the lesion validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_INTRODUCTION = """# Lesions in FLAIR

How well white-matter lesions are found by every model that comes with the extension and by the classical method (tissue
classes from FLAIR and T1 with spatial priors made from twelve head label maps, bright outliers grown level by level
inside white matter). No patient's image was used for training. Written by `make validate-lesions`, with one fixed
setting of each model for all scans. Lesions are components of at least three touching voxels (26 neighbours); a lesion
counts as found if it shares one voxel with the reference.

The settings of the classical method were chosen while looking at p07, p26 and 106639; the definitions of halo, plexus,
septum, lining and healthy brainstem, and the way in which `wmh-any-flair` combines network and classical method, while
looking at all real scans here. The real rows are not independent of these choices. The treatment of confluent lesions
and of black fluid, and the cases in which the network alone decides, were chosen while looking at the real scans and at
17 other drawn scans.

Synthetic scans are drawn on label maps that neither the priors nor the models have seen. They only show how the methods
deal with loads, slices and scalps. Brain (everything inside the skull, fluid included), ventricles and white matter are
those of `brain-any-contrast`, combined with the priors in a way that was chosen on these scans. Seconds are processor
seconds for the lesions; naming the parts of the brain takes another half to four.

Two visits are scored by all patches that are new, grown, shrunk or vanished. The comparison was designed while looking
at the one real pair, and the surroundings of a bright patch while looking at the drawn pairs. In a pair of drawn visits
without new lesions every reported change (ml) is false, and Dice and F1 mean nothing.
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
