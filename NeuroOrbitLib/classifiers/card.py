"""The content of the card on which a panel shows an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from NeuroOrbitLib.classifiers.wording import Record


@dataclass(frozen=True)
class Answer:
    """The content of the card of a result.

    :param headline: decision in a few words.
    :param positive: whether the decision is the class to which the probability refers.
    :param probability: probability of the class, 0 to 1.
    :param interval: interval (low, high) of the probability; None if it is not known.
    :param threshold: probability from which on the case is assigned to the class.
    :param lines: further texts, as pairs (heading, text).
    """

    headline: str
    positive: bool
    probability: float
    interval: tuple[float, float] | None
    threshold: float
    lines: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(cls, record: Record, headline: str, positive: bool, probability: float,
           lines: Sequence[tuple[str, str]]) -> Answer:
        """Return the card of a record that has ``interval`` and ``threshold``; other parameters as for the class."""
        interval = record.get("interval")
        return cls(headline, positive, probability, tuple(interval) if interval else None, float(record["threshold"]),
                   lines)
