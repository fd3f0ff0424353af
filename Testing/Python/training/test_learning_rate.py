"""The learning rate warms up, falls along a cosine and ends where it should."""

from __future__ import annotations

import itertools

import pytest
import torch

from NeuroOrbitLib.training.learning_rate import cosine_factor, cosine_rate


def test_the_rate_warms_up_and_falls_to_the_floor():
    factors = [cosine_factor(step, 1000, warm_up=100, floor=0.01) for step in (0, 49, 100, 550, 1000, 1200)]
    assert factors == pytest.approx([1 / 101, 50 / 101, 1.0, 0.505, 0.01, 0.01])


def test_the_rate_never_jumps():
    factors = [cosine_factor(step, 300, warm_up=30) for step in range(301)]
    steps = [abs(after - before) for before, after in itertools.pairwise(factors)]
    assert max(steps) < 1.1 / 31 and max(factors) == 1.0 and factors[-1] == 0.0


def test_a_training_shorter_than_the_warm_up_has_a_rate_all_along():
    assert [cosine_factor(step, 3, warm_up=100) for step in range(3)] == pytest.approx([1 / 101, 2 / 101, 3 / 101])
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)
    scheduler = cosine_rate(optimizer, steps=1)
    assert scheduler.get_last_lr() == [2.0]
