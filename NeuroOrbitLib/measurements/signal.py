"""Signal of a structure: its mean, and the mean of its hottest spot."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.measurements.rows import Measured, Place
from NeuroOrbitLib.sentences import sentence as _

#: Area of the hottest spot (mm2), as readers place small regions of interest.
SPOT_MM2 = 10.0
_WITHIN = 0.75
#: Spacings of at least this share of the largest one count as equal to it.
_EQUAL = 0.99
#: Reference tissues of signal ratios, by their names in the measures.
_TISSUES = {"brain": _("brain"), "temporalis": _("temporal muscle")}


#: Names of quantitative maps; each gives two quantities: mean, and hottest spot.
MAPS = ("t2", "fat_fraction", "water_fraction")


def named(signals: Mapping[str, Measured], name: str) -> dict[str, Measured]:
    """Return measures of :func:`signal_measures` under a map's name, e.g. "t2_mean" instead of "signal_mean"."""
    return {key.replace("signal", name): measured for key, measured in signals.items()}


def ratios(signals: Mapping[str, Measured], references: Mapping[str, float]) -> dict[str, Measured]:
    """Return a muscle's mean and hottest signal relative to reference tissues.

    :param signals: measures of :func:`signal_measures`, after bias correction.
    :param references: signal of each reference tissue by name; NaN if it is not in the field of view.
    """
    found = {}
    for name, reference in references.items():
        for key, measured in signals.items():
            found[f"{key.removesuffix('_mean').removeprefix('signal_')}_to_{name}"] = _ratio(measured, name, reference)
    return found


def _ratio(measured: Measured, name: str, reference: float) -> Measured:
    if measured.value is None:
        return measured
    if not reference > 0:
        return Measured.missing(_("too little of the {tissue} is in the field of view.").format(tissue=_TISSUES[name]))
    spread = None if measured.uncertainty is None else measured.uncertainty / reference
    return Measured(measured.value / reference, spread, measured.place, _("after a smooth bias correction"))


def signal_measures(values: np.ndarray, mask: np.ndarray, affine: np.ndarray) -> dict[str, Measured]:
    """Return the mean of a structure's voxels, and the mean of its brightest 10 mm2 within one slice.

    :param values: grey values (K, J, I) in a box around the structure.
    :param mask: voxels of the structure in the box, bool (K, J, I).
    :param affine: matrix (4, 4) from voxel index (I, J, K) of the box to RAS mm.
    :return: ``signal_mean`` and ``signal_hottest``; slices lie across the largest spacing, and are axial where all
        spacings are equal. Voxels that hold no number (NaN or infinite) are left out; if they are half of the structure
        or more, it has no signal.
    """
    whole, mask = mask, mask & np.isfinite(values)
    if 2 * np.count_nonzero(mask) <= np.count_nonzero(whole):
        return dict.fromkeys(("signal_mean", "signal_hottest"), Measured.missing(
            _("half of its voxels or more hold no number.")))
    inside = values[mask].astype(np.float64)
    mean = Measured(float(inside.mean()), float(inside.std(ddof=1) / inside.size**0.5) if inside.size > 1 else None)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)[::-1]
    size = [max(round(SPOT_MM2**0.5 / step), 1) for step in spacing]
    size[_across_slices(spacing, affine)] = 1
    share = ndimage.uniform_filter(mask.astype(np.float32), size, mode="constant")
    sums = ndimage.uniform_filter(np.where(mask, values, 0).astype(np.float32), size, mode="constant")
    enough = share > _WITHIN
    if not enough.any():
        return {"signal_mean": mean,
                "signal_hottest": Measured.missing(_("the structure is nowhere wide enough for a spot of 10 mm²."))}
    spots = np.where(enough, sums / np.maximum(share, 1e-6), -np.inf)
    hottest = np.unravel_index(int(spots.argmax()), spots.shape)
    place = affine[:3, :3] @ np.array(hottest[::-1]) + affine[:3, 3]
    return {"signal_mean": mean,
            "signal_hottest": Measured(float(spots[hottest]), None, Place("points", place[None]))}


def _across_slices(spacing: np.ndarray, affine: np.ndarray) -> int:
    """Return the axis (of K, J, I) across the slices; among equal spacings the one that runs most from foot to head."""
    upwards = np.abs(affine[2, :3] / np.linalg.norm(affine[:3, :3], axis=0))[::-1]
    return int(np.where(spacing > _EQUAL * spacing.max(), upwards, -1.0).argmax())
