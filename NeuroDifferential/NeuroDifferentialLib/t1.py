"""The T1 that a user gives beside a FLAIR, and what the user must know about it."""

from __future__ import annotations

from collections.abc import Iterable

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _


def read_t1(path: str | None) -> tuple[Image | None, list[Sentence]]:
    """Read the T1 of a visit; the notices about how it was read say that they are about the T1.

    :param path: image file, or folder of one DICOM series; None without a T1, which gives no image.
    :raises ImageProblem: if it cannot be read.
    """
    from NeuroOrbitLib.dicom.scans import read_with_notices  # not needed when Slicer starts

    if path is None:
        return None, []
    image, notices = read_with_notices(path)
    return image, about_t1(notices)


def about_t1(notices: Iterable[str]) -> list[Sentence]:
    """Return notices about a scan as notices about the T1, as those about the FLAIR stand beside them."""
    return [_("T1: {notice}").format(notice=notice) for notice in notices]
