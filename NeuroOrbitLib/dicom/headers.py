"""The headers of the DICOM images below a folder, and checks that their files are complete."""

from __future__ import annotations

import math
import os
import struct
import warnings
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pydicom
from pydicom.errors import InvalidDicomError

from NeuroOrbitLib.files.below import files_below
from NeuroOrbitLib.sentences import sentence as _

#: Decimal strings (DS), kept as they are written: pydicom would warn about some and raise on others.
_DECIMALS = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness", "RescaleSlope",
             "RescaleIntercept", "EchoTime")
_WORDS = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID", "PatientID",
          "Modality", "SeriesDescription", "SeriesNumber", "ConvolutionKernel", "ImageType", "InstanceNumber", "Rows",
          "Columns", "SamplesPerPixel", "BitsAllocated", "BitsStored", "PixelRepresentation",
          "PhotometricInterpretation", "NumberOfFrames", "TemporalPositionIdentifier", "EchoNumbers",
          "AcquisitionNumber")
_IMAGE_CLASSES = "1.2.840.10008.5.1.4.1.1."
_CT_AND_MR = {_IMAGE_CLASSES + number for number in ("2", "2.1", "2.2", "4", "4.1", "4.4")}
_ENDINGS = (".dcm", ".ima", ".dicom")
_OF_A_ROW = ("Columns", "SamplesPerPixel", "BitsAllocated")
_UNDEFINED = 0xFFFFFFFF
_ITEM, _DELIMITER, _PIXEL_DATA = (0xFFFE, 0xE000), (0xFFFE, 0xE0DD), (0x7FE0, 0x0010)
_BIG_ENDIAN, _DEFLATED, _IMPLICIT = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2"
#: What pydicom raises on damaged files.
_DAMAGE = (InvalidDicomError, EOFError, ValueError, KeyError, TypeError, AttributeError, NotImplementedError,
           OverflowError, struct.error, zlib.error)


@dataclass(frozen=True)
class Header:
    """The header of one DICOM file with an image.

    :param path: the file.
    :param texts: values by keyword, as text; several values are separated by backslashes. Missing fields are left out.
    :param fault: defect of the file as the end of a sentence, e.g. "is cut off"; empty if it is complete.
    """

    path: Path
    texts: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""

    def text(self, keyword: str) -> str:
        """Return the value of a field as text; "" if it is missing."""
        return self.texts.get(keyword, "")

    def number(self, keyword: str, default: int = 0) -> int:
        """Return the value of a field as an integer; ``default`` if it is missing or not an integer."""
        text = self.text(keyword)
        return int(text) if text.lstrip("-").isdecimal() else default


def read_headers(folder: Path, below: bool = False) -> list[Header]:
    """Return the headers of all DICOM images in a folder; other files are ignored.

    Files that look like DICOM by content or name, but cannot be read, are returned with their fault: they may be slices
    of the wanted series.

    :param folder: folder of the images.
    :param below: whether to search the subfolders, too.
    """
    return headers_of(files_below(folder) if below else sorted(path for path in folder.iterdir() if path.is_file()))


def headers_of(paths: Iterable[Path]) -> list[Header]:
    """Return the headers of the DICOM images among files; see :func:`read_headers`."""
    return [header for header in map(_read_header, paths) if header is not None]


def _read_header(path: Path) -> Header | None:
    if path.name.startswith(".") or path.name.upper() == "DICOMDIR":
        return None
    with path.open("rb") as stream:
        if not starts_like_dicom(stream):
            return Header(path, fault="is damaged") if path.suffix.lower() in _ENDINGS else None
        stream.seek(0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                dataset = pydicom.dcmread(stream, stop_before_pixels=True, force=True,
                                          specific_tags=["SpecificCharacterSet", *_DECIMALS, *_WORDS])
                texts = _texts(dataset)
        except _DAMAGE:
            return Header(path, fault="is damaged")
        if texts.get("SOPClassUID") == pydicom.uid.MediaStorageDirectoryStorage:
            return None
        header = Header(path, texts)
        syntax = str(dataset.file_meta.get("TransferSyntaxUID", "")) or _guessed_syntax(dataset)
        return _with_fault(header, stream, syntax)


def read_dataset(path: Path, **options: Any) -> pydicom.Dataset:
    """Read a DICOM file, also one without the header (preamble, meta information) that some archives leave out.

    :param path: the file.
    :param options: further arguments of :func:`pydicom.dcmread`.
    :return: data set whose meta information gives its transfer syntax.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True, **options)
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = _guessed_syntax(dataset)
    return dataset


def starts_like_dicom(stream: BinaryIO) -> bool:
    """Return whether a file has the prefix "DICM", or begins with a data element like files without a preamble.

    :param stream: the file, at its beginning; its first bytes are read.
    """
    start = stream.read(132)
    return start[128:132] == b"DICM" or start[:4] in (b"\x08\x00\x05\x00", b"\x08\x00\x08\x00", b"\x08\x00\x16\x00",
                                                      b"\x02\x00\x00\x00", b"\x08\x00\x00\x00")


def _guessed_syntax(dataset: pydicom.Dataset) -> str:
    # The pydicom 2.4 of Slicer 5.10 lacks `original_encoding`; pydicom 3 warns of `is_implicit_VR`.
    is_implicit = dataset.original_encoding[0] if hasattr(dataset, "original_encoding") else dataset.is_implicit_VR
    return _IMPLICIT if is_implicit else pydicom.uid.ExplicitVRLittleEndian


def _texts(dataset: pydicom.Dataset) -> dict[str, str]:
    found = {keyword: decimal_text(dataset, keyword) for keyword in _DECIMALS}
    for keyword in _WORDS:
        value = dataset.get(keyword)
        several = isinstance(value, pydicom.multival.MultiValue)
        found[keyword] = "" if value is None else "\\".join(map(str, value)) if several else str(value)
    return {keyword: text.strip(" \0") for keyword, text in found.items() if text.strip(" \0")}


def decimal_text(dataset: pydicom.Dataset, keyword: str) -> str:
    """Return a decimal string of a data set as it is written in the file; "" if it is missing."""
    if keyword not in dataset:
        return ""
    value = dataset.get_item(keyword).value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    several = isinstance(value, (pydicom.multival.MultiValue, list, tuple))
    return "" if value is None else "\\".join(map(str, value)) if several else str(value)


def _with_fault(header: Header, stream: BinaryIO, syntax: str) -> Header | None:
    """Return the header, with the defect of its pixels if there is one; None if the file is no image."""
    if syntax == _DEFLATED:
        return header if header.number("Rows") else None
    fault = _pixel_fault(header, stream, syntax)
    if fault is None:
        return header
    if not header.text("SOPClassUID") or header.text("SOPClassUID") in _CT_AND_MR or header.number("Rows"):
        return Header(header.path, header.texts, fault)
    return None


def _pixel_fault(header: Header, stream: BinaryIO, syntax: str) -> str | None:
    """Return the defect of the pixel data, whose data element is next in the stream; None if they are complete."""
    order = ">" if syntax == _BIG_ENDIAN else "<"
    start = stream.read(8)
    if len(start) < 8 or struct.unpack(order + "2H", start[:4]) != _PIXEL_DATA:
        return _("is cut off or has no pixels")
    extended = syntax != _IMPLICIT
    length_bytes = stream.read(4) if extended else start[4:]
    if len(length_bytes) < 4:
        return _("is cut off")
    length = struct.unpack(order + "I", length_bytes)[0]
    size = os.fstat(stream.fileno()).st_size
    if length == _UNDEFINED:
        return None if _fragments_are_whole(stream, size) else _("is cut off")
    if stream.tell() + length > size:
        return _("is cut off")
    expected, row = _expected_bytes(header), _expected_bytes(header, _OF_A_ROW)
    if length < expected:
        return _("has too few pixels")
    return _("has more pixels than its header announces") if row and length >= expected + row else None


def _expected_bytes(header: Header, keywords: Sequence[str] = (*_OF_A_ROW, "Rows", "NumberOfFrames")) -> int:
    return math.prod(header.number(keyword, 1) for keyword in keywords) // 8


def _fragments_are_whole(stream: BinaryIO, size: int) -> bool:
    """Return whether compressed pixels (PS3.5 A.4) are complete up to their delimiter."""
    while True:
        start = stream.read(8)
        if len(start) < 8:
            return False
        group, element, length = struct.unpack("<2HI", start)
        if (group, element) == _DELIMITER:
            return True
        if (group, element) != _ITEM or stream.tell() + length > size:
            return False
        stream.seek(length, os.SEEK_CUR)
