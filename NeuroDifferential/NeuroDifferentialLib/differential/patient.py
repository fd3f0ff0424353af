"""Preparation of one patient for classification: lesions found or given, split, measured, placed, and as an image."""

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
from NeuroDifferentialLib.lesions.masks import mask_on
from NeuroDifferentialLib.pipeline import LesionReport, measure, segment_lesions
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import without_offset
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class Patient:
    """A patient's brain MRI with its lesions.

    :param flair: FLAIR as loaded, without an offset of its grey values.
    :param anatomy: :class:`BrainPart` values on the FLAIR's grid.
    :param report: measured lesions, with their numbers on the same grid.
    :param lesions: the lesion image that networks take.
    :param notices: notices for the user.
    """

    flair: Image
    anatomy: Image
    report: LesionReport
    lesions: LesionImage
    notices: tuple[str, ...] = ()

    def array(self, name: str) -> np.ndarray:
        """Return a stored array that networks take, by its name in cohorts, uint8 (100, 100, 100)."""
        return flair_in_lesions(self.flair, self.anatomy, self.lesions) if name == "flair" else self.lesions.image.array

    def thinned(self, taken: np.ndarray) -> Patient:
        """Return the patient with reduced lesions in the table; image and label map are unchanged.

        :param taken: share (0 to 1) that each lesion loses, by its number; a lesion that loses half is removed.
        """
        kept = tuple(replace(lesion, volume=lesion.volume * (1 - float(taken[lesion.number])))
                     for lesion in self.report.lesions if taken[lesion.number] < 0.5)
        return replace(self, report=replace(self.report, lesions=kept))

    def without(self, numbers: frozenset[int]) -> Patient:
        """Return the patient without the lesions with the given numbers; the others keep their numbers."""
        kept = tuple(lesion for lesion in self.report.lesions if lesion.number not in numbers)
        array = np.where(np.isin(self.report.numbers.array, list(numbers)), 0, self.report.numbers.array)
        image = self.report.numbers.with_array(array)
        report = replace(self.report, numbers=image, lesions=kept, criteria=tuple(all_criteria(kept)))
        return replace(self, report=report, lesions=lesion_image(image, self.anatomy))


def patient_of(flair: Image, t1: Image | None = None, lesions: Image | None = None, anatomy: Image | None = None,
               progress: Progress = silent, model: str | Path = DEFAULT_MODEL, folders: Sequence[str] = ()) -> Patient:
    """Return a patient with the lesions of a FLAIR, found or taken from a mask, measured and placed.

    :param flair: FLAIR in any axis order.
    :param t1: T1 of the same visit, on any grid.
    :param lesions: lesion mask from any tool on the FLAIR's grid, not 0 in lesions; None to segment the FLAIR.
    :param anatomy: parts of the brain as ``segment`` writes them, on the FLAIR's grid; None to segment the FLAIR.
    :param progress: receives the fraction done and a message.
    :param model: name or folder of the model that finds lesions.
    :param folders: further folders with model packages.
    :raises Problem: for scans and masks that cannot be used.
    """
    lesions, anatomy = (None if mask is None else mask_on(mask, flair, name)
                        for mask, name in ((lesions, _("lesion mask")), (anatomy, _("anatomy"))))
    flair, given = without_offset(flair), lesions
    if lesions is None or anatomy is None:
        found = segment_lesions(flair, t1, progress=progress, model=model, folders=folders)
        lesions, anatomy = lesions or found.lesions, anatomy or found.anatomy
    check_flair(flair, anatomy)
    progress(0.95, _("Measuring the lesions"))
    report = measure(lesions, anatomy)
    return Patient(flair, anatomy, report, lesion_image(report.numbers, anatomy),
                   (*fit_notices(flair, given, anatomy), *report.notices))
