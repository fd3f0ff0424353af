"""Reading one DICOM series from a folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.imaging.checks import ImageProblem

_SMALLEST_VOLUME = 5
_POSITION, _DESCRIPTION, _NUMBER = "0020|0032", "0008|103e", "0020|0011"


def read_dicom_folder(folder: Path) -> tuple[sitk.Image, np.ndarray | None]:
    """Read the one volume in a folder.

    :return: the ITK image, and the step in LPS mm from one slice to the next as the slice positions tell it. With a
        tilted gantry that step is not at right angles to the slices, which the ITK image cannot express.
    :raises ImageProblem: if there is no volume, more than one, or slices are missing.
    """
    names = series_files(folder)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(names)
    reader.MetaDataDictionaryArrayUpdateOn()
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise ImageProblem(
            f"The DICOM files in {folder} do not form one volume. Export the series again, or convert it to NIfTI "
            f"({_last_line(error)})."
        ) from error
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


def _slice_step(reader: sitk.ImageSeriesReader, count: int, folder: Path) -> np.ndarray | None:
    if count < 2 or not all(reader.HasMetaDataKey(index, _POSITION) for index in range(count)):
        return None
    texts = [reader.GetMetaData(index, _POSITION) for index in range(count)]
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
