"""The groups of muscles that are looked at together, both sides in one mask (Zhang et al. 2026)."""

from __future__ import annotations

from itertools import combinations

from NeuroOrbitLib.anatomy.structures import RECTI, structure
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

ALL_RECTI, HORIZONTAL = "4_recti", "MR+LR"
_SINGLE = {"SR": "superior_rectus", "IR": "inferior_rectus", "MR": "medial_rectus", "LR": "lateral_rectus"}
#: The six groups that the paper reports.
STRATEGIES: tuple[str, ...] = (*_SINGLE, HORIZONTAL, ALL_RECTI)
#: The pairs among which it chose by hand; all but one are computed on demand only.
PAIRS: tuple[str, ...] = tuple(f"{first}+{second}" for first, second in combinations(_SINGLE, 2))
MUSCLES_OF: dict[str, tuple[str, ...]] = {
    **{name: (muscle,) for name, muscle in _SINGLE.items()},
    **{pair: tuple(_SINGLE[name] for name in pair.split("+")) for pair in PAIRS}, ALL_RECTI: RECTI,
}  # fmt: skip


def values_of(strategy: str) -> tuple[int, ...]:
    """Return the label values of a group's muscles on both sides.

    :raises Problem: when there is no such group.
    """
    if strategy not in MUSCLES_OF:
        raise Problem(_("There is no group of muscles {strategy!r}. Choose one of {muscles_of}.").format(
            strategy=strategy, muscles_of=MUSCLES_OF))
    return tuple(value for muscle in MUSCLES_OF[strategy] for value in structure(muscle).values)
