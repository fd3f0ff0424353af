"""Check whether a scan of the orbits is a T2; all modules that need a T2 refuse other scans in the same words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from NeuroOrbitLib.anatomy.orbit_contrast import VITREOUS_UNSURE
from NeuroOrbitLib.dicom.technique import Technique, technique_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import looks_like_ct
from NeuroOrbitLib.sentences import sentence as _


def refusal_by_kind(scan: Image, tags: Mapping[str, str] | None, advice: str) -> str:
    """Return why a scan is not a T2, as far as is known before the orbits are segmented; "" if it may be one.

    :param scan: the scan.
    :param tags: DICOM fields by keyword, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    :param advice: sentence that says what to choose instead.
    """
    if looks_like_ct(scan):
        return refusal_by_fields(Technique("CT"), advice)
    return refusal_by_fields(technique_of(tags or {}), advice)


def refusal_by_fields(technique: Technique | None, advice: str) -> str:
    """Return why a scan is not a T2 according to its DICOM fields; "" if they do not rule it out.

    :param technique: sequence that the DICOM fields describe; None if they do not say enough.
    :param advice: sentence that says what to choose instead.
    """
    if technique is None or technique.weighting == "T2":
        return ""
    if technique.weighting == "CT":
        return _("This is a CT. {advice}").format(advice=advice)
    if technique.weighting == "FLAIR":
        return _("This is a FLAIR series, in which oedema and fluid cannot be told as in T2. {advice}").format(
            advice=advice)
    return _("This is not a T2 series ({times}): oedema of the muscles does not show. {advice}").format(
        times=technique.times, advice=advice)


def refusal_by_contrast(vitreous: float, advice: str, *others: float) -> str:
    """Return why a scan is not a T2 according to the brightness of its tissues; "" if it may be one.

    :param vitreous: ratio of the signal inside the eyes to that of the muscles, see
        :func:`NeuroOrbitLib.anatomy.orbit_contrast.tissue_contrast`; NaN if it could not be measured.
    :param advice: sentence that says what to choose instead.
    :param others: ratios of further tissues, which must have been measured, too.
    """
    if not np.isfinite([vitreous, *others]).all():
        return _("The contrast of the orbits could not be measured: eyes or muscles are missing in the segmentation. "
                 "Segment them, or choose another scan.")
    if vitreous < VITREOUS_UNSURE:
        return _("This is not a T2 series: the inside of the eye is too dark ({vitreous:.1f} times the muscles), as "
                 "in T1 or FLAIR. {advice}").format(vitreous=vitreous, advice=advice)
    return ""
