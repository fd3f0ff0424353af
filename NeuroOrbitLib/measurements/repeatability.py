"""Repeatability of measures between two scans of an unchanged patient, outlined in the same way.

The uncertainty of a measure follows from the error of its outline. Most of this error is the same in two scans of one
patient and cancels, while grey values differ between scans by more than their uncertainty.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from NeuroOrbitLib.measurements.definitions import AUTOMATIC_GLAND_MM

if TYPE_CHECKING:
    from NeuroOrbitLib.measurements.field import Field
    from NeuroOrbitLib.measurements.rows import Measured

#: Difference between repeated measures relative to the one expected from both uncertainties: the largest of four
#: protocols of CT and MRI, with two phantoms each, scanned again in another pose and with other noise, segmented by the
#: default model, rounded up to .05 (`python -m Testing.Experiments.validation.measurements.repeated` prints them).
_SHARES = {
    "area_at_globe": 0.4, "area_behind_globe": 0.5, "axial_length": 0.35, "axial_length_of_gland": 0.35,
    "axial_width_of_gland": 0.5, "barrett_horizontal": 0.45, "barrett_vertical": 0.45,
    "coronal_length_of_gland": 0.25, "coronal_width_of_gland": 0.5, "diameter_at_globe": 0.4,
    "diameter_behind_globe": 0.35, "exophthalmos": 0.6, "exophthalmos_difference": 0.35, "globe_tent_angle": 0.6,
    "greatest_area": 0.25, "greatest_diameter": 0.35, "interorbital_distance": 0.45, "interpupillary_distance": 0.65,
    "interzygomatic_distance": 0.9, "length": 0.75, "sheath_diameter_10mm": 0.4, "sheath_diameter_3mm": 0.45,
    "signal_to_brain": 8.55, "signal_to_temporalis": 6.7, "thickness": 0.2, "tortuosity": 0.2,
    "transverse_diameter": 0.25, "vertical_diameter": 0.4, "volume": 0.25,
}  # fmt: skip
#: A structure is in few slices if fewer than so many thick ones lie behind one another in it.
_FEW_THROUGH = 1.5
#: Number of slices in which such a structure would be if all had an equal area, and least share below this number. In
#: three phantoms with slices 3.3 mm apart, at six positions of the slices, volumes varied by 1.1 to 1.5 of their
#: uncertainties below the first number (superior rectus and inferior oblique along axial slices, lens in coronal ones),
#: and by .5 below the second one (superior oblique, inferior rectus); those of all other structures by less than .2.
_FEW_SLICES = ((2.2, 1.5), (4.0, 0.5))
#: Lengths vary by as much in both, since thin ends fall between the slices.
_LENGTHS = ("length", "tortuosity")
#: Quantities for which these shares were found.
_SIZES = ("volume", *_LENGTHS)
#: Quantities that depend on the scanner's settings and cannot be compared between two scans.
_NOT_COMPARABLE = ("signal_mean", "signal_hottest")


#: Least uncertainties (mm) to which the shares apply. Outlines drawn by hand have smaller uncertainties, but the thin
#: ends of a gland are not drawn more repeatably by hand.
_LEAST_SPREADS = {"axial_length_of_gland": AUTOMATIC_GLAND_MM, "coronal_length_of_gland": AUTOMATIC_GLAND_MM}


def repeat_spread(quantity: str, uncertainty: float | None) -> float | None:
    """Return the uncertainty to which :func:`repeat_share` of a measure applies; ``None`` if it is not known."""
    return None if uncertainty is None else max(uncertainty, _LEAST_SPREADS.get(quantity, 0.0))


def repeat_share(quantity: str) -> float | None:
    """Return the difference of a quantity between scans without a change, relative to the difference expected.

    The result is 1 if this difference has not been measured, and ``None`` if values of two scans cannot be compared.
    Where few thick slices show a structure, it is at least that of :func:`in_few_slices`.
    """
    return None if quantity in _NOT_COMPARABLE else _SHARES.get(quantity, 1.0)


def in_few_slices(measured: Measured, field: Field, quantity: str) -> Measured:
    """Return a measure of a structure that few thick slices may show, with its :attr:`Measured.least_share`.

    A size that differs between scans by more than its uncertainty is more uncertain than its outline: by as much as it
    differs.

    :param measured: the measure.
    :param field: outline of the structure.
    :param quantity: key of the quantity.
    """
    share = _share_in_few_slices(field, quantity)
    if share <= 1.0 or quantity not in _SIZES or measured.uncertainty is None:
        return replace(measured, least_share=share)
    return replace(measured, uncertainty=share * measured.uncertainty, least_share=1.0)


def _share_in_few_slices(field: Field, quantity: str) -> float:
    """Return the least share of a quantity of a structure because few thick slices show it; 0 if they do not matter.

    The size of such a structure depends on where the slices happen to lie.

    :param field: outline of the structure.
    """
    if field.thick_slices is None or field.thick_slices[0] >= _FEW_THROUGH:
        return 0.0
    share = next((share for count, share in _FEW_SLICES if field.thick_slices[1] < count), 0.0)
    return _FEW_SLICES[0][1] if share and quantity in _LENGTHS else share
