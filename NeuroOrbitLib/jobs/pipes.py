"""Reading of lines from a pipe without blocking and without threads."""

from __future__ import annotations

import ctypes
import os
import re
import select
import sys
import time
from typing import BinaryIO

_CHUNK = 65536
#: Largest number of bytes read at once, so that a worker that never stops writing cannot block the reader.
_BYTES_AT_ONCE = 4 << 20
#: Largest number of bytes of a line; a longer one is returned in pieces, as an endless line must not fill the memory.
LONGEST_LINE = 4 << 20
_LINE_END = re.compile(rb"[\r\n]+")


class LineReader:
    """Reader of the lines that arrive on a pipe.

    :param stream: reading end of the pipe; it is set to non-blocking.
    :param longest: largest number of bytes of a line; a longer one is returned in pieces.
    :param has_half_lines: whether a last line without a line end is returned, too.
    """

    def __init__(self, stream: BinaryIO, longest: int = LONGEST_LINE, has_half_lines: bool = True) -> None:
        self._stream = stream
        self._longest, self._has_half_lines = longest, has_half_lines
        self._pieces: list[bytes] = []
        self._length = 0
        self.ended = False
        if sys.platform != "win32":
            os.set_blocking(stream.fileno(), False)

    def lines(self) -> list[str]:
        """Return the lines completed since the last call; at the end of the stream also an incomplete last one.

        The incomplete line is only returned with ``has_half_lines``.
        """
        complete: list[bytes] = []
        taken = 0
        while not self.ended and taken < _BYTES_AT_ONCE:
            chunk = self._available()
            if chunk is None:
                break
            self.ended = not chunk
            taken += len(chunk)
            complete += self._split(chunk)
        if self.ended and self._has_half_lines:
            complete.append(self._take_pieces())
        return [line.decode("utf-8", "replace") for line in complete if line]

    def close(self) -> None:
        """Close the pipe."""
        self.ended = True
        self._stream.close()

    def fileno(self) -> int:
        """Return the pipe's file descriptor, for :func:`wait_readable`."""
        return self._stream.fileno()

    def _split(self, chunk: bytes) -> list[bytes]:
        """Return the lines that a chunk completes; each byte is read and joined only once, however long its line."""
        lines = []
        for number, part in enumerate(_LINE_END.split(chunk)):
            if number:
                lines.append(self._take_pieces())
            self._pieces.append(part)
            self._length += len(part)
        if self._length > self._longest:
            lines.append(self._take_pieces())
        return lines

    def _take_pieces(self) -> bytes:
        line = b"".join(self._pieces)
        self._pieces, self._length = [], 0
        return line

    def _available(self) -> bytes | None:
        """Return the bytes that can be read now; empty at the end of the stream, ``None`` if there are none yet."""
        if sys.platform == "win32":
            return _available_on_windows(self._stream.fileno())
        try:
            return os.read(self._stream.fileno(), _CHUNK)
        except BlockingIOError:
            return None


def wait_readable(readers: list[LineReader], seconds: float) -> None:
    """Wait until something can be read from one of the pipes, for at most ``seconds``."""
    open_readers = [reader for reader in readers if not reader.ended]
    if open_readers and sys.platform != "win32":
        select.select(open_readers, [], [], seconds)
    else:
        time.sleep(min(seconds, 0.02))


def _available_on_windows(descriptor: int) -> bytes | None:
    import msvcrt

    count = ctypes.c_ulong()
    handle = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor))
    if not ctypes.windll.kernel32.PeekNamedPipe(handle, None, 0, None, ctypes.byref(count), None):
        return b""
    return os.read(descriptor, min(count.value, _CHUNK)) if count.value else None
