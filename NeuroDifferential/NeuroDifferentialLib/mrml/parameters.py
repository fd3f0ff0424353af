"""The user's choices in the panel."""

# no postponed annotations: the parameter node wrapper reads them as types

from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode, vtkMRMLTableNode
from slicer.parameterNodeWrapper import parameterNodeWrapper

from NeuroDifferentialLib.differential.inventory import DEFAULT_MODEL
from NeuroDifferentialLib.lesions.inventory import DEFAULT_MODEL as LESION_MODEL
from NeuroOrbitLib.mrml.device import Device
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.visits import is_of_another


@parameterNodeWrapper
class NeuroDifferentialParameterNode:
    """The user's choices, stored with the scene.

    inputVolume, t1Volume - The FLAIR, and a T1 of the same visit if there is one.
    lesions - The segmentation of the lesions, as found and since corrected.
    previousVolume - The FLAIR of an earlier visit, if there is one.
    chosenFor - The FLAIR for which T1 and earlier visit were chosen.
    changes - The table of changes of the lesions since the earlier visit.
    lesionModel - Name of the model package that finds lesions, or of the classical method.
    modelName, device - The model package that estimates, and the device that computes.
    result - The result shown in the panel.
    """

    inputVolume: vtkMRMLScalarVolumeNode
    t1Volume: vtkMRMLScalarVolumeNode
    lesions: vtkMRMLSegmentationNode
    previousVolume: vtkMRMLScalarVolumeNode
    chosenFor: vtkMRMLScalarVolumeNode
    changes: vtkMRMLTableNode
    lesionModel: str = LESION_MODEL
    modelName: str = DEFAULT_MODEL
    device: Device = Device.AUTO
    result: vtkMRMLTableNode


def forget_foreign_choices(node: NeuroDifferentialParameterNode) -> None:
    """Clear choices that belong to another scan: its changes, and the T1 and earlier visit of its patient."""
    before = node.chosenFor
    if before is not node.inputVolume:
        node.chosenFor = node.inputVolume
    for role in ("t1Volume", "previousVolume"):
        other = getattr(node, role)
        if other and (other is node.inputVolume or is_of_another(other, node.inputVolume, before)):
            setattr(node, role, None)
    if node.changes and scan_of(node.changes) is not node.inputVolume:
        node.changes = None
