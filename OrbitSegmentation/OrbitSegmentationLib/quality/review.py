"""Runs all checks of one segmentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from NeuroOrbitLib.anatomy.structures import side_of
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.measurements.padding import cut_by_padding
from NeuroOrbitLib.measurements.reasons import at_the_edge
from OrbitSegmentationLib.quality.coverage import (
    blur_notices,
    coverage_notices,
    cut_notices,
    defacing_notices,
    socket_notices,
    upside_down_notices,
)
from OrbitSegmentationLib.quality.doubts import Doubt, find_doubts
from OrbitSegmentationLib.quality.notices import Notice
from OrbitSegmentationLib.quality.novelty import REFERENCE, OrbitNovelty, novelty_of
from OrbitSegmentationLib.quality.places import mirror_notices, place_notices
from OrbitSegmentationLib.quality.plausibility import (
    density_notices,
    fragment_notices,
    impossible_notices,
    joined_notices,
    missing_notices,
    symmetry_notices,
    volume_notices,
)
from OrbitSegmentationLib.run_model import Found


@dataclass(frozen=True)
class Review:
    """Results of the checks of a segmentation.

    :param notices: notices for the user.
    :param doubts: places that the user should check, worst first.
    :param novelty: difference of the scan from the training images; None if the model does not measure it.
    """

    notices: list[Notice] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    novelty: OrbitNovelty | None = None

    def as_data(self) -> dict[str, Any]:
        """Return plain data for reports: ``look_at`` and ``novelty``."""
        return {"look_at": [doubt.as_data() for doubt in self.doubts],
                "novelty": self.novelty.as_data() if self.novelty else None}


def review(found: Found, measurements: Sequence[Mapping[str, Any]], is_ct: bool = False,
           scan: Image | None = None) -> Review:
    """Run all checks of a model's segmentation.

    :param found: result of the model.
    :param measurements: rows that :func:`~NeuroOrbitLib.measurements.volumes.measure_labels` returns for its label map.
    :param is_ct: whether the grey values are HU.
    :param scan: grey values on the grid of the label map; without them, structures cut off by padding are not reported.
    """
    sizes, confidences, doubts = {}, [], []
    if found.confidence is not None:
        sizes = {value: float(part.size.sum()) for value, part in found.confidence.structures.items()}
        # Novelty is judged by the orbits only: structures without a side, such as the chiasm, do not count.
        confidences = [part.expected_dice for value, part in found.confidence.structures.items()
                       if part.size.sum() and side_of(value) is not None]
        doubts = find_doubts(found.labels, found.confidence)
    novelty = novelty_of(found.facts.values(), confidences, found.familiar or REFERENCE) if found.facts else None
    measured = [row for row in measurements if not row.get("not_measured")]
    # If grey values are inverted, brain is darker than air.
    upright = [facts.above for facts in found.facts.values()] if novelty and not novelty.inverted else []
    notices = [*(novelty.notices() if novelty else []), *upside_down_notices(upright),
               *coverage_notices(found.seen, found.side_is_unsure), *socket_notices(found.without_eye),
               *blur_notices(found.blurred),
               *defacing_notices({side: facts.emptied for side, facts in found.facts.items()}),
               *cut_notices(_cut(found.labels, scan)), *missing_notices(measurements, found.expected),
               *volume_notices(measured), *(density_notices(measured) if is_ct else []),
               *symmetry_notices(measured), *fragment_notices(measurements, sizes),
               *joined_notices(measurements, found.joined), *impossible_notices(measurements, found.impossible),
               *place_notices(found.labels), *mirror_notices(found.labels)]
    return Review(notices, doubts, novelty)


def _cut(labels: Image, scan: Image | None) -> set[int]:
    """Return the label values of structures cut off at the edge of the scan, or of its padded field of view."""
    return at_the_edge(labels) | (cut_by_padding(labels, scan) if scan is not None else set())
