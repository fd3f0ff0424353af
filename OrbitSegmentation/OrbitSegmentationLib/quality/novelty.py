"""How unlike the images that a model knows a scan is.

Each measure of a scan is compared with the same measure on synthetic images like those of the training: how many
standard deviations is it on the bad side of their mean? The score is the largest of these distances. A scan that is
clearer than the synthetic ones is no stranger for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from OrbitSegmentationLib.any_contrast.orbit_facts import OrbitFacts
from OrbitSegmentationLib.quality.notices import Notice, warning

#: Mean and SD on synthetic images (`make validate-orbit` prints them); a model package may bring its own.
REFERENCE = {"certainty": (0.94, 0.02), "confidence": (0.785, 0.03)}
#: Scores above are unusual.
USUAL = 3.0
#: Air in front of an eye is among the darkest of a scan; where this share is darker, grey values are turned round.
MOST_DARKER = 0.6


@dataclass(frozen=True)
class Novelty:
    """How unusual a scan is.

    :param score: standard deviations beyond the synthetic images; above :data:`USUAL` the scan is outside of what
        the model knows.
    :param values: the measures.
    :param inverted: whether the grey values seem to be turned round.
    """

    score: float
    values: Mapping[str, float]
    inverted: bool

    @property
    def is_unusual(self) -> bool:
        """Whether the scan is outside of what the model knows."""
        return self.inverted or self.score > USUAL

    def as_data(self) -> dict[str, Any]:
        """As plain data."""
        return {"score": round(self.score, 2), "usual_up_to": USUAL, "unusual": self.is_unusual,
                "inverted": self.inverted, "values": {key: round(value, 4) for key, value in self.values.items()}}

    def notices(self) -> list[Notice]:
        """What to tell the user."""
        if self.inverted:
            return [warning("The air in front of the eyes is bright: the grey values of this scan seem to be turned "
                            "round. Use the original scan; check every outline.")]
        if self.is_unusual:
            return [warning("This scan is unlike the images that the model was trained on (score "
                            f"{self.score:.1f}, usual up to {USUAL:.0f}). Check every outline before you use it.")]
        return []


def novelty_of(orbits: Iterable[OrbitFacts], confidences: Iterable[float],
               reference: Mapping[str, tuple[float, float]] = REFERENCE) -> Novelty:
    """The novelty of a scan.

    :param orbits: facts about the orbits that were found, at least one.
    :param confidences: expected Dice of every structure.
    :param reference: mean and SD of each measure on synthetic images.
    """
    facts, sure = list(orbits), list(confidences)
    values = {"certainty": min(fact.certainty for fact in facts)}
    if sure:
        values["confidence"] = sum(sure) / len(sure)
    distances = [(reference[key][0] - value) / reference[key][1] for key, value in values.items()]
    ranks = [fact.air_rank for fact in facts if fact.air_rank is not None]
    return Novelty(max(0.0, *distances), values, bool(ranks) and min(ranks) > MOST_DARKER)
