"""The frames of a DICOM segmentation: the segment that each shows, and its place on the series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.dicom.regular import nearest_slices
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.label_values import values_in
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset

    from NeuroOrbitLib.dicom.frames import Frame
    from NeuroOrbitLib.dicom.headers import Header
    from NeuroOrbitLib.dicom.series import SeriesVolume

_ON_SLICE_MM, _SAME_DIRECTION, _SAME_SPACING_MM = 0.01, 1e-3, 1e-3


@dataclass(frozen=True)
class SegmentFrame:
    """One segment on one slice.

    :param mask: pixels of the segment, bool (J, I).
    :param segment: number of the segment.
    :param position: LPS mm (3,) of the middle of the first pixel.
    :param directions: LPS unit vectors (2, 3) along a row (I) and along a column (J).
    :param spacing: distance (2,) of the pixels along I and J (mm).
    """

    mask: np.ndarray
    segment: int
    position: np.ndarray
    directions: np.ndarray
    spacing: np.ndarray


def frames_of_segments(dataset: Dataset) -> Iterator[SegmentFrame]:
    """Yield the frames of a segmentation in the order of the file; of a fractional one, the pixels of at least half.

    :raises ImageProblem: if the pixels cannot be decoded.
    :raises AttributeError, KeyError, IndexError, TypeError, ValueError: if it lacks a required field of a frame.
    """
    try:
        pixels = dataset.pixel_array
    except (ValueError, AttributeError, RuntimeError, NotImplementedError) as error:
        raise ImageProblem(_("The pixels of the segmentation cannot be decoded. Export it again, uncompressed.")) \
            from error
    pixels = pixels[None] if pixels.ndim == 2 else pixels
    shared = dataset.SharedFunctionalGroupsSequence[0]
    for frame, own in zip(pixels, dataset.PerFrameFunctionalGroupsSequence, strict=True):
        place, plane, size = (_group(own, shared, name) for name in
                              ("PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence"))
        for number, mask in _segments_on(frame, own, shared, dataset):
            yield SegmentFrame(
                mask, number, np.array(place.ImagePositionPatient, dtype=float).reshape(3),
                np.array(plane.ImageOrientationPatient, dtype=float).reshape(2, 3),
                np.array(size.PixelSpacing, dtype=float).reshape(2)[::-1])


def _group(own: Dataset, shared: Dataset, name: str) -> Dataset:
    """Return a functional group of a frame: its own, or else the shared one."""
    return (own.get(name) or shared[name].value)[0]


def _segments_on(frame: np.ndarray, own: Dataset, shared: Dataset, dataset: Dataset
                 ) -> Iterator[tuple[int, np.ndarray]]:
    """Yield number and mask of each segment on a frame: one, or in a label map those whose numbers are its values."""
    if str(dataset.get("SegmentationType")) == "LABELMAP":
        yield from ((number, frame == number) for number in sorted(values_in(frame)))
        return
    least = int(dataset.get("MaximumFractionalValue") or 1) / 2 if is_fractional(dataset) else 1
    yield int(_group(own, shared, "SegmentIdentificationSequence").ReferencedSegmentNumber), frame >= least


def is_fractional(dataset: Dataset) -> bool:
    """Return whether the values of a segmentation are fractions of pixels, or probabilities."""
    return str(dataset.get("SegmentationType")) == "FRACTIONAL"


def check_drawn_on(dataset: Dataset, headers: Sequence[Header], name: str) -> None:
    """Refuse a segmentation of another patient or session, which may lie at the same place by chance.

    :param dataset: the segmentation.
    :param headers: headers of the series.
    :param name: name of the segmentation's file.
    :raises Problem: if its frame of reference is none of the series', or, if one of the two lacks it, its patient is
        another one.
    """
    for keyword in ("FrameOfReferenceUID", "PatientID"):
        own, others = str(dataset.get(keyword) or ""), {header.text(keyword) for header in headers} - {""}
        if own and others:
            if own not in others:
                raise Problem(_("{name} is of another patient or another session than the series ({keyword} differs). "
                                "Choose the series that it was drawn on.").format(name=name, keyword=keyword))
            return


def slices_of(frames: Sequence[SegmentFrame], scan: SeriesVolume, name: str) -> list[np.ndarray]:
    """Return the slices of the series' grid that each frame stands for.

    In a series with missing or unevenly spaced slices, the frames lie either on the original slices, and each stands
    for the slices of the grid that are nearest to it, or on the grid itself, if a program drew on interpolated slices.

    :param frames: frames of the segmentation.
    :param scan: the series.
    :param name: name of the segmentation's file.
    :return: indices along K for each frame; empty if other frames are nearer to all slices.
    :raises Problem: if a frame lies on none of the slices, or has another orientation or other pixels.
    """
    count, positions = len(scan.image.array), np.stack([frame.position for frame in frames])
    if all(_is_alike(frame, scan.frames[0]) for frame in frames):
        originals = np.stack([frame.position for frame in scan.frames])
        grids = (originals, nearest_slices(scan.places, count)), (_grid_positions(scan), np.arange(count))
        for places, shown in grids:
            distances = np.linalg.norm(positions[:, None] - places, axis=2)
            if distances.min(axis=1).max() <= _ON_SLICE_MM:
                return [np.flatnonzero(shown == number) for number in distances.argmin(axis=1)]
    raise Problem(_("{name} does not lie on the slices of the series. Choose the series that it was drawn on.").format(
        name=name))


def _is_alike(frame: SegmentFrame, original: Frame) -> bool:
    """Return whether a frame has the size, the directions and the pixel spacing of a slice of the series."""
    directions = np.stack([original.rows, original.columns])
    return (frame.mask.shape == original.shape and np.abs(frame.directions - directions).max() <= _SAME_DIRECTION
            and np.abs(frame.spacing - original.spacing).max() <= _SAME_SPACING_MM)


def _grid_positions(scan: SeriesVolume) -> np.ndarray:
    """Return the position (count, 3) of the first voxel of each slice of the grid, LPS mm."""
    affine = scan.image.affine
    return (affine[:3, 3] + np.arange(len(scan.image.array))[:, None] * affine[:3, 2]) * [-1.0, -1.0, 1.0]
