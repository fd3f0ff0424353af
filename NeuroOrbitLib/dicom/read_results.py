"""Segmentations and measurement reports read again, of this product or of another that uses the same codes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import STRUCTURES, Side, structure
from NeuroOrbitLib.anatomy.terminology import LATERALITY
from NeuroOrbitLib.dicom.concepts import short_value
from NeuroOrbitLib.dicom.segment_frames import check_drawn_on, frames_of_segments, is_fractional, slices_of
from NeuroOrbitLib.dicom.series import only_series, volume_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.label_maps.merging import merge_masks
from NeuroOrbitLib.measurements.codes import QUANTITIES
from NeuroOrbitLib.measurements.rows import HEAD, Measured, Row
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset

#: Of segments in frames of their own, and of label maps.
_SEGMENTATIONS = {"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"}
_REPORTS = {f"1.2.840.10008.5.1.4.1.1.88.{number}" for number in ("22", "33", "34")}
_SIDES = {code: side for side, (code, _meaning) in LATERALITY.items()}
_QUANTITY_CODES = {short_value(key.upper()) for key in QUANTITIES}
_TRACKING, _UPPER, _METHOD, _COMMENT = "112039", "371886008", "370129005", "121106"


@dataclass(frozen=True)
class Vocabulary:
    """Which segments are read, and as what.

    :param value_of: returns the label value of a segment by its item in the file, None if it is none of these.
    :param merge: returns the masks of label values as one label map of a shape, and what to tell of those that overlap.
    :param joined: told of several segments of one value, with {names}; nothing where that is usual.
    :param left_out: told of other segments, with {name}. :param nothing: told of files without any of these, with
        {name} of the file and {notices}.
    """

    value_of: Callable[[Dataset], int | None]
    merge: Callable[[Mapping[int, np.ndarray], tuple[int, int, int]], tuple[np.ndarray, list[str]]]
    left_out: Sentence
    nothing: Sentence
    joined: Sentence | None = None


@dataclass(frozen=True)
class ReadSegmentation:
    """A segmentation as a label map.

    :param labels: values of the vocabulary, uint8, on the grid of the series.
    :param notices: which segments were left out, and why.
    """

    labels: Image
    notices: tuple[str, ...]


def read_segmentation(path: Path, series: Path, vocabulary: Vocabulary | None = None) -> ReadSegmentation:
    """Read a DICOM segmentation onto the grid of the series that it was drawn on.

    :param path: file of the segmentation. :param series: folder of the series.
    :param vocabulary: which segments are read; those of the orbit by default.
    :raises Problem: if the file is no segmentation, belongs to another series, or none of its segments has a code of
        the vocabulary.
    """
    vocabulary = vocabulary or _ORBIT
    dataset = _dataset(path, _SEGMENTATIONS, _("{name} is no DICOM segmentation."))
    headers = only_series(series)
    check_drawn_on(dataset, headers, path.name)
    scan = volume_of(headers)
    with _told_as_damaged(path):
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


def read_measurements(path: Path) -> list[Row]:
    """Read the measures of a structured report that this product wrote.

    :raises Problem: if the file is no such report.
    """
    dataset = _dataset(path, _REPORTS, _("{name} is no structured report."))
    with _told_as_damaged(path):
        rows = [row for group in [dataset, *_items(dataset)] for row in _rows_of_group(group)]
    if not rows:
        raise Problem(_("{name} holds no measures of this product.").format(name=path.name))
    return rows


def is_segmentation(path: Path) -> bool:
    """Return whether a file is a DICOM segmentation."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        found = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["SOPClassUID"])
    except (InvalidDicomError, OSError, EOFError, ValueError):
        return False
    return str(found.get("SOPClassUID")) in _SEGMENTATIONS


def _dataset(path: Path, classes: set[str], otherwise: Sentence) -> Dataset:
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        dataset = pydicom.dcmread(path)
    except FileNotFoundError as error:
        raise Problem(_("There is no file {path}. Check the name.").format(path=path)) from error
    except (InvalidDicomError, OSError, EOFError, ValueError) as error:
        raise Problem(_("{name} cannot be read as DICOM. Copy or export it again.").format(name=path.name)) from error
    if str(dataset.get("SOPClassUID")) not in classes:
        raise Problem(otherwise.format(name=path.name))
    return dataset


@contextlib.contextmanager
def _told_as_damaged(path: Path) -> Iterator[None]:
    """Tell the user what pydicom raises where a data set lacks something or holds it as something else."""
    try:
        yield
    except Problem:
        raise
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise Problem(_("{name} is damaged: something that DICOM requires is missing or wrong in it ({error}). Copy or "
                        "export it again.").format(name=path.name, error=str(error))) from error


def _values(dataset: Dataset, vocabulary: Vocabulary) -> tuple[dict[int, int], list[str]]:
    """Label value of each segment by its number, and sentences about those without one."""
    values, notices, names = {}, [], {}
    for item in dataset.SegmentSequence:
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
    """Value of the vocabulary that a segment's type, with its side as modifier, stands for."""
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


def _items(dataset: Dataset) -> Iterator[Dataset]:
    for item in dataset.get("ContentSequence") or []:
        yield item
        yield from _items(item)


def _rows_of_group(group: Dataset) -> Iterator[Row]:
    """The measures right below a content item; what it says about them in comments is the note of each."""
    items = group.get("ContentSequence") or []
    note = " ".join(str(item.TextValue) for item in items if item.ValueType == "TEXT" and _is_comment(item))
    for item in items:
        if item.ValueType == "NUM":
            yield from (replace(row, measured=replace(row.measured, note=note)) for row in _rows(item))


def _is_comment(item: Dataset) -> bool:
    return str(item.ConceptNameCodeSequence[0].get("CodeValue")) == _COMMENT


def _rows(item: Dataset) -> Iterator[Row]:
    """The measure in a numeric content item; none for one of another product."""
    children = {str(child.ConceptNameCodeSequence[0].get("CodeValue")): child
                for child in item.get("ContentSequence") or [] if child.get("ConceptNameCodeSequence")}
    name = children[_TRACKING].TextValue if _TRACKING in children else ""
    group, _, key = str(name).partition(".")
    if key not in QUANTITIES:
        return
    side_name, _, rest = group.partition("_")
    side = Side(side_name) if side_name in (one.value for one in Side) else None
    spread = _number(children[_UPPER]) if _UPPER in children else None
    yield Row(_structure(rest if side else group), side, key,
              Measured(_number(item), spread, method=_method_text(children.get(_METHOD))))


def _structure(key: str) -> str:
    return key if key == HEAD else structure(key).key


def _method_text(item: Dataset | None) -> str:
    """The words of a measurement method that is not only the quantity's name."""
    if item is None:
        return ""
    code = item.ConceptCodeSequence[0]
    value = str(code.get("CodeValue"))
    return "" if value in _QUANTITY_CODES else str(code.CodeMeaning)


def _number(item: Dataset) -> float:
    measured: Any = item.MeasuredValueSequence[0]
    value = measured.get("FloatingPointValue")
    return float(measured.NumericValue if value is None else value)
