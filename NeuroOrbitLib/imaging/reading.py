"""Reading of one image file, with its position as ITK reads it and its voxels verified while they are read."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.decompression import unknown_kind
from NeuroOrbitLib.imaging.file_kinds import check_file_kind
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.nifti import holds, is_plainly_stored, read_sheared, read_voxels, sheared_grid
from NeuroOrbitLib.imaging.nifti_header import is_nifti, read_header
from NeuroOrbitLib.imaging.stored_voxels import stored_voxels
from NeuroOrbitLib.sentences import sentence as _

RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
_SHEARED = "orthonormal"


def read_file(path: Path) -> Image:
    """Read an image file (not a DICOM folder); see :func:`NeuroOrbitLib.imaging.files.load_image`.

    :raises ImageProblem: if it is of another kind, cannot be read, or is not one scalar volume.
    """
    check_file_kind(path)
    try:
        return _read_with_itk(path)
    except RuntimeError as error:
        if is_nifti(path) and _SHEARED in str(error):
            return read_sheared(path)
        raise unknown_kind(path) from error


def read_grid(path: Path) -> Grid:
    """Return where an image file (not a DICOM folder) has its voxels, by its header alone.

    :raises ImageProblem: if it is of another kind, its header cannot be read, or tells of no three-dimensional grey
        values.
    """
    check_file_kind(path)
    header = read_header(path) if is_nifti(path) else None
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        if header is not None and _SHEARED in str(error):
            return sheared_grid(header)
        raise unknown_kind(path) from error
    _check_kind(reader, path.name)
    if header is not None and header.is_sheared:
        return sheared_grid(header)
    return Grid(reader.GetSize()[2::-1], _affine(reader))


def image_from_itk(itk_image: sitk.Image) -> Image:
    """Return a three-dimensional scalar ITK image (LPS) as an :class:`Image` (RAS) that shares its memory."""
    return Image(_voxels_of(itk_image), _affine(itk_image))


def _voxels_of(itk_image: sitk.Image) -> np.ndarray:
    """Return the voxels (K, J, I) of an ITK image that is not used elsewhere, as an array that shares its memory.

    The memory lives as long as the array. Copying the voxels, as ``GetArrayFromImage`` does, would take as long as
    their checksum, and twice the memory.
    """
    view = sitk.GetArrayViewFromImage(itk_image)
    memory = (ctypes.c_uint8 * view.nbytes).from_address(view.ctypes.data)
    memory.owner = itk_image  # the array below refers to this object, and this object to the image
    return np.frombuffer(memory, view.dtype).reshape(view.shape)


def _read_with_itk(path: Path) -> Image:
    """Read an image with its position as ITK reads it; the voxels are verified, since ITK accepts damaged ones."""
    header = read_header(path) if is_nifti(path) else None
    stored = stored_voxels(path) if header is None else None
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    _check_kind(reader, path.name)
    size = list(reader.GetSize())
    if len(size) > 3:  # ITK copies what it extracts
        reader.SetExtractSize(size[:3] + [0] * (len(size) - 3))
    if header is not None:
        if header.is_sheared:
            return read_sheared(path)
        voxels = _intact(reader, partial(holds, header)) if is_plainly_stored(header) else None
        return Image(read_voxels(header) if voxels is None else voxels, _affine(reader))
    if stored is None:
        return image_from_itk(reader.Execute())
    voxels = _intact(reader, stored.is_intact) if stored.is_plainly_stored() else None
    return Image((stored.read() if voxels is None else voxels).reshape(size[2::-1]), _affine(reader))


def _intact(reader: sitk.ImageFileReader, matches: Callable[[np.ndarray], bool]) -> np.ndarray | None:
    """Return the voxels as ITK reads them; ``None`` if they do not match their checksum, so that we find out why."""
    try:
        voxels = _voxels_of(reader.Execute())
    except RuntimeError:
        return None
    return voxels if matches(voxels) else None


def _check_kind(reader: sitk.ImageFileReader, name: str) -> None:
    size = reader.GetSize()
    if reader.GetNumberOfComponents() > 1 or reader.GetPixelID() in (sitk.sitkComplexFloat32, sitk.sitkComplexFloat64):
        raise ImageProblem(
            _("{name} has {count} values per voxel (a colour or vector image). Choose a scalar "
              "volume (grey values).").format(name=name, count=reader.GetNumberOfComponents())
        )
    if len(size) < 3:
        raise ImageProblem(_("{name} is a single two-dimensional picture. Choose a three-dimensional "
                             "volume.").format(name=name))
    if any(number > 1 for number in size[3:]):
        raise ImageProblem(
            _("{name} is a series of {prod} volumes (four-dimensional). Extract the one to use and load it "
              "alone.").format(name=name, prod=int(np.prod(size[3:])))
        )


def _affine(placed: sitk.Image | sitk.ImageFileReader) -> np.ndarray:
    """Return the 4x4 RAS affine for ITK's spacing, origin and direction (LPS), ignoring dimensions after the third."""
    count = len(placed.GetSpacing())
    affine = np.eye(4)
    affine[:3, :3] = np.array(placed.GetDirection()).reshape(count, count)[:3, :3] * placed.GetSpacing()[:3]
    affine[:3, 3] = placed.GetOrigin()[:3]
    return RAS_FROM_LPS @ affine
