"""One patient made ready for the question: lesions found or given, split, measured, placed, and as an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from NeuroDifferentialLib.criteria import all_criteria
from NeuroDifferentialLib.differential.lesion_image import LesionImage, flair_in_lesions, lesion_image
from NeuroDifferentialLib.lesions.contrast import check_flair
from NeuroDifferentialLib.lesions.fit import fit_notices
from NeuroDifferentialLib.lesions.inventory import DEFAULT_MODEL
from NeuroDifferentialLib.lesions.masks import check_on
from NeuroDifferentialLib.pipeline import LesionReport, measure, segment_lesions
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class Patient:
    """A patient's brain MRI with its lesions.

    :param flair: as loaded.
    :param anatomy: :class:`BrainPart` values on the FLAIR's grid.
    :param report: measured lesions; their numbers are on the same grid.
    :param lesions: the lesion image that networks take. :param notices: notices for the user.
    """

    flair: Image
    anatomy: Image
    report: LesionReport
    lesions: LesionImage
    notices: tuple[str, ...] = ()

    def array(self, name: str) -> np.ndarray:
        """Return the stored array that a network takes, by its name in cohorts."""
        return flair_in_lesions(self.flair, self.anatomy, self.lesions) if name == "flair" else self.lesions.image.array

    def thinned(self, taken: np.ndarray) -> Patient:
        """Return the patient with less of the lesions in the table; image and label map stay as they are.

        :param taken: share (0 to 1) that each lesion loses, by its number; one that loses half is gone.
        """
        kept = tuple(replace(lesion, volume=lesion.volume * (1 - float(taken[lesion.number])))
                     for lesion in self.report.lesions if taken[lesion.number] < 0.5)
        return replace(self, report=replace(self.report, lesions=kept))

    def without(self, numbers: frozenset[int]) -> Patient:
        """Return the patient without some of the lesions, which keep their numbers."""
        kept = tuple(lesion for lesion in self.report.lesions if lesion.number not in numbers)
        array = np.where(np.isin(self.report.numbers.array, list(numbers)), 0, self.report.numbers.array)
        image = self.report.numbers.with_array(array)
        report = replace(self.report, numbers=image, lesions=kept, criteria=tuple(all_criteria(kept)))
        return replace(self, report=report, lesions=lesion_image(image, self.anatomy))


def patient_of(flair: Image, t1: Image | None = None, lesions: Image | None = None, anatomy: Image | None = None,
               progress: Progress = silent, model: str | Path = DEFAULT_MODEL, folders: Sequence[str] = ()) -> Patient:
    """Find the lesions of a FLAIR, or take those of a mask, and measure and place them.

    :param t1: a T1 of the same visit, on any grid.
    :param lesions: mask of any tool or hand on the FLAIR's grid, not 0 where there is a lesion; found when None.
    :param anatomy: parts of the brain as ``segment`` writes them, on the FLAIR's grid; found when None.
    :param model: what finds lesions, by name or folder. :param folders: further folders with model packages.
    :raises Problem: for scans and masks that cannot be used.
    """
    for name, mask in (("lesion mask", lesions), ("anatomy", anatomy)):
        if mask is not None:
            check_on(mask, flair, name)
    given = lesions
    if lesions is None or anatomy is None:
        found = segment_lesions(flair, t1, progress=progress, model=model, folders=folders)
        lesions, anatomy = lesions or found.lesions, anatomy or found.anatomy
    check_flair(flair, anatomy)
    progress(0.95, _("Measuring the lesions"))
    report = measure(lesions, anatomy)
    return Patient(flair, anatomy, report, lesion_image(report.numbers, anatomy),
                   (*fit_notices(flair, given, anatomy), *report.notices))
