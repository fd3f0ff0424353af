"""Replacing a file that another program may be looking at.

On Windows a file that is open cannot be replaced. Virus scanners, the search index and synchronised folders open every
new file for some milliseconds, so that a refusal is mostly over at once; a program in which the user has the file open
holds it for longer.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

#: Windows' "access denied" and "used by another process".
_HELD_BY_ANOTHER_PROGRAM = (5, 32)
#: Seconds before each further attempt.
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)


def replace_file(new: Path, place: Path) -> None:
    """Move a file to its place, replacing the one there; where Windows holds that one, try again for 1.5 s.

    A folder is moved likewise, to where nothing is.

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
