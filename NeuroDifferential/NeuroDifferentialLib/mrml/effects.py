"""Lesions coloured by their effect on the answer: warm colours favour NMOSD, cold colours MS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroDifferentialLib.mrml.lesion_nodes import lesion_terminology
from NeuroDifferentialLib.places.regions import Region
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import provenance, segmentations
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.shown import show_only
from NeuroOrbitLib.number_text import signed

EFFECTS_REFERENCE = f"{provenance.PREFIX}.effects"
#: Colours (red, green, blue, 0 to 1) of the strongest lesion for NMOSD, of one without effect, and of the strongest for
#: MS. None of them is grey or white, as lesions are in FLAIR.
_NMOSD, _NEUTRAL, _MS = (0.84, 0.15, 0.16), (0.55, 0.85, 0.30), (0.13, 0.35, 0.75)
#: Largest number of lesions in a label map of bytes; those with the smallest effects are left out.
_MOST = 255


def add_effects(numbers: Image, effects: Sequence[Mapping[str, object]], scan: slicer.vtkMRMLScalarVolumeNode,
                name: str) -> slicer.vtkMRMLSegmentationNode:
    """Return a new segmentation with a segment for each lesion, coloured by its effect beyond its volume.

    :param numbers: number of each voxel's lesion, on the scan's grid.
    :param effects: rows with ``lesion``, ``region`` and ``beyond_volume``, the largest effect first.
    :param scan: scan of the lesions.
    :param name: name of the segmentation.
    """
    kept = list(effects)[:_MOST]
    places = np.zeros(int(numbers.array.max()) + 1, np.uint8)
    for place, effect in enumerate(kept, start=1):
        places[int(effect["lesion"])] = place
    largest = max((abs(float(effect["beyond_volume"])) for effect in kept), default=0.0)

    def segment_of(value: int) -> tuple[str, slicer.vtkSegment]:
        effect = kept[value - 1]
        beyond = float(effect["beyond_volume"])
        title = _("Lesion {number}: {points} points").format(number=effect["lesion"], points=signed(100 * beyond, 1))
        return f"lesion_{effect['lesion']}", segmentations.named_segment(
            value, title, color_of(beyond / largest if largest else 0.0), lesion_terminology(Region(effect["region"])))

    return segmentations.add_segmentation(numbers.with_array(places[numbers.array.astype(int)]), scan, name, segment_of)


def color_of(share: float) -> tuple[float, float, float]:
    """Return the colour (red, green, blue, 0 to 1) of an effect.

    :param share: effect as a share of the largest one, -1 (for MS) to 1 (for NMOSD).
    """
    end = np.array(_NMOSD if share > 0 else _MS)
    mixed = np.array(_NEUTRAL) + min(abs(share), 1.0) * (end - np.array(_NEUTRAL))
    return tuple(float(value) for value in mixed)


def effects_of(result: ClassifierResult | None) -> slicer.vtkMRMLSegmentationNode | None:
    """Return the lesions of a result coloured by their effect, or None if the result has not been explained."""
    return result.table.GetNodeReference(EFFECTS_REFERENCE) if result is not None else None


def shown_lesions(result: ClassifierResult) -> slicer.vtkMRMLSegmentationNode | None:
    """Return the lesions to show with a result: coloured by their effect if it was explained."""
    return effects_of(result) or result.segmentation


def show_effects(result: ClassifierResult) -> None:
    """Show the lesions coloured by their effect instead of their region, in slices and in 3-D."""
    lesions = shown_lesions(result)
    show_only(result.scan, [lesions, *result.nodes])
    if lesions is not None:
        segmentations.show_in_3d(lesions)
