"""Reading one DICOM series from a folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.imaging.checks import ImageProblem

_SMALLEST_VOLUME = 5
_POSITION, _ORIENTATION, _PIXEL_SPACING = "0020|0032", "0020|0037", "0028|0030"
_CLASS, _DESCRIPTION, _NUMBER = "0008|0016", "0008|103e", "0020|0011"
#: Enhanced CT and MR images, and those converted to them, say where they lie in sequences, which ITK knows to read.
_ENHANCED = {f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("2.1", "2.2", "4.1", "4.4")}


def read_dicom_folder(folder: Path) -> tuple[sitk.Image, np.ndarray | None]:
    """Read the one volume in a folder.

    :return: the ITK image, and the step in LPS mm from one slice to the next as the slice positions tell it. With a
        tilted gantry that step is not at right angles to the slices, which the ITK image cannot express.
    :raises ImageProblem: if there is no volume, more than one, slices are missing, or they do not say where they lie.
    """
    names = series_files(folder)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(names)
    reader.MetaDataDictionaryArrayUpdateOn()
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise _no_volume(folder, f" ({_last_line(error)})") from error
    if image.GetDimension() != 3:
        raise _no_volume(folder)
    if len(names) > 1:
        _check_places(reader, len(names), folder)
    return image, _slice_step(reader, len(names), folder)


def series_files(folder: Path) -> tuple[str, ...]:
    """The files of the one volume in a folder, in the order of its slices (array axis K).

    :raises ImageProblem: if there is no volume, or more than one.
    """
    finder = sitk.ImageSeriesReader
    with _without_warnings():
        series = {uid: finder.GetGDCMSeriesFileNames(str(folder), uid) for uid in finder.GetGDCMSeriesIDs(str(folder))}
    if not series:
        raise ImageProblem(f"There are no DICOM images in {folder}. Choose the folder of one series, or an image file.")
    volumes = [names for names in series.values() if len(names) >= _SMALLEST_VOLUME] or list(series.values())
    if len(volumes) > 1:
        listing = "; ".join(sorted(_describe(names) for names in volumes))
        raise ImageProblem(f"{folder} holds {len(volumes)} series ({listing}). Put the wanted one into its own folder.")
    return volumes[0]


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """ITK warns in its own words about a folder without DICOM files; the user gets ours."""
    shown = sitk.ProcessObject.GetGlobalWarningDisplay()
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        yield
    finally:
        sitk.ProcessObject.SetGlobalWarningDisplay(shown)


def _describe(names: tuple[str, ...]) -> str:
    reader = sitk.ImageFileReader()
    reader.SetFileName(names[0])
    reader.ReadImageInformation()
    tags = [reader.GetMetaData(tag).strip() for tag in (_NUMBER, _DESCRIPTION) if reader.HasMetaDataKey(tag)]
    return " ".join([*tags, f"{len(names)} images"])


def _no_volume(folder: Path, reason: str = "") -> ImageProblem:
    return ImageProblem(f"The DICOM files in {folder} do not form one volume. Export the series again, or convert it "
                        f"to NIfTI{reason}.")


def _check_places(reader: sitk.ImageSeriesReader, count: int, folder: Path) -> None:
    """Refuse slices that do not say where they lie or how large they are; ITK would put 1 mm there."""
    slices = [index for index in range(count) if _tag(reader, index, _CLASS) not in _ENHANCED]
    if not all(_tag(reader, index, key) for index in slices for key in (_POSITION, _ORIENTATION)):
        raise ImageProblem(
            f"The DICOM files in {folder} do not say where their slices lie (secondary captures?). "
            "Export the original series."
        )
    if not all(_tag(reader, index, _PIXEL_SPACING) for index in slices):
        raise ImageProblem(
            f"The DICOM files in {folder} do not say how large their pixels are. Export the original series."
        )


def _tag(reader: sitk.ImageSeriesReader, index: int, key: str) -> str:
    """A tag of one slice; empty if it is missing."""
    return reader.GetMetaData(index, key).strip(" \0") if reader.HasMetaDataKey(index, key) else ""


def _slice_step(reader: sitk.ImageSeriesReader, count: int, folder: Path) -> np.ndarray | None:
    texts = [_tag(reader, index, _POSITION) for index in range(count)]
    if count < 2 or not all(texts):
        return None
    positions = np.array([[float(number) for number in text.split("\\")] for text in texts])
    steps = np.diff(positions, axis=0)
    typical = np.median(steps, axis=0)
    if np.abs(steps - typical).max() > 0.2 * np.linalg.norm(typical):
        raise ImageProblem(
            f"The slices in {folder} are not evenly spaced: some are missing or doubled. Export the series again."
        )
    return (positions[-1] - positions[0]) / (count - 1)


def _last_line(error: RuntimeError) -> str:
    return str(error).strip().splitlines()[-1].strip()
