"""Is a scan what the classifier has learned from: fat-suppressed T2? Its DICOM fields tell, else its contrast."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion, distance_transform_edt

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side, label_value
from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import looks_like_ct
from NeuroOrbitLib.problem import Problem

_SUPPRESSED = re.compile(
    r"spir|spair|stir|tirm|dixon|fat.?sat|fat.?sup|(^|[^a-z0-9])(fs|chess|proset)([^a-z0-9]|$)", re.I)
#: Contrast over muscle: the vitreous is bright in T2 and dark in T1 and FLAIR; suppressed fat is darker than muscle.
VITREOUS_T2, VITREOUS_UNSURE = 1.5, 1.2
FAT_SUPPRESSED, FAT_UNSURE = 0.8, 1.1
#: How far behind the eyeballs (mm) what lies about the optic nerve is orbital fat for sure.
BEHIND_EYE = 15.0
LONG_ECHO_MS, LONG_REPETITION_MS = 50.0, 1500.0
ADVICE = "Choose an axial fat-suppressed T2 series (SPIR, SPAIR, fat-saturated T2)."


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
        return SequenceCheck(False, f"This is a CT. {ADVICE}", "contrast")
    vitreous, fat = tissue_contrast(scan, labels)
    told = _by_fields(tags or {})
    seen = _by_contrast(vitreous, fat)
    if told is None:
        return SequenceCheck(*seen, "contrast", vitreous, fat)
    usable, text = told
    if usable and not seen[0]:
        return SequenceCheck(True, f"The file says fat-suppressed T2, but its contrast does not look like it: "
                             f"{seen[1]}", "fields", vitreous, fat)
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
    told = (False, f"This is a CT. {ADVICE}") if looks_like_ct(scan) else _by_fields(tags or {})
    if told is not None and not told[0]:
        raise Problem(told[1])


def tissue_contrast(scan: Image, labels: Image) -> tuple[float, float]:
    """Median signal of the vitreous and of the fat behind the eyes, each over that of the muscles."""
    values = scan.array.astype(np.float32)
    muscles = np.isin(labels.array, [label_value(key, side) for key in EXTRAOCULAR_MUSCLES for side in Side])
    globes = np.isin(labels.array, [label_value("eyeball", side) for side in Side])
    inner = binary_erosion(globes, iterations=2)
    muscle = _median(values, muscles)
    return _median(values, inner if inner.any() else globes) / muscle, _median(values, _retrobulbar(labels)) / muscle


def _by_fields(tags: Mapping[str, str]) -> tuple[bool, str] | None:
    """What the fields say, or None when they do not say enough."""
    words = " ".join(tags.get(name, "") for name in ("SeriesDescription", "ProtocolName", "SequenceName",
                                                     "ScanOptions"))
    echo, repetition = _number(tags.get("EchoTime")), _number(tags.get("RepetitionTime"))
    if tags.get("Modality") == "CT":
        return False, f"This is a CT. {ADVICE}"
    if np.isnan(echo) or np.isnan(repetition):
        return None
    if echo < LONG_ECHO_MS or repetition < LONG_REPETITION_MS:
        return False, (f"This is not a T2 series (echo time {echo:.0f} ms, repetition time {repetition:.0f} ms). "
                       f"{ADVICE}")
    if _number(tags.get("InversionTime")) > 1000 or re.search("flair", words, re.I):
        return False, f"This is a FLAIR series. {ADVICE}"
    if _SUPPRESSED.search(words) or 0 < _number(tags.get("InversionTime")) < 400:
        return True, ""
    return None


def _by_contrast(vitreous: float, fat: float) -> tuple[bool, str]:
    if not np.isfinite(vitreous) or not np.isfinite(fat):
        return False, ("The contrast of the orbits could not be measured: eyes or muscles are missing in the "
                       "segmentation. Segment them, or choose another scan.")
    if vitreous < VITREOUS_UNSURE:
        return False, (f"This is not a T2 series: the inside of the eye is too dark ({vitreous:.1f} times the "
                       f"muscles). {ADVICE}")
    if fat > FAT_UNSURE:
        return False, f"The fat of this scan is not suppressed ({fat:.1f} times the muscles). {ADVICE}"
    if vitreous < VITREOUS_T2 or fat > FAT_SUPPRESSED:
        return True, (f"The contrast is unusual for a fat-suppressed T2 (inside of the eye {vitreous:.1f}, fat "
                      f"{fat:.1f} times the muscles): check the series; the result is less certain.")
    return True, ""


def _retrobulbar(labels: Image) -> np.ndarray:
    """Fat behind the eyes: labelled as such, else what is near the optic nerves inside the muscle cone and unlabelled.

    Only up to :data:`BEHIND_EYE` behind the eyeballs: farther back the nerve leaves the orbit, and what surrounds it
    is bone, vessels and brain.
    """
    fat = np.isin(labels.array, [label_value("orbital_fat", side) for side in Side])
    if fat.sum() >= 50:
        return fat
    mask = np.zeros(labels.array.shape, dtype=bool)
    nerves, eyes = (np.isin(labels.array, [label_value(key, side) for side in Side])
                    for key in ("optic_nerve", "eyeball"))
    box = box_around(nerves)
    if box is None or not eyes.any():
        return mask
    steps = tuple(reversed(labels.spacing))
    grown = box.grown(tuple(int(np.ceil(BEHIND_EYE / step)) for step in steps)).inside(mask.shape)
    from_nerve, from_eye = (distance_transform_edt(~there[grown.slices], sampling=steps) for there in (nerves, eyes))
    others = binary_dilation(labels.array[grown.slices] > 0)
    mask[grown.slices] = (from_nerve > 2.0) & (from_nerve < 7.0) & (from_eye < BEHIND_EYE) & ~others
    return mask


def _median(values: np.ndarray, mask: np.ndarray) -> float:
    return float(np.median(values[mask])) if mask.sum() >= 20 else float("nan")


def _number(text: str | None) -> float:
    try:
        return float(text) if text else float("nan")
    except ValueError:
        return float("nan")
