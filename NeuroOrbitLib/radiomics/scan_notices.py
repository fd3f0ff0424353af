"""Notices about the grey values of a scan whose features are computed."""

from __future__ import annotations

from NeuroOrbitLib.imaging.checks import volume_notes
from NeuroOrbitLib.imaging.cut_window import window_notes
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import looks_like_ct
from NeuroOrbitLib.sentences import sentence as _


def scan_notices(image: Image, padding: float | None) -> list[str]:
    """Return notices about voxels without a number, a CT that was cut to a window for viewing, and padding.

    :param image: the scan.
    :param padding: value that was taken for padding; ``None`` without padding.
    """
    told = volume_notes(image)
    if not told and looks_like_ct(image):
        told = window_notes(image)
    if padding is not None:
        told = [*told, _("The scan is padded with {value}, which was taken as its lowest other value.").format(
            value=f"{padding:g}")]
    return told
