"""Age and sex of a patient from DICOM fields, for panels and classifiers alike."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

#: Keywords of the fields that :func:`age_of` and :func:`sex_of` read, by tag.
PATIENT_FIELDS = {"0010|1010": "PatientAge", "0010|0030": "PatientBirthDate", "0010|0040": "PatientSex",
                  "0008|0020": "StudyDate"}
_AGE = re.compile(r"^(?P<number>\d{1,3})(?P<unit>[YMWD])$")
_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_OLDEST = 130


def age_of(fields: Mapping[str, str]) -> float | None:
    """Return the age in whole years; ``None`` where it is missing or unreadable.

    :param fields: ``PatientAge`` (``047Y``), or ``PatientBirthDate`` with ``StudyDate``.
    """
    told = _AGE.match(_text(fields, "PatientAge"))
    years = math.floor(int(told["number"]) * _YEARS[told["unit"]]) if told else 0
    if told and int(told["number"]) and years < _OLDEST:  # 000Y and 999Y stand for an age that is not known
        return float(years)
    born, then = _text(fields, "PatientBirthDate"), _text(fields, "StudyDate")
    if not (re.fullmatch(r"\d{8}", born) and re.fullmatch(r"\d{8}", then)):
        return None
    years = int(then[:4]) - int(born[:4]) - (then[4:] < born[4:])
    return float(years) if 0 <= years < _OLDEST else None


def patient_at(scan: str | Path) -> dict[str, str]:
    """Return the fields of the patient of a series or study in a folder, for :func:`age_of` and :func:`sex_of`.

    The result is empty for a file, and for a folder without DICOM images.
    """
    from NeuroOrbitLib.dicom.headers import read_dataset
    from NeuroOrbitLib.dicom.series import image_header

    header = image_header(Path(scan), of_several=True) if Path(scan).is_dir() else None
    if header is None:
        return {}
    names = list(PATIENT_FIELDS.values())
    image = read_dataset(header.path, stop_before_pixels=True, specific_tags=names)
    return {name: str(image.get(name) or "") for name in names}


def sex_of(fields: Mapping[str, str]) -> Literal["female", "male", ""]:
    """Return the sex in ``PatientSex``; "" if it is missing or neither "M" nor "F"."""
    return {"M": "male", "F": "female"}.get(_text(fields, "PatientSex"), "")


def _text(fields: Mapping[str, str], name: str) -> str:
    return str(fields.get(name, "")).strip().upper()
