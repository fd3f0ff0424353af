"""Notices about the scans of a cohort's table: the same that an answer about one of them would have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from NeuroOrbitLib.imaging.image import Image

#: Key of the notices (sentences) in the result of a row's preparation.
NOTICES = "notices"


def read_row(path: Path, read: Callable[[Path], tuple[Image, list[str]]] | None = None) -> tuple[Image, list[str]]:
    """Return the scan of a row as loaded, and notices about its series, its place in the patient and its voxels.

    :param path: image file or folder of a DICOM series.
    :param read: returns the image and notices about how it was read; :func:`~NeuroOrbitLib.dicom.scans.read_one` by
        default.
    :raises ImageProblem: if the image cannot be read.
    """
    from NeuroOrbitLib.dicom.scans import read_one
    from NeuroOrbitLib.imaging.checks import volume_notes

    image, reading = (read or read_one)(path)
    return image, [*reading, *volume_notes(image)]


def notices_of(results: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Return a line for each different notice, which names the cases that it is about.

    :param results: pairs of a case and the result of its preparation.
    """
    cases: dict[str, list[str]] = {}
    for case, result in results:
        for text in result.get(NOTICES, ()):
            cases.setdefault(str(text), []).append(case)
    return [f"{', '.join(names)}: {text}" for text, names in cases.items()]
