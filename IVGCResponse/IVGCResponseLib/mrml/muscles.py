"""The segmented muscles of a scan, and the results of the worker's check of them."""

from __future__ import annotations

import contextlib

import numpy as np
import slicer

from IVGCResponseLib.mrml.parameters import IVGCResponseParameterNode
from IVGCResponseLib.muscle_groups import ALL_RECTI, values_of
from NeuroOrbitLib.mrml import classifier_results, segmentations, views
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.heat_maps import HeatLook, hottest_place
from NeuroOrbitLib.mrml.looked_at import LookedAt, volumes_text
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_masks import label_masks
from NeuroOrbitLib.mrml.visits import forget_foreign_segmentation
from NeuroOrbitLib.problem import Problem

MUSCLES = LookedAt("IVGCResponse", "muscles")


def show_found_muscles(scan: slicer.vtkMRMLScalarVolumeNode, result: ClassifierResult | None, look: HeatLook,
                       muscles: slicer.vtkMRMLSegmentationNode) -> None:
    """Show the muscles over the scan, in large slices and in 3-D."""
    from NeuroOrbitLib.mrml import orbit_views  # here, so that Slicer starts without it

    views.show_large_slices()
    views.show_volume(scan)
    show_result(scan, result, look, muscles)
    segmentations.show_in_3d(muscles)
    orbit_views.look_at(muscles)


def show_result(scan: slicer.vtkMRMLScalarVolumeNode | None, result: ClassifierResult | None, look: HeatLook,
                muscles: slicer.vtkMRMLSegmentationNode | None) -> None:
    """Show only the muscles and the heat of the chosen scan and result.

    The slices go to the hottest place of the recti, as the map is so coarse that its maximum may be in a corner of the
    network's input, above the orbits.
    """
    classifier_results.show_result(scan, result, look, [muscles])
    if result is None or result.heat is None or muscles is None:
        return
    with contextlib.suppress(Problem):  # under a non-linear transform, their heat cannot be determined
        masks = label_masks(muscles, result.heat)
        recti = [mask for value, mask in masks.items() if value in values_of(ALL_RECTI)]
        if recti and np.any(recti):
            views.offset_to(hottest_place(result.heat, np.any(recti, axis=0)))


def forget_foreign_choices(node: IVGCResponseParameterNode) -> None:
    """Deselect the segmentation and the features if they belong to another scan than the chosen one."""
    forget_foreign_segmentation(node)
    if node.features and scan_of(node.features) is not node.inputVolume:
        node.features = None


def show_choice(node: IVGCResponseParameterNode, result: ClassifierResult | None, look: HeatLook) -> None:
    """Select the muscles of the chosen scan and result, and show only these and the heat.

    Without a result of the scan, the latest segmentation that was checked in the scan is selected.
    """
    found = (result.segmentation if result and result.scan else None) or MUSCLES.latest(node.inputVolume)
    if found is not None:
        node.inputSegmentation = found
    show_result(node.inputVolume, result, look, node.inputSegmentation)


def muscles_text(node: slicer.vtkMRMLSegmentationNode | None) -> str:
    """Return the volumes of the recti; "" if they were not measured or the muscles were edited since."""
    record = MUSCLES.record(node)
    return "" if record is None or MUSCLES.was_edited(node) else volumes_text(record["muscles"], "muscle")
