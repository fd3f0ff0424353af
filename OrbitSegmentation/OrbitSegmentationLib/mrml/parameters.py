"""The user's choices in the panel."""

# no postponed annotations: the parameter node wrapper reads them as types

from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode
from slicer.parameterNodeWrapper import parameterNodeWrapper

from NeuroOrbitLib.mrml.device import Device
from NeuroOrbitLib.mrml.visits import is_of_another
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL


@parameterNodeWrapper
class OrbitSegmentationParameterNode:
    """The user's choices, stored with the scene.

    inputVolume - The scan.
    modelName - The model package.
    device - The device for computation.
    resultSegmentation - The result shown in the panel.
    measuredSegmentation - The segmentation whose measures are shown, not necessarily a result of this module.
    t2Map, fatImage, waterImage - Further volumes of the patient in which muscles are measured.
    mapsFor - The scan for which these volumes were chosen.
    showIn3D, showTable - Whether the result is shown in 3-D and as a table after a run.
    """

    inputVolume: vtkMRMLScalarVolumeNode
    modelName: str = DEFAULT_MODEL
    device: Device = Device.AUTO
    resultSegmentation: vtkMRMLSegmentationNode
    measuredSegmentation: vtkMRMLSegmentationNode
    t2Map: vtkMRMLScalarVolumeNode
    fatImage: vtkMRMLScalarVolumeNode
    waterImage: vtkMRMLScalarVolumeNode
    mapsFor: vtkMRMLScalarVolumeNode
    showIn3D: bool = True
    showTable: bool = False


def forget_maps_of_others(node: OrbitSegmentationParameterNode, scan: vtkMRMLScalarVolumeNode | None) -> None:
    """Deselect the maps that were chosen for the scan of another patient.

    :param node: the parameter node.
    :param scan: scan that is to be measured now; nothing is changed for ``None``.
    """
    before = node.mapsFor
    if before is scan or scan is None:
        return
    node.mapsFor = scan
    for role in ("t2Map", "fatImage", "waterImage"):
        chosen = getattr(node, role)
        if chosen and is_of_another(chosen, scan, before):
            setattr(node, role, None)
