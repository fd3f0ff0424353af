"""Brightness and contrast in which an orbit can be read, unless the user has set them."""

from __future__ import annotations

from types import MappingProxyType

import slicer

from NeuroOrbitLib.mrml.volumes import image_from_node

#: Soft tissue of the orbit in CT, HU: fat dark, muscle and nerve grey, lens and bone bright.
CT_WINDOW = MappingProxyType({"width": 350.0, "level": 40.0})
#: Percentiles of what is not air between which an MRI is shown: a few bright vessels or fat must not darken it.
_MRI_PERCENTILES = (1.0, 99.5)


def set_useful_window(volume: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Show a scan in a window for the orbit's soft tissue: a fixed one in CT, percentiles in MRI.

    A window that the user, a DICOM file or a saved scene has set is left alone: only Slicer's automatic one, which
    spans everything from air to metal, is replaced.
    """
    from NeuroOrbitLib.imaging.intensity import (  # not needed when the application starts
        AIR_HU,
        foreground_percentiles,
        looks_like_ct,
        sparse,
        stored_without_sign,
    )

    display = volume.GetDisplayNode()
    if display is None or not display.GetAutoWindowLevel():
        return
    image = image_from_node(volume)
    is_ct = looks_like_ct(image)
    if is_ct or stored_without_sign(image):
        _set_window(display, CT_WINDOW["width"], CT_WINDOW["level"] - (0.0 if is_ct else AIR_HU))
        return
    low, high = foreground_percentiles(sparse(image.array), _MRI_PERCENTILES)
    if high > low:
        _set_window(display, high - low, (low + high) / 2)


def _set_window(display: slicer.vtkMRMLScalarVolumeDisplayNode, width: float, level: float) -> None:
    display.SetAutoWindowLevel(False)
    display.SetWindowLevel(width, level)
