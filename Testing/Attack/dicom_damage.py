"""Damage to DICOM series as archives, disks and exports cause it: each function damages one series in its folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom

from Testing.dicom_series import edit, files_of, write_text

#: Damages the series in a folder at a place that the generator draws.
Damage = Callable[[Path, np.random.Generator], None]

_TEXTS = {
    "PixelSpacing": ("0,5\\0,5", "half\\half", "nan\\0.5", "0\\0", "0.5", "-0.5\\0.5", "0_5\\0_5"),
    "ImagePositionPatient": ("nan\\0\\0", "inf\\0\\0", "1\\2", "a\\b\\c"),
    "ImageOrientationPatient": ("nan\\0\\0\\0\\1\\0", "1\\0\\0\\1\\0\\0", "0\\0\\0\\0\\0\\0", "2\\0\\0\\0\\2\\0"),
    "RescaleSlope": ("one", "0", "nan"),
    "RescaleIntercept": ("-1024,5", "inf"),
}


def cut_off(folder: Path, draw: np.random.Generator) -> None:
    """Cut one file short, the first or the last one twice as often as others."""
    files = files_of(folder)
    path = files[draw.choice([0, -1, draw.integers(len(files))])]
    content = path.read_bytes()
    path.write_bytes(content[:int(draw.integers(len(content)))])


def unreadable_number(folder: Path, draw: np.random.Generator) -> None:
    """Make a number of one slice, or of all, impossible or unreadable."""
    keyword = draw.choice(sorted(_TEXTS))
    where = int(draw.integers(len(files_of(folder))))
    files = slice(None) if draw.random() < 0.5 else slice(where, where + 1)
    write_text(folder, keyword, str(draw.choice(_TEXTS[keyword])), files)


def missing_field(folder: Path, draw: np.random.Generator) -> None:
    """Remove from one slice a field that defines its place."""
    where = int(draw.integers(len(files_of(folder))))
    keyword = draw.choice(["PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient", "PixelData"])
    edit(folder, keyword, files=slice(where, where + 1))


def short_pixels(folder: Path, draw: np.random.Generator) -> None:
    """Give one slice fewer pixels than its header says."""
    where = int(draw.integers(len(files_of(folder))))
    edit(folder, files=slice(where, where + 1), PixelData=bytes(2 * int(draw.integers(1, 20))))


def more_pixels(folder: Path, draw: np.random.Generator) -> None:
    """Let the header of one slice, or of all, give fewer rows than there are."""
    where = int(draw.integers(len(files_of(folder))))
    edit(folder, files=slice(None) if draw.random() < 0.5 else slice(where, where + 1), Rows=int(draw.integers(2, 7)))


def values_unknown(folder: Path, draw: np.random.Generator) -> None:
    """Remove from one slice the fields that convert its numbers to values."""
    where = int(draw.integers(len(files_of(folder))))
    edit(folder, str(draw.choice(["RescaleSlope", "RescaleIntercept"])), files=slice(where, where + 1))


def other_patient(folder: Path, draw: np.random.Generator) -> None:
    """Make one slice another patient's."""
    where = int(draw.integers(len(files_of(folder))))
    edit(folder, files=slice(where, where + 1), PatientID="P2")


def moved_slice(folder: Path, draw: np.random.Generator) -> None:
    """Move or turn one slice, neither the first nor the last."""
    where = int(draw.integers(1, len(files_of(folder)) - 1))
    position = pydicom.dcmread(files_of(folder)[where]).ImagePositionPatient
    values = draw.choice(["beside", "turned"])
    edit(folder, files=slice(where, where + 1), **(
        {"ImagePositionPatient": [position[0] + 30, *position[1:]]} if values == "beside"
        else {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}))


def large_gap(folder: Path, draw: np.random.Generator) -> None:
    """Remove five neighbouring slices from the middle."""
    files = files_of(folder)
    start = int(draw.integers(2, len(files) - 7))
    for path in files[start:start + 5]:
        path.unlink()


#: Damage after which a series must be refused with a message, by name.
REFUSED: dict[str, Damage] = {
    "file cut off": cut_off, "number unreadable": unreadable_number, "field missing": missing_field,
    "pixels missing": short_pixels, "slice moved": moved_slice, "large gap": large_gap,
    "more pixels than announced": more_pixels, "values unknown": values_unknown, "other patient": other_patient,
}  # fmt: skip
