"""One case of the validation: a scan with what should be found in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from NeuroOrbitLib.imaging.image import Image

REPOSITORY = Path(__file__).resolve().parents[4]


@dataclass(frozen=True)
class Truth:
    """A scan and its reference.

    :param labels: reference on the scan's grid, or None where there is none.
    :param ignore: voxels that do not count (non-zero), or None.
    """

    image: Image
    labels: Image | None = None
    ignore: Image | None = None


@dataclass(frozen=True)
class ScoredCase:
    """What is segmented and scored.

    :param group: the row of the table that it belongs to.
    :param name: unique in the group.
    :param load: makes or reads the scan.
    :param version: changes whenever ``load`` gives something else.
    :param structures: keys of what is scored; empty for all.
    """

    group: str
    name: str
    load: Callable[[], Truth]
    version: str = "1"
    structures: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Name of its file in a cache."""
        digest = hashlib.sha256(f"{self.group}|{self.name}|{self.version}".encode()).hexdigest()[:10]
        return f"{self.name.replace(' ', '-').replace('/', '-')}-{digest}"


@lru_cache
def sources_version(*folders: str) -> str:
    """A name for the state of the Python files in folders of the repository: synthetic cases depend on them."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def file_version(path: Path) -> str:
    """A name for a file's content that is cheap to get: its size and time."""
    status = path.stat()
    return f"{status.st_size}-{int(status.st_mtime)}"
