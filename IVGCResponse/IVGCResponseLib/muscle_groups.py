"""The groups of muscles that are analysed together, both sides in one mask (Zhang et al. 2026)."""

from __future__ import annotations

from itertools import combinations

from NeuroOrbitLib.anatomy.groups import StructureGroups
from NeuroOrbitLib.anatomy.structures import RECTI

ALL_RECTI, HORIZONTAL = "4_recti", "MR+LR"
_SINGLE = {"SR": "superior_rectus", "IR": "inferior_rectus", "MR": "medial_rectus", "LR": "lateral_rectus"}
#: The six groups that the paper reports.
STRATEGIES: tuple[str, ...] = (*_SINGLE, HORIZONTAL, ALL_RECTI)
#: The pairs among which the authors chose by hand; all but one are computed only on demand.
PAIRS: tuple[str, ...] = tuple(f"{first}+{second}" for first, second in combinations(_SINGLE, 2))
MUSCLES = StructureGroups({
    **{name: (muscle,) for name, muscle in _SINGLE.items()},
    **{pair: tuple(_SINGLE[name] for name in pair.split("+")) for pair in PAIRS}, ALL_RECTI: RECTI,
}, ALL_RECTI)  # fmt: skip
values_of = MUSCLES.values_of
