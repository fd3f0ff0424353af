"""Checks that a segmentation is plausible for an orbit: volumes, densities, symmetry, pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy.normative import plausible_volume, published_range
from NeuroOrbitLib.anatomy.structures import Side, label_name, label_value, side_of, structure_of
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.quality.notices import Notice, warning

Rows = Sequence[Mapping[str, Any]]

#: SD of the logarithm of the volume ratio of the two sides, by group or structure: the difference between healthy sides
#: plus the error of the outlines (for recti, as the default model measures them in healthy scans). Three SD are a ratio
#: of 1.2 for eyeballs and 1.7 for recti. For a lens of 0.2 ml, one more layer of voxels along its edge already makes as
#: much difference as there is between the sides.
SIDE_SPREAD = {"eye": 0.06, "lens": 0.14, "rectus": 0.17, "nerve": 0.13, "oblique": 0.22, "gland": 0.30, "fat": 0.10,
               "bone": 0.09}
MOST_SIDE_SPREADS = 3.0
#: Range of the mean density (HU) of eyes, muscles, nerves and glands.
SOFT_TISSUE_HU = (-50.0, 150.0)
#: At least this fraction of an eye, nerve or rectus should be in pieces that belong together. Obliques and glands are
#: not checked: being thin or without a sharp edge, they are fragmented in many faultless scans.
LEAST_IN_ONE_PIECE, _SOLID = 0.8, ("eye", "rectus", "nerve")
#: Fractions of a structure above which a notice is raised: voxels interpolated between its pieces, and voxels well
#: within bone, air or empty space. The latter are at most 0.02 in correct outlines of CT, and 0.2 for glands that were
#: drawn in bone.
MOST_JOINED, MOST_IMPOSSIBLE = 0.1, 0.05


def volume_notices(measurements: Rows) -> list[Notice]:
    """Return notices about structures whose volume fits neither a healthy orbit nor one with thyroid eye disease."""
    notices = []
    for row in measurements:
        limits = plausible_volume(row["structure"])
        if limits is not None and not limits[0] <= row["volume_ml"] <= limits[1]:
            low, high = published_range(row["structure"])
            what = (_("its outline, and the voxel size of the file") if row["structure"] == "eyeball"
                    else _("its outline"))
            notices.append(warning(_("{name}: {volume_ml:.2f} ml is an implausible volume (published {low:.2f} to "
                                     "{high:.2f} ml in healthy adults). Check {what}.").format(
                name=row["name"], volume_ml=row["volume_ml"], low=low, high=high, what=what)))
    return notices


def density_notices(measurements: Rows) -> list[Notice]:
    """Return notices about structures in a CT with a density that no soft tissue has, contrast-enhanced or not."""
    low, high = SOFT_TISSUE_HU
    return [warning(_("{name}: {mean_intensity:.0f} HU on average is no density of soft tissue. Check its "
                      "outline.").format(
        name=row["name"], mean_intensity=row["mean_intensity"])) for row in measurements
            if structure_of(row["label"]).group not in ("fat", "bone") and not low <= row["mean_intensity"] <= high]


def missing_notices(measurements: Rows, names: Mapping[int, str]) -> list[Notice]:
    """Return one notice about structures that are missing in the label map; none without such structures.

    :param measurements: rows of the structures that are present.
    :param names: name of every expected label value.
    """
    present = {row["label"] for row in measurements}
    missing = [name for value, name in names.items() if value not in present]
    if not missing:
        return []
    told = _("Not found: {missing}. Segment by hand what can be seen.").format(missing=missing)
    if any(structure_of(value).key == "lens" for value in names if value not in present):
        told += " " + _("An eye without a lens was perhaps operated on, or is an artificial one.")
    return [warning(told)]


def symmetry_notices(measurements: Rows) -> list[Notice]:
    """Return notices about structures whose volumes on the two sides are very different."""
    volumes: dict[str, dict[str, float]] = {}
    for row in measurements:
        if side_of(row["label"]) is not None:
            volumes.setdefault(row["structure"], {})[side_of(row["label"]).value] = row["volume_ml"]
    notices = []
    for key, sides in volumes.items():
        structure = structure_of(label_value(key, Side.RIGHT))
        usual = float(np.exp(MOST_SIDE_SPREADS * SIDE_SPREAD.get(key, SIDE_SPREAD[structure.group])))
        if len(sides) == 2 and max(sides.values()) > usual * min(sides.values()):
            notices.append(warning(_("The {structure} differs more between the sides than in health: {right:.2f} ml "
                                     "right, {left:.2f} ml left (usual up to {usual:.1f} times). Compare the "
                                     "outlines.").format(
                structure=structure.name, right=sides["right"], left=sides["left"], usual=usual)))
    return notices


def fragment_notices(measurements: Rows, sizes: Mapping[int, float]) -> list[Notice]:
    """Return one notice about structures that lost large unconnected pieces; none without such structures.

    :param measurements: rows of the structures that are present.
    :param sizes: number of voxels of each label value before unconnected pieces were removed.
    """
    broken = [row["name"] for row in measurements if structure_of(row["label"]).group in _SOLID
              and row["voxels"] < LEAST_IN_ONE_PIECE * sizes.get(row["label"], row["voxels"])]
    if not broken:
        return []
    return [warning(_("Found in pieces: {broken}. Only pieces that go on from each other were kept; check what is "
                      "missing.").format(broken=broken))]


def joined_notices(measurements: Rows, joined: Mapping[int, int]) -> list[Notice]:
    """Return one notice about eyes, nerves and recti with pieces joined across a wide gap; none without such.

    :param measurements: rows of the structures that are present.
    :param joined: number of voxels of each label value that were added between pieces.
    """
    wide = [row["name"] for row in measurements if structure_of(row["label"]).group in _SOLID
            and joined.get(row["label"], 0) > MOST_JOINED * row["voxels"]]
    if not wide:
        return []
    return [warning(_("Joined across a gap: {wide}. What lies between their pieces is interpolated; check "
                      "it.").format(wide=wide))]


def impossible_notices(measurements: Rows, impossible: Mapping[int, int]) -> list[Notice]:
    """Return one notice about structures largely drawn, and removed, where the image shows bone, air or nothing.

    :param measurements: rows of the structures that are present.
    :param impossible: number of voxels of each label value that were removed, see
        :func:`~OrbitSegmentationLib.impossible_places.taken_out`.
    """
    voxels = {row["label"]: row["voxels"] for row in measurements}
    cut = [label_name(value) for value, count in sorted(impossible.items())
           if structure_of(value).group not in ("fat", "bone")
           and count > MOST_IMPOSSIBLE * (count + voxels.get(value, 0))]
    if not cut:
        return []
    return [warning(_("Partly taken out: {cut}. The model drew them where the image shows bone, air or nothing. "
                      "Check their outlines; do not use their volumes unchecked.").format(cut=cut))]
