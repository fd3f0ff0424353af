"""The files in a folder and its subfolders."""

from __future__ import annotations

import os
from pathlib import Path


def files_below(folder: Path) -> list[Path]:
    """Return all files in a folder and its subfolders, sorted; links to folders are followed.

    Cohorts are often folders of links into an archive. A folder that several links lead to is listed once, so that
    links in a circle come to an end. Subfolders that cannot be read are passed over.
    """
    seen: set[str] = set()
    found: list[Path] = []
    for place, subfolders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            subfolders.clear()
            continue
        seen.add(real)
        subfolders.sort()
        found += [path for path in (Path(place, name) for name in names) if path.is_file()]
    return sorted(found)
