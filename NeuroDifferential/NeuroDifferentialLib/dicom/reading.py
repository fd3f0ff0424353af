"""Reading of lesions from a DICOM segmentation of this product, or of another that uses the same code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from NeuroDifferentialLib.places.regions import LESION_TYPE
from NeuroOrbitLib.dicom.read_results import ReadSegmentation, Vocabulary, read_segmentation
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset


def read_lesions(path: Path, series: Path) -> ReadSegmentation:
    """Return the lesions of a DICOM segmentation as a mask (1 for lesion) on the grid of the FLAIR they were drawn on.

    :param path: file of the segmentation.
    :param series: folder of the FLAIR's series.
    :raises Problem: if the file is no segmentation, belongs to another series, or has no segment of lesions.
    """
    return read_segmentation(path, series, Vocabulary(
        _value_of, _merged, _("The segment '{name}' is none of white-matter lesions and was left out."),
        _("None of the segments in {name} is one of white-matter lesions. {notices}")))


def _merged(masks: Mapping[int, np.ndarray], _shape: tuple[int, int, int]) -> tuple[np.ndarray, list[str]]:
    """Return the lesions of all segments, which are regions of one mask and cannot contradict each other."""
    return masks[1].astype(np.uint8), []


def _value_of(item: Dataset) -> int | None:
    kind = item.SegmentedPropertyTypeCodeSequence[0]
    scheme, value, _meaning = LESION_TYPE
    return 1 if (kind.get("CodingSchemeDesignator"), kind.get("CodeValue")) == (scheme, value) else None
