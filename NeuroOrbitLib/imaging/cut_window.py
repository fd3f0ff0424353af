"""CT whose Hounsfield units were cut to a window for viewing, as some viewers export it."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import AIR_HU
from NeuroOrbitLib.number_text import fixed
from NeuroOrbitLib.sentences import sentence as _

#: Lower limit (HU) from which on a window holds no air, upper limit below which it holds no dense bone, and least share
#: of the voxels that have the value of a limit.
_AIR, _BONE, _LEAST_SHARE = -250.0, 450.0, 0.005
#: Least upper limit (HU) of a window in which the edge of bone lies nearly where it lies in the whole CT.
_EDGE_OF_BONE = 400.0


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
