"""What a panel shows of an answer at one glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
