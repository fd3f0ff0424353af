"""The grey values of a scan as they are measured: a number in every voxel, and those of a CT in Hounsfield units."""

from __future__ import annotations

from dataclasses import dataclass

from NeuroOrbitLib.imaging.checks import volume_notes, with_numbers
from NeuroOrbitLib.imaging.cut_window import window_notes
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import (
    CT_WITHOUT_SIGN,
    looks_like_ct,
    stored_without_sign,
    with_sign,
    without_padding,
)


@dataclass(frozen=True)
class GreyValues:
    """Grey values that can be measured.

    :param image: the scan, with a number in every voxel.
    :param is_ct: whether its values are Hounsfield units.
    :param notices: sentences about what was changed, and about what is missing.
    """

    image: Image
    is_ct: bool
    notices: tuple[str, ...] = ()


def grey_values_of(image: Image) -> GreyValues:
    """Return the grey values of a scan as they are measured, as the segmentation takes them, too.

    A CT with NaN around the patient, or with numbers 1024 too high, would otherwise be measured as an MRI: against the
    normal values of MRI, and from the front of the fat instead of the bony rims.

    :raises ImageProblem: if the voxel type is wrong, or most voxels are NaN or infinite.
    """
    scan, notices = with_numbers(image), volume_notes(image)
    plain = without_padding(scan)
    if stored_without_sign(plain):
        scan = with_sign(plain)
        notices.append(CT_WITHOUT_SIGN)
    is_ct = looks_like_ct(scan)
    if is_ct:
        notices += window_notes(scan)
    return GreyValues(scan, is_ct, tuple(notices))
