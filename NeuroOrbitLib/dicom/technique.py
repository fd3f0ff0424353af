"""The kind of a scan from its DICOM fields: CT, T2, FLAIR, or MRI of another weighting."""

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
    if echo < LONG_ECHO_MS or repetition < LONG_REPETITION_MS:
        return Technique("other", echo, repetition)
    if inversion > FLAIR_INVERSION_MS or re.search("flair", words, re.I):
        return Technique("FLAIR", echo, repetition)
    suppressed = bool(_SUPPRESSED.search(words)) or 0 < inversion < STIR_INVERSION_MS
    return Technique("T2", echo, repetition, suppressed)


def _number(text: str | None) -> float:
    try:
        return float(text) if text else float("nan")
    except ValueError:
        return float("nan")
