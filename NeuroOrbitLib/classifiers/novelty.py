"""Novelty of a scan: how unlike the images of a model's training it is.

Each measure of a scan is compared with the same measure on images like those of the training. The score is the largest
distance of a measure from its mean on these images, in standard deviations.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from NeuroOrbitLib.sentences import sentence as _

#: Largest score of a usual scan.
USUAL = 3.0
#: Mean and SD of each measure on images like those of the training, by name.
Reference = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Novelty:
    """How unusual a scan is.

    :param score: largest distance of a measure from its mean in the training, in standard deviations; above
        :data:`USUAL` the scan is unusual.
    :param values: measures of the scan by name.
    """

    score: float
    values: Mapping[str, float]

    @property
    def is_unusual(self) -> bool:
        """Whether the scan is unlike the images of the training."""
        return self.score > USUAL

    def as_data(self) -> dict[str, Any]:
        """Return the novelty as plain data."""
        return {"score": round(self.score, 2), "usual_up_to": USUAL, "unusual": self.is_unusual,
                "values": {key: round(value, 4) for key, value in self.values.items()}}

    def data_with_text(self, advice: str) -> dict[str, Any]:
        """Return plain data with a ``text`` for the user, which contains ``advice`` if the scan is unusual."""
        return {**self.as_data(), "text": self.text(advice) or _("looks like those that the model was trained on")}

    def text(self, advice: str) -> str:
        """Return one line for the user with ``advice`` if the scan is unusual, otherwise an empty text."""
        if not self.is_unusual:
            return ""
        return _("This scan looks unlike those that the model was trained on. {advice}").format(advice=advice)


def score_of(values: Mapping[str, float], reference: Reference, bad_if_low: Collection[str] = (),
             bad_if_high: Collection[str] = ()) -> float:
    """Return the largest distance of a measure from its reference in standard deviations, 0 or more.

    :param values: measures of a scan by name; ``reference`` must contain all of them.
    :param reference: mean and SD of each measure by name.
    :param bad_if_low: measures of which only low values count, e.g. the confidence of the model.
    :param bad_if_high: measures of which only high values count. All other measures count on both sides.
    """
    distances = [0.0]
    for name, value in values.items():
        mean, sd = reference[name]
        distance = (value - mean) / sd
        one_sided = {name in bad_if_low: -distance, name in bad_if_high: distance}
        distances.append(one_sided.get(True, abs(distance)))
    return max(distances)
