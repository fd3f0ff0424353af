"""Choice of the FLAIR series of a study in which lesions are looked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from NeuroOrbitLib.dicom.choose_series import THIN_MM, SeriesFacts, list_series
from NeuroOrbitLib.dicom.fields import fields_of_file
from NeuroOrbitLib.dicom.headers import Header
from NeuroOrbitLib.dicom.scans import read_one
from NeuroOrbitLib.dicom.series import only_series, volume_of
from NeuroOrbitLib.dicom.technique import technique_of
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.sentences import sentence as _

_FLAIR = re.compile("flair", re.I)


def read_flair(path: str | Path) -> tuple[Image, list[str]]:
    """Read an image file, the folder of one series, or the FLAIR of the study in a folder.

    :return: the image, and notices for the user: which series was taken, which slices were interpolated.
    :raises ImageProblem: if the image cannot be read, or a folder with several series holds no FLAIR.
    """
    chosen, why = flair_headers(Path(path))
    if chosen is None:
        return read_one(path)
    volume = volume_of(chosen)
    return volume.image, [why, *volume.notices]


def flair_headers(path: Path) -> tuple[list[Header] | None, str]:
    """Return the headers of the FLAIR of a study, and why it was taken; None and "" for a file or a single series.

    :raises ImageProblem: if there are several series, none of which is a usable FLAIR.
    """
    if not path.is_dir() or _is_one_series(path):
        return None, ""
    listed = list_series(path)
    found = [(facts, headers) for facts, headers in listed if not facts.why_not and _is_flair(facts, headers[0])]
    if not found:
        listing = "; ".join(facts.text() for facts, _headers in listed[:12])
        raise ImageProblem(_("None of the {count} series in the folder is a FLAIR that can be used ({listing}). Choose "
                             "the folder of the FLAIR.").format(count=len(listed), listing=listing))
    best, headers = min(found, key=lambda one: _rank(one[0]))
    return headers, _why_taken(best, [facts for facts, _headers in found], len(listed))


def _is_one_series(path: Path) -> bool:
    try:
        only_series(path)
    except ImageProblem:
        return False
    return True


def _is_flair(facts: SeriesFacts, header: Header) -> bool:
    """Return whether the times of a series, or its name if the times are missing, are those of a FLAIR."""
    if facts.modality != "MR":
        return False
    technique = technique_of(fields_of_file(header.path))
    return technique.weighting == "FLAIR" if technique else bool(_FLAIR.search(facts.description))


def _rank(one: SeriesFacts) -> tuple:
    """Return the sort key of a FLAIR series: original images come first, then thin slices, then more slices."""
    return one.derived, max(one.step, THIN_MM), -one.slices, one.number


def _why_taken(best: SeriesFacts, found: Sequence[SeriesFacts], count: int) -> str:
    if len(found) == 1:
        return _("Series {text} was taken: it is the only FLAIR of {count} series.").format(
            text=best.text(), count=count)
    others = "; ".join(one.text() for one in found if one is not best)
    return _("Series {text} was taken: of the FLAIR series it has the thinnest slices or the most of them. Others: "
             "{others}.").format(text=best.text(), others=others)
