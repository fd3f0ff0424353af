"""Is a scan what the classifier has learned from: fat-suppressed T2? Its DICOM fields tell, else its contrast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.orbit_contrast import VITREOUS_T2, VITREOUS_UNSURE, tissue_contrast
from NeuroOrbitLib.dicom.technique import technique_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import looks_like_ct
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Signal of the fat over that of the muscles: suppressed fat is darker than muscle.
FAT_SUPPRESSED, FAT_UNSURE = 0.8, 1.1
ADVICE = _("Choose an axial fat-suppressed T2 series (SPIR, SPAIR, fat-saturated T2).")


@dataclass(frozen=True)
class SequenceCheck:
    """What a scan is.

    :param usable: False refuses the scan.
    :param text: why it is refused, or what is doubtful about it; empty when all is well.
    :param basis: "fields" or "contrast".
    :param vitreous: signal of the vitreous over that of the muscles, NaN when it could not be measured.
    :param fat: signal of the orbital fat over that of the muscles.
    """

    usable: bool
    text: str
    basis: str
    vitreous: float = float("nan")
    fat: float = float("nan")


def check_sequence(scan: Image, labels: Image, tags: Mapping[str, str] | None = None) -> SequenceCheck:
    """Whether a scan is a fat-suppressed T2, by its DICOM fields where they tell, and by its contrast.

    :param labels: label map of the orbits on the scan's grid.
    :param tags: DICOM fields by keyword; see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    """
    if looks_like_ct(scan):
        return SequenceCheck(False, _("This is a CT. {advice}").format(advice=ADVICE), "contrast")
    vitreous, fat = tissue_contrast(scan, labels)
    told = _by_fields(tags or {})
    seen = _by_contrast(vitreous, fat)
    if told is None:
        return SequenceCheck(*seen, "contrast", vitreous, fat)
    usable, text = told
    if usable and not seen[0]:
        return SequenceCheck(True, _("The file says fat-suppressed T2, but its contrast does not look like it: "
                                     "{seen}").format(seen=seen[1]), "fields", vitreous, fat)
    return SequenceCheck(usable, text, "fields", vitreous, fat)


def require_usable(scan: Image, labels: Image, tags: Mapping[str, str] | None = None) -> SequenceCheck:
    """The check of a scan that may be used; :raises Problem: when it may not."""
    found = check_sequence(scan, labels, tags)
    if not found.usable:
        raise Problem(found.text)
    return found


def refuse_early(scan: Image, tags: Mapping[str, str] | None = None) -> None:
    """Refuse what needs no segmented orbits to be refused: a CT, and what the DICOM fields rule out.

    :raises Problem: saying what the scan is.
    """
    told = (False, _("This is a CT. {advice}").format(advice=ADVICE)) if looks_like_ct(scan) else _by_fields(tags or {})
    if told is not None and not told[0]:
        raise Problem(told[1])


def _by_fields(tags: Mapping[str, str]) -> tuple[bool, str] | None:
    """What the fields say, or None when they do not say enough."""
    told = technique_of(tags)
    if told is None:
        return None
    if told.weighting == "CT":
        return False, _("This is a CT. {advice}").format(advice=ADVICE)
    if told.weighting == "other":
        return False, _("This is not a T2 series ({times}). {advice}").format(times=told.times, advice=ADVICE)
    if told.weighting == "FLAIR":
        return False, _("This is a FLAIR series. {advice}").format(advice=ADVICE)
    return (True, "") if told.fat_suppressed else None


def _by_contrast(vitreous: float, fat: float) -> tuple[bool, str]:
    if not np.isfinite(vitreous) or not np.isfinite(fat):
        return False, (_("The contrast of the orbits could not be measured: eyes or muscles are missing in the "
                         "segmentation. Segment them, or choose another scan."))
    if vitreous < VITREOUS_UNSURE:
        return False, (_("This is not a T2 series: the inside of the eye is too dark ({vitreous:.1f} times the "
                         "muscles). {advice}").format(vitreous=vitreous, advice=ADVICE))
    if fat > FAT_UNSURE:
        return False, _("The fat of this scan is not suppressed ({fat:.1f} times the muscles). {advice}").format(
            fat=fat, advice=ADVICE)
    if vitreous < VITREOUS_T2 or fat > FAT_SUPPRESSED:
        return True, (_("The contrast is unusual for a fat-suppressed T2 (inside of the eye {vitreous:.1f}, fat "
                        "{fat:.1f} times the muscles): check the series; the result is less certain.").format(
            vitreous=vitreous, fat=fat))
    return True, ""
