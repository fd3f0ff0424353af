"""The segmented muscles of a scan, and what was found out about them."""

from __future__ import annotations

import slicer

from IVGCResponseLib.mrml.parameters import IVGCResponseParameterNode
from NeuroOrbitLib.mrml import segmentations, views
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult, show_result
from NeuroOrbitLib.mrml.heat_maps import HeatLook
from NeuroOrbitLib.mrml.looked_at import LookedAt, volumes_text
from NeuroOrbitLib.mrml.scans import forget_foreign_segmentation, scan_of

MUSCLES = LookedAt("IVGCResponse", "muscles")


def show_found_muscles(scan: slicer.vtkMRMLScalarVolumeNode, result: ClassifierResult | None, look: HeatLook,
                       muscles: slicer.vtkMRMLSegmentationNode) -> None:
    """Show the muscles over the scan, in large slices and in 3-D."""
    views.show_large_slices()
    show_result(scan, result, look, [muscles])
    segmentations.show_in_3d(muscles)


def forget_foreign_choices(node: IVGCResponseParameterNode) -> None:
    """Choose neither segmentation nor features any more when another scan is chosen than that which they are of."""
    forget_foreign_segmentation(node)
    if node.features and scan_of(node.features) is not node.inputVolume:
        node.features = None


def show_choice(node: IVGCResponseParameterNode, result: ClassifierResult | None, look: HeatLook) -> None:
    """Choose the muscles of the chosen scan and result, and show them with the heat, and nothing of others.

    Without a result the muscles are the newest that were looked at in the scan.
    """
    found = (result.segmentation if result else None) or MUSCLES.latest(node.inputVolume)
    if found is not None:
        node.inputSegmentation = found
    show_result(node.inputVolume, result, look, [node.inputSegmentation])


def muscles_text(node: slicer.vtkMRMLSegmentationNode | None) -> str:
    """Return the volumes of the recti when the muscles were looked at, "" if they were not."""
    record = MUSCLES.record(node)
    return "" if record is None else volumes_text(record["muscles"], "muscle")
