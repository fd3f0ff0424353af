"""Heat maps of classifiers as volumes in the patient, blended over the scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import views
from NeuroOrbitLib.mrml.run_records import bring_along
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image

#: One of the application's own colour tables, so that scenes need no file for it: black, red, yellow.
COLORS = "vtkMRMLColorTableNodeIron"


@dataclass(frozen=True)
class HeatLook:
    """How heat is shown.

    :param threshold: percentage of the largest heat below which nothing is shown.
    :param opacity: percentage of covering the scan.
    """

    threshold: float = 30.0
    opacity: float = 60.0


def heat_look(node: object | None) -> HeatLook:
    """Return how the user wants to see heat.

    :param node: parameter node with ``threshold`` and ``opacity``, or None.
    """
    return HeatLook(node.threshold, node.opacity) if node else HeatLook()


def add_heat_map(heat: Image, name: str) -> slicer.vtkMRMLScalarVolumeNode:
    """A new volume node with a heat map where it lies in the patient; only positive heat is shown.

    :param heat: float (K, J, I): how much each place speaks for the class.
    """
    node = node_from_image(heat.with_array(heat.array.astype(np.float32)), name)
    display = node.GetDisplayNode()
    display.SetAndObserveColorNodeID(COLORS)
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(0.0, largest_heat(node) or 1.0)
    return node


def largest_heat(node: slicer.vtkMRMLScalarVolumeNode) -> float:
    """The largest value of a heat map, 0 if nothing is above 0."""
    return max(float(slicer.util.arrayFromVolume(node).max()), 0.0)


def hottest_place(node: slicer.vtkMRMLScalarVolumeNode, inside: np.ndarray | None = None) -> np.ndarray:
    """RAS mm of the voxel with the largest heat, of several of them (heat may be alike in all slices) a middle one.

    :param inside: boolean (K, J, I), true somewhere: the voxels that are looked at, all by default.
    """
    image = image_from_node(node)
    heat = image.array if inside is None else np.where(inside, image.array, -np.inf)
    hottest = np.argwhere(heat == heat.max())
    return image.grid.ras_from_ijk(hottest[len(hottest) // 2][::-1])


def set_heat_threshold(node: slicer.vtkMRMLScalarVolumeNode, percent: float) -> None:
    """Show only heat above this share of the largest value."""
    largest = largest_heat(node) or 1.0
    display = node.GetDisplayNode()
    display.AutoThresholdOff()
    # Never from 0 on: cold places would cover the scan in black.
    display.SetThreshold(largest * max(percent, 1.0) / 100.0, largest * 1.01)
    display.ApplyThresholdOn()


def set_opacity(node: slicer.vtkMRMLScalarVolumeNode, percent: float) -> None:
    """How strongly a heat map covers the scan, in the slice views that show it."""
    for composite in views_showing(node):
        composite.SetForegroundOpacity(percent / 100.0)


def views_showing(node: slicer.vtkMRMLScalarVolumeNode) -> list[slicer.vtkMRMLSliceCompositeNode]:
    """The slice views' nodes that have a volume as their foreground."""
    composites = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    return [composite for composite in composites if composite.GetForegroundVolumeID() == node.GetID()]


def take_off(node: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Show a volume no more over another one; what lies under it stays as it is."""
    for composite in views_showing(node):
        composite.SetForegroundVolumeID(None)
        composite.SetForegroundOpacity(0.0)


def blend_over(volume: slicer.vtkMRMLScalarVolumeNode, heat: slicer.vtkMRMLScalarVolumeNode | None,
               opacity_percent: float) -> None:
    """Show ``heat`` over ``volume`` in all slice views; without heat the foreground is emptied."""
    slicer.util.setSliceViewerLayers(background=volume, foreground=heat, foregroundOpacity=opacity_percent / 100.0)


def show_heat(volume: slicer.vtkMRMLScalarVolumeNode | None, heat: slicer.vtkMRMLScalarVolumeNode,
              look: HeatLook) -> None:
    """Blend a heat map over its scan, wherever that lies now, and go to where it is hottest."""
    bring_along(heat, volume)
    set_heat_threshold(heat, look.threshold)
    blend_over(volume, heat, look.opacity)
    if largest_heat(heat) > 0:
        views.offset_to(hottest_place(heat))
