"""Image files: NIfTI, NRRD, MetaImage and DICOM folders, in the patient's RAS frame."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.dicom.series import read_series
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.data_files import check_data_file
from NeuroOrbitLib.imaging.file_names import IMAGE_ENDINGS, is_image_name, strip_ending
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.nifti import (
    check_complete,
    check_header,
    floating_voxels,
    has_shear,
    is_nifti,
    lies_sheared,
    read_sheared,
    says_orientation,
    write_sheared,
)

_RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
_SHEARED = "orthonormal"
_HEADER_BYTES = 8192
#: Fields of NRRD ("space: left-posterior-superior") and of MetaImage that say how the axes lie.
_ORIENTATION_FIELDS = (b"\nspace: l", b"\nspace: r", b"\nspace: scanner", b"\ntransformmatrix", b"\nrotation",
                       b"\norientation")
_COMPRESSED = (".nii.gz", ".nrrd", ".mha")


def load_image(path: str | Path) -> Image:
    """Read a scalar volume from a NIfTI, NRRD or MetaImage file or from the folder of one DICOM series.

    Voxels keep their type (with a DICOM or NIfTI rescale applied). A fourth dimension of length one is dropped.

    :raises ImageProblem: in plain words, if there is no such file, it cannot be read, or it is not one scalar volume.
    """
    path = Path(path)
    try:
        _check_readable(path)
        return read_series(path).image if path.is_dir() else _read_file(path)
    except OSError as error:
        raise ImageProblem(f"{path} cannot be read{_reason(error)}. Check its name and your permissions.") from error


def save_image(image: Image, path: str | Path) -> Path:
    """Write a volume; the file name's ending chooses the format. Folders are created. Returns the path.

    Booleans become ``uint8`` and half floats ``float32``. The geometry is kept, sheared axes included.

    :raises ImageProblem: if the ending is unknown, the file cannot be written, or its voxels would replace those of
        another image.
    """
    path = Path(path)
    _check_ending(path)
    storable = image.with_array(_storable(image.array))
    try:
        check_data_file(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Beside its place first: a file that is there is whole, whatever happens while it is written.
        with tempfile.TemporaryDirectory(prefix=".neuro-orbit-", dir=path.parent) as folder:
            first = _write_file(storable, Path(folder) / _with_small_ending(path.name))
            for written in sorted(Path(folder).iterdir()):
                os.replace(written, path if written == first else path.parent / written.name)
    except (OSError, RuntimeError) as error:
        raise _unwritable(path, error) from error
    return path


def check_output(path: str | Path, scan: str | Path | None = None) -> None:
    """Make sure, before a long computation, that :func:`save_image` can write to ``path``. Nothing is created.

    :param scan: the file that is read, which must not be overwritten.
    :raises ImageProblem: if the ending is unknown, the place cannot be written to, or it is that of the scan or of the
        voxels of another image.
    """
    path = Path(path)
    _check_ending(path)
    # What is wrong with a scan that is not there or may not be read is told by reading it.
    source = Path(scan) if scan is not None and os.access(scan, os.R_OK) else None
    try:
        if not _is_writable(path):
            raise _unwritable(path)
        if source is not None and path.exists() and path.samefile(source):
            raise ImageProblem(f"The result would overwrite the scan {path}. Choose another name for it.")
        check_data_file(path, source)
    except OSError as error:
        raise _unwritable(path, error) from error


def orientation_is_known(path: str | Path) -> bool:
    """Whether an image file says how its voxel axes lie in the patient.

    Some NIfTI files have neither "qform" nor "sform", and some NRRD and MetaImage files no directions either:
    :func:`load_image` then assumes axes, and what is right and left is a guess.
    """
    path = Path(path)
    if path.is_dir():
        return True
    if is_nifti(path):
        return says_orientation(path)
    with path.open("rb") as stream:
        header = stream.read(_HEADER_BYTES).lower()
    return any(field in header for field in _ORIENTATION_FIELDS)


def image_from_itk(itk_image: sitk.Image) -> Image:
    """The :class:`Image` of a three-dimensional scalar ITK image (LPS to RAS)."""
    return Image(sitk.GetArrayFromImage(itk_image), _affine(itk_image))


def itk_from_image(image: Image) -> sitk.Image:
    """The ITK image (LPS) of an :class:`Image`."""
    itk_image = sitk.GetImageFromArray(np.ascontiguousarray(image.array))
    affine = _RAS_FROM_LPS @ image.affine
    itk_image.SetSpacing(image.spacing)
    itk_image.SetOrigin(affine[:3, 3].tolist())
    itk_image.SetDirection((affine[:3, :3] / image.spacing).ravel().tolist())
    return itk_image


def _check_ending(path: Path) -> None:
    if not is_image_name(path.name):
        raise ImageProblem(f"{path.name}: use a file name that ends with {', '.join(IMAGE_ENDINGS)}.")


def _check_readable(path: Path) -> None:
    """ITK does not tell why it cannot open a file; the operating system does."""
    if not path.exists():
        raise ImageProblem(f"There is no file {path}. Check the name.")
    if path.is_dir():
        os.listdir(path)
    else:
        path.open("rb").close()


def _is_writable(path: Path) -> bool:
    existing = next((folder for folder in path.absolute().parents if folder.exists()), path)
    return not path.is_dir() and existing.is_dir() and os.access(existing, os.W_OK)


def _unwritable(path: Path, error: Exception | None = None) -> ImageProblem:
    return ImageProblem(
        f"{path} cannot be written{_reason(error)}. Check its name, the folder's permissions and free space."
    )


def _reason(error: Exception | None) -> str:
    """What the operating system says about an error, in brackets; empty where it says nothing."""
    words = getattr(error, "strerror", None)
    return f" ({words})" if words else ""


def _with_small_ending(name: str) -> str:
    """ITK chooses some formats by an ending in small letters only."""
    stem = strip_ending(name)
    return stem + name[len(stem):].lower()


def _write_file(image: Image, path: Path) -> Path:
    if is_nifti(path) and has_shear(image.affine):
        write_sheared(image, path)
    else:
        sitk.WriteImage(itk_from_image(image), str(path), path.name.endswith(_COMPRESSED))
    return path


def _affine(placed: sitk.Image | sitk.ImageFileReader) -> np.ndarray:
    """4x4 RAS affine of what has ITK's spacing, origin and direction (LPS); dimensions after the third are left out."""
    count = len(placed.GetSpacing())
    affine = np.eye(4)
    affine[:3, :3] = np.array(placed.GetDirection()).reshape(count, count)[:3, :3] * placed.GetSpacing()[:3]
    affine[:3, 3] = placed.GetOrigin()[:3]
    return _RAS_FROM_LPS @ affine


def _read_file(path: Path) -> Image:
    try:
        return _read_with_itk(path)
    except RuntimeError as error:
        if is_nifti(path) and _SHEARED in str(error):
            return read_sheared(path)
        raise ImageProblem(
            f"{path.name} cannot be read as an image. It may be damaged or of an unknown kind "
            "(NIfTI-1, NRRD, MetaImage and DICOM folders are read). Convert or copy it again."
        ) from error


def _read_with_itk(path: Path) -> Image:
    """The image as ITK reads it, but for NIfTI files that it would place or fill wrongly."""
    if is_nifti(path):
        check_header(path)
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    _check_kind(reader, path.name)
    if is_nifti(path):
        check_complete(path)
        if lies_sheared(path):
            return read_sheared(path)
        voxels = floating_voxels(path)
        if voxels is not None:
            return Image(voxels, _affine(reader))
    size = list(reader.GetSize())
    reader.SetExtractSize(size[:3] + [0] * (len(size) - 3))
    return image_from_itk(reader.Execute())


def _check_kind(reader: sitk.ImageFileReader, name: str) -> None:
    size = reader.GetSize()
    if reader.GetNumberOfComponents() > 1 or reader.GetPixelID() in (sitk.sitkComplexFloat32, sitk.sitkComplexFloat64):
        raise ImageProblem(
            f"{name} has {reader.GetNumberOfComponents()} values per voxel (a colour or vector image). "
            "Choose a scalar volume (grey values)."
        )
    if len(size) < 3:
        raise ImageProblem(f"{name} is a single two-dimensional picture. Choose a three-dimensional volume.")
    if any(number > 1 for number in size[3:]):
        raise ImageProblem(
            f"{name} is a series of {int(np.prod(size[3:]))} volumes (four-dimensional). "
            "Extract the one to use and load it alone."
        )


def _storable(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.bool_:
        return array.astype(np.uint8)
    return array.astype(np.float32) if array.dtype == np.float16 else array
