"""Check that a scan is a fat-suppressed T2, by its DICOM fields if they say so, else by its contrast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from NeuroOrbitLib.anatomy.orbit_contrast import VITREOUS_T2, tissue_contrast
from NeuroOrbitLib.anatomy.t2_series import refusal_by_contrast, refusal_by_fields, refusal_by_kind
from NeuroOrbitLib.dicom.technique import technique_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import looks_like_ct
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Signal of the fat over that of the muscles below which fat is suppressed, and above which it is not.
FAT_SUPPRESSED, FAT_UNSURE = 0.8, 1.1
ADVICE = _("Choose an axial fat-suppressed T2 series (SPIR, SPAIR, fat-saturated T2).")


@dataclass(frozen=True)
class SequenceCheck:
    """The result of the check of a scan.

    :param usable: whether the scan may be used.
    :param text: reason why it is refused, or what is doubtful about it; empty if nothing is.
    :param basis: "fields" or "contrast".
    :param vitreous: signal of the vitreous over that of the muscles; NaN if it could not be measured.
    :param fat: signal of the orbital fat over that of the muscles; NaN if it could not be measured.
    """

    usable: bool
    text: str
    basis: str
    vitreous: float = float("nan")
    fat: float = float("nan")


def check_sequence(scan: Image, labels: Image, tags: Mapping[str, str] | None = None) -> SequenceCheck:
    """Check whether a scan is a fat-suppressed T2, by its DICOM fields if they say so, and by its contrast.

    :param scan: the scan.
    :param labels: label map of the orbits on the scan's grid.
    :param tags: DICOM fields by keyword; see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    """
    if looks_like_ct(scan):
        return SequenceCheck(False, refusal_by_kind(scan, tags, ADVICE), "contrast")
    vitreous, fat = tissue_contrast(scan, labels)
    seen, told = _by_contrast(vitreous, fat), technique_of(tags or {})
    refusal = refusal_by_fields(told, ADVICE)
    if told is None or not (refusal or told.fat_suppressed):
        return SequenceCheck(*seen, "contrast", vitreous, fat)
    if not refusal and not seen[0]:
        return SequenceCheck(True, _("The file says fat-suppressed T2, but its contrast does not look like it: "
                                     "{seen}").format(seen=seen[1]), "fields", vitreous, fat)
    return SequenceCheck(not refusal, refusal, "fields", vitreous, fat)


def require_usable(scan: Image, labels: Image, tags: Mapping[str, str] | None = None) -> SequenceCheck:
    """Return the check of a scan that may be used.

    :raises Problem: when it may not be used.
    """
    found = check_sequence(scan, labels, tags)
    if not found.usable:
        raise Problem(found.text)
    return found


def refuse_early(scan: Image, tags: Mapping[str, str] | None = None) -> None:
    """Refuse scans that can be refused without segmented orbits: a CT, and sequences that the DICOM fields exclude.

    :raises Problem: if the scan is refused; the message says what it is.
    """
    refusal = refusal_by_kind(scan, tags, ADVICE)
    if refusal:
        raise Problem(refusal)


def _by_contrast(vitreous: float, fat: float) -> tuple[bool, str]:
    refusal = refusal_by_contrast(vitreous, ADVICE, fat)
    if refusal:
        return False, refusal
    if fat > FAT_UNSURE:
        return False, _("The fat of this scan is not suppressed ({fat:.1f} times the muscles). {advice}").format(
            fat=fat, advice=ADVICE)
    if vitreous < VITREOUS_T2 or fat > FAT_SUPPRESSED:
        return True, (_("The contrast is unusual for a fat-suppressed T2 (inside of the eye {vitreous:.1f}, fat "
                        "{fat:.1f} times the muscles): check the series; the result is less certain.").format(
            vitreous=vitreous, fat=fat))
    return True, ""
