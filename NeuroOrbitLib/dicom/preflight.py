"""Checks, before anything is written, that a DICOM series has all fields which results filed beside it need."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset

#: Fields that must be present and equal in all images of the series: keyword, and the message if they are not.
_SHARED = {
    "StudyInstanceUID": _("The images do not agree on, or do not say, their study (Study Instance UID), so that "
                          "results would belong to none."),
    "SeriesInstanceUID": _("The images do not agree on, or do not say, their series (Series Instance UID), so that "
                           "results could not refer to it."),
    "FrameOfReferenceUID": _("The images do not agree on, or do not say, their frame of reference (Frame of Reference "
                             "UID), so that nothing can be laid over them."),
}
#: Fields that may be empty, but not missing, in the objects that are written (type 2).
_MAY_BE_EMPTY = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID",
                 "AccessionNumber", "ReferringPhysicianName")

#: Set of characters of everything that is written.
UNICODE = "ISO_IR 192"


def missing_for_export(images: Sequence[Dataset], patient_needed: bool = True) -> list[str]:
    """Return the reasons why results cannot be filed beside a series, one sentence each; empty if they can.

    :param images: all data sets of the series, without pixels.
    :param patient_needed: False if a pseudonym replaces the patient's name and identifier.
    """
    if not images:
        return [_("There are no images.")]
    found = [words for keyword, words in _SHARED.items()
             if len({str(image.get(keyword) or "") for image in images}) > 1 or not images[0].get(keyword)]
    if any(not image.get("SOPInstanceUID") or not image.get("SOPClassUID") for image in images):
        found.append(_("Some images have no identifier (SOP Instance UID), so that results could not refer to them."))
    patients = {str(image.get("PatientID") or "") for image in images}
    if len(patients) > 1:
        found.append(_("The images are of {count} patients.").format(count=len(patients)))
    elif patient_needed and not patients.pop().strip():
        found.append(_("The images do not say the patient (Patient ID is empty): an archive could not file the "
                       "results. Export them de-identified, under a pseudonym."))
    if not patient_needed and any(str(image.get("BurnedInAnnotation")) == "YES" for image in images):
        found.append(_("The images have text burned into their pixels, which may name the patient: they cannot be "
                       "de-identified."))
    return found


def check_exportable(images: Sequence[Dataset], patient_needed: bool = True) -> None:
    """Refuse a series beside which results cannot be filed; see :func:`missing_for_export` for the parameters.

    :raises Problem: listing all reasons.
    """
    missing = missing_for_export(images, patient_needed)
    if importlib.util.find_spec("highdicom") is None:
        missing.append(_("The Python package highdicom is missing. Slicer 5.12 and later bring it: use one of those."))
    if missing:
        raise Problem(_("Nothing was written. {reasons}").format(reasons=" ".join(missing)))


def filled(images: Sequence[Dataset]) -> None:
    """Add to each image, in place, empty fields where it lacks one that may be empty but not missing.

    Texts are converted to Unicode, since highdicom refuses some sets of characters that scanners use, such as those of
    Japanese names.
    """
    for image in images:
        image.decode()
        image.SpecificCharacterSet = UNICODE
        for keyword in _MAY_BE_EMPTY:
            if keyword not in image:
                setattr(image, keyword, "")
