"""Places of measures, or of their structures, for views."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.measurements.rows import HEAD, Row
from NeuroOrbitLib.mrml.segment_masks import labelled_segments

if TYPE_CHECKING:
    import slicer


def middle_of(row: Row, segmentation: slicer.vtkMRMLSegmentationNode) -> np.ndarray | None:
    """Return the point (RAS mm) on which a view of a measure is centred; None if there is none.

    This is the middle of the measure's place, or else of its structure.

    :param row: the measure.
    :param segmentation: segmentation that was measured.
    """
    if row.measured.place is not None:
        return row.measured.place.middle
    if row.structure == HEAD:
        return None
    segment = labelled_segments(segmentation).get(label_value(row.structure, row.side.value if row.side else None))
    middle = segmentation.GetSegmentCenterRAS(segment) if segment is not None else None
    return None if middle is None else np.array(middle)
