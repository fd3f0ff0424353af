"""The user's choices in the panel."""

# no postponed annotations: the parameter node wrapper reads them as types

import enum
from typing import Annotated

from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode, vtkMRMLTableNode
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper

from IVGCResponseLib.inventory import DEFAULT_MODEL
from NeuroOrbitLib.mrml.device import Device
from NeuroOrbitLib.mrml.radiomics_table import FeatureProfile


class FeatureRegions(enum.Enum):
    """The regions whose radiomics features are computed."""

    GROUPS = "groups"
    LABELS = "labels"

    def label(self) -> str:
        """Return the text that the user reads."""
        return {"groups": _("Groups of recti: SR, IR, MR, LR, MR+LR, all four"),
                "labels": _("Every segment by itself")}[self.value]


@parameterNodeWrapper
class IVGCResponseParameterNode:
    """The user's choices, stored with the scene; the patient's data are stored with the scan.

    inputVolume, inputSegmentation - The scan, and the muscles once they are segmented.
    modelName, device - The model package, and the device for computation.
    result - The result shown in the panel.
    recalibration - File that adapts the probability to the user's patients, "" for none.
    prevalence - Share of responders among the user's patients, in percent.
    threshold, opacity - Display of the heat, in percent.
    featureRegions, featureProfile, features - Regions and set of the features, and the latest table of features.
    """

    inputVolume: vtkMRMLScalarVolumeNode
    inputSegmentation: vtkMRMLSegmentationNode
    modelName: str = DEFAULT_MODEL
    device: Device = Device.AUTO
    result: vtkMRMLTableNode
    recalibration: str = ""
    prevalence: Annotated[float, WithinRange(1, 99)] = 41.0
    threshold: Annotated[float, WithinRange(0, 100)] = 30.0
    opacity: Annotated[float, WithinRange(0, 100)] = 60.0
    featureRegions: FeatureRegions = FeatureRegions.GROUPS
    featureProfile: FeatureProfile = FeatureProfile.RDINET
    features: vtkMRMLTableNode
