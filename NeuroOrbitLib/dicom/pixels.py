"""The values of slices, decoded by GDCM (RLE, JPEG, JPEG-LS and JPEG 2000 included)."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.dicom.frames import Frame
from NeuroOrbitLib.dicom.headers import read_dataset
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.jobs.folders import make_folder
from NeuroOrbitLib.sentences import sentence as _

_PLAIN = "1.2.840.10008.5.1.4.1.1.7.3"  # multi-frame greyscale word secondary capture: no functional groups


def read_values(frames: Sequence[Frame]) -> np.ndarray:
    """Return the values (HU for CT) of slices, each rescaled by its own slope and intercept.

    :param frames: the slices.
    :return: values (N, J, I) of the N slices.
    :raises ImageProblem: if a file cannot be decoded or holds colours.
    """
    if len({(frame.enhanced, frame.slope, frame.intercept, frame.storage) for frame in frames}) == 1:
        together = _read_together(frames)
        if together is not None:
            return together
    stored: dict[Path, np.ndarray] = {}
    slices = []
    for frame in frames:
        if not frame.enhanced:
            slices.append(_read(frame.path, frame.path.name)[0])
            continue
        if frame.path not in stored:
            stored[frame.path] = _stored_numbers(frame.path)
        slices.append(_rescaled(stored[frame.path][frame.index], frame))
    return np.stack(slices).astype(np.result_type(*{values.dtype for values in slices}), copy=False)


def _read_together(frames: Sequence[Frame]) -> np.ndarray | None:
    """Return the values of files of the same type, read together in a third of the time; None if that fails."""
    if frames[0].enhanced:
        return None
    reader = sitk.ImageSeriesReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileNames([str(frame.path) for frame in frames])
    try:
        with _without_warnings():
            image = reader.Execute()
    except RuntimeError:
        return None  # read one by one, the file at fault can be named
    values = sitk.GetArrayFromImage(image)
    fits = image.GetNumberOfComponentsPerPixel() == 1 and values.shape == (len(frames), *frames[0].shape)
    return values if fits else None


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """Suppress the warnings of ITK, which the product replaces by its own messages."""
    shown = sitk.ProcessObject.GetGlobalWarningDisplay()
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        yield
    finally:
        sitk.ProcessObject.SetGlobalWarningDisplay(shown)


def _read(path: Path, name: str) -> np.ndarray:
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    try:
        with _without_warnings():
            image = reader.Execute()
    except RuntimeError as error:
        raise ImageProblem(_("The pixels in {name} cannot be decoded: the file is damaged or packed in an unknown "
                             "way. Export the series again, uncompressed.").format(name=name)) from error
    if image.GetNumberOfComponentsPerPixel() > 1:
        raise ImageProblem(_("The DICOM series is in colour. Choose a series of grey values."))
    values = sitk.GetArrayFromImage(image)
    return values if values.ndim == 3 else values[None]


def _stored_numbers(path: Path) -> np.ndarray:
    """Return all frames of a file without rescaling, since GDCM would apply that of the first frame to all."""
    dataset = read_dataset(path)
    for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "DimensionIndexSequence",
                    "RescaleSlope", "RescaleIntercept"):
        if keyword in dataset:
            del dataset[keyword]
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = _PLAIN
    folder = make_folder(None)
    try:
        plain = folder / "frames.dcm"
        dataset.save_as(plain)
        return _read(plain, path.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rescaled(stored: np.ndarray, frame: Frame) -> np.ndarray:
    if frame.slope.is_integer() and frame.intercept.is_integer():
        values = stored.astype(np.int32) * int(frame.slope) + int(frame.intercept)
        fits = np.iinfo(np.int16)
        return values.astype(np.int16) if fits.min <= values.min() and values.max() <= fits.max else values
    return (stored * frame.slope + frame.intercept).astype(np.float32)
