"""The quantities that are measured: names, units, decimals, and codes for DICOM."""

from __future__ import annotations

from dataclasses import dataclass

from NeuroOrbitLib.sentences import sentence as _

#: Coding schemes: SNOMED CT, the Image Biomarker Standardisation Initiative, and this product's own.
SNOMED, IBSI, OWN = "SCT", "IBSI", "99ORBIT"


@dataclass(frozen=True)
class Code:
    """A concept: value within a coding scheme, and what it means."""

    value: str
    scheme: str
    meaning: str

    def as_data(self) -> dict[str, str]:
        """Return the code as plain data."""
        return {"value": self.value, "scheme": self.scheme, "meaning": self.meaning}


@dataclass(frozen=True)
class Quantity:
    """A quantity that can be measured.

    :param name: name in plain English, which panels and reports translate.
    :param unit: empty for plain ratios.
    :param decimals: number of decimals that are shown.
    :param code: code of the quantity; one of our own (99ORBIT) if no other scheme has one.
    """

    name: str
    unit: str
    decimals: int
    code: Code


def _own(key: str, meaning: str) -> Code:
    return Code(key.upper(), OWN, meaning)


def _quantity(key: str, name: str, unit: str, decimals: int, code: Code | None = None) -> tuple[str, Quantity]:
    return key, Quantity(name, unit, decimals, code or _own(key, name[0].upper() + name[1:]))


_DIAMETER = Code("81827009", SNOMED, "Diameter")
_SHORT_AXIS = Code("103340004", SNOMED, "Short Axis")
_VOLUME = Code("118565006", SNOMED, "Volume")
_MEAN = Code("373098007", SNOMED, "Mean")

QUANTITIES: dict[str, Quantity] = dict((
    _quantity("volume", _("volume"), "ml", 2, _VOLUME),
    _quantity("greatest_diameter", _("greatest diameter"), "mm", 1, _SHORT_AXIS),
    _quantity("greatest_area", _("greatest cross-section"), "mm²", 1),
    _quantity("diameter_at_globe", _("diameter at the globe's back"), "mm", 1),
    _quantity("area_at_globe", _("cross-section at the globe's back"), "mm²", 1),
    _quantity("diameter_behind_globe", _("diameter 7 mm behind the globe"), "mm", 1),
    _quantity("area_behind_globe", _("cross-section 7 mm behind the globe"), "mm²", 1),
    _quantity("length", _("length"), "mm", 1),
    _quantity("signal_mean", _("mean signal"), "", 1, _MEAN),
    _quantity("signal_hottest", _("signal of the hottest 10 mm²"), "", 1),
    _quantity("signal_to_brain", _("signal over brain"), "", 2),
    _quantity("signal_to_temporalis", _("signal over temporal muscle"), "", 2),
    _quantity("hottest_to_brain", _("hottest 10 mm² over brain"), "", 2),
    _quantity("hottest_to_temporalis", _("hottest 10 mm² over temporal muscle"), "", 2),
    _quantity("t2_mean", _("mean T2"), "ms", 1),
    _quantity("t2_hottest", _("T2 of the hottest 10 mm²"), "ms", 1),
    _quantity("fat_fraction_mean", _("mean fat fraction"), "%", 1),
    _quantity("fat_fraction_hottest", _("fat fraction of the fattest 10 mm²"), "%", 1),
    _quantity("water_fraction_mean", _("mean water fraction"), "%", 1),
    _quantity("water_fraction_hottest", _("water fraction of the wettest 10 mm²"), "%", 1),
    _quantity("axial_length", _("outer axial length"), "mm", 1),
    _quantity("transverse_diameter", _("transverse diameter"), "mm", 1),
    _quantity("vertical_diameter", _("vertical diameter"), "mm", 1),
    _quantity("globe_tent_angle", _("angle of the globe's back at the nerve"), "°", 0),
    _quantity("exophthalmos", _("exophthalmos before the lateral rims"), "mm", 1),
    _quantity("exophthalmos_difference", _("difference of exophthalmos between the sides"), "mm", 1),
    _quantity("interpupillary_distance", _("distance of the lenses' middles"), "mm", 1),
    _quantity("interorbital_distance", _("interorbital distance"), "mm", 1),
    _quantity("interzygomatic_distance", _("distance of the lateral rims"), "mm", 1),
    _quantity("thickness", _("thickness"), "mm", 1),
    _quantity("sheath_diameter_3mm", _("diameter with sheath 3 mm behind the globe"), "mm", 1, _DIAMETER),
    _quantity("sheath_diameter_10mm", _("diameter with sheath 10 mm behind the globe"), "mm", 1, _DIAMETER),
    _quantity("nerve_diameter_3mm", _("diameter without sheath 3 mm behind the globe"), "mm", 1, _DIAMETER),
    _quantity("nerve_diameter_10mm", _("diameter without sheath 10 mm behind the globe"), "mm", 1, _DIAMETER),
    _quantity("tortuosity", _("length over straight distance"), "", 3),
    _quantity("apical_crowding", _("share of the nerve's outline touched by muscle near the apex"), "%", 0),
    _quantity("crowding_grade", _("grade of apical crowding (Nugent)"), "", 0),
    _quantity("axial_length_of_gland", _("length in the axial plane"), "mm", 1),
    _quantity("axial_width_of_gland", _("width in the axial plane"), "mm", 1),
    _quantity("coronal_length_of_gland", _("length in the coronal plane"), "mm", 1),
    _quantity("coronal_width_of_gland", _("width in the coronal plane"), "mm", 1),
    _quantity("muscle_volume", _("volume of all extra-ocular muscles"), "ml", 2),
    _quantity("fat_volume_by_density", _("volume of what has the density of fat"), "ml", 2),
    _quantity("muscle_share", _("muscles over bony orbit"), "%", 1),
    _quantity("fat_share", _("fat over bony orbit"), "%", 1),
    _quantity("barrett_horizontal", _("muscle index, horizontal (Barrett)"), "%", 1),
    _quantity("barrett_vertical", _("muscle index, vertical (Barrett)"), "%", 1),
))


def quantity(key: str) -> Quantity:
    """Return the quantity with an identifier such as "greatest_diameter".

    :raises ValueError: if there is none.
    """
    if key not in QUANTITIES:
        raise ValueError(f"There is no quantity {key!r}; there are {', '.join(QUANTITIES)}.")
    return QUANTITIES[key]
