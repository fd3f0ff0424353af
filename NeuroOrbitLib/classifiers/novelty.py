"""How unlike the images that a model knows a scan is.

Each measure of a scan is compared with the same measure on images like those of the training: how many standard
deviations is it away from their mean? The score is the largest of these distances.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from NeuroOrbitLib.sentences import sentence as _

#: Scores above are unusual.
USUAL = 3.0
#: Mean and SD of each measure on the images that a model knows.
Reference = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Novelty:
    """How unusual a scan is.

    :param score: standard deviations beyond the images that the model knows; above :data:`USUAL` the scan is outside
        of what it knows.
    :param values: the measures.
    """

    score: float
    values: Mapping[str, float]

    @property
    def is_unusual(self) -> bool:
        """Whether the scan is outside of what the model knows."""
        return self.score > USUAL

    def as_data(self) -> dict[str, Any]:
        """As plain data."""
        return {"score": round(self.score, 2), "usual_up_to": USUAL, "unusual": self.is_unusual,
                "values": {key: round(value, 4) for key, value in self.values.items()}}

    def told(self, advice: str) -> dict[str, Any]:
        """As plain data with a ``text`` for the user, which has ``advice`` when the scan is unusual."""
        return {**self.as_data(), "text": self.text(advice) or _("looks like those that the model was trained on")}

    def text(self, advice: str) -> str:
        """One line for the user, with ``advice`` when the scan is unusual; else empty."""
        if not self.is_unusual:
            return ""
        return _("This scan looks unlike those that the model was trained on. {advice}").format(advice=advice)


def score_of(values: Mapping[str, float], reference: Reference, bad_if_low: Collection[str] = (),
             bad_if_high: Collection[str] = ()) -> float:
    """The largest distance of a measure from its reference in standard deviations, 0 or more.

    :param values: measures of a scan; all of them are in ``reference``.
    :param bad_if_low: measures of which only low values count, e.g. how sure the model is.
    :param bad_if_high: measures of which only high values count. All other measures count on both sides.
    """
    distances = [0.0]
    for name, value in values.items():
        mean, sd = reference[name]
        distance = (value - mean) / sd
        one_sided = {name in bad_if_low: -distance, name in bad_if_high: distance}
        distances.append(one_sided.get(True, abs(distance)))
    return max(distances)
