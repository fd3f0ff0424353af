"""Removes what a process that was killed while it wrote has left beside the results."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

#: Age (seconds) from which on a temporary folder is abandoned: no file takes so long to write.
_ABANDONED_SECONDS = 24 * 3600.0
#: Folders that this process has looked through.
_SEEN: set[Path] = set()


def remove_abandoned(new: Path, prefix: str) -> None:
    """Remove the temporary folders beside a new one that are a day older; a process looks through each place once.

    :param new: temporary folder that was just made; its time is that of the disk, whose clock may differ from that of
        this computer.
    :param prefix: beginning of the names of temporary folders.
    """
    if new.parent in _SEEN:
        return
    _SEEN.add(new.parent)
    with contextlib.suppress(OSError), os.scandir(new.parent) as entries:
        now = new.stat().st_mtime
        for entry in entries:
            if (entry.name.startswith(prefix) and entry.is_dir(follow_symlinks=False)
                    and now - entry.stat().st_mtime > _ABANDONED_SECONDS):
                shutil.rmtree(entry.path, ignore_errors=True)
