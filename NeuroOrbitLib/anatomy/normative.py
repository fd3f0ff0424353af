"""Published volumes of healthy orbits, for plausibility checks and as the normal range beside a measurement.

Definitions differ between studies (the end of a muscle, the anterior border of the orbit), and so do populations:
a value is compared within one source only, never with a mixture. In radiotherapy the optic nerve is outlined up to the
chiasm; here it ends at the optic canal.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.resources import resource_path


@dataclass(frozen=True)
class VolumeNorm:
    """The volume of one structure on one side in one published group, in ml.

    :param key: key of the structure.
    :param mean: mean, or the middle of a published range.
    :param sd: standard deviation between people; ``None`` where the source gives none.
    :param low: smallest normal value: published, or mean - 2 SD.
    :param high: largest normal value: published, or mean + 2 SD.
    :param population: group of people and method of the measurement.
    :param source: publication.
    """

    key: str
    mean: float
    sd: float | None
    low: float
    high: float
    population: str
    source: str

    def z_score(self, volume_ml: float) -> float | None:
        """Return the number of SD by which a volume (ml) lies above the mean; ``None`` if the source gives no SD."""
        return None if self.sd is None else (volume_ml - self.mean) / self.sd


@lru_cache(maxsize=1)
def all_volume_norms() -> tuple[VolumeNorm, ...]:
    """Return the volumes of all published groups (Resources/Normative/volumes.json)."""
    data = json.loads(resource_path("Normative", "volumes.json").read_text(encoding="utf-8"))
    return tuple(VolumeNorm(**{"key" if name == "structure" else name: value for name, value in entry.items()})
                 for entry in data["norms"])


def volume_norms(key: str) -> list[VolumeNorm]:
    """Return the published groups for a structure (none for the optic chiasm).

    :raises ValueError: if there is no such structure.
    """
    structure(key)
    return [norm for norm in all_volume_norms() if norm.key == key]


def comparable_norms(key: str) -> list[VolumeNorm]:
    """Return the published groups with which the volume of a label can be compared.

    Those of the orbital fat are left out: published volumes are of voxels with the density of fat, while the label
    holds everything between the other structures, about twice as much.

    :raises ValueError: if there is no such structure.
    """
    return [norm for norm in volume_norms(key) if norm.key != "orbital_fat"]


def published_range(key: str) -> tuple[float, float] | None:
    """Return the smallest and largest normal volume (ml) of a structure in any published group; ``None`` without one.

    :raises ValueError: if there is no such structure.
    """
    norms = comparable_norms(key)
    return (min(norm.low for norm in norms), max(norm.high for norm in norms)) if norms else None


def volume_level(key: str, volume_ml: float) -> str:
    """Return the position of a volume relative to the published range: "low", "normal", "high"; "" without a range.

    Volume and range are compared with two decimals, as they are shown.

    :raises ValueError: if there is no such structure.
    """
    published, volume = published_range(key), round(volume_ml, 2)
    if published is None:
        return ""
    low, high = (round(limit, 2) for limit in published)
    return "low" if volume < low else "high" if volume > high else "normal"


def plausible_volume(key: str) -> tuple[float, float] | None:
    """Return the limits (ml) outside of which a segmented structure should be checked, or ``None`` if there are none.

    They allow for disease and range from a third of the smallest normal volume to three times the largest: thyroid eye
    disease multiplies muscle volumes by 1.6 to 2.3 on average (Cureus 2024, 16(7):e63843). Eyes hardly differ in size,
    so that the factor is 1.25 for them.

    :raises ValueError: if there is no such structure.
    """
    published = published_range(key)
    factor = 1.25 if structure(key).group == "eye" else 3.0
    return (published[0] / factor, published[1] * factor) if published else None
