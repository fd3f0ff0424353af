"""Repeatability of measures between two scans of an unchanged patient, outlined in the same way.

The uncertainty of a measure follows from the error of its outline. Most of this error is the same in two scans of one
patient and cancels, while grey values differ between scans by more than their uncertainty.
"""

from __future__ import annotations

from NeuroOrbitLib.measurements.definitions import AUTOMATIC_GLAND_MM

#: Difference between repeated measures relative to the one expected from both uncertainties: the largest of four
#: protocols of CT and MRI, with two phantoms each, scanned again in another pose and with other noise, segmented by the
#: default model, rounded up to .05 (`python -m Testing.Experiments.validation.measurements.repeated` prints them).
_SHARES = {
    "area_at_globe": 0.35, "area_behind_globe": 0.45, "axial_length": 0.35, "axial_length_of_gland": 0.35,
    "axial_width_of_gland": 0.5, "barrett_horizontal": 0.8, "barrett_vertical": 0.55, "coronal_length_of_gland": 0.25,
    "coronal_width_of_gland": 0.5, "diameter_at_globe": 0.95, "diameter_behind_globe": 0.5, "exophthalmos": 0.7,
    "exophthalmos_difference": 0.45, "globe_tent_angle": 0.55, "greatest_area": 0.25, "greatest_diameter": 0.45,
    "interorbital_distance": 0.45, "interpupillary_distance": 0.65, "interzygomatic_distance": 1.05, "length": 0.75,
    "sheath_diameter_10mm": 0.4, "sheath_diameter_3mm": 0.45, "signal_to_brain": 5.45, "signal_to_temporalis": 7.75,
    "thickness": 0.2, "tortuosity": 0.25, "transverse_diameter": 0.25, "vertical_diameter": 0.45, "volume": 0.2,
}  # fmt: skip
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
    """
    return None if quantity in _NOT_COMPARABLE else _SHARES.get(quantity, 1.0)
