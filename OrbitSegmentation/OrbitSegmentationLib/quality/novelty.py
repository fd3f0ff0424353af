"""Novelty of a scan: its difference from the images that a model knows.

Measures of the scan are compared with those of synthetic images like the training images, see
:mod:`NeuroOrbitLib.classifiers.novelty`. A scan that is clearer than the synthetic images does not count as unusual.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from NeuroOrbitLib.classifiers.novelty import Novelty, Reference, score_of
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.any_contrast.orbit_facts import OrbitFacts
from OrbitSegmentationLib.quality.notices import Notice, warning

#: Mean and SD on synthetic images (`make validate-orbit ARGUMENTS=--reference` prints them); a model package may have
#: its own. These are those of version 0.9.0. Version 0.10.0 is surer of synthetic images (0.996 +- 0.007 and 0.869 +-
#: 0.031), which would flag real scans of which its outlines are better than those of 0.9.0.
REFERENCE = {"certainty": (0.963, 0.021), "confidence": (0.803, 0.031)}
#: Share of the surroundings that is darker than the space in front of the eye, above which grey values seem to be
#: inverted: air in front of an eye is among the darkest parts of a scan.
MOST_DARKER = 0.6


@dataclass(frozen=True)
class OrbitNovelty(Novelty):
    """How unusual a scan is for a model that segments orbits.

    :param inverted: whether the grey values seem to be inverted.
    """

    inverted: bool

    @property
    def is_unusual(self) -> bool:
        """Whether the scan is outside of what the model knows."""
        return self.inverted or super().is_unusual

    def as_data(self) -> dict[str, Any]:
        """Return the novelty as plain data."""
        return {**super().as_data(), "inverted": self.inverted}

    def notices(self) -> list[Notice]:
        """Return notices for the user; empty if the scan is usual."""
        if self.inverted:
            return [warning(_("The air in front of the eyes is bright: the grey values of this scan seem to be "
                              "inverted. Use the original scan; check every outline."))]
        text = self.text(_("Check every outline before you use it."))
        return [warning(text)] if text else []


def novelty_of(orbits: Iterable[OrbitFacts], confidences: Iterable[float],
               reference: Reference = REFERENCE) -> OrbitNovelty:
    """Return the novelty of a scan.

    :param orbits: facts about the orbits that were found, at least one.
    :param confidences: expected Dice of every structure; may be empty.
    :param reference: mean and SD of each measure on synthetic images.
    """
    facts, sure = list(orbits), list(confidences)
    values = {"certainty": min(fact.certainty for fact in facts)}
    if sure:
        values["confidence"] = sum(sure) / len(sure)
    ranks = [fact.air_rank for fact in facts if fact.air_rank is not None]
    inverted = bool(ranks) and min(ranks) > MOST_DARKER
    return OrbitNovelty(score_of(values, reference, bad_if_low=values), values, inverted)
