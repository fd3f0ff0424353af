"""The muscles whose features are taken together, as regions of a label map (Zhang et al. 2026)."""

from __future__ import annotations

from IVGCResponseLib import muscle_groups
from NeuroOrbitLib.radiomics.regions import Region

STRATEGIES: tuple[Region, ...] = tuple(Region(name, muscle_groups.values_of(name)) for name in muscle_groups.STRATEGIES)
