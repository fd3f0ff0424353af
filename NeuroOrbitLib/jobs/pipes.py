"""Reading lines from a pipe without waiting for them and without threads."""

from __future__ import annotations

import ctypes
import os
import re
import select
import sys
import time
from typing import BinaryIO

_CHUNK = 65536
_LINE_END = re.compile(rb"[\r\n]+")


class LineReader:
    """The lines that have arrived on a pipe so far."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._rest = b""
        self.ended = False
        if sys.platform != "win32":
            os.set_blocking(stream.fileno(), False)

    def lines(self) -> list[str]:
        """The complete lines since the last call; at the end of the stream also an incomplete last one."""
        while not self.ended:
            chunk = self._available()
            if chunk is None:
                break
            self.ended = not chunk
            self._rest += chunk
        *complete, self._rest = _LINE_END.split(self._rest)
        if self.ended and self._rest:
            complete, self._rest = [*complete, self._rest], b""
        return [line.decode("utf-8", "replace") for line in complete if line]

    def close(self) -> None:
        """Close the pipe."""
        self.ended = True
        self._stream.close()

    def fileno(self) -> int:
        """The pipe's file descriptor, for :func:`wait_readable`."""
        return self._stream.fileno()

    def _available(self) -> bytes | None:
        """Bytes that can be read now; empty at the end of the stream, ``None`` if there are none yet."""
        if sys.platform == "win32":
            return _available_on_windows(self._stream.fileno())
        try:
            return os.read(self._stream.fileno(), _CHUNK)
        except BlockingIOError:
            return None


def wait_readable(readers: list[LineReader], seconds: float) -> None:
    """Wait until one of the pipes has something, at most ``seconds``."""
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
