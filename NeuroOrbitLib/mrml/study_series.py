"""The choice of the CT series of a study in the scene that shows the orbits best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import slicer

from NeuroOrbitLib.mrml.dicom_fields import dicom_fields
from NeuroOrbitLib.mrml.scans import is_scan
from NeuroOrbitLib.mrml.volumes import ijk_to_local, image_from_node

if TYPE_CHECKING:
    from NeuroOrbitLib.dicom.choose_series import SeriesFacts

_FIELDS = {"0008|0060": "Modality", "0008|103e": "SeriesDescription", "0018|1210": "ConvolutionKernel",
           "0018|0050": "SliceThickness", "0008|0008": "ImageType"}
_PLANES = ("sagittal", "coronal", "axial")


@dataclass(frozen=True)
class Proposal:
    """The series of a study that suits best.

    :param volume: volume of the series.
    :param count: number of usable CT series in the study.
    :param reason: reason, as in "it has a soft-tissue kernel and thin slices" (a translatable sentence).
    """

    volume: slicer.vtkMRMLScalarVolumeNode
    count: int
    reason: str


def propose_series(volume: slicer.vtkMRMLScalarVolumeNode | None) -> Proposal | None:
    """Return the CT series of the study of ``volume`` to use, by the rules of the command line.

    ``None`` for MRI, where the choice depends on the question, and if there is only one series or all are equally good.
    """
    from NeuroOrbitLib.dicom.choose_series import rank, reason_for  # not needed when the application starts

    volumes = series_of_study(volume)
    if len(volumes) < 2:
        return None
    facts = {facts_of_volume(number, one): one for number, one in enumerate(volumes, start=1)}
    usable = [one for one in facts if one.modality == "CT" and not one.why_not]
    own = next(one for one in facts if facts[one] is volume)
    if own.modality != "CT" or len(usable) < 2:
        return None
    best = min(usable, key=rank)
    if len({(one.sharp, one.step) for one in usable}) == 1:
        return None
    return Proposal(facts[best], len(usable), reason_for(best, usable))


def series_of_study(volume: slicer.vtkMRMLScalarVolumeNode | None) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """Return the scans of the study that ``volume`` belongs to in the subject hierarchy; none without a study."""
    study = _study_of(volume)
    scans = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode") if study else []
    return [scan for scan in scans if _study_of(scan) == study and is_scan(scan)]


def _study_of(volume: slicer.vtkMRMLScalarVolumeNode | None) -> int:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(volume) if volume is not None else 0
    level = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMLevelStudy()
    return hierarchy.GetItemAncestorAtLevel(item, level) if item else 0


def facts_of_volume(number: int, volume: slicer.vtkMRMLScalarVolumeNode) -> SeriesFacts:
    """Return the facts about a series from its DICOM fields or, without them, from its voxels and its name.

    :param number: number of the series within the study.
    """
    from NeuroOrbitLib.dicom.choose_series import SeriesFacts, is_sharp, why_no_anatomy
    from NeuroOrbitLib.imaging.intensity import looks_like_ct

    fields = dicom_fields(volume, _FIELDS)
    affine, slices = ijk_to_local(volume), volume.GetImageData().GetDimensions()[2]
    spacing = float(np.linalg.norm(affine[:3, 2]))
    modality = fields.get("Modality") or ("CT" if looks_like_ct(image_from_node(volume)) else "MR")
    description = fields.get("SeriesDescription") or volume.GetName()
    kernel = fields.get("ConvolutionKernel", "").split("\\")[0]
    return SeriesFacts(
        number, volume.GetID(), modality, description, kernel, _number(fields.get("SliceThickness")), spacing, slices,
        _PLANES[int(np.abs(affine[:3, 2]).argmax())], is_sharp(kernel, description),
        "DERIVED" in fields.get("ImageType", "").upper(),
        why_no_anatomy(f"{fields.get('ImageType', '')} {description}", slices, spacing * slices))


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def best_of_study(volume: slicer.vtkMRMLScalarVolumeNode | None) -> slicer.vtkMRMLScalarVolumeNode | None:
    """Return the proposed series of the study of ``volume``, or ``volume`` itself if there is no proposal."""
    proposal = propose_series(volume)
    return proposal.volume if proposal else volume
