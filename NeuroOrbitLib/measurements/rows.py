"""A measure with its structure, quantity, value, uncertainty, method and place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, side_name, structure
from NeuroOrbitLib.measurements.codes import Code, quantity
from NeuroOrbitLib.number_text import fixed
from NeuroOrbitLib.sentences import capitalized
from NeuroOrbitLib.sentences import sentence as _

#: Structure of measures that belong to both orbits together.
HEAD = "head"
#: Method of the volume of an optic nerve that is outlined without its sheath, which has no published values.
NERVE_ALONE = _("nerve without its sheath")


@dataclass(frozen=True)
class Place:
    """Where a measure was taken, in RAS mm.

    :param kind: "line" (two end points), "polyline" (points along a curve), "points", "angle" (end, corner, end) or
        "plane" (a point of it and its normal).
    :param points: points (N, 3).
    :param normal: unit vector (3,) across the plane in which the measure is best seen; ``None`` where none is best.
    """

    kind: Literal["line", "polyline", "points", "angle", "plane"]
    points: np.ndarray
    normal: np.ndarray | None = None

    @property
    def middle(self) -> np.ndarray:
        """Point (3,) on which a view of the place is centred, RAS mm."""
        return self.points[0] if self.kind == "plane" else self.points.mean(axis=0)

    def as_data(self) -> dict[str, Any]:
        """Return the place as plain data, to a hundredth of a millimetre."""
        return {"kind": self.kind, "points_ras_mm": np.round(self.points, 2).tolist(),
                "normal_ras": None if self.normal is None else np.round(self.normal, 4).tolist()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Place:
        """Return the place from the plain data of :meth:`as_data`."""
        normal = data.get("normal_ras")
        return cls(data["kind"], np.array(data["points_ras_mm"], dtype=float),
                   None if normal is None else np.array(normal, dtype=float))


@dataclass(frozen=True)
class Measured:
    """A measured value, or the reason why there is none.

    :param value: value in the quantity's unit; ``None`` if it could not be measured.
    :param uncertainty: one standard deviation, in the value's unit; ``None`` if it is not known.
    :param place: place at which it was measured, if it can be shown.
    :param method: method by which it was measured, if there is more than one.
    :param reason: why it could not be measured, as the end of a sentence that begins with "Not measurable because".
    :param note: sentence that the reader of the value must know.
    :param least_share: share of what the uncertainty lets expect by which the value may differ in another scan because
        few thick slices show the structure; 0 if they do not matter.
    """

    value: float | None = None
    uncertainty: float | None = None
    place: Place | None = None
    method: str = ""
    reason: str = ""
    note: str = ""
    least_share: float = 0.0

    @classmethod
    def missing(cls, reason: str) -> Measured:
        """Return a measure without a value, with the reason."""
        return cls(reason=reason)


@dataclass(frozen=True)
class Row:
    """One measure of one structure, as it appears in tables, reports and structured reports.

    :param structure: key of the vocabulary, or :data:`HEAD`.
    :param side: side of the patient; ``None`` for the head.
    :param quantity: key of :data:`~NeuroOrbitLib.measurements.codes.QUANTITIES`.
    :param measured: the value with its uncertainty, or the reason why there is none.
    """

    structure: str
    side: Side | None
    quantity: str
    measured: Measured = field(default_factory=Measured)

    @property
    def value(self) -> float | None:
        """The value in :attr:`unit`, or ``None`` if it could not be measured."""
        return self.measured.value

    @property
    def unit(self) -> str:
        """Unit of the value, e.g. "mm"; empty for plain ratios."""
        return quantity(self.quantity).unit

    @property
    def code(self) -> Code:
        """The quantity's code for DICOM."""
        return quantity(self.quantity).code

    @property
    def key(self) -> tuple[str, str, str]:
        """Structure, side and quantity, which identify the row within one scan."""
        return self.structure, self.side.value if self.side else "", self.quantity

    @property
    def name(self) -> str:
        """Name for the user, e.g. "Right medial rectus muscle: greatest diameter"."""
        words = quantity(self.quantity).name
        if self.structure == HEAD:
            return capitalized(words)
        return _("{structure}: {quantity}").format(structure=self.owner, quantity=words)

    @property
    def owner(self) -> str:
        """Name of the structure for the user, e.g. "Right medial rectus muscle"."""
        if self.structure == HEAD:
            return _("Both orbits")
        name = structure(self.structure).name
        return capitalized(name) if self.side is None else side_name(self.side, name)

    @property
    def text(self) -> str:
        """Value with its unit and uncertainty, or why there is none."""
        if self.value is None:
            return _("Not measurable because {reason}").format(reason=self.measured.reason)
        decimals = quantity(self.quantity).decimals
        spread = "" if self.measured.uncertainty is None else f" ± {self.measured.uncertainty:.{decimals}f}"
        return f"{fixed(self.value, decimals)}{spread} {self.unit}".rstrip()

    def as_data(self) -> dict[str, Any]:
        """Return the row as plain data for JSON."""
        measured = self.measured
        return {
            "structure": self.structure, "side": self.side.value if self.side else None, "quantity": self.quantity,
            "name": self.name, "value": _rounded(measured.value), "unit": self.unit,
            "uncertainty": _rounded(measured.uncertainty), "method": measured.method or None,
            "reason": measured.reason or None, "note": measured.note or None, "code": self.code.as_data(),
            "place": measured.place.as_data() if measured.place else None, "least_share": measured.least_share,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Row:
        """Return the row from the plain data of :meth:`as_data`.

        :raises ValueError: for a quantity that this version does not know.
        """
        quantity(data["quantity"])
        place = Place.from_data(data["place"]) if data.get("place") else None
        measured = Measured(_number(data["value"]), _number(data.get("uncertainty")), place, data.get("method") or "",
                            data.get("reason") or "", data.get("note") or "", float(data.get("least_share") or 0.0))
        return cls(data["structure"], Side(data["side"]) if data.get("side") else None, data["quantity"], measured)


def by_key(rows: Iterable[Row]) -> dict[tuple[str, str, str], Row]:
    """Return the rows by structure, side and quantity."""
    return {row.key: row for row in rows}


def notes_of(rows: Iterable[Row]) -> list[str]:
    """Return the notes on the values of each structure, each note once, preceded by the structure's name."""
    found = {}
    for row in rows:
        if row.value is not None and row.measured.note:
            found[_("{structure}: {note}").format(structure=row.owner, note=row.measured.note)] = None
    return [*found]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)


def _number(value: float | str | None) -> float | None:
    return None if value is None else float(value)
