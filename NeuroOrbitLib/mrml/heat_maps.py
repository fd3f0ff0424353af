"""Heat maps of classifiers as volumes, blended over the scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import views
from NeuroOrbitLib.mrml.run_records import bring_along
from NeuroOrbitLib.mrml.scans import is_result
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image

#: Built-in colour table of the application, so that scenes need no file for it: black, red, yellow.
COLORS = "vtkMRMLColorTableNodeIron"


@dataclass(frozen=True)
class HeatLook:
    """Look of a heat map.

    :param threshold: percentage of the largest heat below which no heat is shown.
    :param opacity: opacity over the scan in percent.
    """

    threshold: float = 30.0
    opacity: float = 60.0


def heat_look(node: object | None) -> HeatLook:
    """Return the look of heat maps that the user has chosen.

    :param node: parameter node with ``threshold`` and ``opacity``; None for the default look.
    """
    return HeatLook(node.threshold, node.opacity) if node else HeatLook()


def add_heat_map(heat: Image, name: str) -> slicer.vtkMRMLScalarVolumeNode:
    """Add a volume node with a heat map at its place in the patient; only positive heat is shown.

    :param heat: evidence of each voxel for the class, array (K, J, I).
    :param name: name of the node.
    """
    node = node_from_image(heat.with_array(heat.array.astype(np.float32)), name)
    display = node.GetDisplayNode()
    display.SetAndObserveColorNodeID(COLORS)
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(0.0, largest_heat(node) or 1.0)
    return node


def is_heat_map(node: slicer.vtkMRMLVolumeNode) -> bool:
    """Return whether the product made a volume to show heat."""
    display = node.GetDisplayNode()
    return is_result(node) and display is not None and display.GetColorNodeID() == COLORS


def largest_heat(node: slicer.vtkMRMLScalarVolumeNode) -> float:
    """Return the largest value of a heat map; 0 if no value is positive."""
    return max(float(slicer.util.arrayFromVolume(node).max()), 0.0)


def hottest_place(node: slicer.vtkMRMLScalarVolumeNode, inside: np.ndarray | None = None) -> np.ndarray:
    """Return the RAS mm of the voxel with the largest heat, shape (3,).

    If several voxels have it (heat may be equal in all slices), the middle one of them is taken.

    :param node: the heat map.
    :param inside: mask (K, J, I), not empty, of the voxels to search; all by default.
    """
    image = image_from_node(node)
    heat = image.array if inside is None else np.where(inside, image.array, -np.inf)
    hottest = np.argwhere(heat == heat.max())
    return image.grid.ras_from_ijk(hottest[len(hottest) // 2][::-1])


def set_heat_threshold(node: slicer.vtkMRMLScalarVolumeNode, percent: float) -> None:
    """Show only heat above a percentage (0 to 100) of the largest value."""
    largest = largest_heat(node) or 1.0
    display = node.GetDisplayNode()
    display.AutoThresholdOff()
    # Never from 0 on: places without heat would cover the scan in black.
    display.SetThreshold(largest * max(percent, 1.0) / 100.0, largest * 1.01)
    display.ApplyThresholdOn()


def set_opacity(node: slicer.vtkMRMLScalarVolumeNode, percent: float) -> None:
    """Set the opacity (0 to 100 %) of a heat map over the scan in the slice views that show it."""
    for composite in views_showing(node):
        composite.SetForegroundOpacity(percent / 100.0)


def views_showing(node: slicer.vtkMRMLScalarVolumeNode) -> list[slicer.vtkMRMLSliceCompositeNode]:
    """Return the composite nodes of the slice views that show a volume in the foreground."""
    composites = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    return [composite for composite in composites if composite.GetForegroundVolumeID() == node.GetID()]


def take_off(node: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Remove a volume from the foreground of all slice views; the background does not change."""
    for composite in views_showing(node):
        composite.SetForegroundVolumeID(None)
        composite.SetForegroundOpacity(0.0)


def blend_over(volume: slicer.vtkMRMLScalarVolumeNode, heat: slicer.vtkMRMLScalarVolumeNode | None,
               opacity_percent: float) -> None:
    """Show ``heat`` over ``volume`` in all slice views; without heat the foreground is empty."""
    slicer.util.setSliceViewerLayers(background=volume, foreground=heat, foregroundOpacity=opacity_percent / 100.0)


def show_heat(volume: slicer.vtkMRMLScalarVolumeNode | None, heat: slicer.vtkMRMLScalarVolumeNode,
              look: HeatLook) -> None:
    """Blend a heat map over its scan, at the scan's present position, and move slices to the largest heat."""
    bring_along(heat, volume)
    set_heat_threshold(heat, look.threshold)
    blend_over(volume, heat, look.opacity)
    if largest_heat(heat) > 0:
        views.offset_to(hottest_place(heat))
