"""What a panel shows of an answer at one glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from NeuroOrbitLib.classifiers.wording import Record


@dataclass(frozen=True)
class Answer:
    """What the card of a result shows.

    :param headline: the decision in a few words.
    :param positive: whether it is the class that the probability is of.
    :param probability: of the class, 0 to 1.
    :param interval: of the probability, None if it is not known.
    :param threshold: from which probability on the decision is the class.
    :param lines: more to say, as (heading, text).
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
        """Return the card of a record with ``interval`` and ``threshold``; other parameters as for the class."""
        interval = record.get("interval")
        return cls(headline, positive, probability, tuple(interval) if interval else None, float(record["threshold"]),
                   lines)
