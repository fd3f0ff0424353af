"""Quantitative maps from the images that scanners write: T2, and fat and water of a Dixon scan."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.boxes import box_around, crop
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

_PERCENT = 100.0
#: A fraction map may overshoot by noise; from here on the values are grey values.
_HIGHEST_SHARE, _HIGHEST_PERCENT = 1.5, 150.0


def maps_of(t2: Image | None, fat: Image | None, water: Image | None) -> dict[str, Image]:
    """Return the maps for :class:`~NeuroOrbitLib.measurements.measure.Measuring` by their names.

    :param t2: T2 map in ms, or ``None``.
    :param fat, water: images of a Dixon scan, or one of them alone as a fraction (0 to 1, or percent).
    :raises Problem: if an image given alone is not a fraction, or the images show different parts of the patient.
    """
    found = {} if t2 is None else {"t2": t2}
    if fat is not None and water is not None:
        found["fat_fraction"] = fraction(fat, water)
        found["water_fraction"] = fraction(water, fat)
    elif fat is not None:
        found["fat_fraction"] = _as_percent(fat)
    elif water is not None:
        found["water_fraction"] = _as_percent(water)
    return found


def fraction(part: Image, rest: Image) -> Image:
    """Return one part of the signal in percent of the sum of both (Dixon 1984); 0 where there is no signal.

    The result covers the region that both images show, and is NaN where one of them holds no number.

    :param part, rest: fat and water, or water and fat, of one patient on any grids.
    :raises Problem: if the images do not show the same part of the patient.
    """
    part = _shown_by_both(part, rest)
    other = rest if rest.grid.same_as(part.grid, 0.05) else resample(rest, part.grid, "linear")
    own, all_of_it = part.array.astype(np.float32), part.array.astype(np.float32) + other.array
    share = np.divide(own, all_of_it, out=np.zeros_like(own), where=all_of_it > 0)
    share[~np.isfinite(all_of_it)] = np.nan
    return part.with_array(np.clip(share, 0.0, 1.0) * np.float32(_PERCENT))


def _shown_by_both(part: Image, rest: Image) -> Image:
    """Return the first image without the layers that the second lacks, which would look like pure fat or water."""
    shown = resample(rest.with_array(np.ones(rest.array.shape, np.uint8)), part.grid, "nearest").array
    box = box_around(shown)
    if box is None or not shown[box.slices].all():
        raise Problem(_("The fat and the water image do not show the same part of the patient. Choose both images of "
                        "one Dixon scan."))
    return crop(part, box)


def _as_percent(image: Image) -> Image:
    known = image.array[np.isfinite(image.array)]  # maps are often NaN outside of the patient
    highest = float(np.percentile(known, 99.9)) if known.size else np.inf
    if highest > _HIGHEST_PERCENT or float(known.min()) < -_HIGHEST_SHARE * 10:
        raise Problem(_("The fat or water image alone holds grey values, not a fraction. Choose both images of the "
                        "Dixon scan."))
    scale = _PERCENT if highest <= _HIGHEST_SHARE else 1.0
    return image.with_array(image.array.astype(np.float32) * np.float32(scale))
