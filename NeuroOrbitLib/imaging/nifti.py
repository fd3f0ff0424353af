"""Reading and writing of NIfTI-1 files where ITK falls short: sheared axes, damaged and incomplete files.

The position of the voxels is taken from ITK, except for sheared axes, for which the general affine ("sform") is used.
"""

from __future__ import annotations

import gzip
import math
import struct
import sys
from pathlib import Path

import numpy as np

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.decompression import (
    GZIP,
    RAW,
    check_announced,
    damaged,
    ends_with_checksum,
    read_announced,
)
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.nifti_header import FIRST_VOXEL, HEADER_SIZE, TYPES, NiftiHeader, is_compressed, read_header
from NeuroOrbitLib.sentences import sentence as _

_SCANNER_SPACE = 1


def read_sheared(path: Path) -> Image:
    """Read a three-dimensional NIfTI-1 file with its general affine ("sform").

    :raises ImageProblem: if the file has no such affine, is damaged, or has not one number per voxel.
    """
    header = read_header(path)
    return Image(read_voxels(header), sheared_grid(header).affine)


def sheared_grid(header: NiftiHeader) -> Grid:
    """Return where the general affine of a three-dimensional NIfTI-1 file puts its voxels.

    :raises ImageProblem: if the file has no such affine.
    """
    if header.codes[1] <= 0:
        raise ImageProblem(_("{path} does not say where its voxels lie. Convert it again from DICOM.").format(
            path=header.path.name))
    affine = header.sform
    affine[:3] *= header.millimetres
    return Grid(header.shape[2::-1], affine)


def read_voxels(header: NiftiHeader) -> np.ndarray:
    """Return the voxels (K, J, I) of a NIfTI-1 file, rescaled; NaN and infinite values stay (ITK would put 0).

    :raises ImageProblem: if the file is incomplete or damaged, or has not one number per voxel.
    """
    if header.kind not in TYPES or math.prod(header.shape[3:]) > 1:
        raise ImageProblem(_("{path} is not a volume of one grey value per voxel. Choose a scalar volume.").format(
            path=header.path.name))
    return _scaled(stored_voxels(header), *header.scale)


def stored_voxels(header: NiftiHeader) -> np.ndarray:
    """Return the voxels (K, J, I) as stored in the file, without rescaling, in the byte order of this computer.

    :raises ImageProblem: if the file holds fewer or more than its header announces, or is damaged.
    """
    dtype = np.dtype(header.order + TYPES[header.kind])
    size = _stored_bytes(header)
    path, start = header.path, header.first_voxel
    if is_compressed(path):
        content = read_announced(path, 0, start + size, GZIP)
        if content[:HEADER_SIZE].tobytes() != header.content:
            raise damaged(path)
        content = content[start:]
    else:
        content = read_announced(path, start, size, RAW)
    shape = tuple(reversed((*header.shape, 1, 1)[:3]))
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def is_plainly_stored(header: NiftiHeader) -> bool:
    """Return whether ITK reads the voxels faster than :func:`read_voxels` and with the same values.

    :raises ImageProblem: if the file cannot hold what the header announces.
    """
    native = "<" if sys.byteorder == "little" else ">"
    if not is_compressed(header.path) or header.order != native or header.kind not in TYPES:
        return False
    check_announced(header.path, 0, header.first_voxel + _stored_bytes(header), GZIP)
    return not _is_scaled(*header.scale)


def holds(header: NiftiHeader, voxels: np.ndarray) -> bool:
    """Return whether a compressed file that ITK has written or read holds exactly these voxels.

    Header and checksum decide, which takes a fraction of the time of reading the voxels: ITK writes nothing more once a
    write has failed, and a truncated file has no checksum. The result is also ``False`` where only :func:`read_voxels`
    can tell.
    """
    if not is_plainly_stored(header) or TYPES[header.kind] != voxels.dtype.str[1:]:
        return False
    if tuple(reversed(header.shape[:3])) != voxels.shape or math.prod(header.shape[3:]) > 1:
        return False
    with gzip.open(header.path) as stream:
        start = stream.read(header.first_voxel)
    return ends_with_checksum(header.path, (start, np.ascontiguousarray(voxels)), GZIP)


def says_orientation(path: Path) -> bool:
    """Return whether a NIfTI-1 file gives the orientation of its voxel axes by its "qform" or its "sform".

    :raises ImageProblem: if it is damaged.
    """
    return max(read_header(path).codes) > 0


def write_sheared(image: Image, path: Path) -> None:
    """Write a NIfTI-1 file whose "sform" is exactly ``image.affine`` (in single precision, as the format requires)."""
    codes = {np.dtype(name): code for code, name in TYPES.items()}
    header = bytearray(FIRST_VOXEL)
    struct.pack_into("<i", header, 0, HEADER_SIZE)
    struct.pack_into("<8h", header, 40, 3, *reversed(image.array.shape), 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, codes[image.array.dtype], image.array.dtype.itemsize * 8)
    struct.pack_into("<8f", header, 76, 1.0, *image.spacing, 0.0, 0.0, 0.0, 0.0)
    struct.pack_into("<3f", header, 108, float(len(header)), 1.0, 0.0)
    struct.pack_into("<B", header, 123, 2)
    struct.pack_into("<2h", header, 252, 0, _SCANNER_SPACE)
    struct.pack_into("<12f", header, 280, *image.affine[:3].ravel())
    struct.pack_into("<4s", header, 344, b"n+1\0")
    voxels = np.ascontiguousarray(image.array).astype(image.array.dtype.newbyteorder("<"), copy=False).tobytes()
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    with opener(path, "wb") as stream:
        stream.write(bytes(header) + voxels)


def _stored_bytes(header: NiftiHeader) -> int:
    return math.prod(header.shape) * np.dtype(TYPES[header.kind]).itemsize


def _scaled(voxels: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    return (voxels * slope + intercept).astype(np.float32) if _is_scaled(slope, intercept) else voxels


def _is_scaled(slope: float, intercept: float) -> bool:
    """Return whether stored numbers are rescaled; with a slope of 0 they are not, whatever the intercept."""
    return slope != 0 and (slope, intercept) != (1.0, 0.0) and bool(np.isfinite([slope, intercept]).all())
