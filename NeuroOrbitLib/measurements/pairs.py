"""Measures of both sides beside each other, as readers compare them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.edits import are_comparable
from NeuroOrbitLib.measurements.rows import HEAD, Row
from NeuroOrbitLib.number_text import signed
from NeuroOrbitLib.sentences import Sentence, capitalized
from NeuroOrbitLib.sentences import sentence as _

#: Quantities of each structure in a short report; the others are shown on request.
MAIN = {
    "superior_rectus": ("greatest_diameter", "volume"), "inferior_rectus": ("greatest_diameter", "volume"),
    "medial_rectus": ("greatest_diameter", "volume"), "lateral_rectus": ("greatest_diameter", "volume"),
    "superior_oblique": ("greatest_diameter",), "inferior_oblique": ("greatest_diameter",),
    "eyeball": ("exophthalmos", "axial_length"), "optic_nerve": ("sheath_diameter_3mm",),
    "lacrimal_gland": ("axial_length_of_gland", "axial_width_of_gland", "volume"),
    "bony_orbit": ("volume", "muscle_volume", "muscle_share", "fat_volume_by_density", "barrett_horizontal",
                   "barrett_vertical", "crowding_grade"),
    HEAD: ("exophthalmos_difference",),
}
#: Short names of quantities for narrow tables.
SHORT = {
    "exophthalmos": _("exophthalmos"), "exophthalmos_difference": _("exophthalmos, sides apart"),
    "axial_length": _("axial length"), "sheath_diameter_3mm": _("sheath, 3 mm behind globe"),
    "sheath_diameter_10mm": _("sheath, 10 mm behind globe"), "nerve_diameter_3mm": _("nerve, 3 mm behind globe"),
    "nerve_diameter_10mm": _("nerve, 10 mm behind globe"), "globe_tent_angle": _("angle at the nerve"),
    "diameter_at_globe": _("diameter at globe"), "area_at_globe": _("section at globe"),
    "diameter_behind_globe": _("diameter 7 mm behind"), "area_behind_globe": _("section 7 mm behind"),
    "greatest_area": _("greatest section"), "signal_hottest": _("hottest 10 mm²"),
    "signal_to_temporalis": _("signal / temporal muscle"), "signal_to_brain": _("signal / brain"),
    "hottest_to_temporalis": _("hottest / temporal muscle"), "hottest_to_brain": _("hottest / brain"),
    "interpupillary_distance": _("lens to lens"), "interzygomatic_distance": _("lateral rims"),
    "interorbital_distance": _("medial rims"), "tortuosity": _("length / distance"),
    "apical_crowding": _("touched near the apex"), "crowding_grade": _("crowding (Nugent)"),
    "axial_length_of_gland": _("axial length"), "axial_width_of_gland": _("axial width"),
    "coronal_length_of_gland": _("coronal length"), "coronal_width_of_gland": _("coronal width"),
    "muscle_volume": _("all muscles"), "fat_volume_by_density": _("fat by density"),
    "muscle_share": _("muscles / orbit"), "fat_share": _("fat / orbit"), "barrett_horizontal": _("Barrett horizontal"),
    "barrett_vertical": _("Barrett vertical"),
}
#: Further quantities of every muscle in a short report, if the scan gives them.
MAIN_SIGNALS = ("signal_to_brain", "signal_to_temporalis")


@dataclass(frozen=True)
class Pair:
    """A quantity on both sides, or of the head as a whole (only ``head`` is then set)."""

    structure: str
    quantity: str
    right: Row | None = None
    left: Row | None = None
    head: Row | None = None

    @property
    def is_main(self) -> bool:
        """Whether a short report holds it."""
        signal = self.quantity in MAIN_SIGNALS and self.structure.endswith("rectus")
        return signal or self.quantity in MAIN.get(self.structure, ())

    @property
    def short_name(self) -> Sentence:
        """Name and unit for a narrow table, e.g. "Greatest diameter, mm"."""
        kind = quantity(self.quantity)
        name = capitalized(SHORT.get(self.quantity, kind.name))
        return _("{measure}, {unit}").format(measure=name, unit=kind.unit) if kind.unit else name

    @property
    def rows(self) -> tuple[Row, ...]:
        """The existing rows, right before left."""
        return tuple(row for row in (self.right, self.left, self.head) if row is not None)

    @property
    def difference(self) -> float | None:
        """Right minus left; ``None`` if a side has no value, or the sides were measured by different methods."""
        if self.right is None or self.left is None or None in (self.right.value, self.left.value):
            return None
        alike = are_comparable(self.right.measured, self.left.measured)
        return self.right.value - self.left.value if alike else None

    @property
    def difference_text(self) -> str:
        """The difference with its sign and the quantity's decimals."""
        return "" if self.difference is None else signed(self.difference, quantity(self.quantity).decimals)


def pairs_of(rows: Iterable[Row]) -> list[Pair]:
    """Return the rows of both sides in pairs, by structure in the order of first occurrence."""
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        name = {Side.RIGHT: "right", Side.LEFT: "left", None: "head"}[row.side]
        found.setdefault((row.structure, row.quantity), {})[name] = row
    order = {structure: place for place, structure in enumerate(dict.fromkeys(key[0] for key in found))}
    keys = sorted(found, key=lambda key: order[key[0]])
    return [Pair(*key, **found[key]) for key in keys]
