"""Reads DICOM segmentations of this product, or of others that use the same codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.anatomy.structures import STRUCTURES
from NeuroOrbitLib.anatomy.terminology import LATERALITY
from NeuroOrbitLib.dicom.result_files import SEGMENTATIONS, damage_named, read_result
from NeuroOrbitLib.dicom.segment_frames import check_drawn_on, frames_of_segments, is_fractional, slices_of
from NeuroOrbitLib.dicom.series import only_series, volume_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.label_maps.merging import merge_masks
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset

#: Number of the segment by which a label map may describe what belongs to no structure (PS3.3 C.8.20.2).
_BACKGROUND = 0
_SIDES = {code: side for side, (code, _meaning) in LATERALITY.items()}


@dataclass(frozen=True)
class Vocabulary:
    """The segments that are read, and the label values that they get.

    :param value_of: function that returns the label value for an item of SegmentSequence; None if the segment is not to
        be read.
    :param merge: function that merges the masks (K, J, I) of label values into one label map of the given shape, and
        also returns notices about segments that overlap.
    :param left_out: notice about a segment that is not read, with ``{name}`` for its label.
    :param nothing: message for a file without any segment to read, with ``{name}`` for the file and ``{notices}``.
    :param joined: notice about several segments with the same label value, with ``{names}`` for their labels; None if
        this is usual.
    """

    value_of: Callable[[Dataset], int | None]
    merge: Callable[[Mapping[int, np.ndarray], tuple[int, int, int]], tuple[np.ndarray, list[str]]]
    left_out: Sentence
    nothing: Sentence
    joined: Sentence | None = None


@dataclass(frozen=True)
class ReadSegmentation:
    """A segmentation as a label map.

    :param labels: label values of the vocabulary, uint8 (K, J, I), on the grid of the series.
    :param notices: sentences about segments that were left out, joined or overlap.
    """

    labels: Image
    notices: tuple[str, ...]


def read_segmentation(path: Path, series: Path, vocabulary: Vocabulary | None = None) -> ReadSegmentation:
    """Read a DICOM segmentation onto the grid of the series on which it was drawn.

    :param path: file of the segmentation.
    :param series: folder of the series.
    :param vocabulary: segments to read, with their label values; the orbit by default.
    :raises Problem: if the file is no segmentation, belongs to another series, or none of its segments has a code of
        the vocabulary.
    """
    vocabulary = vocabulary or _ORBIT
    dataset = read_result(path, SEGMENTATIONS, _("{name} is no DICOM segmentation."))
    headers = only_series(series)
    check_drawn_on(dataset, headers, path.name)
    scan = volume_of(headers)
    with damage_named(path):
        values, notices = _values(dataset, vocabulary)
        frames = [frame for frame in frames_of_segments(dataset) if frame.segment in values]
    if is_fractional(dataset):
        notices.append(_("The segments of {name} are fractions or probabilities: what is at least half was "
                         "taken.").format(name=path.name))
    if not frames:
        raise Problem(vocabulary.nothing.format(name=path.name, notices=" ".join(notices)))
    masks: dict[int, np.ndarray] = {}
    for frame, slices in zip(frames, slices_of(frames, scan, path.name), strict=True):
        mask = masks.setdefault(values[frame.segment], np.zeros(scan.image.array.shape, dtype=bool))
        mask[slices] |= frame.mask
    labels, conflicts = vocabulary.merge(masks, scan.image.array.shape)
    return ReadSegmentation(Image(labels, scan.image.affine), (*notices, *conflicts))


def _values(dataset: Dataset, vocabulary: Vocabulary) -> tuple[dict[int, int], list[str]]:
    """Return the label value of each segment by its number, and notices about segments left out or joined."""
    values, notices, names = {}, [], {}
    for item in dataset.SegmentSequence:
        if int(item.SegmentNumber) == _BACKGROUND:
            continue
        value = vocabulary.value_of(item)
        if value is None:
            notices.append(vocabulary.left_out.format(name=item.get("SegmentLabel", item.SegmentNumber)))
        else:
            values[int(item.SegmentNumber)] = value
            names.setdefault(value, []).append(str(item.get("SegmentLabel", item.SegmentNumber)))
    if vocabulary.joined is not None:
        notices += [vocabulary.joined.format(names=", ".join(f"'{name}'" for name in each))
                    for each in names.values() if len(each) > 1]
    return values, notices


def _orbit_value(item: Dataset) -> int | None:
    """Return the orbit's label value for a segment, from the code of its type and the side in its modifier."""
    kind = item.SegmentedPropertyTypeCodeSequence[0]
    found = next((one for one in STRUCTURES if one.code == kind.get("CodeValue")), None)
    modifiers = kind.get("SegmentedPropertyTypeModifierCodeSequence") or []
    side = next((_SIDES[item.CodeValue] for item in modifiers if item.get("CodeValue") in _SIDES), None)
    if found is None or (found.left is not None and side is None):
        return None
    return found.value(side)


_ORBIT = Vocabulary(_orbit_value, merge_masks,
                    _("The segment '{name}' is not of the orbit's vocabulary and was left out."),
                    _("None of the segments in {name} has a code of the orbit. {notices}"),
                    _("The segments {names} are of the same structure and were joined. If they are outlines of two "
                      "readers, export one of them."))
