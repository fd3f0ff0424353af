"""The user's choices in the panel."""

# no postponed annotations: the parameter node wrapper reads them as types

from typing import Annotated

from slicer import vtkMRMLMarkupsROINode, vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode, vtkMRMLTableNode
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper

from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.mrml.device import Device
from TAOActivityLib.inventory import DEFAULT_MODEL, regions_of
from TAOActivityLib.mrml.choices import Fill, Method, Region
from TAOActivityLib.mrml.prepared_scan import PreparedScan
from TAOActivityLib.run_activity import PATCH, STRIDE


@parameterNodeWrapper
class TAOActivityParameterNode:
    """The user's choices, stored with the scene.

    inputVolume, inputSegmentation - The scan, and the orbits if they are already segmented.
    modelName, device - The model package, and the device for computation.
    cropBox - The result of the preparation: the box where the classifier looks.
    region - The region that the box shows.
    result - The result shown in the panel.
    method, patch, stride, fill, eachSlice - Settings of the explanation.
    threshold, opacity - Display of the heat, in percent.
    """

    inputVolume: vtkMRMLScalarVolumeNode
    inputSegmentation: vtkMRMLSegmentationNode
    modelName: str = DEFAULT_MODEL
    device: Device = Device.AUTO
    cropBox: vtkMRMLMarkupsROINode
    region: Region = Region.BOTH
    result: vtkMRMLTableNode
    method: Method = Method.OCCLUSION
    patch: Annotated[int, WithinRange(4, 64)] = PATCH
    stride: Annotated[int, WithinRange(1, 32)] = STRIDE
    fill: Fill = Fill.IMAGE_MEAN
    eachSlice: bool = True
    threshold: Annotated[float, WithinRange(0, 100)] = 30.0
    opacity: Annotated[float, WithinRange(0, 100)] = 60.0


def choose_known_region(node: TAOActivityParameterNode, package: ModelPackage | None) -> None:
    """Choose a region that the model is trained for, unless the chosen one is."""
    if package is not None and node.region.value not in regions_of(package):
        node.region = Region(regions_of(package)[0])


def remember_prepared(node: TAOActivityParameterNode, prepared: PreparedScan) -> None:
    """Replace the earlier prepared scan by a new one, whose orbits are used the next time."""
    if node.cropBox:
        PreparedScan(node.cropBox).remove()
    node.cropBox, node.inputSegmentation, node.region = prepared.box, prepared.orbits, Region(prepared.region)
