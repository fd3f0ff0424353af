"""Scans whose grey values were cut to a window for viewing, as some viewers export them."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import AIR_HU, looks_like_ct
from NeuroOrbitLib.number_text import fixed
from NeuroOrbitLib.sentences import sentence as _

#: Lower limit (HU) from which on a window holds no air, upper limit below which it holds no dense bone, and least share
#: of the voxels that have the value of a limit.
_AIR, _BONE, _LEAST_SHARE = -250.0, 450.0, 0.005
#: Least upper limit (HU) of a window in which the edge of bone lies nearly where it lies in the whole CT.
_EDGE_OF_BONE = 400.0
#: Least share of the voxels above the lowest value that have the highest one in a scan that was cut at the top. Among
#: 27 real scans the largest share is 0.7 %.
_LEAST_TOP = 0.02


def cut_window(scan: Image) -> tuple[float, float] | None:
    """Return the limits (HU) of the window to which a CT was cut; ``None`` if it was not.

    In a whole CT air is far below every tissue, and hardly two voxels have the highest value. In one that was cut, all
    air has the lower limit of the window, or all bone has the upper one.

    :param scan: CT in Hounsfield units.
    """
    low, high = float(scan.array.min()), float(scan.array.max())
    # In a whole CT, none of its voxels need be counted.
    reached = [limit for limit, may_be_cut in ((low, low > _AIR), (high, high < _BONE)) if may_be_cut]
    is_cut = any(np.count_nonzero(scan.array == limit) > _LEAST_SHARE * scan.array.size for limit in reached)
    return (low, high) if is_cut else None


def shows_bone(scan: Image) -> bool:
    """Return whether a CT shows where bone begins; one that was cut to a window for soft tissue does not.

    :param scan: CT in Hounsfield units.
    """
    limits = cut_window(scan)
    return limits is None or limits[1] >= _EDGE_OF_BONE


def window_notes(scan: Image) -> list[str]:
    """Return a sentence for the user about a CT that was cut to a window; none for another.

    :param scan: CT in Hounsfield units.
    """
    limits = cut_window(scan)
    if limits is None:
        return []
    low, high = fixed(max(limits[0], AIR_HU), 0), fixed(limits[1], 0)
    return [_("This CT was cut to a window for viewing: all of its values lie between {low} and {high} HU. Bone, air, "
              "implants and buckles cannot be told apart in it, and mean densities near these limits are wrong. Use "
              "the original scan if there is one.").format(low=low, high=high)]


def cut_top_notes(scan: Image) -> list[str]:
    """Return a sentence for the user about a scan whose bright tissues all have the highest value; none for another.

    The bone of a CT that was exported as an image of 8 bits is like that, and so is the fat of an MRI. A CT in
    Hounsfield units is left to :func:`window_notes`.

    :param scan: grey values; NaN and infinite values are passed over.
    """
    share = highest_share(scan.array)
    if share < _LEAST_TOP or looks_like_ct(scan):
        return []
    return [_("{share:.0%} of the voxels above the lowest value have the highest one: this scan was cut to a window "
              "for viewing. Bright tissues cannot be told apart in it, and a CT is taken for an MRI. Use the original "
              "scan if there is one.").format(share=share)]


def highest_share(array: np.ndarray) -> float:
    """Return the share (0 to 1) of the voxels above the lowest value that have the highest one; 0 if all are alike.

    :param array: grey values of a scan; NaN and infinite values are passed over.
    """
    finite = np.isfinite(array)
    values = array if finite.all() else array[finite]
    if not values.size or values.min() == values.max():
        return 0.0
    return np.count_nonzero(values == values.max()) / np.count_nonzero(values > values.min())
