"""Draws the thumbnails of the samples: ``python -m NeuroOrbitLib.phantom.patients.write_thumbnails FOLDER``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.anatomy.structures import LABEL_VALUES, label_rgb
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import ct_window
from NeuroOrbitLib.imaging.pictures import with_side_letters
from NeuroOrbitLib.phantom.patients.patient import Scan
from NeuroOrbitLib.phantom.patients.sample_scans import make_sample

#: File name of each sample's thumbnail.
THUMBNAILS = {"TED-CT": "OrbitPhantomCT", "TED-MR-T2FS": "OrbitPhantomMR", "TED-MR-T1": "OrbitPhantomMRT1",
              "Healthy-CT": "OrbitPhantomHealthyCT"}
SIZE = 256


def thumbnail(scan: Scan) -> np.ndarray:
    """Return the slice with most of the optic nerve and recti as a square RGB picture with the letters of the sides.

    :return: uint8 (SIZE, SIZE, 3).
    """
    wanted = np.isin(scan.labels.array, (3, 4, 9, 10, 11, 12)).sum(axis=(1, 2))
    k = int(wanted.argmax())
    gray = _gray(scan, k)
    picture = np.repeat(gray[..., None], 3, axis=2)
    labels = scan.labels.array[k]
    for value in LABEL_VALUES:
        inside = labels == value
        # The right half shows the labels' colours, the left half the scan as it is.
        inside[:, labels.shape[1] // 2:] = False
        picture[inside] = 0.45 * picture[inside] + 0.55 * np.array(label_rgb(value))
    return square_picture(picture.astype(np.uint8), scan.image)


def _gray(scan: Scan, k: int) -> np.ndarray:
    if scan.protocol.modality == "CT":
        return 255.0 * ct_window(scan.image.array[k], 40.0, 400.0)
    plane = scan.image.array[k].astype(float)
    return 255.0 * np.clip(plane / np.percentile(plane, 99.0), 0, 1)


def square_picture(picture: np.ndarray, scan: Image) -> np.ndarray:
    """Return the upper part of a slice with pixels of equal width and height, and the letters of the sides.

    :param picture: uint8 (J, I, 3), a slice of ``scan``.
    :return: uint8 (SIZE, SIZE, 3).
    """
    image = sitk.GetImageFromArray(picture, isVector=True)
    step = picture.shape[1] * scan.spacing[0] / SIZE
    image.SetSpacing(scan.spacing[:2])
    resampled = sitk.Resample(image, (SIZE, SIZE), sitk.Transform(), sitk.sitkLinear, (0.0, 0.0), (step, step))
    left_edge = "R" if scan.affine[0, 0] < 0 else "L"  # columns run to the patient's left, or to the right
    return with_side_letters(sitk.GetArrayFromImage(resampled), left_edge)


def write_thumbnails(folder: Path, names: Mapping[str, str], make: Callable[[str], Scan]) -> None:
    """Write one PNG per sample into ``folder``.

    :param folder: folder to write to.
    :param names: file name, without its extension, for each kind of sample.
    :param make: function that returns the scan of a kind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for kind, name in names.items():
        sitk.WriteImage(sitk.GetImageFromArray(thumbnail(make(kind)), isVector=True), str(folder / f"{name}.png"))


def main(folder: str) -> int:
    """Write one PNG per sample of the shared library into ``folder``."""
    write_thumbnails(Path(folder), THUMBNAILS, make_sample)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
