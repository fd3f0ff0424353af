"""Published volumes of healthy orbits, for plausibility checks and as the normal range beside a measurement.

Definitions differ between studies (where a muscle ends, where the orbit is closed in front) and so do populations:
a value is compared within one source only, never with a mixture.
"""

from __future__ import annotations

from dataclasses import dataclass

from NeuroOrbitLib.anatomy.structures import structure

_NIKOLOV = "Nikolov 2018, arXiv:1809.04430: two readers, 35 CT scans"
_CLARK_DEMER = "Clark and Demer 2016, PMC4790472: MRI, relaxed muscles; derived from the change with gaze"
_ORBIT_CT = "J Ophthalmol 2019, doi:10.1155/2019/9721085: CT"
_LEVATOR = "J Neuromuscul Dis 2023, jnd230023: MRI, superior rectus and levator together"
_SHEATH_MRI = "J Clin Neurol 2018, doi:10.3988/jcn.2018.14.3.345: sheath of 4.7 mm; over 28 mm"
_SHEATH_CT = "Int J Ophthalmol 2015, 8(6):1240: sheath of 5.1, 4.4 and 3.6 mm from front to back; over 28 mm"
_PRIOR = "textbook range, no single source"


@dataclass(frozen=True)
class VolumeNorm:
    """The volume of one structure of one side in one published group, in ml.

    :param key: structure.
    :param mean: mean, or the middle of a published range.
    :param sd: standard deviation between people; ``None`` where the source gives none.
    :param low: smallest normal value: published, or mean - 2 SD.
    :param high: largest normal value: published, or mean + 2 SD.
    :param population: whom and how it was measured on.
    :param source: where it is published.
    """

    key: str
    mean: float
    sd: float | None
    low: float
    high: float
    population: str
    source: str

    def z_score(self, volume_ml: float) -> float | None:
        """How many SD a volume lies above the mean; ``None`` where the source gives no SD."""
        return None if self.sd is None else (volume_ml - self.mean) / self.sd


def _with_sd(key: str, mean: float, sd: float, population: str, source: str) -> VolumeNorm:
    return VolumeNorm(key, mean, sd, round(mean - 2 * sd, 4), round(mean + 2 * sd, 4), population, source)


VOLUME_NORMS: tuple[VolumeNorm, ...] = (
    VolumeNorm("eyeball", 8.7, 1.1, 5.7, 11.3, "adults, CT", _NIKOLOV),
    # Readers for radiotherapy (Nikolov 2018: 0.76 ml) follow the nerve to the chiasm; here it ends at the optic canal.
    _with_sd("optic_nerve", 0.49, 0.11, "adults, MRI, sheath included, up to the optic canal", _SHEATH_MRI),
    _with_sd("optic_nerve", 0.43, 0.14, "adults, CT, sheath included, up to the optic canal", _SHEATH_CT),
    VolumeNorm("lens", 0.21, 0.06, 0.05, 0.31, "adults, CT", _NIKOLOV),
    VolumeNorm("lacrimal_gland", 0.65, 0.19, 0.25, 1.31, "adults, CT", _NIKOLOV),
    _with_sd("superior_rectus", 0.884, 0.269, "adults, MRI", _LEVATOR),
    VolumeNorm("inferior_rectus", 0.57, None, 0.40, 0.75, "adults, MRI", _CLARK_DEMER),
    VolumeNorm("medial_rectus", 0.71, None, 0.50, 0.92, "adults, MRI", _CLARK_DEMER),
    VolumeNorm("lateral_rectus", 0.67, None, 0.47, 0.87, "adults, MRI", _CLARK_DEMER),
    VolumeNorm("superior_oblique", 0.36, None, 0.30, 0.42, "adults", _PRIOR),
    VolumeNorm("inferior_oblique", 0.29, None, 0.24, 0.34, "adults", _PRIOR),
    _with_sd("orbital_fat", 8.9, 1.8, "Chinese men, CT", _ORBIT_CT),
    _with_sd("orbital_fat", 8.1, 1.7, "Chinese women, CT", _ORBIT_CT),
    _with_sd("bony_orbit", 22.2, 2.2, "Chinese men, CT", _ORBIT_CT),
    _with_sd("bony_orbit", 20.2, 1.5, "Chinese women, CT", _ORBIT_CT),
)


def volume_norms(key: str) -> list[VolumeNorm]:
    """The published groups for a structure (none for the optic chiasm).

    :raises ValueError: if there is no such structure.
    """
    structure(key)
    return [norm for norm in VOLUME_NORMS if norm.key == key]


def comparable_norms(key: str) -> list[VolumeNorm]:
    """The published groups with which the volume of a label can be compared.

    Not those of the orbital fat: what is published is what has the density of fat, while a label of the orbital fat
    holds all that lies between the other structures, about twice as much.

    :raises ValueError: if there is no such structure.
    """
    return [norm for norm in volume_norms(key) if norm.key != "orbital_fat"]


def published_range(key: str) -> tuple[float, float] | None:
    """The smallest and the largest normal volume (ml) that any of the published groups gives for a structure."""
    norms = comparable_norms(key)
    return (min(norm.low for norm in norms), max(norm.high for norm in norms)) if norms else None


def plausible_volume(key: str) -> tuple[float, float] | None:
    """Limits in ml outside of which a segmented structure deserves a look; disease stays inside.

    From a third of the smallest normal value to three times the largest: thyroid eye disease multiplies muscle
    volumes by 1.6 to 2.3 on average (Cureus 2024, 16(7):e63843). Eyes hardly differ in size: a quarter more or less.
    """
    published = published_range(key)
    factor = 1.25 if structure(key).group == "eye" else 3.0
    return (published[0] / factor, published[1] * factor) if published else None
