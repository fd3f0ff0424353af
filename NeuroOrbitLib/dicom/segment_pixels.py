"""Pixels of the segments of a DICOM segmentation in which the segment of an eyeball includes its lens.

highdicom takes overlapping segments as one mask of the whole scan each; for 186 slices these need most of a gigabyte.
It gets the label map instead, in which the lens is separate, and the lens is joined to the eyeball in the packed frames
afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.imaging.label_values import values_in
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from highdicom.seg import Segmentation


def segment_numbers(labels: np.ndarray, values: Sequence[int], lenses: Mapping[int, int]) -> np.ndarray:
    """Return the number of the segment to which each voxel belongs, from 1, with the lenses separate.

    On slices that show a lens and nothing else of its eyeball, a pixel that no structure covers on any slice stands in
    for the eyeball, so that it gets a frame there; :func:`join_lenses` removes it.

    :param labels: label values (slices, J, I).
    :param values: label values of the segments, in their order.
    :param lenses: label values of the lenses by those of their eyeballs.
    :return: numbers (slices, J, I), 0 for background.
    :raises Problem: if there are too few pixels that no structure covers.
    """
    table = np.zeros(max(values) + 1, np.uint8)
    table[list(values)] = np.arange(1, len(values) + 1)
    numbers = np.ascontiguousarray(table[labels])
    flat, shown = numbers.reshape(len(numbers), -1), list(map(values_in, labels))
    for eyeball, stand_in in _stand_ins(labels, lenses).items():
        alone = [number for number, found in enumerate(shown) if lenses[eyeball] in found and eyeball not in found]
        flat[alone, stand_in] = table[eyeball]
    return numbers


def join_lenses(segmentation: Segmentation, labels: np.ndarray, values: Sequence[int],
                lenses: Mapping[int, int]) -> None:
    """Add the lenses to the segments of their eyeballs, in place.

    :param segmentation: segmentation made from :func:`segment_numbers`.
    :param labels, values, lenses: the arguments of :func:`segment_numbers`.
    """
    if not lenses:
        return
    order = {value: number for number, value in enumerate(values, start=1)}
    frames, size = _frames(segmentation), labels[0].size
    content = np.frombuffer(segmentation.PixelData, np.uint8).copy()
    for eyeball, stand_in in _stand_ins(labels, lenses).items():
        for place, number in frames[order[lenses[eyeball]]].items():
            whole = frames[order[eyeball]][place]
            mask = _bits(content, whole, size) | _bits(content, number, size)
            mask[stand_in] = 0
            _set_bits(content, whole, mask)
    segmentation.PixelData = content.tobytes()
    segmentation.SegmentsOverlap = "YES"


def _stand_ins(labels: np.ndarray, eyeballs: Collection[int]) -> dict[int, int]:
    """Return one pixel for each eyeball that shows no structure on any slice, as its index in a flattened slice.

    :raises Problem: if there are too few.
    """
    free = np.flatnonzero(np.maximum.reduce(labels, axis=0) == 0)
    if len(free) < len(eyeballs):
        raise Problem(_("The labels fill the slices to their edges. Choose the labels that belong to this scan."))
    return dict(zip(eyeballs, free[:len(eyeballs)].tolist(), strict=True))


def _frames(segmentation: Segmentation) -> Mapping[int, Mapping[tuple[int, ...], int]]:
    """Return the index of each frame by number of its segment and by its place (dimension indices but the first)."""
    found: dict[int, dict[tuple[int, ...], int]] = {}
    for number, item in enumerate(segmentation.PerFrameFunctionalGroupsSequence):
        segment, *place = item.FrameContentSequence[0].DimensionIndexValues
        found.setdefault(int(segment), {})[tuple(place)] = number
    return found


def _bits(content: np.ndarray, frame: int, size: int) -> np.ndarray:
    """Return the pixels of a frame of packed bits; frames need not begin at a byte."""
    first, last = frame * size, (frame + 1) * size
    bits = np.unpackbits(content[first // 8: -(-last // 8)], bitorder="little")
    return bits[first % 8: first % 8 + size]


def _set_bits(content: np.ndarray, frame: int, mask: np.ndarray) -> None:
    first, last = frame * mask.size, (frame + 1) * mask.size
    part = content[first // 8: -(-last // 8)]
    bits = np.unpackbits(part, bitorder="little")
    bits[first % 8: first % 8 + mask.size] = mask
    part[:] = np.packbits(bits, bitorder="little")
