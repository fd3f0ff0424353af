"""The quantities that are measured: names, units, decimals, and codes for DICOM."""

from __future__ import annotations

from dataclasses import dataclass

#: Coding schemes: SNOMED CT, the Image Biomarker Standardisation Initiative, and this product's own.
SNOMED, IBSI, DICOM, OWN = "SCT", "IBSI", "DCM", "99ORBIT"


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
    """What is measured.

    :param name: plain English. :param unit: empty for plain ratios. :param decimals: that are shown.
    :param code: the quantity; one without a code elsewhere has one of our own with a clear meaning.
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
    _quantity("volume", "volume", "ml", 2, _VOLUME),
    _quantity("greatest_diameter", "greatest diameter", "mm", 1, _SHORT_AXIS),
    _quantity("greatest_area", "greatest cross-section", "mm²", 1),
    _quantity("diameter_at_globe", "diameter at the globe's back", "mm", 1),
    _quantity("area_at_globe", "cross-section at the globe's back", "mm²", 1),
    _quantity("diameter_behind_globe", "diameter 7 mm behind the globe", "mm", 1),
    _quantity("area_behind_globe", "cross-section 7 mm behind the globe", "mm²", 1),
    _quantity("length", "length", "mm", 1),
    _quantity("signal_mean", "mean signal", "", 1, _MEAN),
    _quantity("signal_hottest", "signal of the hottest 10 mm²", "", 1),
    _quantity("signal_to_brain", "signal over brain", "", 2),
    _quantity("signal_to_temporalis", "signal over temporal muscle", "", 2),
    _quantity("hottest_to_brain", "hottest 10 mm² over brain", "", 2),
    _quantity("hottest_to_temporalis", "hottest 10 mm² over temporal muscle", "", 2),
    _quantity("t2_mean", "mean T2", "ms", 1),
    _quantity("t2_hottest", "T2 of the hottest 10 mm²", "ms", 1),
    _quantity("fat_fraction_mean", "mean fat fraction", "%", 1),
    _quantity("fat_fraction_hottest", "fat fraction of the fattest 10 mm²", "%", 1),
    _quantity("water_fraction_mean", "mean water fraction", "%", 1),
    _quantity("water_fraction_hottest", "water fraction of the wettest 10 mm²", "%", 1),
    _quantity("axial_length", "outer axial length", "mm", 1),
    _quantity("transverse_diameter", "transverse diameter", "mm", 1),
    _quantity("vertical_diameter", "vertical diameter", "mm", 1),
    _quantity("globe_tent_angle", "angle of the globe's back at the nerve", "°", 0),
    _quantity("exophthalmos", "exophthalmos before the lateral rims", "mm", 1),
    _quantity("exophthalmos_difference", "difference of exophthalmos between the sides", "mm", 1),
    _quantity("interpupillary_distance", "distance of the lenses' middles", "mm", 1),
    _quantity("interorbital_distance", "interorbital distance", "mm", 1),
    _quantity("interzygomatic_distance", "distance of the lateral rims", "mm", 1),
    _quantity("thickness", "thickness", "mm", 1),
    _quantity("sheath_diameter_3mm", "diameter with sheath 3 mm behind the globe", "mm", 1, _DIAMETER),
    _quantity("sheath_diameter_10mm", "diameter with sheath 10 mm behind the globe", "mm", 1, _DIAMETER),
    _quantity("nerve_diameter_3mm", "diameter without sheath 3 mm behind the globe", "mm", 1, _DIAMETER),
    _quantity("nerve_diameter_10mm", "diameter without sheath 10 mm behind the globe", "mm", 1, _DIAMETER),
    _quantity("tortuosity", "length over straight distance", "", 3),
    _quantity("apical_crowding", "share of the nerve's outline touched by muscle near the apex", "%", 0),
    _quantity("crowding_grade", "grade of apical crowding (Nugent)", "", 0),
    _quantity("axial_length_of_gland", "length in the axial plane", "mm", 1),
    _quantity("axial_width_of_gland", "width in the axial plane", "mm", 1),
    _quantity("coronal_length_of_gland", "length in the coronal plane", "mm", 1),
    _quantity("coronal_width_of_gland", "width in the coronal plane", "mm", 1),
    _quantity("muscle_volume", "volume of all extra-ocular muscles", "ml", 2),
    _quantity("fat_volume_by_density", "volume of what has the density of fat", "ml", 2),
    _quantity("muscle_share", "muscles over bony orbit", "%", 1, Code("113288", DICOM, "Volume Ratio")),
    _quantity("fat_share", "fat over bony orbit", "%", 1, Code("113288", DICOM, "Volume Ratio")),
    _quantity("barrett_horizontal", "muscle index, horizontal (Barrett)", "%", 1),
    _quantity("barrett_vertical", "muscle index, vertical (Barrett)", "%", 1),
))


def quantity(key: str) -> Quantity:
    """Return the quantity with an identifier such as "greatest_diameter".

    :raises ValueError: if there is none.
    """
    if key not in QUANTITIES:
        raise ValueError(f"There is no quantity {key!r}; there are {', '.join(QUANTITIES)}.")
    return QUANTITIES[key]
