"""Checks that the files of one series agree on the patient, the frame of reference, and the rescaling of values."""

from __future__ import annotations

from collections.abc import Sequence

from NeuroOrbitLib.dicom.frames import is_multi_frame
from NeuroOrbitLib.dicom.headers import Header
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.sentences import sentence as _

_RESCALE = ("RescaleSlope", "RescaleIntercept")


def check_agreement(headers: Sequence[Header]) -> None:
    """Refuse files that cannot belong together although they name the same series.

    :param headers: headers of all files of the series.
    :raises ImageProblem: if the files are of several patients, or only some of them give a rescale slope or intercept:
        the values of the others would be wrong, by 1024 HU in most CTs.
    """
    patients = {header.text("PatientID") for header in headers} - {""}
    if len(patients) > 1:
        raise ImageProblem(_("The files of the series name {count} patients. Export the series again, or put the "
                             "files of one patient into their own folder.").format(count=len(patients)))
    single = _single_slices(headers)
    for keyword in _RESCALE:
        silent = [header for header in single if not header.text(keyword)]
        if silent and len(silent) < len(single):
            raise ImageProblem(_("{count} of {total} slices do not say how their numbers become values ({keyword} is "
                                 "missing, in {name} for one), and the others do. Export the series again.").format(
                count=len(silent), total=len(single), keyword=keyword, name=silent[0].path.name))


def agreement_notices(headers: Sequence[Header]) -> list[str]:
    """Return notices for the user, in sentences, about doubts that the files of a series leave open."""
    found = []
    frames = {header.text("FrameOfReferenceUID") for header in headers} - {""}
    if len(frames) > 1:
        found.append(_("The slices name {count} frames of reference, as if they had been taken in several sessions; "
                       "they were put together by their positions. Check that they fit.").format(count=len(frames)))
    single = [header for header in _single_slices(headers) if header.text("Modality") == "CT"]
    if len({tuple(map(header.text, (*_RESCALE, "PixelRepresentation"))) for header in single}) > 1:
        found.append(_("The slices of the CT differ in how their numbers become Hounsfield units (rescale slope and "
                       "intercept). Check that none is brighter or darker than its neighbours."))
    if any(not header.text("RescaleIntercept") for header in single):
        found.append(_("The CT does not say how its numbers become Hounsfield units; they were taken as they are. "
                       "Check that water is near 0 and air near -1000."))
    return found


def _single_slices(headers: Sequence[Header]) -> list[Header]:
    """Return the headers of files with one slice each; multi-frame files give these fields in sequences."""
    return [header for header in headers if not is_multi_frame(header)]
