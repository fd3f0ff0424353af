"""Measures read from the plain data that :func:`~NeuroOrbitLib.measurements.tables.rows_as_data` gives."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, LABEL_VALUES, label_value, structure
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.rows import HEAD, Row
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import from_plain
from NeuroOrbitLib.sentences import sentence as _

#: Structures whose volume is that of their own label alone. Volumes are measured at a smooth outline, so those of small
#: structures differ from the volume of their voxels by up to a fifth.
_FROM_VOXELS = ("optic_nerve", *EXTRAOCULAR_MUSCLES)
_LARGEST_DIFFERENCE = 0.35


def rows_from_data(measures: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return measures from plain data.

    :raises Problem: if the data are not measures of this product.
    """
    try:
        return [_row(data) for data in measures]
    except (KeyError, TypeError, ValueError) as error:
        raise Problem(_("The measures cannot be read ({reason}). Write them again with the command 'measure "
                        "--json'.").format(reason=str(error))) \
            from error


def rows_from_file(path: Path, labels: Image | None = None) -> list[Row]:
    """Return the measures in a JSON file that ``measure --json`` wrote.

    :param path: JSON file.
    :param labels: label map from which the measures must have been taken, if known.
    :raises Problem: if the file cannot be read, is not such a file, or the measures do not belong to the labels.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"), object_hook=from_plain)
        measures = data["measures"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(_("{path} holds no measures. Write it with the command 'measure --json'.").format(
            path=str(path))) from error
    rows = rows_from_data(measures)
    if labels is not None:
        _check_taken_from(rows, labels, path)
    return rows


def _check_taken_from(rows: Iterable[Row], labels: Image, path: Path) -> None:
    """Refuse measures if a volume differs much from that of its structure in the label map."""
    voxels = np.bincount(labels.array[labels.array > 0], minlength=LABEL_VALUES[-1] + 1)
    milliliters = voxels * abs(float(np.linalg.det(labels.affine[:3, :3]))) / 1000
    for row in rows:
        if row.quantity != "volume" or row.structure not in _FROM_VOXELS or row.value is None:
            continue
        found = milliliters[label_value(row.structure, row.side)]
        if abs(row.value - found) > _LARGEST_DIFFERENCE * max(row.value, found):
            raise Problem(_("The measures in {path} are not those of these labels: {measure} is {value:.2f} ml, in "
                            "the label map {found:.2f} ml. Measure these labels, or leave the file out.").format(
                path=path.name, measure=row.name, value=row.value, found=found))


def _row(data: Mapping[str, Any]) -> Row:
    row = Row.from_data(data)
    return row if row.structure == HEAD else replace(row, structure=structure(row.structure).key)
