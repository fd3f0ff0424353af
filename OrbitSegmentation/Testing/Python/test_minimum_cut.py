"""Minimum cuts: the cheapest of all divisions, and the same one however it is found."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from OrbitSegmentationLib.refinement.minimum_cut import Links, minimum_cut


def random_problem(seed: int, shape: tuple[int, ...], strength: int):
    """Wishes, costs of links per axis, and a few decided voxels."""
    rng = np.random.default_rng(seed)
    wish = rng.integers(-20, 21, shape).astype(np.int32)
    shorter = [tuple(size - (other == axis) for other, size in enumerate(shape)) for axis in range(len(shape))]
    costs = tuple(rng.integers(0, strength + 1, part).astype(np.int32) for part in shorter)
    decided = rng.choice(np.array([-1, 0, 1], dtype=np.int8), shape, p=[0.05, 0.9, 0.05])
    return wish, costs, decided


def price(foreground: np.ndarray, wish: np.ndarray, costs: tuple[np.ndarray, ...]) -> int:
    """What a division costs."""
    borders = sum(int(cost[np.diff(foreground, axis=axis)].sum()) for axis, cost in enumerate(costs))
    return borders - int(wish[foreground].sum())


def cheapest_price(wish: np.ndarray, costs: tuple[np.ndarray, ...], decided: np.ndarray) -> int:
    """By trying all divisions."""
    divisions = (np.reshape(bits, wish.shape) for bits in itertools.product((False, True), repeat=wish.size))
    allowed = (bits for bits in divisions if bits[decided > 0].all() and not bits[decided < 0].any())
    return min(price(bits, wish, costs) for bits in allowed)


@pytest.mark.parametrize("shape", [(3, 3), (1, 3, 3), (2, 2, 2), (1, 9)])
@pytest.mark.parametrize("strength", [3, 15, 60])
def test_no_division_is_cheaper(shape: tuple[int, ...], strength: int):
    for seed in range(4):
        wish, costs, decided = random_problem(seed, shape, strength)
        found = minimum_cut(wish, Links.from_grid(costs, shape), decided)
        assert found[decided > 0].all()
        assert not found[decided < 0].any()
        assert price(found, wish, costs) == cheapest_price(wish, costs, decided)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([5, 20, 80]))
def test_the_smallest_of_equally_cheap_divisions_grows_with_the_wishes(seed: int, strength: int):
    wish, costs, decided = random_problem(seed, (3, 9, 8), strength)
    links = Links.from_grid(costs, wish.shape)
    smaller = minimum_cut(wish, links, decided)
    eager = wish + np.random.default_rng(seed).integers(0, 10, wish.shape).astype(np.int32)
    larger = minimum_cut(eager, links, decided)
    assert (larger >= smaller).all()
    known = decided.copy()
    known[smaller & (known == 0)] = 1
    assert np.array_equal(minimum_cut(eager, links, known), larger)


def test_a_draw_is_background():
    wish = np.zeros((1, 4, 4), dtype=np.int32)
    costs = tuple(np.ones(shape, dtype=np.int32) for shape in ((0, 4, 4), (1, 3, 4), (1, 4, 3)))
    assert not minimum_cut(wish, Links.from_grid(costs, wish.shape), np.zeros(wish.shape, dtype=np.int8)).any()


def test_voxels_at_opposite_ends_of_lines_are_no_neighbours():
    wish = np.array([[[9, -9], [9, -9]]], dtype=np.int32)
    costs = tuple(np.full(shape, 1, dtype=np.int32) for shape in ((0, 2, 2), (1, 1, 2), (1, 2, 1)))
    found = minimum_cut(wish, Links.from_grid(costs, wish.shape), np.zeros(wish.shape, dtype=np.int8))
    assert found.tolist() == [[[True, False], [True, False]]]
