"""The slices of a series as one stack on a regular grid: order, copies, gaps and uneven steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.dicom.acquisitions import check_acquisitions
from NeuroOrbitLib.dicom.frames import Frame
from NeuroOrbitLib.dicom.regular import regular_places
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.sentences import sentence as _

_SAME_PLACE_MM, _SAME_DIRECTION, _STRAIGHT_MM = 1e-3, 0.01, 1.0


@dataclass(frozen=True)
class Stack:
    """Slices in the order of array axis K, and the regular grid on which they are interpolated.

    :param frames: one frame for each place, ascending along the normal.
    :param copies: further frames at the same places, as (kept, copy) pairs.
    :param places: index of each frame along the grid's axis K; fractional between two slices of the grid.
    :param count: number of slices of the grid.
    :param step: LPS vector (3,) from one slice of the grid to the next (mm), which is not perpendicular to the slices
        if the gantry was tilted.
    :param notices: notices about the interpolation, in sentences.
    """

    frames: tuple[Frame, ...]
    copies: tuple[tuple[Frame, Frame], ...]
    places: np.ndarray
    count: int
    step: np.ndarray
    notices: tuple[str, ...]


def stack_of(frames: Sequence[Frame]) -> Stack:
    """Return the stack that the slices of a series form.

    :raises ImageProblem: if the slices differ in size or direction, are not aligned behind each other, show the same
        part as several echoes, phases or acquisitions, or leave a gap that is too large to be interpolated.
    """
    _check_alike(frames)
    normal = frames[0].normal
    ordered = sorted(frames, key=lambda frame: float(frame.position @ normal))
    kept, copies = _without_copies(ordered, normal)
    if len(kept) == 1:
        return _single(kept[0], copies)
    check_acquisitions(kept)
    distances = np.array([frame.position @ normal for frame in kept])
    places, count, notices = regular_places(distances - distances[0])
    step = (kept[-1].position - kept[0].position) / (count - 1)
    _check_straight(kept, places, step)
    return Stack(tuple(kept), tuple(copies), places, count, step, tuple(notices))


def _check_alike(frames: Sequence[Frame]) -> None:
    sizes = Counter((frame.shape, tuple(np.round(frame.spacing, 4))) for frame in frames)
    if len(sizes) > 1:
        listing = "; ".join(_("{number} of {shape} x {shape_2} pixels of {spacing:g} x {spacing_2:g} mm").format(
            number=number, shape=shape[1], shape_2=shape[0], spacing=spacing[0], spacing_2=spacing[1])
                            for (shape, spacing), number in sizes.most_common(4))
        raise ImageProblem(_("The slices of the series differ in size ({listing}). Export the series again, or put "
                             "the wanted slices into their own folder.").format(listing=listing))
    first = frames[0]
    turned = sum(max(np.abs(frame.rows - first.rows).max(), np.abs(frame.columns - first.columns).max())
                 > _SAME_DIRECTION for frame in frames)
    if turned:
        raise ImageProblem(_("The slices of the series do not lie in one direction (at least {min} of {count} "
                             "differ from the others). Export the series again, or put the wanted slices into their "
                             "own folder.").format(min=min(turned, len(frames) - turned), count=len(frames)))


def _without_copies(ordered: Sequence[Frame], normal: np.ndarray) -> tuple[list[Frame], list[tuple[Frame, Frame]]]:
    """Return one frame for each place, and (kept, copy) pairs of the places that occur more than once."""
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
        raise ImageProblem(_("The series shows the same places several times, as echoes or phases ({listing}). "
                             "Export one of them as a series of its own.").format(listing=listing))
    return kept, copies


def _single(frame: Frame, copies: list[tuple[Frame, Frame]]) -> Stack:
    if not np.isfinite(frame.thickness) or frame.thickness <= 0:
        raise ImageProblem(_("The series is a single slice that does not say how thick it is. Choose a whole "
                             "series."))
    return Stack((frame,), tuple(copies), np.zeros(1), 1, frame.normal * frame.thickness, ())


def _check_straight(frames: Sequence[Frame], places: np.ndarray, step: np.ndarray) -> None:
    """Refuse slices that are displaced sideways from the line of the others."""
    off = np.stack([frame.position for frame in frames]) - frames[0].position - places[:, None] * step
    normal = frames[0].normal
    beside = np.linalg.norm(off - (off @ normal)[:, None] * normal, axis=1)
    if beside.max() > max(_STRAIGHT_MM, max(frames[0].spacing)):
        raise ImageProblem(_("The positions of the slices contradict each other: some lie up to {max:.1f} mm beside "
                             "the others. Export the series again.").format(max=beside.max()))
