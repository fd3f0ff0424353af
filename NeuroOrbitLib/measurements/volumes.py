"""Volume and grey values of every structure in a label map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side, label_name, label_value, side_of, structure_of
from NeuroOrbitLib.imaging import Image

#: Largest share of a structure that may be 0, or as dark as the darkest voxel of the scan.
MOST_EMPTY = 0.5
_LENS_OF_EYEBALL = {label_value("eyeball", side): label_value("lens", side) for side in Side}


def structure_volumes(labels: Image, keys: Sequence[str], name: str = "structure") -> list[dict[str, Any]]:
    """Return the volume of paired structures, one row for each structure and side, present or not.

    :param labels: label map.
    :param keys: keys of the structures.
    :param name: name of the entry that holds the structure's key in a row, beside ``side`` and ``volume_ml``.
    """
    voxel = labels.grid.voxel_volume / 1000.0
    return [{name: key, "side": side.value,
             "volume_ml": float((labels.array == label_value(key, side)).sum() * voxel)}
            for key in keys for side in Side]


def measure_labels(labels: Image, scan: Image) -> list[dict[str, Any]]:
    """Return one row per structure that is present, ordered by label value; an eyeball is measured with its lens.

    :param labels: label map on the grid of ``scan``.
    :param scan: grey values (HU for CT).
    :return: rows of plain data with ``label``, ``structure`` (key), ``name``, ``side`` ("right", "left" or None),
        ``voxels``, ``volume_ml`` (voxels times voxel volume), ``mean_intensity``, ``sd_intensity``,
        ``empty_image`` (whether most of its voxels are in a removed part of the image: 0, or as dark as the darkest
        voxel).
    """
    rows, darkest = [], scan.array.min()
    for value, box in enumerate(ndimage.find_objects(labels.array), start=1):
        if box is None:
            continue
        # A lens lies inside its eyeball, and so in the eyeball's box.
        mask = np.isin(labels.array[box], (value, _LENS_OF_EYEBALL.get(value, value)))
        grey = scan.array[box][mask].astype(np.float64)
        side = side_of(value)
        rows.append({
            "label": value,
            "structure": structure_of(value).key,
            "name": label_name(value),
            "side": side.value if side else None,
            "voxels": int(grey.size),
            "volume_ml": grey.size * labels.grid.voxel_volume / 1000.0,
            "mean_intensity": float(grey.mean()),
            "sd_intensity": float(grey.std()),
            "empty_image": bool(np.mean((grey == darkest) | (grey == 0)) > MOST_EMPTY),
        })
    return rows
