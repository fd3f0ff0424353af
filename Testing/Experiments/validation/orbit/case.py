"""A case of the validation: a scan with its reference."""

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

    :param labels: reference on the scan's grid; ``None`` without one.
    :param ignore: voxels that do not count (non-zero); ``None`` if all count.
    """

    image: Image
    labels: Image | None = None
    ignore: Image | None = None


@dataclass(frozen=True)
class ScoredCase:
    """A case that is segmented and scored.

    :param group: row of the table that it belongs to.
    :param name: name of the case. Cases of a group that share a name (one scan in different slices) differ in version.
    :param load: function that makes or reads the scan.
    :param version: text that changes whenever the result of ``load`` does.
    :param structures: keys of the scored structures; empty for all.
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
    """Return a name for the state of the Python files in folders of the repository, on which synthetic cases depend."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def file_version(path: Path) -> str:
    """Return a name for a file's content that is quick to compute: its size and time."""
    status = path.stat()
    return f"{status.st_size}-{int(status.st_mtime)}"
