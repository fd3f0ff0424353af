"""The regular grid for slices of which some are missing or unevenly spaced, and interpolation on it."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.sentences import sentence as _

#: A slice lies on the grid if it is at most this fraction of a step away from it.
ON_GRID = 0.15
#: Largest gaps that are interpolated: a number of missing slices, or any number within the small gap (mm), and never
#: more than the large one (mm). A structure thinner than the gap could be missed otherwise (docs/dicom.md).
MOST_MISSING, SMALL_GAP_MM, LARGEST_GAP_MM = 3, 3.0, 10.0
_LISTED = 8


def regular_places(distances: np.ndarray) -> tuple[np.ndarray, int, list[str]]:
    """Return the regular grid for slices at the given distances.

    :param distances: distances (n,) from the first slice along the normal (mm), ascending.
    :return: place (n,) of each slice on the grid (0 to count - 1; an integer if it lies on the grid), the number of
        slices of the grid, and notices (sentences) about interpolated slices.
    :raises ImageProblem: if a gap is too large.
    """
    steps = np.diff(distances)
    usual = float(np.quantile(steps, 0.25, method="lower"))
    counts = np.maximum(np.rint(steps / usual), 1)
    _check_gaps(steps, counts, usual)
    index = np.concatenate([[0], np.cumsum(counts)]).astype(int)
    places = distances / distances[-1] * index[-1]
    if np.abs(places - index).max() <= ON_GRID:
        return index.astype(float), int(index[-1]) + 1, _missing_text(index)
    last = max(round(float(distances[-1]) / usual), 1)
    text = (_("The slices are unevenly spaced ({min:.2f} to {max:.2f} mm apart); they were interpolated to one "
              "every {distances:.2f} mm.").format(min=steps.min(), max=steps.max(), distances=distances[-1] / last))
    return distances / distances[-1] * last, last + 1, [text]


def _check_gaps(steps: np.ndarray, counts: np.ndarray, usual: float) -> None:
    too_large = (counts > 1) & ((steps > LARGEST_GAP_MM) | ((counts - 1 > MOST_MISSING) & (steps > SMALL_GAP_MM)))
    if too_large.any():
        raise ImageProblem(
            _("Slices are missing: the series has a gap of {max:.1f} mm where its slices are {usual:.2f} mm apart, "
              "too large to be filled. Export the series again.").format(max=steps[too_large].max(), usual=usual))


def _missing_text(index: np.ndarray) -> list[str]:
    count = int(index[-1]) + 1
    missing = sorted(set(range(count)) - set(index.tolist()))
    if not missing:
        return []
    numbers = [str(number + 1) for number in missing[:_LISTED]]
    if len(missing) == 1:
        return [_("Slice {numbers} of {count} is missing; it was interpolated from its neighbours.").format(
            numbers=numbers[0], count=count)]
    more = len(missing) - len(numbers)
    listing = ", ".join(numbers) + f" and {more} more" if more else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
    return [_("Slices {listing} of {count} are missing; they were interpolated from their neighbours.").format(
        listing=listing, count=count)]


def on_grid(slices: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    """Return slices interpolated linearly on a regular grid; those that lie on it keep their values.

    :param slices: values (n, J, I).
    :param places: index (n,) of each slice on the grid, ascending from 0 to ``count`` - 1.
    :param count: number of slices of the grid.
    :return: values (count, J, I) of the same type.
    """
    if np.array_equal(places, np.arange(count)):
        return slices
    result = np.empty((count, *slices.shape[1:]), slices.dtype)
    for place, target in enumerate(result):
        above = int(np.searchsorted(places, place - 1e-6))
        above = min(above, len(slices) - 1)
        if above == 0 or abs(places[above] - place) <= 1e-6:
            target[...] = slices[above]
            continue
        low, high = places[above - 1:above + 1]
        share = (place - low) / (high - low)
        mixed = (1 - share) * slices[above - 1].astype(np.float64) + share * slices[above].astype(np.float64)
        target[...] = np.rint(mixed) if np.issubdtype(slices.dtype, np.integer) else mixed
    return result


def nearest_slices(places: np.ndarray, count: int) -> np.ndarray:
    """Return the index (count,) of the slice nearest to each slice of the grid, for labels.

    :param places: index (n,) of each slice on the grid.
    :param count: number of slices of the grid.
    """
    return np.abs(places[None, :] - np.arange(count)[:, None]).argmin(axis=1)
