"""Synthetic DICOM series for tests: written with pydicom, so that the product's reader does not test itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, ExplicitVRLittleEndian, generate_uid

from NeuroOrbitLib.imaging.image import Image

UNTILTED = np.eye(3)
_STUDY = generate_uid()
_COMMON = {
    "PatientName": "Phantom^Orbit", "PatientID": "P1", "PatientBirthDate": "", "PatientSex": "O", "StudyID": "1",
    "StudyDate": "20260101", "StudyTime": "120000", "AccessionNumber": "", "ReferringPhysicianName": "",
    "StudyInstanceUID": _STUDY, "SeriesNumber": 1, "Modality": "CT", "FrameOfReferenceUID": generate_uid(),
    "PositionReferenceIndicator": "", "SOPClassUID": CTImageStorage, "Manufacturer": "Test", "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2", "BitsAllocated": 16, "BitsStored": 16, "HighBit": 15,
    "PixelRepresentation": 1, "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
}  # fmt: skip


def evenly(count: int, step: Sequence[float] = (0, 0, 2.0),
           origin: Sequence[float] = (-20.0, -30.0, 5.0)) -> np.ndarray:
    """Return the LPS positions of slices, shape (count, 3)."""
    return np.array(origin, dtype=float) + np.arange(count)[:, None] * np.array(step, dtype=float)


def stored_numbers(count: int, shape: tuple[int, int] = (8, 9), seed: int = 1) -> np.ndarray:
    """Return different numbers for every slice, shape (count, J, I)."""
    return np.random.default_rng(seed).integers(0, 2000, (count, *shape)).astype(np.int16)


def write_series(folder: Path, positions: np.ndarray, stored: np.ndarray | None = None, *, series: str = "1.2.3",
                 directions: np.ndarray = UNTILTED, spacing: tuple[float, float] = (0.5, 0.6), number: int = 1,
                 each: Callable[[int], dict[str, object]] = lambda _index: {}, **fields: object) -> np.ndarray:
    """Write one CT file per position (LPS mm of the first voxel); return the stored numbers (K, J, I).

    :param directions: matrix whose columns are the LPS directions of I, J and K.
    :param spacing: pixel size (mm) along I and J.
    :param each: function that returns further fields of the slice with an index; ``fields`` are the same for all.
    """
    stored = stored_numbers(len(positions), seed=number) if stored is None else stored
    folder.mkdir(parents=True, exist_ok=True)
    common = {
        **_COMMON, "SeriesInstanceUID": series, "SeriesNumber": number, "SeriesDescription": f"Series {number}",
        "ImageOrientationPatient": [f"{value:.9g}" for value in directions[:, :2].T.ravel()],
        "PixelSpacing": [f"{spacing[1]:.9g}", f"{spacing[0]:.9g}"], "SliceThickness": "2", "RescaleSlope": "1",
        "RescaleIntercept": "0", "Rows": stored.shape[1], "Columns": stored.shape[2], **fields,
    }  # fmt: skip
    for index, (slice_, position) in enumerate(zip(stored, positions, strict=True)):
        values = {**common, "SOPInstanceUID": f"{series}.{index + 1}", "InstanceNumber": index + 1,
                  "ImagePositionPatient": [f"{value:.9g}" for value in position], **each(index)}
        save(data_set(values, slice_.tobytes()), folder / f"{number}_{index:03d}.dcm")
    return stored


def write_image(image: Image, folder: Path, **fields: object) -> Path:
    """Write the slices (K) of an image as a CT series of one patient; return the folder.

    :param fields: further fields of all slices, such as another ``PatientID`` and ``StudyInstanceUID``.
    """
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ image.affine
    positions = np.stack([(lps @ [0, 0, index, 1])[:3] for index in range(len(image.array))])
    write_series(folder, positions, np.round(image.array).astype(np.int16), series=generate_uid()[:58],
                 directions=lps[:3, :3] / image.spacing, spacing=image.spacing[:2],
                 SliceThickness=f"{image.spacing[2]:g}", **fields)
    return folder


def write_multi_frame(folder: Path, positions: np.ndarray, stored: np.ndarray, *,
                      each: Callable[[int], dict[str, pydicom.Sequence]] = lambda _index: {},
                      name: str = "enhanced.dcm", slope: str = "1", **fields: object) -> Path:
    """Write one enhanced CT file with frames at ``positions``; return the file.

    :param each: further functional groups of the frame with an index.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        **_COMMON, "SOPClassUID": EnhancedCTImageStorage, "SeriesInstanceUID": "1.2.5", "SOPInstanceUID": "1.2.5.1",
        "InstanceNumber": 1, "Rows": stored.shape[1], "Columns": stored.shape[2], "NumberOfFrames": len(stored),
        "SharedFunctionalGroupsSequence": sequence(
            PixelMeasuresSequence=sequence(PixelSpacing=["0.6", "0.5"], SliceThickness="2"),
            PlaneOrientationSequence=sequence(ImageOrientationPatient=[1, 0, 0, 0, 1, 0]),
            PixelValueTransformationSequence=sequence(RescaleIntercept="-1024", RescaleSlope=slope, RescaleType="HU")),
        "PerFrameFunctionalGroupsSequence": pydicom.Sequence(
            sequence(PlanePositionSequence=sequence(ImagePositionPatient=[float(value) for value in position]),
                     **each(index))[0] for index, position in enumerate(positions)),
        **fields,
    }  # fmt: skip
    save(data_set(values, stored.tobytes()), folder / name)
    return folder / name


def sequence(**values: object) -> pydicom.Sequence:
    """Return a sequence of one item with these fields."""
    return pydicom.Sequence([data_set(values)])


def data_set(values: dict[str, object], pixels: bytes | None = None) -> pydicom.Dataset:
    """Return a data set with these fields; those that are ``None`` are left out."""
    result = pydicom.Dataset()
    for keyword, value in values.items():
        if value is not None:
            setattr(result, keyword, value)
    if pixels is not None:
        result.PixelData = pixels
        result["PixelData"].VR = "OW"
    return result


def save(dataset: pydicom.Dataset, path: Path) -> None:
    """Write a data set as an uncompressed DICOM file."""
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)


def files_of(folder: Path) -> list[Path]:
    """Return the files of a series in the order in which they were written."""
    return sorted(folder.iterdir())


def edit(folder: Path, *keywords: str, files: slice = slice(None), **values: object) -> None:
    """Delete fields and set others in some files of a series."""
    for path in files_of(folder)[files]:
        dataset = pydicom.dcmread(path)
        for keyword in keywords:
            delattr(dataset, keyword)
        for keyword, value in values.items():
            setattr(dataset, keyword, value)
        dataset.save_as(path)


def leave_out_headers(folder: Path, implicit: bool = True) -> None:
    """Write the files of a series anew without preamble and meta information, as some old archives do."""
    for path in files_of(folder):
        dataset = pydicom.dcmread(path)
        del dataset.file_meta, dataset.preamble
        dataset.save_as(path, implicit_vr=implicit, little_endian=True)


def write_text(folder: Path, keyword: str, text: str, files: slice = slice(None)) -> None:
    """Put any text into a field of decimal numbers."""
    for path in files_of(folder)[files]:
        dataset = pydicom.dcmread(path)
        tag = pydicom.tag.Tag(keyword)
        value = text.encode() + b" " * (len(text) % 2)
        dataset[tag] = pydicom.dataelem.RawDataElement(tag, "DS", len(value), value, 0, False, True)
        dataset.save_as(path)
