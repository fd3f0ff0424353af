"""Comparison of the FLAIR scans of two visits, from images or files to the table of changes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from NeuroDifferentialLib.followup.alignment import HalfWay, half_way
from NeuroDifferentialLib.followup.changes import Changes, find_changes
from NeuroDifferentialLib.followup.drawn import DrawnLesions, deleted_on, drawn_on, in_order_of
from NeuroDifferentialLib.lesions.fit import lesions_notice
from NeuroDifferentialLib.lesions.inventory import DEFAULT_MODEL, described
from NeuroDifferentialLib.lesions.masks import lesion_voxels
from NeuroDifferentialLib.lesions.models import Finder, lesion_finder
from NeuroDifferentialLib.lesions.scan import prepare_scan
from NeuroOrbitLib.dicom.flair_series import read_flair
from NeuroOrbitLib.dicom.scans import read_with_notices
from NeuroOrbitLib.dicom.visit import check_visits, visit_of
from NeuroOrbitLib.imaging.files import check_output, load_image, save_image
from NeuroOrbitLib.imaging.geometry import same_voxels
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Levels of the bias field: fine, so that the visits become comparable; an error in both visits cancels out.
_BIAS_LEVELS = 4
#: What is wrong with, or to be known of, the earlier and the later visit.
_VISITS = (_("Earlier visit: {text}"), _("Later visit: {text}"))


@dataclass(frozen=True)
class Comparison:
    """The result of comparing two visits.

    :param changes: changes of the lesions.
    :param space: space half-way between the visits.
    :param flairs: FLAIR scans of both visits in this space, float32.
    :param notices: notices for the user.
    """

    changes: Changes
    space: HalfWay
    flairs: tuple[Image, Image]
    notices: tuple[str, ...] = ()

    @property
    def map(self) -> Image:
        """Map of :class:`~NeuroDifferentialLib.followup.changes.Fate` values, in the space between the visits."""
        return Image(self.changes.map, self.space.grid.affine)


def compare_visits(first: Image, second: Image, model: str | Path = DEFAULT_MODEL, progress: Progress = silent,
                   folders: Sequence[str] = (), drawn: tuple[DrawnLesions | None, DrawnLesions | None] = (None, None)
                   ) -> Comparison:
    """Return the changes between two visits, whose lesions are found or taken as drawn.

    :param first: FLAIR of the earlier visit, on any grid.
    :param second: FLAIR of the later visit, on any grid.
    :param model: name or folder of the model that finds lesions, or ``classical``.
    :param progress: receives the fraction done and a message.
    :param folders: further folders with model packages.
    :param drawn: lesions of each visit if a person drew or corrected them, else None. If the lesions found before are
        not known, the model finds them again.
    :raises Problem: when both scans are the same, do not show one head, or are no FLAIR of a brain.
    """
    if same_voxels(first, second):
        raise Problem(_("Both visits are the same scan. Choose the FLAIR of another visit."))
    finder = lesion_finder(model, folders=folders)
    corrected = []
    for number, flair in enumerate((first, second)):
        with naming_visit(number):
            corrected.append(drawn[number] and in_order_of(flair, drawn[number]))
    visits, found, deleted, notices = [], [], [], []
    for number, flair in enumerate((first, second)):
        progress(0.05 + 0.4 * number, _("Visit {number}").format(number=number + 1))
        with naming_visit(number):
            scan, own = prepare_scan(flair, bias_levels=_BIAS_LEVELS), corrected[number]
            visits.append(scan)
            found.append(finder(scan) if own is None else drawn_on(own.mask, flair, scan))
            deleted.append(own and deleted_on(own.mask, own.found or _found_alone(flair, finder), scan))
            notices.append([] if own is None else [lesions_notice(
                flair, lesion_voxels(own.mask), scan.on_original(scan.anatomy.mask.astype(np.uint8)) > 0)])
    progress(0.85, _("Changes"))
    space = half_way(*visits)
    flairs = (space.of_first(visits[0].flair), space.of_second(visits[1].flair))
    changes = find_changes(space, tuple(visits), tuple(found), tuple(deleted))
    return Comparison(changes, space, tuple(Image(each, space.grid.affine) for each in flairs),
                      (*of_visits(*notices), *changes.notices()))


@contextmanager
def naming_visit(number: int) -> Iterator[None]:
    """Put the visit, 0 for the earlier and 1 for the later one, before the text of a problem."""
    try:
        yield
    except Problem as problem:
        raise Problem(_VISITS[number].format(text=problem)) from problem


def of_visits(earlier: Iterable[str], later: Iterable[str]) -> list[str]:
    """Return the notices about the scans of both visits, each with its visit; empty ones are left out."""
    return [words.format(text=text) for words, texts in zip(_VISITS, (earlier, later), strict=True)
            for text in texts if text]


def _found_alone(flair: Image, finder: Finder) -> Image:
    """Return the lesions found in a FLAIR prepared without comparison, which is what a reader corrects."""
    scan = prepare_scan(flair)
    return flair.with_array(scan.on_original(finder(scan).mask.astype(np.uint8)))


def _drawn(mask: str | None, before: str | None) -> DrawnLesions | None:
    if mask is None and before is not None:
        raise Problem(_("The lesions that were found in a visit are only of use together with the corrected ones. Give "
                        "these as well."))
    return None if mask is None else DrawnLesions(load_image(mask), load_image(before) if before else None)


def compare_files(first: str, second: str, output: str | None = None, flairs: str | None = None,
                  model: str | Path = DEFAULT_MODEL, progress: Progress = silent,
                  drawn: tuple[str | None, str | None] = (None, None),
                  before: tuple[str | None, str | None] = (None, None)) -> dict[str, Any]:
    """Compare two FLAIR files and return the changes as plain data.

    :param first: FLAIR of the earlier visit: image file, DICOM series or study, whose FLAIR is used. Patients and dates
        of DICOM are checked.
    :param second: FLAIR of the later visit, likewise.
    :param output: file for the map of changes, in the space between the visits; None for none.
        :param flairs: folder for both scans in that space, ``first.nii.gz`` and ``second.nii.gz``; None for none.
        :param model: see :func:`compare_visits`.
        :param progress: receives the fraction done and a message.
    :param drawn: files of the lesion masks of both visits, see :func:`compare_visits`.
    :param before: files of the lesions found in the visits before correction; by default they are found again, in the
        FLAIR alone.
    :raises Problem: when something cannot be read, used or written, or the visits are of two patients or swapped.
    """
    started = time.monotonic()
    targets = [output, *(str(Path(flairs) / f"{name}.nii.gz") for name in ("first", "second"))] if flairs else [output]
    check_visits(*(visit_of(Path(scan)) for scan in (first, second)))
    for target in filter(None, targets):
        for scan in filter(None, (first, second, *drawn, *before)):
            check_output(target, scan)
    masks = tuple(map(_drawn, drawn, before))
    with naming_visit(0):
        earlier, notices = read_with_notices(first, read_flair)
    with naming_visit(1):
        later, more = read_with_notices(second, read_flair)
    result = compare_visits(earlier, later, model, progress, drawn=masks)
    for target, image in zip(targets, (result.map, *result.flairs), strict=False):
        if target:
            save_image(image, target)
    progress(1.0, _("Done"))
    return {"first": first, "second": second, "change_file": output, **result.changes.as_dict(),
            "drawn_before": drawn[0] is not None, "drawn_now": drawn[1] is not None, "model": described(model),
            "notices": [*of_visits(notices, more), *result.notices], "seconds": round(time.monotonic() - started, 1)}
