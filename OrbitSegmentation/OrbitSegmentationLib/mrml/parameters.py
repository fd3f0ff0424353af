"""The user's choices in the panel."""

# no postponed annotations: the parameter node wrapper reads them as types

from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode
from slicer.parameterNodeWrapper import parameterNodeWrapper

from NeuroOrbitLib.mrml.device import Device
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL


@parameterNodeWrapper
class OrbitSegmentationParameterNode:
    """The user's choices, stored with the scene.

    inputVolume - The scan.
    modelName - The model package.
    device - What computes.
    resultSegmentation - The result shown in the panel.
    measuredSegmentation - The segmentation whose measures are shown; any one, not only a result of this module.
    t2Map, fatImage, waterImage - Further volumes of the patient that muscles are measured in.
    showIn3D, showTable - What is shown when a run is done.
    """

    inputVolume: vtkMRMLScalarVolumeNode
    modelName: str = DEFAULT_MODEL
    device: Device = Device.AUTO
    resultSegmentation: vtkMRMLSegmentationNode
    measuredSegmentation: vtkMRMLSegmentationNode
    t2Map: vtkMRMLScalarVolumeNode
    fatImage: vtkMRMLScalarVolumeNode
    waterImage: vtkMRMLScalarVolumeNode
    showIn3D: bool = True
    showTable: bool = False
