"""Image files: NIfTI, NRRD, MetaImage and DICOM folders, in the patient's RAS frame."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.dicom.series import read_series
from NeuroOrbitLib.files.safe import (
    Incomplete,
    NotWritten,
    is_writable,
    printable,
    put_in_place,
    staging,
    why_not_written,
)
from NeuroOrbitLib.imaging.checks import ORIENTATION_UNKNOWN, VOXEL_SIZE_UNKNOWN, ImageProblem
from NeuroOrbitLib.imaging.data_files import check_data_file
from NeuroOrbitLib.imaging.file_names import IMAGE_ENDINGS, is_image_name, strip_ending
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.nifti import holds, says_orientation, write_sheared
from NeuroOrbitLib.imaging.nifti_header import has_shear, is_nifti, placement_notes, read_header
from NeuroOrbitLib.imaging.reading import RAS_FROM_LPS, read_file
from NeuroOrbitLib.imaging.stored_voxels import says_voxel_size
from NeuroOrbitLib.sentences import sentence as _

_HEADER_BYTES = 8192
#: Fields of NRRD ("space: left-posterior-superior") and MetaImage headers that give the orientation of the axes.
_ORIENTATION_FIELDS = (b"\nspace: l", b"\nspace: r", b"\nspace: scanner", b"\ntransformmatrix", b"\nrotation",
                       b"\norientation")
_COMPRESSED = (".nii.gz", ".nrrd", ".mha")


def load_image(path: str | Path) -> Image:
    """Read a scalar volume from a NIfTI, NRRD or MetaImage file or from the folder of one DICOM series.

    Voxels keep their type, except where a DICOM or NIfTI rescale is applied. A fourth dimension of length one is
    dropped.

    :raises ImageProblem: if there is no such file, it cannot be read, or it is not one scalar volume.
    """
    path = Path(path)
    _check_name(path)
    try:
        _check_readable(path)
        return read_series(path).image if path.is_dir() else read_file(path)
    except OSError as error:
        raise ImageProblem(_("{path} cannot be read{reason}. Check its name and your permissions.").format(
            path=path, reason=_reason(error))) from error


def save_image(image: Image, path: str | Path) -> Path:
    """Write a volume in the format given by the ending of the file name, and return the path; folders are created.

    Booleans become ``uint8`` and half floats ``float32``. The geometry is kept, sheared axes included.

    :raises ImageProblem: if the ending is unknown, the file cannot be written, or its voxels would replace those of
        another image.
    """
    path = Path(path)
    _check_ending(path)
    storable = image.with_array(_storable(image.array))
    try:
        check_data_file(path)
        # Room for the header, and for what compression adds to voxels that cannot be compressed.
        with staging(path, storable.array.nbytes + storable.array.nbytes // 1000 + _HEADER_BYTES) as folder:
            first = _write_file(storable, folder / _with_small_ending(path.name))
            # Voxels before the header that points to them.
            files = sorted(folder.iterdir(), key=lambda file: file == first)
            put_in_place({file: path if file == first else path.parent / file.name for file in files})
    except NotWritten as problem:
        raise ImageProblem(str(problem)) from problem
    except OSError as error:
        raise _unwritable(path, error) from error
    return path


def check_output(path: str | Path, scan: str | Path | None = None) -> None:
    """Make sure, before a long computation, that :func:`save_image` can write to ``path``. Nothing is created.

    :param path: file to be written.
    :param scan: input file of the computation, which must not be overwritten.
    :raises ImageProblem: if the ending is unknown, the place cannot be written to, or writing would overwrite the scan
        or the voxels of another image.
    """
    path = Path(path)
    _check_ending(path)
    # A scan that is missing or unreadable is reported when it is read.
    source = Path(scan) if scan is not None and os.access(scan, os.R_OK) else None
    try:
        if not is_writable(path):
            raise _unwritable(path)
        if source is not None and path.exists() and path.samefile(source):
            raise ImageProblem(_(
                "The result would overwrite {path}, which is read. Choose another name for it.").format(path=path))
        check_data_file(path, source)
    except OSError as error:
        raise _unwritable(path, error) from error


def orientation_is_known(path: str | Path) -> bool:
    """Return whether an image file gives the orientation of its voxel axes in the patient.

    Some NIfTI files have neither "qform" nor "sform", and some NRRD and MetaImage files have no directions:
    :func:`load_image` then assumes axes, so that right and left are a guess.

    :raises ImageProblem: if a NIfTI file is damaged.
    """
    path = Path(path)
    if path.is_dir():
        return True
    if is_nifti(path):
        return says_orientation(path)
    with path.open("rb") as stream:
        header = stream.read(_HEADER_BYTES).lower()
    return any(field in header for field in _ORIENTATION_FIELDS)


def itk_from_image(image: Image) -> sitk.Image:
    """Return an :class:`Image` as an ITK image (LPS); the voxels are copied."""
    itk_image = sitk.GetImageFromArray(np.ascontiguousarray(image.array))
    affine = RAS_FROM_LPS @ image.affine
    itk_image.SetSpacing(image.spacing)
    itk_image.SetOrigin(affine[:3, 3].tolist())
    itk_image.SetDirection((affine[:3, :3] / image.spacing).ravel().tolist())
    return itk_image


def file_notes(path: str | Path) -> list[str]:
    """Return notices for the user, in sentences, about doubts where the voxels of a file lie in the patient.

    :raises ImageProblem: if a NIfTI file is damaged.
    """
    path = Path(path)
    notes = [] if orientation_is_known(path) else [ORIENTATION_UNKNOWN]
    if path.is_dir():
        return notes
    if is_nifti(path):
        return notes + placement_notes(path)
    return notes if says_voxel_size(path) else [*notes, VOXEL_SIZE_UNKNOWN]


def _check_name(path: Path) -> None:
    """Refuse a name that is not valid text (UTF-8), which ITK and reports need."""
    if printable(path) != str(path):
        raise ImageProblem(_("The name {printable} holds letters that are not valid text (UTF-8). Rename the file "
                             "and its folders with plain letters.").format(printable=printable(path)))


def _check_ending(path: Path) -> None:
    _check_name(path)
    if not is_image_name(path.name):
        raise ImageProblem(_("{path}: use a file name that ends with {image_endings}.").format(
            path=path.name, image_endings=IMAGE_ENDINGS))


def _check_readable(path: Path) -> None:
    """Raise the system's error if a file cannot be opened: ITK does not say why."""
    if not path.exists():
        raise ImageProblem(_("There is no file {path}. Check the name.").format(path=path))
    if path.is_dir():
        os.listdir(path)
    else:
        path.open("rb").close()


def _unwritable(path: Path, error: Exception | None = None) -> ImageProblem:
    return ImageProblem(why_not_written(path, error))


def _reason(error: Exception | None) -> str:
    """Return the operating system's text for an error in brackets; empty if there is none."""
    words = getattr(error, "strerror", None)
    return f" ({words})" if words else ""


def _with_small_ending(name: str) -> str:
    """Return a name with its ending in lower case, by which ITK recognises some formats."""
    stem = strip_ending(name)
    return stem + name[len(stem):].lower()


def _write_file(image: Image, path: Path) -> Path:
    """Write a file, verify its content, since ITK does not notice a full disk, and return its path.

    :raises OSError: if that fails.
    """
    try:
        if is_nifti(path) and has_shear(image.affine):
            write_sheared(image, path)
        else:
            sitk.WriteImage(itk_from_image(image), str(path), path.name.endswith(_COMPRESSED))
        _check_written(image, path)
    except (RuntimeError, ImageProblem) as error:
        raise Incomplete(f"{path.name} is incomplete.") from error
    return path


def _check_written(image: Image, path: Path) -> None:
    if is_nifti(path) and holds(read_header(path), image.array):
        return
    written, stored = (np.ascontiguousarray(array).view(f"u{array.itemsize}")  # NaN is NaN
                       for array in (image.array, read_file(path).array))
    if not np.array_equal(stored.ravel(), written.ravel()):
        raise Incomplete(f"{path.name} holds other voxels than were written.")


def _storable(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.bool_:
        return array.astype(np.uint8)
    return array.astype(np.float32) if array.dtype == np.float16 else array
