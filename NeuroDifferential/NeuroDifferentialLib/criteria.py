"""Published imaging criteria as tick boxes, computed from the lesions of a brain MRI, with the lesions that meet them.

They are dissemination in space by McDonald 2017 (doi:10.1016/S1474-4422(17)30470-2) and 2024, Matthews 2013
(doi:10.1212/WNL.0b013e31828b6feb) as tested by Hyun and by Cacciaguerra, and the findings that the international panel
of 2015 (IPND, doi:10.1212/WNL.0000000000001729) calls typical of neuromyelitis optica spectrum disorder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from NeuroDifferentialLib.places.regions import Region
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroDifferentialLib.places.measuring import Lesion

#: Smallest diameter (mm) of what McDonald 2017 calls a lesion, in its definitions: "at least 3 mm in long axis".
MCDONALD_MM = 3.0
#: Limits of a Dawson finger or ovoid lesion: smallest elongation, angle to the ventricle (degrees) and volume (mm3).
OVOID_ELONGATION, OVOID_ANGLE, OVOID_VOLUME = 1.6, 50.0, 30.0
#: Smallest diameter (mm) of a large hemispheric lesion.
LARGE_MM = 30.0
#: Half the length of the corpus callosum (mm), above which the panel calls its lesions long: the whole measures 68 to
#: 76 mm in adults (doi:10.3348/jkrs.1995.33.3.339, doi:10.1080/19932820.2023.2188649).
LONG_CALLOSAL_MM = 35.0
#: Limits of a flat lining along the ependyma: smallest diameter (mm) and elongation.
LINING_MM, LINING_ELONGATION = 10.0, 2.0


@dataclass(frozen=True)
class TickBox:
    """One criterion and whether it is met.

    :param name: name of the criterion.
    :param fulfilled: whether the brain's lesions meet it.
    :param lesions: numbers of the lesions that meet it.
    :param cannot_tell: sentence on why brain MRI alone cannot decide it; empty if it can.
    """

    name: str
    fulfilled: bool
    lesions: tuple[int, ...]
    cannot_tell: str = ""


@dataclass(frozen=True)
class CriteriaSet:
    """One published set of criteria.

    :param name: name of the set.
    :param fulfilled: whether findings of brain MRI alone fulfil it; findings elsewhere may still fulfil it.
    :param boxes: criteria of the set.
    :param note: sentences on its rule and its limits.
    :param ways: alternatives of fulfilling it, each the numbers (from 0) of the boxes that must be ticked together.
    """

    name: str
    fulfilled: bool
    boxes: tuple[TickBox, ...]
    note: str
    ways: tuple[tuple[int, ...], ...]

    def as_dict(self) -> dict[str, object]:
        """Return the set as plain data."""
        return asdict(self)


def is_fulfilled(ways: Iterable[Sequence[int]], ticks: Sequence[bool]) -> bool:
    """Return whether the ticked boxes fulfil a set of criteria in one of its ways.

    :param ways: see :class:`CriteriaSet`.
    :param ticks: whether each box is ticked.
    """
    return any(all(ticks[number] for number in way) for way in ways)


def _criteria_set(name: str, boxes: tuple[TickBox, ...], note: str, ways: Iterable[tuple[int, ...]]) -> CriteriaSet:
    ways = tuple(ways)
    return CriteriaSet(name, is_fulfilled(ways, [box.fulfilled for box in boxes]), boxes, note, ways)


def all_criteria(lesions: Sequence[Lesion]) -> list[CriteriaSet]:
    """Return every set of criteria for the lesions of a brain."""
    return [mcdonald_2017(lesions), mcdonald_2024(lesions), matthews(lesions), ipnd_typical(lesions)]


def mcdonald_2017(lesions: Sequence[Lesion]) -> CriteriaSet:
    """Return McDonald's dissemination in space of 2017: lesions in at least two of four areas, one the spinal cord."""
    boxes = (*_areas(lesions), _unseen(_("Spinal cord"), _("needs MRI of the spinal cord")))
    return _criteria_set(_("McDonald 2017, dissemination in space"), boxes,
                         _("At least two of the four areas, with lesions of at least 3 mm. Symptoms, time and other "
                           "diagnoses are not judged."),
                         combinations(range(len(boxes)), 2))


def mcdonald_2024(lesions: Sequence[Lesion]) -> CriteriaSet:
    """Return McDonald's dissemination in space of 2024, with the optic nerve as fifth area."""
    unseen = (_unseen(_("Spinal cord"), _("needs MRI of the spinal cord")),
              _unseen(_("Optic nerve"), _("needs orbital MRI, OCT or evoked potentials")))
    boxes = (*_areas(lesions), *unseen)
    return _criteria_set(_("McDonald 2024, dissemination in space"), boxes,
                         _("At least two of the five areas, with lesions of at least 3 mm. Central veins, paramagnetic "
                           "rims and kappa free light chains are not judged."), combinations(range(len(boxes)), 2))


def matthews(lesions: Sequence[Lesion]) -> CriteriaSet:
    """Return Matthews' criteria of MS: ventricle and temporal lobe lesion together, U-fibre lesion or Dawson finger."""
    beside = _box(_("Lesion adjacent to the body of a lateral ventricle"), lesions, _beside_ventricle)
    temporal = _box(_("Lesion in the inferior temporal lobe"), lesions, lambda each: each.temporal)
    u_fibre = _box(_("S-shaped or curved U-fibre lesion"), lesions, _u_fibre)
    dawson = _box(_("Dawson finger"), lesions, is_dawson_finger)
    return _criteria_set(_("Matthews 2013, lesions as in MS"), (beside, temporal, u_fibre, dawson),
                         _("The first two together, or one of the others. In East Asian patients with NMOSD they are "
                           "fulfilled nearly as often as in MS."), ((0, 1), (2,), (3,)))


def ipnd_typical(lesions: Sequence[Lesion]) -> CriteriaSet:
    """Return the brain lesions that the panel of 2015 calls typical of NMOSD; any of them suffices."""
    boxes = (
        _box(_("Lesion along the third or fourth ventricle"), lesions,
             lambda each: each.region is Region.PERIEPENDYMAL),
        _box(_("Linear lesion along the lateral ventricles"), lesions, is_lining),
        _box(_("Large confluent lesion of a hemisphere"), lesions, _large),
        _box(_("Lesion of the corpus callosum over half its length"), lesions,
             lambda each: each.region is Region.CALLOSAL and each.diameter >= LONG_CALLOSAL_MM),
        _unseen(_("Lesion of hypothalamus or thalamus"),
                _("deep grey nuclei are not told apart: look at their lesions, and beside the third ventricle")),
        _unseen(_("Lesion of a corticospinal tract"),
                _("tracts are not traced: judge long lesions of capsule and peduncle")),
        _unseen(_("Area postrema"), _("look at the dorsal medulla, in thin slices")),
    )
    unseen = (_unseen(_("Spinal cord over three segments"), _("needs MRI of the spinal cord")),
              _unseen(_("Optic nerve over half its length or chiasm"), _("needs orbital MRI")),
              _unseen(_("Aquaporin-4 antibodies"), _("needs serology")))
    return _criteria_set(_("IPND 2015, brain lesions typical of NMOSD"), (*boxes, *unseen),
                         _("Typical lesions support NMOSD; they do not make the diagnosis without serology and "
                           "syndrome."), ((number,) for number in range(len(boxes))))


def is_dawson_finger(lesion: Lesion) -> bool:
    """Return whether a lesion is an ovoid that is steep on the surface of a lateral ventricle."""
    return (lesion.region in (Region.PERIVENTRICULAR, Region.CALLOSAL) and lesion.elongation >= OVOID_ELONGATION
            and lesion.ventricle_angle is not None and lesion.ventricle_angle >= OVOID_ANGLE
            and lesion.volume >= OVOID_VOLUME)


def _areas(found: Sequence[Lesion]) -> tuple[TickBox, ...]:
    lesions = [each for each in found if round(each.diameter, 1) >= MCDONALD_MM]  # as the table shows it
    lower = (Region.INFRATENTORIAL, Region.PERIEPENDYMAL)
    return (_box(_("Periventricular"), lesions, lambda each: each.region is Region.PERIVENTRICULAR or (
                each.region is Region.CALLOSAL and _touches_ventricle(each))),
            _box(_("Cortical or juxtacortical"), lesions, lambda each: each.region is Region.JUXTACORTICAL),
            _box(_("Infratentorial"), lesions, lambda each: each.region in lower and _mostly_infratentorial(each)))


def _touches_ventricle(lesion: Lesion) -> bool:
    return lesion.to_ventricle <= 2.0


def _mostly_infratentorial(lesion: Lesion) -> bool:
    shares = (lesion.parts.get(name, 0.0) for name in ("Brainstem", "Cerebellar white matter", "Cerebellar cortex"))
    return sum(shares) >= 0.5


def _beside_ventricle(lesion: Lesion) -> bool:
    return lesion.region is Region.PERIVENTRICULAR


def _u_fibre(lesion: Lesion) -> bool:
    """Return whether a lesion is a U-fibre lesion: juxtacortical, long and thin."""
    return lesion.region is Region.JUXTACORTICAL and lesion.elongation >= 2.0 and lesion.diameter >= 8.0


def is_lining(lesion: Lesion) -> bool:
    """Return whether a lesion is a flat lining along a lateral ventricle."""
    flat = lesion.ventricle_angle is not None and lesion.ventricle_angle <= 30.0
    return (lesion.region is Region.PERIVENTRICULAR and flat and lesion.diameter >= LINING_MM
            and lesion.elongation >= LINING_ELONGATION)


def _large(lesion: Lesion) -> bool:
    hemispheric = (Region.PERIVENTRICULAR, Region.JUXTACORTICAL, Region.DEEP_WHITE_MATTER)
    return lesion.region in hemispheric and lesion.diameter >= LARGE_MM


def _box(name: str, lesions: Sequence[Lesion], fulfils: Callable[[Lesion], bool]) -> TickBox:
    found = tuple(lesion.number for lesion in lesions if fulfils(lesion))
    return TickBox(name, bool(found), found)


def _unseen(name: str, why: str) -> TickBox:
    return TickBox(name, False, (), _("Brain MRI cannot tell: {why}.").format(why=why))
