"""Check that a scan is a coronal T2 of the orbits, on which the models were trained."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from NeuroOrbitLib.anatomy.orbit_contrast import VITREOUS_T2, tissue_contrast
from NeuroOrbitLib.anatomy.t2_series import refusal_by_contrast, refusal_by_kind
from NeuroOrbitLib.dicom.technique import Technique, technique_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.slice_notices import coronal_notices
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

ADVICE = _("Choose a coronal T2 series of the orbits.")
#: Range of the distances between slices (mm) in the study, and the largest distance that can be used.
STEP_RANGE, LARGEST_STEP = (2.0, 4.0), 6.0


def refuse_early(scan: Image, tags: Mapping[str, str] | None = None) -> Technique | None:
    """Refuse scans that can be refused without segmented orbits; return the technique by the DICOM fields.

    :raises Problem: for a CT, for slices that are too far apart, and for sequences that the fields exclude.
    """
    refusal = refusal_by_kind(scan, tags, ADVICE)
    if refusal:
        raise Problem(refusal)
    step = max(scan.spacing)
    if step > LARGEST_STEP:
        raise Problem(_("The slices are {step:.1f} mm apart; muscles need 2 to 4 mm. {advice}").format(
            step=step, advice=ADVICE))
    return technique_of(tags or {})


def require_usable(scan: Image, labels: Image, tags: Mapping[str, str] | None = None) -> list[str]:
    """Return sentences for the user about what is unusual in a scan that may be used.

    :param scan: the scan.
    :param labels: label map of the orbits on the scan's grid.
    :param tags: DICOM fields, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    :raises Problem: if the scan may not be used; the message says why.
    """
    told = refuse_early(scan, tags)
    vitreous, _fat = tissue_contrast(scan, labels)
    notices = coronal_notices(scan.grid, STEP_RANGE)
    refusal = refusal_by_contrast(vitreous, ADVICE)
    if refusal and (told is None or not np.isfinite(vitreous)):
        raise Problem(refusal)
    if vitreous < VITREOUS_T2:
        notices.append(_("The contrast is unusual for T2 (inside of the eye {vitreous:.1f} times the muscles): check "
                         "the series; the result is less certain.").format(vitreous=vitreous))
    if told is not None and told.fat_suppressed:
        notices.append(_("The fat is suppressed in this series; the models were made for T2 without fat suppression, "
                         "so the result is less certain."))
    return notices
