"""Strict reading of the positions of a series' slices and of the rescaling of their stored numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom

from NeuroOrbitLib.dicom.headers import Header, decimal_text, read_dataset
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.sentences import sentence as _

ENHANCED = {f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("2.1", "2.2", "4.1", "4.4")}
#: Functional groups (PS3.3 C.7.6.16) that hold the fields of an image of one slice.
_GROUPS = {
    "ImagePositionPatient": "PlanePositionSequence", "ImageOrientationPatient": "PlaneOrientationSequence",
    "PixelSpacing": "PixelMeasuresSequence", "SliceThickness": "PixelMeasuresSequence",
    "RescaleSlope": "PixelValueTransformationSequence", "RescaleIntercept": "PixelValueTransformationSequence",
    "EffectiveEchoTime": "MREchoSequence", "ConvolutionKernel": "CTReconstructionSequence",
}  # fmt: skip
_UNIT_TOLERANCE = 0.01
_DECIMAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
#: Low numbers are to be shown bright. GDCM, by which Slicer reads, too, turns them round: -1000 HU become 999 HU.
_NEGATIVE = "MONOCHROME1"
_STORAGE = ("BitsAllocated", "BitsStored", "PixelRepresentation", "SamplesPerPixel", "PhotometricInterpretation")


@dataclass(frozen=True)
class Frame:
    """One slice.

    :param index: number of the frame in its file, from 0.
    :param position: LPS mm of the middle of the first pixel, shape (3,).
    :param shape: number of pixels along J and I.
    :param rows: LPS unit vector (3,) along a row (array axis I).
    :param columns: LPS unit vector (3,) along a column (array axis J).
    :param spacing: distance of the pixels along I and J (mm).
    :param thickness: slice thickness (mm); NaN if it is not known.
    :param slope, intercept: rescaling, value = slope * stored number + intercept.
    :param storage: type of the stored numbers; slices of the same type can be decoded together.
    :param group: what distinguishes frames at the same place (stack, phase, echo), in words.
    :param enhanced: whether the frame is from a multi-frame file.
    :param acquisition: number of the acquisition; "" if it is not known, and in multi-frame files.
    :param kernel: convolution kernel of a CT; "" if it is not known.
    """

    path: Path
    index: int
    shape: tuple[int, int]
    position: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    spacing: tuple[float, float]
    thickness: float
    slope: float
    intercept: float
    storage: str = ""
    group: str = ""
    enhanced: bool = False
    acquisition: str = ""
    kernel: str = ""

    @property
    def normal(self) -> np.ndarray:
        """LPS unit vector (3,) perpendicular to the slice."""
        return np.cross(self.rows, self.columns)


def frames_of(headers: Iterable[Header]) -> list[Frame]:
    """Return the slices in the files of one series.

    :raises ImageProblem: if the position, orientation or pixel size of a slice is missing, or one of its numbers is
        not valid.
    """
    return [frame for header in headers for frame in _frames_in(header)]


def is_multi_frame(header: Header) -> bool:
    """Return whether a file is an enhanced CT or MRI, which gives the positions of its slices in sequences."""
    return header.text("SOPClassUID") in ENHANCED


def _frames_in(header: Header) -> list[Frame]:
    if header.text("PhotometricInterpretation") == _NEGATIVE:
        raise ImageProblem(_("The grey values are stored as a negative (MONOCHROME1): programs differ in whether "
                             "bright and dark are exchanged then. Export the series again as MONOCHROME2."))
    if is_multi_frame(header):
        return _enhanced_frames(header)
    if header.number("NumberOfFrames", 1) > 1:
        raise ImageProblem(_("{path} holds {number} pictures that do not say where they lie. Export the original "
                             "series.").format(path=header.path.name, number=header.number("NumberOfFrames")))
    return [_frame(header, 0, header.text, _phase(header))]


def _phase(header: Header) -> str:
    words = (("echo", "EchoTime"), ("phase", "TemporalPositionIdentifier"), ("kind", "ImageType"))
    return ", ".join(f"{word} {header.text(keyword)}" for word, keyword in words if header.text(keyword))


def _enhanced_frames(header: Header) -> list[Frame]:
    dataset = read_dataset(header.path, stop_before_pixels=True)
    shared = dataset.get("SharedFunctionalGroupsSequence") or [pydicom.Dataset()]
    each = dataset.get("PerFrameFunctionalGroupsSequence") or []
    if len(each) != header.number("NumberOfFrames", 1):
        raise ImageProblem(_("{path} holds {number} slices and says of {count} where they lie. Export the original "
                             "series.").format(
            path=header.path.name, number=header.number("NumberOfFrames", 1), count=len(each)))
    return [_frame(header, index, _reader(own, shared[0]), _stack(own, shared[0])) for index, own in enumerate(each)]


def _reader(own: pydicom.Dataset, shared: pydicom.Dataset) -> Callable[[str], str]:
    """Return a function from keyword to text that looks into the groups of one frame, then into the shared ones."""
    def text(keyword: str) -> str:
        for groups in (own, shared):
            items = groups.get(_GROUPS[keyword])
            if items and decimal_text(items[0], keyword):
                return decimal_text(items[0], keyword)
        return ""
    return text


def _stack(own: pydicom.Dataset, shared: pydicom.Dataset) -> str:
    content = (own.get("FrameContentSequence") or [pydicom.Dataset()])[0]
    words = [("stack", content.get("StackID")), ("phase", content.get("TemporalPositionIndex")),
             ("echo", _reader(own, shared)("EffectiveEchoTime").strip()), ("kind", _frame_type(own, shared))]
    return ", ".join(f"{word} {value}" for word, value in words if value)


def _frame_type(own: pydicom.Dataset, shared: pydicom.Dataset) -> str:
    for groups in (own, shared):
        for keyword in ("MRImageFrameTypeSequence", "CTImageFrameTypeSequence"):
            if groups.get(keyword):
                return "\\".join(groups[keyword].value[0].get("FrameType", []))
    return ""


def _frame(header: Header, index: int, text: Callable[[str], str], group: str) -> Frame:
    name = header.path.name
    if not text("ImagePositionPatient") or not text("ImageOrientationPatient"):
        raise ImageProblem(_("{name} and perhaps others do not say where their slices lie (secondary captures?). "
                             "Export the original series.").format(name=name))
    if not text("PixelSpacing"):
        raise ImageProblem(_("{name} and perhaps others do not say how large their pixels are. Export the original "
                             "series.").format(name=name))
    down, across = _numbers(name, "pixel spacing", text("PixelSpacing"), 2)
    if min(down, across) <= 0:
        raise ImageProblem(_("{name} gives pixels of {across:g} x {down:g} mm. Export the original series.").format(
            name=name, across=across, down=down))
    rows, columns = _directions(name, text("ImageOrientationPatient"))
    slope, intercept = _rescale(name, text)
    thickness = text("SliceThickness").strip(" \0")
    return Frame(
        header.path, index, (header.number("Rows"), header.number("Columns")),
        _numbers(name, "position", text("ImagePositionPatient"), 3), rows, columns, (across, down),
        _numbers(name, "slice thickness", thickness, 1)[0] if thickness else float("nan"), slope, intercept,
        " ".join(map(header.text, _STORAGE)), group, is_multi_frame(header),
        "" if is_multi_frame(header) else header.text("AcquisitionNumber"),
        text("ConvolutionKernel").split("\\")[0].strip(" \0"))


def _directions(name: str, text: str) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = _numbers(name, "orientation", text, 6).reshape(2, 3)
    lengths = np.linalg.norm(rows), np.linalg.norm(columns)
    if max(abs(length - 1) for length in lengths) > _UNIT_TOLERANCE or abs(rows @ columns) > _UNIT_TOLERANCE:
        raise ImageProblem(_("The orientation in {name} is impossible ({text}). Export the original series.").format(
            name=name, text=text.strip()))
    return rows / lengths[0], columns / lengths[1]


def _rescale(name: str, text: Callable[[str], str]) -> tuple[float, float]:
    slope_text, intercept_text = text("RescaleSlope").strip(" \0"), text("RescaleIntercept").strip(" \0")
    slope = _numbers(name, "rescale slope", slope_text, 1)[0] if slope_text else 1.0
    intercept = _numbers(name, "rescale intercept", intercept_text, 1)[0] if intercept_text else 0.0
    if slope == 0:
        raise ImageProblem(_("The rescale slope in {name} is 0: all its pixels would be equal. Export the original "
                             "series.").format(name=name))
    return float(slope), float(intercept)


def _numbers(name: str, what: str, text: str, count: int) -> np.ndarray:
    """Return the numbers (count,) of a decimal string; spaces around them are allowed."""
    words = [word.strip(" \0\t") for word in text.split("\\")]
    # Python accepts more numbers than DICOM, e.g. "0_6" as 6.
    values = np.array([float(word) for word in words] if all(map(_DECIMAL.fullmatch, words)) else [])
    if len(values) != count or not np.isfinite(values).all():
        raise ImageProblem(_("The {what} in {name} cannot be read ({text}). Export the original series.").format(
            what=what, name=name, text=text.strip()))
    return values
