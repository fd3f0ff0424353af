"""Choice and display of the lesions that belong to the chosen scan and result."""

from __future__ import annotations

import slicer

from NeuroDifferentialLib.mrml.effects import shown_lesions
from NeuroDifferentialLib.mrml.lesion_nodes import FoundLesions, found_in
from NeuroDifferentialLib.mrml.parameters import NeuroDifferentialParameterNode
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.shown import show_only


def choose_found(node: NeuroDifferentialParameterNode, found: FoundLesions) -> None:
    """Choose lesions that were just found, and clear the chosen answer, which is about other lesions."""
    node.lesions, node.result = found.segmentation, None


def show_choice(node: NeuroDifferentialParameterNode, result: ClassifierResult | None) -> None:
    """Choose the lesions of the chosen scan and result, and show only these."""
    node.lesions = _lesions(node, result)
    show_only(node.inputVolume, [shown_lesions(result), *result.nodes] if result else [node.lesions])


def _lesions(node: NeuroDifferentialParameterNode,
             result: ClassifierResult | None) -> slicer.vtkMRMLSegmentationNode | None:
    """Return the lesions of a result or, without one of the scan, the latest ones that were found in the scan."""
    lesions = result.segmentation if result and result.scan else None
    return lesions or found_in(node.inputVolume)
