"""The limits of estimating the response of one patient."""

from __future__ import annotations

from Testing.Experiments.benchmarks import response

KEPT = {"first_s": 40.0, "later_s": 29.0, "later_processor_s": 45.0, "peak_gib": 2.9}


def test_limits_of_time_and_memory_are_told_when_they_are_not_kept():
    assert response.exceeded(KEPT) == []
    assert response.exceeded({**KEPT, "later_s": 90.0, "later_processor_s": 29.0}) == [], "a busy machine"
    slow, large = response.exceeded({**KEPT, "later_s": 50.0, "peak_gib": 3.4})
    assert "45 s (limit 30)" in slow and "3.4 GiB" in large
