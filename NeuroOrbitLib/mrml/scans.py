"""The scans of the scene, and the results that belong to them."""

from __future__ import annotations

import slicer

from NeuroOrbitLib.mrml.belongings import own
from NeuroOrbitLib.mrml.provenance import MODULE_ATTRIBUTE, PREFIX
from NeuroOrbitLib.mrml.volumes import UnsuitableVolume, check_scan

SCAN_REFERENCE = f"{PREFIX}.scan"
_GEOMETRY_REFERENCE = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()


def suggest_scan() -> slicer.vtkMRMLScalarVolumeNode | None:
    """Return the scan that the user most likely means: the active volume, else the first one that can be analysed.

    Volumes that the product has made, such as heat maps, are not scans.
    """
    active = slicer.app.applicationLogic().GetSelectionNode().GetActiveVolumeID()
    nodes = [slicer.mrmlScene.GetNodeByID(active)] if active else []
    return next(filter(is_scan, nodes + slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")), None)


def is_scan(node: slicer.vtkMRMLVolumeNode | None) -> bool:
    """Return whether a volume can be analysed and is not a result of the product."""
    try:
        check_scan(node)
    except UnsuitableVolume:
        return False
    return not is_result(node)


def is_result(node: slicer.vtkMRMLNode) -> bool:
    """Return whether the product made a node as part of a result."""
    return node.GetAttribute(MODULE_ATTRIBUTE) is not None


def scan_of(node: slicer.vtkMRMLNode | None) -> slicer.vtkMRMLScalarVolumeNode | None:
    """Return the scan that a result belongs to; ``None`` if it is no longer in the scene or not known."""
    if node is None:
        return None
    return node.GetNodeReference(SCAN_REFERENCE) or node.GetNodeReference(_GEOMETRY_REFERENCE)


def if_loaded(scan: slicer.vtkMRMLScalarVolumeNode | None) -> slicer.vtkMRMLScalarVolumeNode | None:
    """Return a scan, or ``None`` if it has no voxels, as after a scene was opened without the file of the scan."""
    return scan if scan is not None and scan.GetImageData() is not None else None


def latest_result(scan: slicer.vtkMRMLScalarVolumeNode | None, class_name: str, module: str,
                  marked: str = MODULE_ATTRIBUTE) -> slicer.vtkMRMLNode | None:
    """Return the newest result of a module on a scan; ``None`` if there is none.

    :param scan: the scan.
    :param class_name: class of the nodes that represent results.
    :param module: name of the module.
    :param marked: attribute of such nodes that holds the module's name.
    """
    nodes = slicer.util.getNodesByClass(class_name) if scan is not None else []
    return next((node for node in reversed(nodes) if node.GetAttribute(marked) == module and scan_of(node) is scan),
                None)


def latest_that_refers(scan: slicer.vtkMRMLScalarVolumeNode | None, class_name: str,
                       role: str) -> slicer.vtkMRMLNode | None:
    """Return the newest node of a scan that owns a node under a reference, such as the result of a first step.

    A copy of a node is left out, since the referenced node belongs to the original.

    :param scan: the scan.
    :param class_name: class of the nodes to search.
    :param role: role of the reference.
    """
    nodes = slicer.util.getNodesByClass(class_name) if scan is not None else []
    return next((node for node in reversed(nodes) if own(node, role) is not None
                 and scan_of(node) is scan), None)
