"""A small part of the campaign (``make attack``): nothing that is damaged is taken as if it were whole."""

from __future__ import annotations

import pytest

from Testing.Attack.outcome import Outcome, Tally
from Testing.Attack.run import ATTEMPTS


@pytest.mark.parametrize("attempts", ATTEMPTS)
def test_no_attempt_goes_wrong(tmp_path, attempts):
    tally = Tally().add_all(attempts(tmp_path, seed=7, repeats=1))
    assert not tally.wrong and sum(tally.counts[area][Outcome.TOLD] + tally.counts[area][Outcome.RIGHT]
                                   for area in tally.counts) > 0
