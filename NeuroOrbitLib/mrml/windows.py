"""Window (brightness and contrast) in which an orbit can be read, unless the user has set one."""

from __future__ import annotations

from types import MappingProxyType

import slicer

from NeuroOrbitLib.mrml.volumes import image_from_node

#: Window for soft tissue of the orbit in CT (HU): fat is dark, muscle and nerve are grey, lens and bone are bright.
CT_WINDOW = MappingProxyType({"width": 350.0, "level": 40.0})
#: Percentiles of the foreground between which an MRI is shown, so that a few bright vessels or fat do not darken it.
_MRI_PERCENTILES = (1.0, 99.5)


def set_useful_window(volume: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Show a scan in a window for the orbit's soft tissue: a fixed one in CT, percentiles in MRI.

    A window set by the user, a DICOM file or a saved scene is not changed: only Slicer's automatic window, which spans
    everything from air to metal, is replaced.
    """
    from NeuroOrbitLib.imaging.intensity import (  # imported here, so that Slicer starts without it
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
