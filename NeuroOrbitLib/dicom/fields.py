"""The DICOM fields that describe how a scan was made, by keyword."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.imaging.file_names import strip_ending

if TYPE_CHECKING:
    from pydicom import Dataset

#: Keyword of each of these fields by its DICOM tag ("group|element").
TECHNIQUE_FIELDS = {
    "0008|103e": "SeriesDescription", "0018|1030": "ProtocolName", "0018|0022": "ScanOptions",
    "0018|0020": "ScanningSequence", "0018|0024": "SequenceName", "0018|0080": "RepetitionTime",
    "0018|0081": "EchoTime", "0018|0082": "InversionTime", "0008|0060": "Modality", "0018|0010": "ContrastBolusAgent",
    "0018|0084": "ImagingFrequency", "0018|0087": "MagneticFieldStrength", "0018|0095": "PixelBandwidth",
    "0018|1310": "AcquisitionMatrix", "0018|1312": "InPlanePhaseEncodingDirection", "0028|0010": "Rows",
    "0028|0011": "Columns", "0028|0030": "PixelSpacing",
}  # fmt: skip


#: Functional group (PS3.3 C.8.13.5) of an enhanced image, and field within it, that stand for these fields.
_IN_GROUPS = {
    "EchoTime": ("MREchoSequence", "EffectiveEchoTime"),
    "RepetitionTime": ("MRTimingAndRelatedParametersSequence", "RepetitionTime"),
    "InversionTime": ("MRModifierSequence", "InversionTimes"),
    "ImagingFrequency": ("MRImagingModifierSequence", "TransmitterFrequency"),
    "PixelBandwidth": ("MRImagingModifierSequence", "PixelBandwidth"),
    "InPlanePhaseEncodingDirection": ("MRFOVGeometrySequence", "InPlanePhaseEncodingDirection"),
    "PixelSpacing": ("PixelMeasuresSequence", "PixelSpacing"),
}  # fmt: skip
_GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_AGENTS, _SUPPRESSION = "ContrastBolusAgentSequence", "SpectrallySelectedSuppression"


def scan_fields(path: str | Path) -> dict[str, str]:
    """Return the DICOM fields of a series folder, or of the JSON file beside a NIfTI (BIDS); empty if there are none.

    Times are in ms.
    """
    path = Path(path)
    if path.is_dir():
        return _dicom_fields(path)
    sidecar = path.with_name(strip_ending(path.name) + ".json")
    if not sidecar.is_file():
        return {}
    try:
        data = json.loads(sidecar.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(data, dict):
        return {}
    found = {key: str(value) for key, value in data.items() if key in TECHNIQUE_FIELDS.values()}
    for key in ("EchoTime", "RepetitionTime", "InversionTime"):
        seconds = found.pop(key, "")  # BIDS counts in seconds, DICOM in milliseconds
        with contextlib.suppress(ValueError):  # "n/a", or a list of several echoes
            found[key] = str(float(seconds) * 1000.0)
    return found


def _dicom_fields(folder: Path) -> dict[str, str]:
    """Return the fields of the volume in a folder."""
    from NeuroOrbitLib.dicom.series import image_header

    header = image_header(folder)
    return {} if header is None else fields_of_file(header.path)


def fields_of_file(path: Path) -> dict[str, str]:
    """Return the fields of a DICOM file; several values of a field are separated by backslashes.

    Those of an enhanced file are taken from the groups of its first frame, and written as in a file of one slice.
    """
    import pydicom

    from NeuroOrbitLib.dicom.headers import read_dataset

    words = [*TECHNIQUE_FIELDS.values(), "PulseSequenceName", _SUPPRESSION, _AGENTS, *_GROUPS]
    image = read_dataset(path, stop_before_pixels=True, specific_tags=["SpecificCharacterSet", *words])
    found = {word: image.get(word) for word in TECHNIQUE_FIELDS.values()}
    if any(image.get(name) for name in _GROUPS):
        found |= {word: value for word, value in _of_enhanced(image).items() if value not in (None, "")}
    several = (pydicom.multival.MultiValue, list)  # whole numbers come as a list
    return {word: ("\\".join(map(str, value)) if isinstance(value, several) else str(value)).strip()
            for word, value in found.items() if value is not None}


def _of_enhanced(image: Dataset) -> dict[str, Any]:
    found = {word: _in_group(image, *place) for word, place in _IN_GROUPS.items()}
    found["SequenceName"] = image.get("PulseSequenceName")
    if "FAT" in str(image.get(_SUPPRESSION)):
        found["ScanOptions"] = "FS"
    steps = [_in_group(image, "MRFOVGeometrySequence", f"MRAcquisition{name}")
             for name in ("FrequencyEncodingSteps", "PhaseEncodingStepsInPlane")]
    if None not in steps:
        found["AcquisitionMatrix"] = [steps[0], 0, 0, steps[1]]
    agents = image.get(_AGENTS)
    if agents:
        found["ContrastBolusAgent"] = agents[0].get("CodeMeaning")
    return found


def _in_group(image: Dataset, group: str, keyword: str) -> Any:
    """Return a field of the first frame, from its own groups or the shared ones; None if it is missing."""
    for name in reversed(_GROUPS):
        items = image.get(name)
        values = items[0].get(group) if items else None
        if values and values[0].get(keyword) is not None:
            return values[0].get(keyword)
    return None
