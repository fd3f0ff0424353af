"""How well measures repeat: between two scans in which nothing has changed, outlined in the same way.

The uncertainty of a measure says how far its outline may lie off. Between two scans of one patient most of that is the
same and cancels; how the grey values of two scans compare varies by more than it says.
"""

from __future__ import annotations

from NeuroOrbitLib.measurements.definitions import AUTOMATIC_GLAND_MM

#: By how much repeated measures differ, as a share of what both uncertainties let expect: the largest of four protocols
#: of CT and MRI, with two phantoms each in another pose and with other noise, segmented by the default model, rounded
#: up to .05 (`python -m Testing.Experiments.validation.measurements.repeated` prints them).
_SHARES = {
    "area_at_globe": 0.35, "area_behind_globe": 0.45, "axial_length": 0.35, "axial_length_of_gland": 0.35,
    "axial_width_of_gland": 0.5, "barrett_horizontal": 0.8, "barrett_vertical": 0.55, "coronal_length_of_gland": 0.25,
    "coronal_width_of_gland": 0.5, "diameter_at_globe": 0.95, "diameter_behind_globe": 0.5, "exophthalmos": 0.7,
    "exophthalmos_difference": 0.45, "globe_tent_angle": 0.55, "greatest_area": 0.25, "greatest_diameter": 0.45,
    "interorbital_distance": 0.45, "interpupillary_distance": 0.65, "interzygomatic_distance": 1.05, "length": 0.75,
    "sheath_diameter_10mm": 0.4, "sheath_diameter_3mm": 0.45, "signal_to_brain": 5.45, "signal_to_temporalis": 7.75,
    "thickness": 0.2, "tortuosity": 0.25, "transverse_diameter": 0.25, "vertical_diameter": 0.45, "volume": 0.2,
}  # fmt: skip
#: What depends on the scanner's settings of the day and cannot be compared between two scans.
_NOT_COMPARABLE = ("signal_mean", "signal_hottest")


#: Uncertainties (mm) that the shares rest on, where those of outlines drawn by hand are smaller: how the thin ends of a
#: gland are drawn repeats no better by hand.
_LEAST_SPREADS = {"axial_length_of_gland": AUTOMATIC_GLAND_MM, "coronal_length_of_gland": AUTOMATIC_GLAND_MM}


def repeat_spread(quantity: str, uncertainty: float | None) -> float | None:
    """Return the uncertainty of a measure that :func:`repeat_share` is a share of; ``None`` where it is not known."""
    return None if uncertainty is None else max(uncertainty, _LEAST_SPREADS.get(quantity, 0.0))


def repeat_share(quantity: str) -> float | None:
    """Return by how much a quantity differs between scans without a change, as a share of the expected difference.

    1 where it was never measured; ``None`` where values of two scans cannot be compared at all.
    """
    return None if quantity in _NOT_COMPARABLE else _SHARES.get(quantity, 1.0)
