"""Patient and day of a scan on disk."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _

_TWO = 2
_DATES = ("AcquisitionDate", "SeriesDate", "StudyDate")


@dataclass(frozen=True)
class Visit:
    """Patient and day of a scan, from its DICOM fields.

    :param patient: patient identifier; "" if it is not known.
    :param date: day of the scan; ``None`` if it is not known.
    """

    patient: str = ""
    date: datetime.date | None = None


def visit_of(path: Path) -> Visit:
    """Return patient and day of the DICOM series or study in a folder; an empty visit for any other path."""
    from NeuroOrbitLib.dicom.headers import read_dataset
    from NeuroOrbitLib.dicom.series import image_header

    header = image_header(path, of_several=True) if path.is_dir() else None
    if header is None:
        return Visit()
    image = read_dataset(header.path, stop_before_pixels=True, specific_tags=["PatientID", *_DATES])
    days = (_day(str(image.get(name) or "")) for name in _DATES)
    return Visit(str(image.get("PatientID") or ""), next(filter(None, days), None))


def check_visits(*visits: Visit) -> None:
    """Make sure that scans are of one patient and in the order of their dates, as far as these are known.

    :raises Problem: if they are not.
    """
    for (number, first), (other, second) in combinations(enumerate(visits, start=1), 2):
        if first.patient and second.patient and first.patient != second.patient:
            raise Problem(_different(number, other, len(visits)))
        if first.date and second.date and first.date > second.date:
            raise Problem(_wrong_order(len(visits)).format(
                number=number, other=other, first=first.date.isoformat(), second=second.date.isoformat()))


def _different(number: int, other: int, count: int) -> Sentence:
    if count == _TWO:
        return _("The two scans are of different patients: their patient identifiers differ. Choose two scans of one "
                 "patient.")
    return _("Scans {number} and {other} are of different patients: their patient identifiers differ. Choose scans of "
             "one patient.").format(number=number, other=other)


def _wrong_order(count: int) -> Sentence:
    if count == _TWO:
        return _("The first scan ({first}) is later than the second one ({second}). Swap the scans, and their label "
                 "maps with them, if there are any.")
    return _("Scan {number} ({first}) is later than scan {other} ({second}). Give the scans in the order of their "
             "dates, and their label maps likewise.")


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.datetime.strptime(text.strip(), "%Y%m%d").date()
    except ValueError:
        return None
