"""Coded concepts for highdicom: codes, sides and units."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.anatomy.terminology import LATERALITY, SCHEME

if TYPE_CHECKING:
    from highdicom.sr import CodedConcept

    from NeuroOrbitLib.measurements.codes import Code

#: Units of the measures (UCUM code and meaning) by their symbol in the interface.
UNITS = {
    "mm": ("mm", "millimeter"), "mm²": ("mm2", "square millimeter"), "mm³": ("mm3", "cubic millimeter"),
    "ml": ("ml", "milliliter"), "%": ("%", "Percent"),
    "°": ("deg", "degree"), "ms": ("ms", "millisecond"), "HU": ("[hnsf'U]", "Hounsfield unit"), "": ("1", "no units"),
}  # fmt: skip
#: Longest meaning and value of a code (value representations LO and SH). Longer values exist, but not every reader
#: accepts them.
LONGEST_MEANING, LONGEST_VALUE = 64, 16


def concept(value: str, meaning: str, scheme: str = SCHEME) -> CodedConcept:
    """Return a coded concept, with its meaning cut to :data:`LONGEST_MEANING` and its value by :func:`short_value`."""
    import highdicom

    return highdicom.sr.CodedConcept(short_value(value), scheme, meaning[:LONGEST_MEANING])


def coded(code: Code) -> CodedConcept:
    """Return a code of this product as a coded concept; see :func:`concept`."""
    return concept(code.value, code.meaning, code.scheme)


def short_value(value: str) -> str:
    """Return the value of a code; if it is too long, its beginning and four digits that distinguish it from others."""
    if len(value) <= LONGEST_VALUE:
        return value
    return f"{value[: LONGEST_VALUE - 5]}_{zlib.crc32(value.encode()) & 0xFFFF:04X}"


def side_concept(side: Side) -> CodedConcept:
    """Return the concept of a side."""
    return concept(*LATERALITY[side])


def unit_concept(unit: str) -> CodedConcept:
    """Return the concept of a unit of the measures, e.g. "mm²".

    :raises ValueError: for a unit that is not in :data:`UNITS`.
    """
    if unit not in UNITS:
        raise ValueError(f"There is no code for the unit {unit!r}; there are {', '.join(UNITS)}.")
    value, meaning = UNITS[unit]
    return concept(value, meaning, "UCUM")
