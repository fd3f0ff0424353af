"""Whether what was segmented can be an orbit: volumes, symmetry, places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy.normative import plausible_volume, published_range
from NeuroOrbitLib.anatomy.structures import Side, label_name, label_value, side_of, structure_of
from NeuroOrbitLib.imaging import Image
from OrbitSegmentationLib.quality.notices import Notice, warning

Rows = Sequence[Mapping[str, Any]]

#: The larger of two sides may be this many times the smaller one: thyroid eye disease is often lopsided, eyes are not.
LARGEST_RATIOS = {"eye": 1.35, "rectus": 2.5, "nerve": 2.2, "oblique": 2.5, "gland": 2.5, "fat": 1.8, "bone": 1.3}
#: Mean densities (HU) that eyes, muscles, nerves and glands can have.
SOFT_TISSUE_HU = (-50.0, 150.0)
#: At least this share of a structure should hang together.
LEAST_IN_ONE_PIECE = 0.8
#: Where each rectus lies from the line between globe and nerve: x laterally, z upwards.
_DIRECTIONS = {"superior_rectus": (0.0, 1.0), "inferior_rectus": (0.0, -1.0), "medial_rectus": (-1.0, 0.0),
               "lateral_rectus": (1.0, 0.0)}


def volume_notices(measurements: Rows) -> list[Notice]:
    """Notices about structures whose volume no orbit, healthy or with thyroid eye disease, should have."""
    notices = []
    for row in measurements:
        limits = plausible_volume(row["structure"])
        if limits is not None and not limits[0] <= row["volume_ml"] <= limits[1]:
            low, high = published_range(row["structure"])
            what = "its outline, and the voxel size of the file" if row["structure"] == "eyeball" else "its outline"
            notices.append(warning(f"{row['name']}: {row['volume_ml']:.2f} ml is an implausible volume (published "
                                   f"{low:.2f} to {high:.2f} ml in health). Check {what}."))
    return notices


def density_notices(measurements: Rows) -> list[Notice]:
    """Notices about structures of a CT that have a density no soft tissue has, with or without contrast medium."""
    low, high = SOFT_TISSUE_HU
    return [warning(f"{row['name']}: {row['mean_intensity']:.0f} HU on average is no density of soft tissue. Check its "
                    "outline.") for row in measurements
            if structure_of(row["label"]).group not in ("fat", "bone") and not low <= row["mean_intensity"] <= high]


def missing_notices(measurements: Rows, names: Mapping[int, str]) -> list[Notice]:
    """One notice about the structures that are nowhere in the label map, if there are any.

    :param names: name of every label value that could be expected.
    """
    present = {row["label"] for row in measurements}
    missing = [name for value, name in names.items() if value not in present]
    if not missing:
        return []
    return [warning(f"Not found: {', '.join(missing)}. Segment by hand what can be seen.")]


def symmetry_notices(measurements: Rows) -> list[Notice]:
    """Notices about structures of very different volume on the two sides."""
    volumes: dict[str, dict[str, float]] = {}
    for row in measurements:
        if side_of(row["label"]) is not None:
            volumes.setdefault(row["structure"], {})[side_of(row["label"]).value] = row["volume_ml"]
    notices = []
    for key, sides in volumes.items():
        structure = structure_of(label_value(key, Side.RIGHT))
        if len(sides) == 2 and max(sides.values()) > LARGEST_RATIOS[structure.group] * min(sides.values()):
            notices.append(warning(f"The {structure.name} differs much between the sides: {sides['right']:.2f} ml "
                                   f"right, {sides['left']:.2f} ml left. Compare the outlines."))
    return notices


def fragment_notices(measurements: Rows, sizes: Mapping[int, float]) -> list[Notice]:
    """One notice about structures of which much was thrown away because it did not hang together.

    :param sizes: voxels of each label value before only the largest piece was kept.
    """
    broken = [row["name"] for row in measurements
              if row["voxels"] < LEAST_IN_ONE_PIECE * sizes.get(row["label"], row["voxels"])]
    if not broken:
        return []
    return [warning(f"Found in pieces: {', '.join(broken)}. Only the largest piece was kept; check what is missing.")]


def place_notices(labels: Image) -> list[Notice]:
    """One notice about recti that do not lie around the nerve as they should, if there are any.

    :param labels: label map in RAS millimetres.
    """
    wrong = [label_name(label_value(key, side)) for side in Side for key in _misplaced(labels, side)]
    if not wrong:
        return []
    return [warning(f"In an unusual place: {', '.join(wrong)}. Check that the muscles were not confused.")]


def _misplaced(labels: Image, side: Side) -> list[str]:
    globe, nerve = (_middle(labels, label_value(key, side)) for key in ("eyeball", "optic_nerve"))
    if globe is None or nerve is None:
        return []
    axis = (nerve - globe) / np.linalg.norm(nerve - globe)
    found = []
    for key, direction in _DIRECTIONS.items():
        middle = _middle(labels, label_value(key, side))
        if middle is None:
            continue
        offset = (middle - globe) - ((middle - globe) @ axis) * axis
        if offset[0] * side.x_sign * direction[0] + offset[2] * direction[1] < 0:
            found.append(key)
    return found


def _middle(labels: Image, value: int) -> np.ndarray | None:
    """RAS mm of the middle of a label, or None where it is missing."""
    places = np.argwhere(labels.array == value)
    return labels.grid.ras_from_ijk(places.mean(axis=0)[::-1]) if len(places) else None
