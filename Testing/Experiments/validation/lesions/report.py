"""The page of results of the lesion validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_INTRODUCTION = """# Lesions in FLAIR: what the classical way reaches

White-matter lesions found without any network and without any patient's image: tissue classes from FLAIR (and T1)
with priors of place made from twelve head label maps, bright outliers grown level by level inside white matter. One
frozen setting for all scans. Written by `make validate-lesions`; lesions are components of at least three touching
voxels (26 neighbours), and one voxel in common counts. The setting was chosen while looking at p07, p26 and 106639:
their rows are not independent. The synthetic scans lie on label maps that the priors have not seen; they are drawn,
not measured, and only say how the way copes with loads, slices and scalps.
"""
_PEERS = """
## Published tools beside it
Tools that were trained on patients report, on their own test patients: LST-AI Dice .62 to .65 and F1 .63, SAMSEG and
LST below .56, FLAMeS .74. Readers of the Ljubljana scans agree among each other at about .7 to .8.

Not for diagnostic use: five patients and a few drawn scans do not validate anything.
"""


def page_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return the page in Markdown."""
    lines = [_INTRODUCTION, "| scans | case | Dice | lesion F1 | ml | reference ml | brain | ventricles | s |",
             "|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        lines.append(f"| {row['group']} | {row['name']} | {_two(row, 'dice')} | {_two(row, 'f1')} | "
                     f"{_two(row, 'volume_ml')} | {_two(row, 'reference_ml')} | {_two(row, 'brain_dice')} | "
                     f"{_two(row, 'ventricle_dice')} | {row['seconds']:.0f} |")
    scored = [row for row in rows if "dice" in row]
    for kind in ("real", "synthetic"):
        own = [row for row in scored if row["group"].startswith(kind)]
        if own:
            means = [f"{np.mean([row[key] for row in own]):.2f}" for key in ("dice", "f1")]
            lines.append(f"| mean of {kind} | {len(own)} scans | {means[0]} | {means[1]} | | | | | |")
    return "\n".join(lines) + "\n" + _PEERS


def _two(row: dict[str, Any], key: str) -> str:
    return f"{row[key]:.2f}" if key in row else "-"
