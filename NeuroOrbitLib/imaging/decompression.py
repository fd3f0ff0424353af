"""Reading of exactly the bytes that a header announces, with their checksum verified.

Compressed streams carry checksums (gzip: CRC-32 and length, zlib: Adler-32, bzip2: CRC-32). They are checked while
the stream is read, which happens only once. Reading stops at the announced size, so that a small file cannot fill the
memory.
"""

from __future__ import annotations

import bz2
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.memory import available_memory
from NeuroOrbitLib.sentences import sentence as _

RAW, GZIP, ZLIB, BZIP2 = "raw", "gzip", "zlib", "bzip2"
_CHUNK = 2**20
#: Deflate compresses data to 1/1032 at best; bzip2 has no such limit, so that only memory limits it.
_LARGEST_RATIO = 1032
#: Value of zlib's parameter ``wbits``: a gzip stream only, or either a gzip or a zlib stream.
_WINDOW = {GZIP: 31, ZLIB: 47}


class _Decompressor(Protocol):
    """Common interface of the decompressors of zlib and bz2, which differ in how they keep unused input."""

    eof: bool
    unused_data: bytes


def read_announced(path: Path, offset: int, size: int, encoding: str = RAW, limit: int | None = None) -> np.ndarray:
    """Read the bytes of the voxels in a file.

    :param path: the file.
    :param offset: position (bytes) in the file at which they, or their compressed stream, begin.
    :param size: announced number of bytes, uncompressed.
    :param encoding: :data:`RAW`, :data:`GZIP`, :data:`ZLIB` (or gzip) or :data:`BZIP2`.
    :param limit: announced number of bytes of the compressed stream; None if the header does not give it.
    :return: the bytes, uint8 (size,).
    :raises ImageProblem: if there are fewer or more bytes than announced, a checksum is wrong, or they do not fit into
        memory.
    """
    check_announced(path, offset, size, encoding, limit)
    content = np.empty(size, np.uint8)
    with path.open("rb") as stream:
        stream.seek(offset)
        filled = stream.readinto(memoryview(content)) if encoding == RAW else _inflate(stream, content, encoding, path)
    if filled != size:
        raise damaged(path)
    return content


def check_announced(path: Path, offset: int, size: int, encoding: str = RAW, limit: int | None = None) -> None:
    """Refuse a file, before anything is read, that cannot hold the announced bytes or does not fit into memory.

    Parameters and errors are those of :func:`read_announced`.
    """
    stored = path.stat().st_size - offset
    if (encoding == RAW and stored != size) or (limit is not None and stored != limit):
        raise damaged(path) if stored < (size if limit is None else limit) else too_long(path)
    if encoding in _WINDOW and stored * _LARGEST_RATIO < size:
        raise damaged(path)
    _check_fits(path, size)


def ends_with_checksum(path: Path, parts: Sequence[bytes | np.ndarray], encoding: str) -> bool:
    """Return whether the checksum at the end of a compressed file is that of the given content.

    ITK decompresses faster than Python, but accepts damaged streams. The result is also False for streams of several
    parts, which are to be read with :func:`read_announced`.

    :param path: the file.
    :param parts: content of the stream, in one piece or several.
    :param encoding: :data:`GZIP` or :data:`ZLIB`.
    """
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - 8, 0))
        trailer = stream.read(8)
    check = 0 if encoding == GZIP else 1
    for part in parts:
        check = (zlib.crc32 if encoding == GZIP else zlib.adler32)(part, check)
    size = sum(memoryview(part).nbytes for part in parts)
    if encoding == GZIP:
        return trailer == struct.pack("<II", check, size % 2**32)
    return trailer[4:] == struct.pack(">I", check)


def damaged(path: Path) -> ImageProblem:
    """Return the problem to raise for a file whose content is incomplete or damaged."""
    return ImageProblem(_("{path} cannot be read: it is damaged or was cut off. Copy or convert it again.").format(
        path=path.name))


def unknown_kind(path: Path) -> ImageProblem:
    """Return the problem to raise for a file that does not begin like an image."""
    return ImageProblem(_("{path} cannot be read as an image. It may be damaged or of an unknown kind (NIfTI-1, "
                          "NRRD, MetaImage and DICOM folders are read). Convert or copy it again.").format(
        path=path.name))


def too_long(path: Path) -> ImageProblem:
    """Return the problem to raise for a file that holds more than its header announces."""
    return ImageProblem(_("{path} cannot be read: it holds more than its header announces, so that one of them is "
                          "damaged. Copy or convert it again.").format(path=path.name))


def _check_fits(path: Path, size: int) -> None:
    free = available_memory()
    if free is not None and size > free:
        raise ImageProblem(_("{path} announces {size:.1f} GiB of voxels, and {free:.1f} GiB of memory are free. If "
                             "the image is not that large, its header is damaged: copy or convert it again. Else "
                             "close other programs, or crop it.").format(
            path=path.name, size=size / 2 ** 30, free=free / 2 ** 30))


def _inflate(stream: BinaryIO, content: np.ndarray, encoding: str, path: Path) -> int:
    """Fill ``content`` from a compressed stream of one or several parts and return the number of bytes read."""
    filled, waiting = 0, b""
    try:
        while True:
            part = bz2.BZ2Decompressor() if encoding == BZIP2 else zlib.decompressobj(_WINDOW[encoding])
            filled, waiting = _inflate_part(part, stream, waiting, content, filled, path)
            waiting = waiting.lstrip(b"\0") or stream.read(_CHUNK).lstrip(b"\0")  # tapes and some tools fill up with 0
            if not waiting:
                return filled
    except (zlib.error, OSError, EOFError) as error:
        raise damaged(path) from error


def _inflate_part(part: _Decompressor, stream: BinaryIO, waiting: bytes, content: np.ndarray, filled: int,
                  path: Path) -> tuple[int, bytes]:
    """Fill ``content`` from one part; return the number of bytes filled so far and the input that follows the part."""
    while not part.eof:
        waiting = waiting or stream.read(_CHUNK)
        # Reading one byte more than there is room for shows whether the stream continues.
        piece = part.decompress(waiting, min(_CHUNK, len(content) - filled + 1))
        if not piece and not waiting and not part.eof:
            raise damaged(path)
        if filled + len(piece) > len(content):
            raise too_long(path)
        content[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
        filled += len(piece)
        waiting = getattr(part, "unconsumed_tail", b"")  # the decompressor of bz2 keeps unused input itself
    return filled, part.unused_data
