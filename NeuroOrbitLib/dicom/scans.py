"""Reading of the scan that a user names: a file, the folder of a series, or a folder with a whole study."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from NeuroOrbitLib.dicom.choose_series import best_series, list_series, wanted_series
from NeuroOrbitLib.dicom.series import read_series, volume_of
from NeuroOrbitLib.imaging.checks import ImageProblem, volume_notes
from NeuroOrbitLib.imaging.files import file_notes, load_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.sentences import sentence as _


def read_one(path: str | Path) -> tuple[Image, list[str]]:
    """Read an image file or the folder of one series.

    :return: the image, and notices for the user, e.g. which slices were interpolated, or that the file does not say
        how large its voxels are.
    :raises ImageProblem: if the image cannot be read, or the folder holds several series.
    """
    path = Path(path)
    if not path.is_dir():
        return load_image(path), file_notes(path)
    try:
        volume = read_series(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    return volume.image, list(volume.notices)


def read_with_notices(path: str | Path, read: Callable[[str | Path], tuple[Image, list[str]]] = read_one
                      ) -> tuple[Image, list[str]]:
    """Return a scan as loaded, and notices about its series, its place in the patient and its voxels.

    :param path: image file or folder of a DICOM series.
    :param read: returns the image, and notices about how it was read.
    :raises ImageProblem: if the image cannot be read.
    """
    image, notices = read(path)
    return image, [*notices, *volume_notes(image)]


def read_scan(path: str | Path, series: str | None = None) -> tuple[Image, list[str]]:
    """Read a scan from an image file or a folder with DICOM images.

    :param path: image file, or folder with DICOM images; of several series the best one for the orbits is taken.
    :param series: number in :func:`~NeuroOrbitLib.dicom.choose_series.list_series` or UID of the series to take; the
        best one by default.
    :return: the image, and notices for the user: which series was taken, which slices were interpolated, and those of
        :func:`~NeuroOrbitLib.imaging.files.file_notes`.
    :raises ImageProblem: if the scan cannot be read, see :func:`NeuroOrbitLib.imaging.files.load_image`, or there is no
        such series.
    """
    path = Path(path)
    if not os.path.isdir(path):  # unlike Path.is_dir, this does not raise for a name that is too long
        if series is not None:
            raise ImageProblem(_("{path} is one image: a series can be chosen only in a folder of DICOM "
                                 "images.").format(path=path.name))
        return load_image(path), file_notes(path)
    try:
        listed = list_series(path)
        facts = [one for one, _ in listed]
        why = ""
        if series is not None:
            chosen = wanted_series(facts, series)
        elif len(listed) == 1:
            chosen = facts[0]
        else:
            chosen, why = best_series(facts)
        volume = volume_of(listed[chosen.number - 1][1])
    except OSError as error:
        raise _unreadable(path, error) from error
    return volume.image, [*filter(None, [why]), *volume.notices]


def _unreadable(path: Path, error: OSError) -> ImageProblem:
    return ImageProblem(_("{path} cannot be read ({strerror}). Check its name and your permissions.").format(
        path=path, strerror=error.strerror))
