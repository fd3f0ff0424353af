"""The limits of finding the lesions of a whole brain."""

from __future__ import annotations

from Testing.Experiments.benchmarks import lesions

KEPT = {"first_s": 60.0, "later_s": 39.0, "later_processor_s": 45.0, "peak_gib": 2.9}


def test_limits_of_time_and_memory_are_told_when_they_are_not_kept():
    assert lesions.exceeded(KEPT) == []
    assert lesions.exceeded({**KEPT, "later_s": 90.0, "later_processor_s": 39.0}) == [], "a busy machine"
    slow, large = lesions.exceeded({**KEPT, "later_s": 50.0, "peak_gib": 3.4})
    assert "45 s (limit 40)" in slow and "3.4 GiB" in large
