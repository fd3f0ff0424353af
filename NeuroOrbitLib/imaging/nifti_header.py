"""The header of a NIfTI-1 file, which is refused if it is damaged or contradicts itself.

Layout: NIfTI-1 Data Format (nifti.nimh.nih.gov, nifti1.h).
"""

from __future__ import annotations

import gzip
import itertools
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.decompression import damaged, unknown_kind
from NeuroOrbitLib.sentences import sentence as _

HEADER_SIZE = 348
#: Size of the header with the four bytes that say whether extensions follow.
FIRST_VOXEL = HEADER_SIZE + 4
#: NumPy types of the voxel types with one number per voxel, by their NIfTI code.
TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
#: Bits per voxel of the other types (binary, complex, colours, 16-byte floats), so that the message can name the cause.
_OTHER_BITS = {1: 1, 32: 64, 128: 24, 1536: 128, 1792: 128, 2048: 256, 2304: 32}
_NIFTI_2_SIZE = 540
_MILLIMETRES_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
#: Volume (mm3) of a voxel below which its axes collapse onto each other.
_SMALLEST_VOXEL = 1e-9
_SIZE_TOLERANCE = 0.01
_QUATERNION_TOLERANCE = 0.01
#: Smallest cosine of the angle between the directions of an axis by "qform" and by "sform" (45 degrees).
_SAME_DIRECTION = 0.7


@dataclass(frozen=True)
class NiftiHeader:
    """The header of a NIfTI-1 file, as :func:`read_header` returns it.

    :param path: the file.
    :param content: first 348 bytes of the (uncompressed) file.
    :param order: byte order, "<" or ">".
    """

    path: Path
    content: bytes
    order: str

    def field(self, form: str, start: int) -> tuple:
        """Return numbers of the header.

        :param form: format of the numbers for :mod:`struct`, without the byte order.
        :param start: position of the first byte.
        """
        return struct.unpack_from(self.order + form, self.content, start)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of voxels along I, J, K and any further axes."""
        count, *sizes = self.field("8h", 40)
        return tuple(sizes[:count])

    @property
    def kind(self) -> int:
        """Code of the voxel type."""
        return self.field("h", 70)[0]

    @property
    def first_voxel(self) -> int:
        """Position (bytes) of the first voxel in the uncompressed file."""
        return int(self.field("f", 108)[0])

    @property
    def scale(self) -> tuple[float, float]:
        """Slope and intercept of the voxels."""
        return self.field("2f", 112)

    @property
    def codes(self) -> tuple[int, int]:
        """Codes of qform and sform; 0 if the file has no such affine."""
        return self.field("2h", 252)

    @property
    def sizes(self) -> np.ndarray:
        """Voxel size along I, J, K, in the unit of the file, shape (3,)."""
        return np.abs(np.array(self.field("3f", 80), dtype=float))

    @property
    def millimetres(self) -> float:
        """Millimetres per unit of length of the file."""
        return _MILLIMETRES_PER_UNIT.get(self.content[123] & 7, 1.0)

    @property
    def sform(self) -> np.ndarray:
        """The general affine (sform), 4x4, in the unit of the file."""
        affine = np.eye(4)
        affine[:3] = np.array(self.field("12f", 280)).reshape(3, 4)
        return affine

    @property
    def qform(self) -> np.ndarray:
        """The affine of rotation, voxel size and position (qform), 4x4, in the unit of the file."""
        b, c, d, *place = self.field("6f", 256)
        a = np.sqrt(max(1.0 - b * b - c * c - d * d, 0.0))
        turn = np.array([
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ])
        affine = np.eye(4)
        affine[:3, :3] = turn * self.sizes * (1, 1, -1 if self.field("f", 76)[0] < 0 else 1)
        affine[:3, 3] = place
        return affine

    @property
    def is_sheared(self) -> bool:
        """Whether the axes of the general affine are not at right angles to each other (tilted gantry)."""
        axes = self.sform[:3, :3]
        return self.codes[1] > 0 and abs(np.linalg.det(axes)) > _SMALLEST_VOXEL and has_shear(self.sform)


def has_shear(affine: np.ndarray, tolerance: float = 1e-4) -> bool:
    """Return whether the axes of an affine are not at right angles to each other."""
    directions = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return not np.allclose(directions.T @ directions, np.eye(3), atol=tolerance)


def is_nifti(path: Path) -> bool:
    """Return whether a file name has a NIfTI ending (``.nii``, ``.nii.gz``)."""
    return path.name.lower().endswith((".nii", ".nii.gz"))


def is_compressed(path: Path) -> bool:
    """Return whether a file is a gzip stream, judged by its content and not by its name."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def read_header(path: Path) -> NiftiHeader:
    """Read and check the header of a NIfTI-1 file.

    :raises ImageProblem: if it is damaged, incomplete, or contradicts itself.
    """
    content = _first_bytes(path)
    order = next((order for order in "<>" if len(content) == HEADER_SIZE
                  and struct.unpack_from(order + "i", content)[0] == HEADER_SIZE), None)
    if order is None:
        if len(content) == HEADER_SIZE and _NIFTI_2_SIZE in struct.unpack_from("<i", content) + struct.unpack_from(
                ">i", content):
            raise ImageProblem(_("{path} is a NIfTI-2 file. Convert it to NIfTI-1 or NRRD.").format(path=path.name))
        raise damaged(path) if is_compressed(path) else unknown_kind(path)
    header = NiftiHeader(path, content, order)
    for check in (_check_magic, _check_voxels, _check_sizes, _check_places, _check_agreement):
        check(header)
    return header


def placement_notes(path: Path) -> list[str]:
    """Return notices for the user, in sentences, about the position that a NIfTI-1 file gives its voxels.

    :raises ImageProblem: if it is damaged.
    """
    header = read_header(path)
    if min(header.codes) <= 0 or header.is_sheared or len(header.shape) < 3:
        return []
    corners = np.array([(*corner, 1.0) for corner in itertools.product(*((0, size - 1) for size in header.shape[:3]))])
    apart = np.linalg.norm((corners @ (header.qform - header.sform).T)[:, :3], axis=1).max()
    if apart <= 0.5 * header.sizes.min():
        return []
    return [_("The file gives two positions of the patient (qform and sform) that lie up to {apart:.1f} mm apart. "
              "Volumes are not affected, but other programs may show the result at the other position.").format(
        apart=apart * header.millimetres)]


def _first_bytes(path: Path) -> bytes:
    try:
        with gzip.open(path) if is_compressed(path) else path.open("rb") as stream:
            return stream.read(HEADER_SIZE)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise damaged(path) from error


def _check_magic(header: NiftiHeader) -> None:
    magic = header.content[344:347]
    if magic == b"ni1":
        raise ImageProblem(_("{path} is the header of a pair of files (.hdr and .img). Convert the pair to one "
                             "NIfTI file.").format(path=header.path.name))
    if magic != b"n+1":
        raise ImageProblem(_("{path} is damaged, or an Analyze file, which does not say which side of the patient "
                             "is right. Convert it again from DICOM.").format(path=header.path.name))


def _check_voxels(header: NiftiHeader) -> None:
    count, *sizes = header.field("8h", 40)
    offset = header.field("f", 108)[0]
    expected = np.dtype(TYPES[header.kind]).itemsize * 8 if header.kind in TYPES else _OTHER_BITS.get(header.kind)
    if not 1 <= count <= 7 or min(sizes[:count]) < 1 or np.isinf(header.scale).any():
        raise damaged(header.path)
    if header.field("h", 72)[0] != expected:
        raise ImageProblem(_("{path} is damaged: its header contradicts itself about the type of the voxels. Copy "
                             "or convert it again.").format(path=header.path.name))
    if not np.isfinite(offset) or offset < FIRST_VOXEL or offset != int(offset):
        raise ImageProblem(_("{path} is damaged: its voxels would begin inside of the header. Copy or convert it "
                             "again.").format(path=header.path.name))


def _check_sizes(header: NiftiHeader) -> None:
    sizes = [size for size, number in zip(header.sizes, header.shape, strict=False) if number > 1]
    if 0 in sizes or not np.isfinite(sizes).all():
        raise ImageProblem(_("{path} does not say how large its voxels are. Convert it again from DICOM.").format(
            path=header.path.name))
    if min(header.field("3f", 80)[:len(header.shape)]) < 0:  # some programs, such as ITK, mirror the image then
        raise ImageProblem(_("{path} gives a negative size of its voxels: programs differ in whether right and left "
                             "are exchanged then. Convert it again from DICOM.").format(path=header.path.name))


def _check_places(header: NiftiHeader) -> None:
    places = header.field("6f", 256), header.field("12f", 280)
    if not all(np.isfinite(place).all() for place, code in zip(places, header.codes, strict=True) if code > 0):
        raise ImageProblem(_("{path} does not say where its voxels lie. Convert it again from DICOM.").format(
            path=header.path.name))
    if header.codes[0] > 0 and np.linalg.norm(places[0][:3]) > 1 + _QUATERNION_TOLERANCE:
        raise ImageProblem(_("{path} is damaged: what it says about the orientation of the patient is no rotation. "
                             "Copy it again, or convert it again from DICOM.").format(path=header.path.name))


def _check_agreement(header: NiftiHeader) -> None:
    """Refuse a file whose qform, sform and voxel sizes contradict each other."""
    if header.codes[1] <= 0 or len(header.shape) < 3 or abs(np.linalg.det(header.sform[:3, :3])) <= _SMALLEST_VOXEL:
        return  # Collapsing axes are refused by the check of the geometry.
    axes = header.sform[:3, :3]
    norms = np.linalg.norm(axes, axis=0)
    long = np.array(header.shape[:3]) > 1
    same_sizes = np.allclose(norms[long], header.sizes[long], rtol=_SIZE_TOLERANCE)
    same_volume = np.isclose(abs(np.linalg.det(axes)), header.sizes.prod(), rtol=_SIZE_TOLERANCE)
    if not same_sizes and not (header.is_sheared and same_volume):
        told, other = (" x ".join(f"{size * header.millimetres:.4g}" for size in sizes)
                       for sizes in (header.sizes, norms))
        raise ImageProblem(_("{path} contradicts itself about the size of its voxels ({told} mm in pixdim, {other} "
                             "mm in sform), so that no volume in it can be trusted. Convert it again from "
                             "DICOM.").format(path=header.path.name, told=told, other=other))
    if header.codes[0] <= 0:
        return
    turned = header.qform[:3, :3]
    cosines = (axes * turned).sum(axis=0)[long] / (norms * np.linalg.norm(turned, axis=0))[long]
    if np.linalg.det(axes) * np.linalg.det(turned) < 0 or cosines.min() < _SAME_DIRECTION:
        raise ImageProblem(_("{path} contradicts itself about how the patient lies in it (qform and sform): right "
                             "and left, or front and back, cannot be told. Convert it again from DICOM.").format(
            path=header.path.name))
