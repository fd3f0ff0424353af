"""The slices of a series as one stack on a regular grid: order, copies, gaps and uneven steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.dicom.frames import Frame
from NeuroOrbitLib.imaging.checks import ImageProblem

#: A slice lies on the grid if it is at most this share of a step away from it.
ON_GRID = 0.15
#: What is interpolated at most: a structure thinner than the gap could be missed otherwise (docs/dicom.md).
MOST_MISSING, SMALL_GAP_MM, LARGEST_GAP_MM = 3, 3.0, 10.0
_SAME_PLACE_MM, _SAME_DIRECTION, _STRAIGHT_MM = 1e-3, 0.01, 1.0
_LISTED = 8


@dataclass(frozen=True)
class Stack:
    """Slices in the order of array axis K and the regular grid that they are brought onto.

    :param frames: each place once, ascending along the normal.
    :param copies: frames at the places of others, as (kept, copy) pairs.
    :param places: index on the grid's axis K of each frame; fractions lie between two slices of the grid.
    :param count: slices of the grid.
    :param step: LPS mm from one slice of the grid to the next. With a tilted gantry it is not at right angles to the
        slices.
    :param notices: what was done to bring the slices onto the grid, in sentences.
    """

    frames: tuple[Frame, ...]
    copies: tuple[tuple[Frame, Frame], ...]
    places: np.ndarray
    count: int
    step: np.ndarray
    notices: tuple[str, ...]


def stack_of(frames: Sequence[Frame]) -> Stack:
    """The stack that the slices of a series form.

    :raises ImageProblem: if they contradict each other in size or direction, do not lie behind each other, show the
        same places several times over, or leave a gap that is too large to be interpolated.
    """
    _check_alike(frames)
    normal = frames[0].normal
    ordered = sorted(frames, key=lambda frame: float(frame.position @ normal))
    kept, copies = _without_copies(ordered, normal)
    if len(kept) == 1:
        return _single(kept[0], copies)
    distances = np.array([frame.position @ normal for frame in kept])
    places, count, notices = regular_places(distances - distances[0])
    step = (kept[-1].position - kept[0].position) / (count - 1)
    _check_straight(kept, places, step)
    return Stack(tuple(kept), tuple(copies), places, count, step, tuple(notices))


def _check_alike(frames: Sequence[Frame]) -> None:
    sizes = Counter((frame.shape, tuple(np.round(frame.spacing, 4))) for frame in frames)
    if len(sizes) > 1:
        listing = "; ".join(f"{number} of {shape[1]} x {shape[0]} pixels of {spacing[0]:g} x {spacing[1]:g} mm"
                            for (shape, spacing), number in sizes.most_common(4))
        raise ImageProblem(f"The slices of the series differ in size ({listing}). Export the series again, or put the "
                           "wanted slices into their own folder.")
    first = frames[0]
    turned = sum(max(np.abs(frame.rows - first.rows).max(), np.abs(frame.columns - first.columns).max())
                 > _SAME_DIRECTION for frame in frames)
    if turned:
        raise ImageProblem(f"The slices of the series do not lie in one direction (at least "
                           f"{min(turned, len(frames) - turned)} of {len(frames)} differ from the others). Export the "
                           "series again, or put the wanted slices into their own folder.")


def _without_copies(ordered: Sequence[Frame], normal: np.ndarray) -> tuple[list[Frame], list[tuple[Frame, Frame]]]:
    """Each place once, and the copies of those that come more than once."""
    kept: list[Frame] = []
    copies = []
    for frame in ordered:
        if kept and (frame.position - kept[-1].position) @ normal <= _SAME_PLACE_MM:
            copies.append((kept[-1], frame))
        else:
            kept.append(frame)
    groups = Counter(frame.group for frame in ordered)
    if copies and len(groups) > 1:
        listing = "; ".join(f"{name or 'unnamed'}: {number} slices" for name, number in sorted(groups.items()))
        raise ImageProblem(f"The series shows the same places several times, as echoes or phases ({listing}). "
                           "Export one of them as a series of its own.")
    return kept, copies


def _single(frame: Frame, copies: list[tuple[Frame, Frame]]) -> Stack:
    if not np.isfinite(frame.thickness) or frame.thickness <= 0:
        raise ImageProblem("The series is a single slice that does not say how thick it is. Choose a whole series.")
    return Stack((frame,), tuple(copies), np.zeros(1), 1, frame.normal * frame.thickness, ())


def regular_places(distances: np.ndarray) -> tuple[np.ndarray, int, list[str]]:
    """The regular grid for slices at these distances.

    :param distances: mm along the normal from the first slice, ascending, shape (n,).
    :return: place of each slice on the grid (0 to count - 1, whole numbers where it lies on it), the number of slices
        of the grid, and sentences on what is interpolated.
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
    text = (f"The slices are unevenly spaced ({steps.min():.2f} to {steps.max():.2f} mm apart); they were interpolated "
            f"to one every {distances[-1] / last:.2f} mm.")
    return distances / distances[-1] * last, last + 1, [text]


def _check_gaps(steps: np.ndarray, counts: np.ndarray, usual: float) -> None:
    too_large = (counts > 1) & ((steps > LARGEST_GAP_MM) | ((counts - 1 > MOST_MISSING) & (steps > SMALL_GAP_MM)))
    if too_large.any():
        raise ImageProblem(
            f"Slices are missing: the series has a gap of {steps[too_large].max():.1f} mm where its slices are "
            f"{usual:.2f} mm apart, too large to be filled. Export the series again.")


def _missing_text(index: np.ndarray) -> list[str]:
    count = int(index[-1]) + 1
    missing = sorted(set(range(count)) - set(index.tolist()))
    if not missing:
        return []
    numbers = [str(number + 1) for number in missing[:_LISTED]]
    if len(missing) == 1:
        return [f"Slice {numbers[0]} of {count} is missing; it was interpolated from its neighbours."]
    more = len(missing) - len(numbers)
    listing = ", ".join(numbers) + f" and {more} more" if more else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
    return [f"Slices {listing} of {count} are missing; they were interpolated from their neighbours."]


def _check_straight(frames: Sequence[Frame], places: np.ndarray, step: np.ndarray) -> None:
    """Refuse slices that lie beside the line of the others."""
    off = np.stack([frame.position for frame in frames]) - frames[0].position - places[:, None] * step
    normal = frames[0].normal
    beside = np.linalg.norm(off - (off @ normal)[:, None] * normal, axis=1)
    if beside.max() > max(_STRAIGHT_MM, max(frames[0].spacing)):
        raise ImageProblem(f"The positions of the slices contradict each other: some lie up to {beside.max():.1f} mm "
                           "beside the others. Export the series again.")


def on_grid(slices: np.ndarray, stack: Stack) -> np.ndarray:
    """The slices of a stack interpolated linearly on its grid; those that lie on it keep their values.

    :param slices: shape (n, J, I), in the order of ``stack.frames``.
    :return: shape (count, J, I), of the same type.
    """
    if np.array_equal(stack.places, np.arange(stack.count)):
        return slices
    result = np.empty((stack.count, *slices.shape[1:]), slices.dtype)
    for place, target in enumerate(result):
        above = int(np.searchsorted(stack.places, place - 1e-6))
        above = min(above, len(slices) - 1)
        if above == 0 or abs(stack.places[above] - place) <= 1e-6:
            target[...] = slices[above]
            continue
        low, high = stack.places[above - 1:above + 1]
        share = (place - low) / (high - low)
        mixed = (1 - share) * slices[above - 1].astype(np.float64) + share * slices[above].astype(np.float64)
        target[...] = np.rint(mixed) if np.issubdtype(slices.dtype, np.integer) else mixed
    return result
