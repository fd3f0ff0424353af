"""Columns and rows of the table that shows the influence of each structure on an answer."""

from __future__ import annotations

from collections.abc import Mapping

from slicer.i18n import tr as _

from NeuroOrbitLib.anatomy import label_name
from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.mrml import tables
from NeuroOrbitLib.mrml.classifier_results import short_name


def fall_columns(title: str, explained: str) -> list[tables.Column]:
    """Return the columns of a table of structures that were replaced on both sides.

    :param title: title of the column that names the structures, translated.
    :param explained: sentence that explains the fall of the probability (percentage points), translated.
    """
    return [
        tables.Column("muscle", title),
        tables.Column("fall", _("Fall of the probability"), _("points"), explained, 1),
        tables.Column("right", _("Heat, right"), "logit", _("Mean Grad-CAM heat on the right side."), 4, True),
        tables.Column("left", _("Heat, left"), "logit", _("Mean Grad-CAM heat on the left side."), 4, True),
    ]


def fall_rows(falls: Mapping[str, float], heat: Mapping[str, float]) -> list[dict[str, object]]:
    """Return a row for each structure, in descending order of the fall of the probability when it is replaced.

    :param falls: fall of the probability (0 to 1) by the key of the structure.
    :param heat: mean heat by the name of a label.
    """
    rows = []
    for key, fall in _largest_first(falls):
        right, left = (heat.get(label_name(value)) for value in structure(key).values)
        rows.append({"muscle": short_name(key), "fall": 100 * fall, "right": right, "left": left})
    return rows


def warmer_sides(falls: Mapping[str, float], heat: Mapping[str, float]) -> list[int]:
    """Return, for each row of :func:`fall_rows`, the label value of the side with more heat."""
    return [max(structure(key).values, key=lambda value: heat.get(label_name(value), 0.0))
            for key, _fall in _largest_first(falls)]


def _largest_first(falls: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(falls.items(), key=lambda item: -item[1])
