"""DICOM files of results: their kind, their origin, and reading one of the expected kind."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset

#: Classes of DICOM objects: segmentations (a frame for each segment, and label maps), structured reports.
SEGMENTATIONS = frozenset({"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"})
REPORTS = frozenset(f"1.2.840.10008.5.1.4.1.1.88.{number}" for number in ("22", "33", "34"))

#: Fields that identify the origin of a result: the program, and the study.
_MADE_OF = ("SOPClassUID", "Manufacturer", "ManufacturerModelName", "StudyInstanceUID")
_SERIES = "ReferencedSeriesSequence"


def read_result(path: Path, classes: Collection[str], otherwise: Sentence) -> Dataset:
    """Read a DICOM file of one of the given classes.

    :param path: the file.
    :param classes: UIDs of the accepted classes.
    :param otherwise: message for a file of another class, with ``{name}`` for its name.
    :raises Problem: if the file is of another class, or cannot be read.
    """
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
def damage_named(path: Path) -> Iterator[None]:
    """Turn errors that pydicom raises because a data set lacks a field, or holds a wrong value, into a message.

    :param path: file from which the data set was read.
    :raises Problem: instead of such an error.
    """
    try:
        yield
    except Problem:
        raise
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise Problem(_("{name} is damaged: something that DICOM requires is missing or wrong in it ({error}). Copy or "
                        "export it again.").format(name=path.name, error=str(error))) from error


def is_segmentation(path: Path) -> bool:
    """Return whether a file is a DICOM segmentation."""
    return field_of(path, "SOPClassUID") in SEGMENTATIONS


def field_of(path: Path, keyword: str) -> str:
    """Return a field of a DICOM file as text; empty if the file lacks it or is no DICOM file."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        found = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=[keyword])
    except (InvalidDicomError, OSError, EOFError, ValueError):
        return ""
    return str(found.get(keyword, ""))


def made_of(result: Path | Dataset) -> tuple[str, ...]:
    """Return the origin of a result, which is equal for a new result and an earlier one that it may replace.

    :param result: the object, or its file.
    :return: class, program, study and series; empty for a file that is no DICOM file.
    """
    import pydicom
    from pydicom.errors import InvalidDicomError

    if isinstance(result, Path):
        try:
            result = pydicom.dcmread(result, stop_before_pixels=True, specific_tags=[*_MADE_OF, _SERIES])
        except (InvalidDicomError, OSError, EOFError, ValueError):
            return ()
    return (*(str(result.get(keyword, "")) for keyword in _MADE_OF),
            *(str(item.get("SeriesInstanceUID", "")) for item in result.get(_SERIES, ())))
