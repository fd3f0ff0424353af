"""The muscles whose features are taken together, both sides in one mask (Zhang et al. 2026)."""

from __future__ import annotations

from NeuroOrbitLib.anatomy.structures import RECTI, structure
from NeuroOrbitLib.radiomics.regions import Region

_MUSCLES = {
    "SR": ("superior_rectus",), "IR": ("inferior_rectus",), "MR": ("medial_rectus",), "LR": ("lateral_rectus",),
    "MR+LR": ("medial_rectus", "lateral_rectus"), "4_recti": RECTI,
}  # fmt: skip
STRATEGIES: tuple[Region, ...] = tuple(
    Region(name, tuple(value for muscle in muscles for value in structure(muscle).values))
    for name, muscles in _MUSCLES.items()
)
