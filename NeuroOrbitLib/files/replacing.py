"""Replacing a file that another program may have open.

On Windows a file that is open cannot be replaced. Virus scanners, the search index and synchronised folders open every
new file for some milliseconds, so that a refusal mostly lasts only a moment; a program in which the user has the file
open holds it for longer.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

#: Windows error codes "access denied" and "used by another process".
_HELD_BY_ANOTHER_PROGRAM = (5, 32)
#: Pause (seconds) before each further attempt.
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)


def replace_file(new: Path, place: Path) -> None:
    """Move a file to its place, replacing an existing one; if Windows refuses because that is open, retry for 1.5 s.

    A folder can be moved in the same way, to a place where there is nothing.

    :raises OSError: if it cannot be replaced.
    """
    for pause in _PAUSES:
        try:
            os.replace(new, place)
            return
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _HELD_BY_ANOTHER_PROGRAM:
                raise
            time.sleep(pause)
    os.replace(new, place)
