"""How a scan was made, in the words of a report."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from NeuroOrbitLib.dicom.technique import fat_displacement, technique_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.sentences import sentence as _

_PLANES = (_("sagittal slices"), _("coronal slices"), _("axial slices"))
#: Ratio of the longest to the shortest edge of voxels below which no plane is named.
_FLAT = 1.5
#: Displacement of fat (mm) from which on it is named: lengths between fat and water are wrong by about as much.
_NAMED_MM = 0.3


def technique_words(scan: Image, is_ct: bool, tags: Mapping[str, str]) -> list[str]:
    """Return kind, sequence, contrast medium, displacement of fat, plane and voxel size of a scan, each as text.

    :param scan: the scan.
    :param is_ct: whether it is a CT; otherwise an MRI.
    :param tags: DICOM fields by keyword, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    """
    sizes = " x ".join(f"{size:.2f}" for size in scan.spacing)
    return ["CT" if is_ct else "MRI", *([] if is_ct else _sequence(tags)), *_contrast_medium(tags),
            *([] if is_ct else _displaced_fat(tags)), *_plane(scan), _("voxels of {sizes} mm").format(sizes=sizes)]


def _sequence(tags: Mapping[str, str]) -> list[str]:
    told = technique_of(tags)
    if told is None or told.weighting == "CT":
        return []
    times = _("echo time {echo} ms, repetition time {repetition} ms").format(
        echo=f"{told.echo:.0f}", repetition=f"{told.repetition:.0f}")
    weighting = [] if told.weighting == "other" else [told.weighting]
    return [*weighting, *([_("fat suppressed")] if told.fat_suppressed else []), times]


def _contrast_medium(tags: Mapping[str, str]) -> list[str]:
    return [_("with contrast medium")] if tags.get("ContrastBolusAgent", "").strip() else []


def _displaced_fat(tags: Mapping[str, str]) -> list[str]:
    """Return the displacement of fat, which matters only where the fat is bright, not suppressed."""
    told, displacement = technique_of(tags), fat_displacement(tags)
    if told is None or told.fat_suppressed or not displacement >= _NAMED_MM:
        return []
    return [_("fat displaced by {mm} mm along the frequency direction (chemical shift)").format(
        mm=f"{displacement:.1f}")]


def _plane(scan: Image) -> list[str]:
    spacing = np.array(scan.spacing)
    if spacing.max() < _FLAT * spacing.min():
        return []
    return [_PLANES[int(np.abs(scan.affine[:3, int(spacing.argmax())]).argmax())]]
