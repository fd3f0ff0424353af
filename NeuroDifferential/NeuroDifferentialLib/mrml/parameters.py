"""The user's choices in the panel."""

# no postponed annotations: the parameter node wrapper reads them as types

from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode, vtkMRMLTableNode
from slicer.parameterNodeWrapper import parameterNodeWrapper

from NeuroDifferentialLib.differential.inventory import DEFAULT_MODEL
from NeuroOrbitLib.mrml.device import Device
from NeuroOrbitLib.mrml.scans import scan_of


@parameterNodeWrapper
class NeuroDifferentialParameterNode:
    """The user's choices, stored with the scene.

    inputVolume, t1Volume - The FLAIR, and a T1 of the same visit if there is one.
    lesions - The segmentation of the lesions, as it was found and corrected since.
    previousVolume - The FLAIR of an earlier visit, if there is one.
    changes - What became of the lesions since then.
    modelName, device - The model package, and what computes.
    result - The result shown in the panel.
    """

    inputVolume: vtkMRMLScalarVolumeNode
    t1Volume: vtkMRMLScalarVolumeNode
    lesions: vtkMRMLSegmentationNode
    previousVolume: vtkMRMLScalarVolumeNode
    changes: vtkMRMLTableNode
    modelName: str = DEFAULT_MODEL
    device: Device = Device.AUTO
    result: vtkMRMLTableNode


def forget_foreign_choices(node: NeuroDifferentialParameterNode) -> None:
    """Choose no lesions or changes of another scan, and neither T1 nor earlier visit that is the FLAIR itself."""
    if node.lesions and scan_of(node.lesions) not in (None, node.inputVolume):
        node.lesions = None
    if node.t1Volume and node.t1Volume is node.inputVolume:
        node.t1Volume = None
    if node.previousVolume and node.previousVolume is node.inputVolume:
        node.previousVolume = None
    if node.changes and scan_of(node.changes) is not node.inputVolume:
        node.changes = None
