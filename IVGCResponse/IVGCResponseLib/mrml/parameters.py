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
    """What radiomics features are computed of."""

    GROUPS = "groups"
    LABELS = "labels"

    def label(self) -> str:
        """What the user reads."""
        return {"groups": _("Groups of recti: SR, IR, MR, LR, MR+LR, all four"),
                "labels": _("Every segment by itself")}[self.value]


@parameterNodeWrapper
class IVGCResponseParameterNode:
    """The user's choices, stored with the scene; the patient's data are kept with the scan.

    inputVolume, inputSegmentation - The scan, and the muscles when they are segmented.
    modelName, device - The model package, and what computes.
    result - The result shown in the panel.
    recalibration - File that fits the probability to one's own patients, "" for none.
    prevalence - Share of responders where the model is used, in percent.
    threshold, opacity - How the heat is shown, in percent.
    featureRegions, featureProfile, features - What features are computed of, which ones, and the latest table.
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
