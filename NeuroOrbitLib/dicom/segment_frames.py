"""The frames of a DICOM segmentation: which segment each shows, and where it lies on the series it was drawn on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset

    from NeuroOrbitLib.dicom.headers import Header
    from NeuroOrbitLib.dicom.series import SeriesVolume

_ON_SLICE_MM, _SAME_DIRECTION, _SAME_SPACING_MM = 0.01, 1e-3, 1e-3


@dataclass(frozen=True)
class SegmentFrame:
    """One segment on one slice.

    :param mask: what belongs to the segment, (J, I).
    :param segment: its number. :param position: LPS mm of the middle of the first pixel, shape (3,).
    :param directions: LPS directions in which columns, then rows follow each other, shape (2, 3).
    :param spacing: mm along I and J.
    """

    mask: np.ndarray
    segment: int
    position: np.ndarray
    directions: np.ndarray
    spacing: np.ndarray


def frames_of_segments(dataset: Dataset) -> Iterator[SegmentFrame]:
    """The frames of a segmentation, in the order of the file.

    :raises ImageProblem: if its pixels cannot be decoded.
    """
    try:
        pixels = dataset.pixel_array
    except (ValueError, AttributeError, RuntimeError, NotImplementedError) as error:
        raise ImageProblem(_("The pixels of the segmentation cannot be decoded. Export it again, uncompressed.")) \
            from error
    pixels = pixels[None] if pixels.ndim == 2 else pixels
    shared = dataset.SharedFunctionalGroupsSequence[0]
    for frame, own in zip(pixels, dataset.PerFrameFunctionalGroupsSequence, strict=True):
        place, plane, size, segment = (
            (own.get(name) or shared[name].value)[0] for name in
            ("PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence",
             "SegmentIdentificationSequence"))
        yield SegmentFrame(
            frame != 0, int(segment.ReferencedSegmentNumber), np.array(place.ImagePositionPatient, dtype=float),
            np.array(plane.ImageOrientationPatient, dtype=float).reshape(2, 3),
            np.array(size.PixelSpacing, dtype=float)[::-1])


def check_drawn_on(dataset: Dataset, headers: Sequence[Header], name: str) -> None:
    """Refuse a segmentation of another patient or session, which may lie at the same place by chance.

    :param headers: of the series. :param name: of the segmentation's file.
    :raises Problem: if its frame of reference is none of the series or, where one of them does not say it, its patient
        is another one.
    """
    for keyword in ("FrameOfReferenceUID", "PatientID"):
        own, others = str(dataset.get(keyword) or ""), {header.text(keyword) for header in headers} - {""}
        if own and others:
            if own not in others:
                raise Problem(_("{name} is of another patient or another session than the series ({keyword} differs). "
                                "Choose the series that it was drawn on.").format(name=name, keyword=keyword))
            return


def slices_of(frames: Sequence[SegmentFrame], scan: SeriesVolume, name: str) -> list[int]:
    """The slice of the series' grid that each frame lies on.

    :param name: of the segmentation's file.
    :raises Problem: if a frame lies on none of them, is turned against them or has other pixels.
    """
    first, heights = scan.frames[0], _slice_positions(scan)
    directions = np.stack([first.rows, first.columns])
    found = []
    for frame in frames:
        distances = np.linalg.norm(heights - frame.position, axis=1)
        found.append(int(distances.argmin()))
        if (frame.mask.shape != first.shape or distances.min() > _ON_SLICE_MM
                or np.abs(frame.directions - directions).max() > _SAME_DIRECTION
                or np.abs(frame.spacing - first.spacing).max() > _SAME_SPACING_MM):
            raise Problem(_("{name} does not lie on the slices of the series. Choose the series that it was drawn "
                            "on.").format(name=name))
    return found


def _slice_positions(scan: SeriesVolume) -> np.ndarray:
    """LPS mm of the first voxel of each slice of the grid, shape (count, 3)."""
    affine = scan.image.affine
    return (affine[:3, 3] + np.arange(len(scan.image.array))[:, None] * affine[:3, 2]) * [-1.0, -1.0, 1.0]
