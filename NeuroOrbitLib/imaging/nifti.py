"""What ITK does not do for NIfTI-1 files: sheared axes, and noticing what is missing.

Layout: NIfTI-1 Data Format (nifti.nimh.nih.gov, nifti1.h). Only the general affine ("sform") is used here.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.image import Image

_HEADER_SIZE = 348
_HEADER_SIZE_SWAPPED = 0x5C010000
_TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
_MILLIMETRES_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
_SCANNER_SPACE = 1
#: mm3; axes that enclose less collapse onto each other.
_SMALLEST_VOXEL = 1e-9


def has_shear(affine: np.ndarray, tolerance: float = 1e-4) -> bool:
    """Whether the axes of an affine are not at right angles to each other."""
    directions = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return not np.allclose(directions.T @ directions, np.eye(3), atol=tolerance)


def is_nifti(path: Path) -> bool:
    """Whether a file name says that it is a NIfTI file."""
    return path.name.lower().endswith((".nii", ".nii.gz"))


def lies_sheared(path: Path) -> bool:
    """Whether the axes of a NIfTI-1 file's general affine are not at right angles to each other (tilted gantry).

    ITK would take its "qform", if there is one, which cannot say that and puts most slices elsewhere.
    """
    header = _read(path, _HEADER_SIZE + 1)
    if not _is_nifti_1(header):
        return False
    order = _byte_order(header, path)
    if _sform_code(header, order) <= 0:
        return False
    affine = _affine(header, order, path)
    return abs(np.linalg.det(affine[:3, :3])) > _SMALLEST_VOXEL and has_shear(affine)


def read_sheared(path: Path) -> Image:
    """Read a three-dimensional NIfTI-1 file by its general affine.

    :raises ImageProblem: if the file has no such affine, or voxels of a kind that is not one number each.
    """
    content = _read(path)
    order = _byte_order(content, path)
    return Image(_voxels(content, order, path), _affine(content, order, path))


def floating_voxels(path: Path) -> np.ndarray | None:
    """The voxels (K, J, I) of a NIfTI-1 file of floating-point numbers; ``None`` if it is another file.

    ITK would put 0, which is water in CT, where they are NaN or infinite.
    """
    header = _read(path, _HEADER_SIZE + 1)
    if not _is_nifti_1(header):
        return None
    order = _byte_order(header, path)
    if _TYPES.get(struct.unpack_from(order + "h", header, 70)[0]) not in ("f4", "f8"):
        return None
    return _voxels(_read(path), order, path)


def says_orientation(path: Path) -> bool:
    """Whether a NIfTI-1 file says how its voxel axes lie in the patient, by its "qform" or its "sform".

    :raises ImageProblem: if it is damaged.
    """
    header = _read(path, _HEADER_SIZE + 1)
    return any(code > 0 for code in struct.unpack_from(_byte_order(header, path) + "2h", header, 252))


def check_header(path: Path) -> None:
    """Refuse a NIfTI-1 file whose size, voxel size or place is missing; ITK puts a guess there and says nothing.

    :raises ImageProblem: which of them it is.
    """
    header = _read(path, _HEADER_SIZE + 1)
    if not _is_nifti_1(header):
        return
    order = _byte_order(header, path)
    count, *shape = struct.unpack_from(order + "8h", header, 40)
    if not 1 <= count <= 7 or min(shape[:count]) < 1:
        raise _damaged(path)
    sizes = [size for size, number in zip(struct.unpack_from(order + "3f", header, 80), shape, strict=False)
             if number > 1]
    if 0 in sizes or not np.isfinite(sizes).all():
        raise ImageProblem(f"{path.name} does not say how large its voxels are. Convert it again from DICOM.")
    codes = struct.unpack_from(order + "2h", header, 252)
    places = [struct.unpack_from(order + form, header, start) for form, start in (("6f", 256), ("12f", 280))]
    if not all(np.isfinite(place).all() for place, code in zip(places, codes, strict=True) if code > 0):
        raise _nowhere(path)


def check_complete(path: Path) -> None:
    """Make sure that a NIfTI-1 file holds all its voxels; ITK fills what is missing of a compressed file with zeros.

    :raises ImageProblem: if it was cut off or damaged.
    """
    header = _read(path, _HEADER_SIZE + 1)
    if not _is_nifti_1(header):
        return  # Another version of the format, or a header with a separate file of voxels.
    expected = _expected_size(header, _byte_order(header, path))
    if not _is_compressed(path):
        complete = path.stat().st_size >= expected
    elif _last_size(path) == expected % 2**32:
        complete = True  # Files made of several compressed parts do not have that number, and are read to the end.
    else:
        complete = len(_read(path)) >= expected
    if not complete:
        raise _damaged(path)


def write_sheared(image: Image, path: Path) -> None:
    """Write a NIfTI-1 file whose affine is exactly ``image.affine`` (in single precision, as the format has it)."""
    codes = {np.dtype(name): code for code, name in _TYPES.items()}
    header = bytearray(_HEADER_SIZE + 4)
    struct.pack_into("<i", header, 0, _HEADER_SIZE)
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


def _is_nifti_1(header: bytes) -> bool:
    sizes = (_HEADER_SIZE, _HEADER_SIZE_SWAPPED)
    return len(header) > _HEADER_SIZE and struct.unpack_from("<i", header)[0] in sizes


def _byte_order(content: bytes, path: Path) -> str:
    for order in "<>":
        if len(content) > _HEADER_SIZE and struct.unpack_from(order + "i", content)[0] == _HEADER_SIZE:
            return order
    raise _damaged(path)


def _damaged(path: Path) -> ImageProblem:
    return ImageProblem(f"{path.name} cannot be read: it is damaged or was cut off. Copy or convert it again.")


def _nowhere(path: Path) -> ImageProblem:
    return ImageProblem(f"{path.name} does not say where its voxels lie. Convert it again from DICOM.")


def _is_compressed(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def _read(path: Path, size: int = -1) -> bytes:
    try:
        with gzip.open(path) if _is_compressed(path) else path.open("rb") as stream:
            return stream.read(size)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _damaged(path) from error


def _last_size(path: Path) -> int:
    """Uncompressed size modulo 2^32, as a gzip file's last four bytes tell it (RFC 1952)."""
    with path.open("rb") as stream:
        stream.seek(-4, 2)
        return struct.unpack("<I", stream.read(4))[0]


def _voxels(content: bytes, order: str, path: Path) -> np.ndarray:
    """Voxels (K, J, I), rescaled."""
    dimensions = struct.unpack_from(order + "8h", content, 40)
    kind = struct.unpack_from(order + "h", content, 70)[0]
    if kind not in _TYPES or any(number > 1 for number in dimensions[4 : dimensions[0] + 1]):
        raise ImageProblem(f"{path.name} is not a volume of one grey value per voxel. Choose a scalar volume.")
    if len(content) < _expected_size(content, order):
        raise _damaged(path)
    shape = tuple(reversed(dimensions[1:4]))
    voxels = np.frombuffer(content, np.dtype(order + _TYPES[kind]), int(np.prod(shape)), _voxel_offset(content, order))
    return _scaled(voxels.reshape(shape), *struct.unpack_from(order + "2f", content, 112))


def _voxel_offset(content: bytes, order: str) -> int:
    offset = struct.unpack_from(order + "f", content, 108)[0]
    return int(offset) if np.isfinite(offset) else _HEADER_SIZE


def _expected_size(content: bytes, order: str) -> int:
    """Bytes of header and voxels together."""
    dimensions = struct.unpack_from(order + "8h", content, 40)
    bits = struct.unpack_from(order + "h", content, 72)[0]
    count = int(np.prod(dimensions[1 : dimensions[0] + 1], dtype=np.int64))
    return _voxel_offset(content, order) + count * bits // 8


def _scaled(voxels: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    native = voxels.astype(voxels.dtype.newbyteorder("="))
    if (slope in (0.0, 1.0) and intercept == 0.0) or not np.isfinite([slope, intercept]).all():
        return native
    return (native * slope + intercept).astype(np.float32)


def _sform_code(content: bytes, order: str) -> int:
    return struct.unpack_from(order + "h", content, 254)[0]


def _affine(content: bytes, order: str, path: Path) -> np.ndarray:
    if _sform_code(content, order) <= 0:
        raise _nowhere(path)
    affine = np.eye(4)
    affine[:3] = np.array(struct.unpack_from(order + "12f", content, 280)).reshape(3, 4)
    affine[:3] *= _MILLIMETRES_PER_UNIT.get(content[123] & 7, 1.0)
    return affine
