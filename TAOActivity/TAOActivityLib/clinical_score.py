"""The clinical activity score: seven signs, active from three points on (EUGOGO)."""

from __future__ import annotations

from collections.abc import Sequence

#: The seven items, one point each; also the names of columns in cohort tables.
ITEMS = ("orbital_pain", "gaze_pain", "eyelid_swelling", "eyelid_erythema", "conjunctival_redness", "chemosis",
         "caruncle_swelling")
ACTIVE_FROM = 3


def is_active(score: int) -> bool:
    """Return whether a clinical activity score of 0 to 7 calls the disease active.

    :raises ValueError: for other scores.
    """
    if not 0 <= score <= len(ITEMS):
        raise ValueError(f"The clinical activity score runs from 0 to {len(ITEMS)}, not {score}.")
    return score >= ACTIVE_FROM


def score_of(items: Sequence[bool | int]) -> int:
    """Return the sum of the seven items.

    :raises ValueError: unless there are seven items of 0 or 1.
    """
    if len(items) != len(ITEMS) or any(int(item) not in (0, 1) for item in items):
        raise ValueError(f"The clinical activity score has {len(ITEMS)} items of 0 or 1.")
    return sum(int(item) for item in items)
