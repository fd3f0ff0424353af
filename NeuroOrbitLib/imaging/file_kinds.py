"""Refusal of files that ITK would read, but whose content this product cannot verify."""

from __future__ import annotations

from pathlib import Path

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.decompression import unknown_kind
from NeuroOrbitLib.imaging.file_names import is_image_name
from NeuroOrbitLib.imaging.nifti_header import read_header
from NeuroOrbitLib.sentences import sentence as _

_HALVES = (".hdr", ".img", ".hdr.gz", ".img.gz")


def check_file_kind(path: Path) -> None:
    """Refuse a file that is no NIfTI, NRRD or MetaImage by its name.

    ITK puts the frames of an enhanced DICOM file in the order of the file, with the rescaling of the first, and reads a
    pair of files or an Analyze image without a check of what it says about right and left.

    :raises ImageProblem: with a message that says what to choose instead.
    """
    if is_image_name(path.name):
        return
    _refuse_dicom(path)
    if path.name.lower().endswith(_HALVES):
        _refuse_pair(path)
    raise unknown_kind(path)


def _refuse_dicom(path: Path) -> None:
    from NeuroOrbitLib.dicom.headers import starts_like_dicom
    from NeuroOrbitLib.dicom.result_files import is_segmentation

    with path.open("rb") as stream:
        if not starts_like_dicom(stream):
            return
    if is_segmentation(path):
        raise ImageProblem(_("{name} is a DICOM segmentation. Make a label map of it with import-dicom, and give "
                             "that.").format(name=path.name))
    raise ImageProblem(_("{name} is a file of a DICOM series. Choose the folder of the series instead of the "
                         "file.").format(name=path.name))


def _refuse_pair(path: Path) -> None:
    """Refuse a NIfTI or Analyze pair in the words for its header."""
    header = path.with_name(path.name.replace(".img", ".hdr").replace(".IMG", ".HDR"))
    if header.is_file():
        read_header(header)
