"""JSON files with a checksum of their content, for results of long computations and the state of a case.

Most damage makes a JSON file unreadable, but a changed digit does not. The checksum is in the file itself, which stays
readable for people and other programs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from NeuroOrbitLib.files.safe import write_text
from NeuroOrbitLib.problem import Problem

#: Key of the checksum beside the content's own keys.
CHECKSUM = "sha256_of_content"


def write_checked_json(path: Path, content: Mapping[str, Any]) -> Path:
    """Write plain data with its checksum, replacing an existing file, and return the path.

    :param path: file to write.
    :param content: plain data without the key :data:`CHECKSUM`; keys of all mappings are text.
    :raises NotWritten: if it cannot be written.
    """
    return write_text(path, checked_text(content))


def checked_text(content: Mapping[str, Any]) -> str:
    """Return the text that :func:`write_checked_json` writes, for a file that is written together with others."""
    return json.dumps({**content, CHECKSUM: _checksum(content)}, indent=2, ensure_ascii=False) + "\n"


def read_checked_json(path: Path, is_older: Callable[[Mapping[str, Any]], bool] = lambda _: False) -> dict[str, Any]:
    """Read a file that :func:`write_checked_json` wrote and return its content without the checksum.

    :param path: file to read.
    :param is_older: function that tells whether content without a checksum was written by a version that wrote none.
    :raises Problem: if the file cannot be read or is damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        told = content.pop(CHECKSUM, None)
        whole = told == _checksum(content) or (told is None and is_older(content))
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror or error}). Check its folder.") from error
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise damaged(path) from error
    if not whole:
        raise damaged(path)
    return content


def damaged(path: Path) -> Problem:
    """Return the problem to raise for a file whose content is not what was written."""
    return Problem(f"{path} is damaged. Take it from a copy, or remove it, so that it is made anew.")


def _checksum(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of plain data, independent of spaces and of the order of keys in its file."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
