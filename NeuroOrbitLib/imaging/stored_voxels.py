"""Place and encoding of the voxels of NRRD and MetaImage files, read from the header alone.

Layouts: teem.sourceforge.net/nrrd/format.html and the MetaIO documentation (itk.org/Wiki/MetaIO/Documentation).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.decompression import (
    BZIP2,
    GZIP,
    RAW,
    ZLIB,
    check_announced,
    damaged,
    ends_with_checksum,
    read_announced,
)
from NeuroOrbitLib.sentences import sentence as _

#: Largest size of a header; that of a segmentation with a hundred segments has more than 64 KiB.
_HEADER_BYTES = 2**22
_NRRD_ENCODINGS = {"raw": RAW, "gzip": GZIP, "gz": GZIP, "bzip2": BZIP2, "bz2": BZIP2}
_NRRD_TYPES = {
    "signed char": "i1", "int8": "i1", "int8_t": "i1", "uchar": "u1", "unsigned char": "u1", "uint8": "u1",
    "uint8_t": "u1", "short": "i2", "short int": "i2", "signed short": "i2", "signed short int": "i2", "int16": "i2",
    "int16_t": "i2", "ushort": "u2", "unsigned short": "u2", "unsigned short int": "u2", "uint16": "u2",
    "uint16_t": "u2", "int": "i4", "signed int": "i4", "int32": "i4", "int32_t": "i4", "uint": "u4",
    "unsigned int": "u4", "uint32": "u4", "uint32_t": "u4", "longlong": "i8", "long long": "i8", "long long int": "i8",
    "signed long long": "i8", "signed long long int": "i8", "int64": "i8", "int64_t": "i8", "ulonglong": "u8",
    "unsigned long long": "u8", "unsigned long long int": "u8", "uint64": "u8", "uint64_t": "u8", "float": "f4",
    "double": "f8",
}  # fmt: skip
_META_TYPES = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2", "MET_INT": "i4", "MET_UINT": "u4",
    "MET_LONG_LONG": "i8", "MET_ULONG_LONG": "u8", "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip

#: Fields that give the position and size of voxels; true for those in which 0 makes no sense.
_NRRD_PLACES = {"spacings": True, "space directions": False, "space origin": False}
_META_PLACES = {"elementspacing": True, "elementsize": True, "transformmatrix": False, "rotation": False,
                "orientation": False, "offset": False, "position": False, "origin": False}


#: Names of the MetaImage field with the directions of the axes, row by row.
_META_AXES = ("transformmatrix", "rotation", "orientation")
_UNIT_TOLERANCE = 0.01


@dataclass(frozen=True)
class StoredVoxels:
    """The voxels of an image in a file.

    :param path: the file that holds them.
    :param offset: position (bytes) of the first voxel; negative if the voxels are the last bytes of the file.
    :param shape: number of voxels in array order (K, J, I), or along as many axes as the file has.
    :param dtype: type of the voxels, with the byte order of the file.
    :param encoding: encoding as in :mod:`NeuroOrbitLib.imaging.decompression`.
    :param limit: bytes of the compressed stream; None if the header does not give them.
    """

    path: Path
    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype
    encoding: str
    limit: int | None = None

    def read(self) -> np.ndarray:
        """Read the voxels, an array of :attr:`shape` in the byte order of this computer.

        :raises ImageProblem: if their file is missing or damaged.
        """
        content = read_announced(self.path, *self._announced())
        return content.view(self.dtype).reshape(self.shape).astype(self.dtype.newbyteorder("="), copy=False)

    def is_plainly_stored(self) -> bool:
        """Return whether ITK reads the voxels faster than :meth:`read` (gzip and zlib) and with the same values.

        :raises ImageProblem: if the file cannot hold what the header announces.
        """
        check_announced(self.path, *self._announced())
        return self.encoding in (GZIP, ZLIB) and self.dtype.isnative

    def is_intact(self, voxels: np.ndarray) -> bool:
        """Return whether ``voxels``, as another reader returned them, match the checksum in the file."""
        return ends_with_checksum(self.path, (voxels,), self.encoding)

    def _announced(self) -> tuple[int, int, str, int | None]:
        """Place, size, encoding and limit of the voxels in their file."""
        if not self.path.is_file():
            raise ImageProblem(_("The voxels of this image are in {path}, and that file is missing. Copy both into "
                                 "one folder.").format(path=self.path.name))
        size = math.prod(self.shape) * self.dtype.itemsize
        offset = self.offset if self.offset >= 0 else max(self.path.stat().st_size - size, 0)
        return offset, size, self.encoding, self.limit


def stored_voxels(path: Path) -> StoredVoxels | None:
    """Return the place of the voxels of an NRRD or MetaImage file; ``None`` for other files and rare encodings.

    :raises ImageProblem: if the header is damaged.
    """
    with path.open("rb") as stream:
        header = stream.read(_HEADER_BYTES)
    try:
        if header.startswith(b"NRRD"):
            return _of_nrrd(path, header)
        return _of_meta_image(path, header) if path.suffix.lower() in (".mha", ".mhd") else None
    except (ValueError, IndexError, KeyError) as error:
        if isinstance(error, ImageProblem):
            raise
        raise damaged(path) from error


def _of_nrrd(path: Path, header: bytes) -> StoredVoxels | None:
    fields, end = _nrrd_fields(header)
    _check_numbers(path, fields, _NRRD_PLACES)
    data = fields.get("data file") or fields.get("datafile")
    encoding = _NRRD_ENCODINGS.get(fields["encoding"].lower())
    kind = _NRRD_TYPES.get(fields["type"].lower())
    byte_skip = int(fields.get("byte skip", fields.get("byteskip", 0)))
    rare = int(fields.get("line skip", fields.get("lineskip", 0))) or (byte_skip and encoding != RAW)
    if encoding is None or kind is None or rare or (data and (data.startswith("LIST") or "%" in data)):
        return None
    if end is None and not data:
        raise damaged(path)
    shape = _shape(path, fields["sizes"].split(), int(fields["dimension"]))
    dtype = np.dtype(kind).newbyteorder(">" if fields.get("endian", "little").lower() == "big" else "<")
    start = 0 if data else end
    return StoredVoxels(path.parent / data if data else path, byte_skip if byte_skip < 0 else start + byte_skip, shape,
                        dtype, encoding)


def _nrrd_fields(header: bytes) -> tuple[dict[str, str], int | None]:
    """Return the fields in lower case, and the position of the header's end; ``None`` if its empty line is missing."""
    fields: dict[str, str] = {}
    start = 0
    while (end := header.find(b"\n", start)) >= 0:
        line = _text(header[start:end].rstrip(b"\r"))
        start = end + 1
        if not line:
            return fields, start
        name, separator, value = line.partition(": ")
        if separator and not line.startswith("#"):
            fields[name.strip().lower()] = value.strip()
    return fields, None


def _of_meta_image(path: Path, header: bytes) -> StoredVoxels | None:
    fields, end = _meta_fields(header)
    _check_numbers(path, fields, _META_PLACES)
    data, kind = fields.get("elementdatafile"), _META_TYPES.get(fields["elementtype"])
    if data is None:
        raise damaged(path)
    channels = int(fields.get("elementnumberofchannels", 1))
    rare = data.split()[0].upper() in ("LIST",) or "%" in data or channels > 1 or _is_true(fields.get("binarydata"), 1)
    if kind is None or rare:
        return None
    is_local = data.upper() == "LOCAL"
    compressed = _is_true(fields.get("compresseddata"))
    skip = int(fields.get("headersize", 0))
    big = _is_true(fields.get("binarydatabyteordermsb", fields.get("elementbyteordermsb")))
    limit = fields.get("compresseddatasize") if compressed else None
    shape = _shape(path, fields["dimsize"].split(), int(fields["ndims"]))
    return StoredVoxels(
        path if is_local else path.parent / data, end if is_local else skip, shape,
        np.dtype(kind).newbyteorder(">" if big else "<"), ZLIB if compressed else RAW,
        int(limit) if limit is not None else None,
    )


def _meta_fields(header: bytes) -> tuple[dict[str, str], int]:
    """Return the fields in lower case, and the position of the end of the last line, which names the voxels' file."""
    fields: dict[str, str] = {}
    start = 0
    while "elementdatafile" not in fields and (end := header.find(b"\n", start)) >= 0:
        name, _, value = _text(header[start:end]).partition("=")
        fields[name.strip().lower()] = value.strip()
        start = end + 1
    return fields, start


def _check_numbers(path: Path, fields: dict[str, str], places: dict[str, bool]) -> None:
    """Refuse positions and sizes that are not numbers, which ITK silently replaces by a guess."""
    for name, is_size in places.items():
        words = [word for word in re.split(r"[\s(),]+", fields.get(name, "")) if word not in ("", "none")]
        numbers = [float(word) for word in words if not (name == "spacings" and word.lower() == "nan")]
        wrong_size = is_size and (min(numbers, default=1.0) <= 0 or len(numbers) < min(len(words), 3))
        if not np.isfinite(numbers).all() or wrong_size or (name in _META_AXES and numbers and not _are_axes(numbers)):
            raise ImageProblem(_("{path} does not say how large its voxels are or where they lie ({name}: "
                                 "{fields}). Convert it again from DICOM.").format(
                path=path.name, name=name, fields=fields[name]))
    units = set(re.findall(r'"([^"]*)"', fields.get("space units", ""))) - {"", "mm"}
    if units:
        raise ImageProblem(_("{path} gives places in {units}, which most programs take for millimetres. Convert it to "
                             "millimetres.").format(path=path.name, units=", ".join(sorted(units))))


def _are_axes(numbers: list[float]) -> bool:
    """Return whether numbers are a square matrix whose rows, the directions of the axes, have unit length."""
    count = math.isqrt(len(numbers))
    return count**2 == len(numbers) and bool(np.allclose(
        np.linalg.norm(np.reshape(numbers, (count, count)), axis=1), 1.0, atol=_UNIT_TOLERANCE))


def says_voxel_size(path: Path) -> bool:
    """Return whether an NRRD or MetaImage file gives the size of its voxels; otherwise ITK assumes 1 mm."""
    with path.open("rb") as stream:
        header = stream.read(_HEADER_BYTES)
    fields = _nrrd_fields(header)[0] if header.startswith(b"NRRD") else _meta_fields(header)[0]
    told = [fields.get(name, "none") for name in ("spacings", "space directions", "elementspacing", "elementsize")]
    return any(set(text.lower().split()) - {"none", "nan"} for text in told)


def _is_true(text: str | None, inverse: int = 0) -> bool:
    """Return whether a field says yes, or with ``inverse`` whether it says no."""
    return text is not None and text[:1].upper() in (("F", "N", "0") if inverse else ("T", "Y", "1"))


def _shape(path: Path, sizes: list[str], count: int) -> tuple[int, ...]:
    numbers = [int(size) for size in sizes]
    if len(numbers) != count or not numbers or min(numbers) < 1:
        raise damaged(path)
    return tuple(reversed(numbers))


def _text(line: bytes) -> str:
    """Return a line of a header, which may name a file, decoded from UTF-8, as ITK writes it, or else from Latin-1."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")
