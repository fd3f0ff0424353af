"""The technique of a scan from its DICOM fields: CT, T2, FLAIR or MRI of another weighting, displacement of fat."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

#: Shortest echo and repetition time (ms) of a T2 series, inversion times of FLAIR and of fat suppression (STIR).
LONG_ECHO_MS, LONG_REPETITION_MS = 50.0, 1500.0
FLAIR_INVERSION_MS, STIR_INVERSION_MS = 1000.0, 400.0
_SUPPRESSED = re.compile(
    r"spir|spair|stir|tirm|dixon|fat.?sat|fat.?sup|(^|[^a-z0-9])(fs|chess|proset)([^a-z0-9]|$)", re.I)

#: Chemical shift between fat and water (parts per million), and resonance frequency of hydrogen (MHz per tesla).
_FAT_PPM, _MHZ_PER_TESLA = 3.4, 42.577
#: Range of the resonance frequency (MHz) in scanners for people; other numbers are in other units.
_LOWEST_MHZ, _HIGHEST_MHZ = 1.0, 500.0

Weighting = Literal["CT", "T2", "FLAIR", "other"]


@dataclass(frozen=True)
class Technique:
    """Technique of a scan, as far as its fields give it.

    :param weighting: ``"CT"``, ``"T2"``, ``"FLAIR"``, or ``"other"`` for MRI with short echo or repetition times.
    :param echo: echo time in ms; NaN if unknown.
    :param repetition: repetition time in ms; NaN if unknown.
    :param fat_suppressed: whether the fields say that fat is suppressed. They may not say so although it is.
    """

    weighting: Weighting
    echo: float = float("nan")
    repetition: float = float("nan")
    fat_suppressed: bool = False

    @property
    def times(self) -> str:
        """Echo and repetition time as text."""
        return f"echo time {self.echo:.0f} ms, repetition time {self.repetition:.0f} ms"


def technique_of(tags: Mapping[str, str]) -> Technique | None:
    """Return the technique of a scan; None if the fields do not give enough.

    :param tags: DICOM fields by keyword, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    """
    if tags.get("Modality") == "CT":
        return Technique("CT")
    words = " ".join(tags.get(name, "") for name in ("SeriesDescription", "ProtocolName", "SequenceName",
                                                     "ScanOptions"))
    echo, repetition, inversion = (_number(tags.get(name)) for name in ("EchoTime", "RepetitionTime", "InversionTime"))
    if np.isnan(echo) or np.isnan(repetition):
        return None
    weighting: Weighting = "T2"
    if echo < LONG_ECHO_MS or repetition < LONG_REPETITION_MS:
        weighting = "other"
    elif inversion > FLAIR_INVERSION_MS or re.search("flair", words, re.I):
        weighting = "FLAIR"
    suppressed = bool(_SUPPRESSED.search(words)) or 0 < inversion < STIR_INVERSION_MS
    return Technique(weighting, echo, repetition, suppressed)


def fat_displacement(tags: Mapping[str, str]) -> float:
    """Return by how many mm an MRI shows fat away from its place, along the frequency direction; NaN if unknown.

    Fat resonates 3.4 ppm below water; divided by the bandwidth of a pixel, this is its displacement in pixels as they
    were acquired, which may be larger than those of the image.

    :param tags: DICOM fields by keyword, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    """
    frequency = _number(tags.get("ImagingFrequency"))
    if not frequency > 0:
        frequency = _MHZ_PER_TESLA * _number(tags.get("MagneticFieldStrength"))
    bandwidth = _number(tags.get("PixelBandwidth"))
    if not (_LOWEST_MHZ < frequency < _HIGHEST_MHZ and bandwidth > 0):
        return float("nan")
    return _FAT_PPM * frequency / bandwidth * _acquired_pixel(tags)


def _acquired_pixel(tags: Mapping[str, str]) -> float:
    """Return the size (mm) along the frequency direction of a pixel as it was acquired; NaN if unknown."""
    # A phase direction along rows is a frequency direction along columns, whose pixels the number of rows counts.
    axis = {"ROW": 0, "COL": 1, "COLUMN": 1}.get(tags.get("InPlanePhaseEncodingDirection", "").strip().upper())
    sizes = [_number(text) for text in tags.get("PixelSpacing", "").split("\\")]
    if axis is None or len(sizes) != 2:
        return float("nan")
    shown = _number(tags.get(("Rows", "Columns")[axis]))
    # Frequency rows, frequency columns, phase rows, phase columns; those that do not apply are 0.
    acquired = max(_number(text) for text in tags.get("AcquisitionMatrix", "").split("\\")[:2])
    return sizes[axis] * (shown / acquired if acquired > 0 else 1.0)


def _number(text: str | None) -> float:
    try:
        return float(text) if text else float("nan")
    except ValueError:
        return float("nan")
