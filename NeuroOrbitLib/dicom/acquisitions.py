"""Series with slices of several acquisitions of the same part of the patient, such as before and after contrast.

Slicer's reader parts them by the acquisition number. Put into one stack by position, slices of different brightness
or pose would alternate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from NeuroOrbitLib.dicom.frames import Frame
from NeuroOrbitLib.dicom.regular import ON_GRID
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.sentences import sentence as _

#: Least number of slices of an acquisition; where every slice has its own number, the numbers say nothing.
_FEWEST = 5
#: Share of the shorter acquisition's slices from which on two show the same part; spirals may overlap at their ends.
_SAME_PART = 0.5


def check_acquisitions(frames: Sequence[Frame]) -> None:
    """Refuse slices of acquisitions that lie at odds between each other.

    Acquisitions that fill each other's gaps evenly are the two halves of an interleaved scan, and may be put together.

    :param frames: one frame for each place.
    :raises ImageProblem: naming the acquisitions.
    """
    mixed = _mixed(frames)
    if not mixed:
        return
    steps = np.diff(np.sort(np.concatenate([*mixed.values()])))
    alone = max(float(np.median(np.diff(places))) for places in mixed.values())
    if float(np.quantile(steps, 0.25, method="lower")) < (1 - 2 * ON_GRID) * alone / len(mixed):
        listing = "; ".join(_("{name}: {number} slices").format(name=name, number=len(places))
                            for name, places in mixed.items())
        raise ImageProblem(_("The series holds several acquisitions of the same part of the patient, whose slices lie "
                             "between each other ({listing}). Export one of them as a series of its own.").format(
            listing=listing))


def acquisition_notices(frames: Sequence[Frame]) -> list[str]:
    """Return a notice, a sentence, that slices of several acquisitions alternate; empty if they do not."""
    mixed = _mixed(frames)
    return [_("Slices of {count} acquisitions alternate in the series; they were put together by their positions. "
              "Check that neighbouring slices fit in place and brightness.").format(count=len(mixed))] if mixed else []


def _mixed(frames: Sequence[Frame]) -> dict[str, np.ndarray]:
    """Return the places (mm along the normal, ascending) of acquisitions that show the same part, by their numbers."""
    found: dict[str, list[float]] = defaultdict(list)
    for frame in frames:
        if frame.acquisition:
            found[frame.acquisition].append(float(frame.position @ frames[0].normal))
    long = {name: np.sort(places) for name, places in found.items() if len(places) >= _FEWEST}
    mixed = {name for pair in combinations(long, 2) if _show_the_same(*(long[name] for name in pair)) for name in pair}
    return {name: long[name] for name in sorted(mixed)}


def _show_the_same(one: np.ndarray, other: np.ndarray) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return bool(np.mean((shorter > longer[0]) & (shorter < longer[-1])) > _SAME_PART)
