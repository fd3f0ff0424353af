"""The vocabulary: structures of the orbit, their label values, sides, SNOMED CT codes and colours.

Label values are fixed for all modules, files and tests; a file may hold a subset of them. Sides are the patient's.
The lens lies inside the eyeball: the whole eyeball is the union of both labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from NeuroOrbitLib.sentences import capitalized
from NeuroOrbitLib.sentences import sentence as _

BACKGROUND = 0
_LEFT_SHADE = 0.82


class Side(str, Enum):
    """A side of the patient."""

    RIGHT = "right"
    LEFT = "left"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.LEFT if self is Side.RIGHT else Side.RIGHT

    @property
    def word(self) -> str:
        """Word for the side within a sentence."""
        return _("right") if self is Side.RIGHT else _("left")

    @property
    def x_sign(self) -> int:
        """Sign of the RAS x coordinate on this side of the midline: +1 for right, -1 for left."""
        return 1 if self is Side.RIGHT else -1


@dataclass(frozen=True)
class Structure:
    """One anatomical structure.

    :param key: identifier in code and files, e.g. "medial_rectus".
    :param name: common English name without the side.
    :param code: SNOMED CT concept identifier.
    :param meaning: code meaning, the concept's name in DICOM.
    :param right: label value of the right side, or of an unpaired structure.
    :param left: label value of the left side; ``None`` for an unpaired structure.
    :param color: display colour of the right side, RGB 0 to 255.
    :param group: "eye", "nerve", "rectus", "oblique", "gland", "fat" or "bone".
    """

    key: str
    name: str
    code: str
    meaning: str
    right: int
    left: int | None
    color: tuple[int, int, int]
    group: str

    @property
    def values(self) -> tuple[int, ...]:
        """Label values of the structure, right before left."""
        return (self.right,) if self.left is None else (self.right, self.left)

    def value(self, side: Side | None = None) -> int:
        """Return the label value on ``side`` (ignored for an unpaired structure).

        :raises ValueError: if the structure is paired and no side is given.
        """
        if self.left is None:
            return self.right
        if side is None:
            raise ValueError(f"The {self.name} is paired: say which side.")
        return self.right if Side(side) is Side.RIGHT else self.left


STRUCTURES: tuple[Structure, ...] = (
    Structure("eyeball", _("eyeball"), "79652003", "Eyeball", 1, 2, (101, 168, 222), "eye"),
    Structure("optic_nerve", _("optic nerve"), "18234004", "Optic nerve", 3, 4, (255, 217, 61), "nerve"),
    Structure("superior_rectus", _("superior rectus-levator complex"), "5815008", "Superior rectus muscle", 5, 6,
              (222, 84, 80), "rectus"),
    Structure("inferior_rectus", _("inferior rectus muscle"), "47869003", "Inferior rectus muscle", 7, 8,
              (236, 139, 58), "rectus"),
    Structure("medial_rectus", _("medial rectus muscle"), "24937009", "Medial rectus muscle", 9, 10,
              (205, 78, 158), "rectus"),
    Structure("lateral_rectus", _("lateral rectus muscle"), "31836009", "Lateral rectus muscle", 11, 12,
              (133, 96, 208), "rectus"),
    Structure("lacrimal_gland", _("lacrimal gland"), "13561001", "Lacrimal gland", 13, 14, (150, 205, 76), "gland"),
    Structure("superior_oblique", _("superior oblique muscle"), "66041005", "Superior oblique muscle", 15, 16,
              (60, 164, 104), "oblique"),
    Structure("inferior_oblique", _("inferior oblique muscle"), "57516003", "Inferior oblique muscle", 17, 18,
              (22, 140, 150), "oblique"),
    Structure("lens", _("lens"), "78076003", "Lens", 19, 20, (204, 236, 255), "eye"),
    Structure("orbital_fat", _("orbital fat"), "363656009", "Orbital fat pad", 21, 22, (240, 228, 168), "fat"),
    Structure("bony_orbit", _("bony orbit"), "363654007", "Orbital structure", 23, 24, (198, 178, 152), "bone"),
    Structure("optic_chiasm", _("optic chiasm"), "244453006", "Optic chiasm", 25, None, (176, 132, 12), "nerve"),
)

RECTI: tuple[str, ...] = ("superior_rectus", "inferior_rectus", "medial_rectus", "lateral_rectus")
OBLIQUES: tuple[str, ...] = ("superior_oblique", "inferior_oblique")
EXTRAOCULAR_MUSCLES: tuple[str, ...] = (*RECTI, *OBLIQUES)
#: The bony orbits and the structures inside them; a new structure must be added here if it is one of them.
ORBITAL: tuple[str, ...] = ("eyeball", "optic_nerve", *EXTRAOCULAR_MUSCLES, "lacrimal_gland", "lens", "orbital_fat",
                            "bony_orbit")

_BY_KEY = {structure.key: structure for structure in STRUCTURES}
_BY_VALUE = {value: structure for structure in STRUCTURES for value in structure.values}
LABEL_VALUES: tuple[int, ...] = tuple(sorted(_BY_VALUE))


def structure(key: str) -> Structure:
    """Return the structure with an identifier such as "medial_rectus".

    :raises ValueError: if there is none.
    """
    if key not in _BY_KEY:
        raise ValueError(f"There is no structure {key!r}; there are {', '.join(_BY_KEY)}.")
    return _BY_KEY[key]


def structure_of(value: int) -> Structure:
    """Return the structure of a label value.

    :raises ValueError: if the value is not in the vocabulary.
    """
    if int(value) not in _BY_VALUE:
        raise ValueError(f"{value} is not a label value of the orbit; those are 1 to {LABEL_VALUES[-1]}.")
    return _BY_VALUE[int(value)]


def side_of(value: int) -> Side | None:
    """Return the side of a label value; ``None`` for an unpaired structure.

    :raises ValueError: if the value is not in the vocabulary.
    """
    found = structure_of(value)
    if found.left is None:
        return None
    return Side.LEFT if int(value) == found.left else Side.RIGHT


def label_value(key: str, side: Side | str | None = None) -> int:
    """Return the label value of a structure on a side, e.g. ``label_value("medial_rectus", "left")`` is 10.

    :raises ValueError: if there is no such structure or side, or the structure is paired and no side is given.
    """
    return structure(key).value(None if side is None else Side(side))


def label_name(value: int) -> str:
    """Return the name of a label value for the user, e.g. "Right medial rectus muscle"."""
    side, name = side_of(value), structure_of(value).name
    return capitalized(name) if side is None else side_name(side, name)


def side_name(side: Side, name: str) -> str:
    """Return the name of a structure on a side for the user, e.g. "Right optic nerve"."""
    return (_("Right {structure}") if side is Side.RIGHT else _("Left {structure}")).format(structure=name)


def segment_id(value: int) -> str:
    """Return the segment identifier of a label value, e.g. "right_medial_rectus"."""
    side = side_of(value)
    return structure_of(value).key if side is None else f"{side.value}_{structure_of(value).key}"


def label_rgb(value: int) -> tuple[int, int, int]:
    """Return the display colour of a label value, RGB 0 to 255; the left side is a darker shade of the right one."""
    shade = _LEFT_SHADE if side_of(value) is Side.LEFT else 1.0
    return tuple(round(channel * shade) for channel in structure_of(value).color)


def label_color(value: int) -> tuple[float, float, float]:
    """Return the display colour of a label value, RGB 0 to 1."""
    return tuple(channel / 255.0 for channel in label_rgb(value))


def mirrored_label(value: int) -> int:
    """Return the label value of the same structure on the other side; background and unpaired structures stay."""
    if int(value) == BACKGROUND:
        return BACKGROUND
    side = side_of(value)
    return int(value) if side is None else structure_of(value).value(side.other)


_MIRRORED = np.array([mirrored_label(value) for value in (BACKGROUND, *LABEL_VALUES)], dtype=np.uint8)


def mirror_label_array(labels: np.ndarray) -> np.ndarray:
    """Return an array with right and left label values exchanged; voxels do not move, and the type is kept.

    :param labels: label values, any shape.
    :raises ValueError: if there are values outside of the vocabulary.
    """
    if labels.size and (labels.min() < 0 or labels.max() >= len(_MIRRORED)):
        raise ValueError(f"Label values must lie between 0 and {len(_MIRRORED) - 1}; there are others in this array.")
    return _MIRRORED[labels.astype(np.intp)].astype(labels.dtype)
