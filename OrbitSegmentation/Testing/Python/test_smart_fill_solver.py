"""SmartFill: a structure from a few marked voxels, in millimetres; added seeds change what they should."""

from __future__ import annotations

import numpy as np
import pytest

from OrbitSegmentationLib.refinement.graph_cut import SmartFillSolver

FAT, MUSCLE = -90.0, 50.0


def coordinates(shape: tuple[int, int, int], spacing: tuple[float, float, float]) -> tuple[np.ndarray, ...]:
    """Distances from the middle along K, J, I (mm)."""
    return tuple((index - (size - 1) / 2) * step
                 for index, size, step in zip(np.indices(shape), shape, spacing, strict=True))


def muscle(shape: tuple[int, int, int], spacing: tuple[float, float, float], noise: float = 12.0):
    """An image of a spindle 24 mm long and 6 mm thick along J in fat, and the spindle."""
    k, j, i = coordinates(shape, spacing)
    truth = (j / 12.0) ** 2 + (np.hypot(k, i) / 3.0) ** 2 <= 1.0
    image = np.where(truth, MUSCLE, FAT) + np.random.default_rng(1).normal(0, noise, shape)
    return image.astype(np.float32), truth


def dot(shape: tuple[int, int, int], place: tuple[int, int, int], size: int = 1) -> np.ndarray:
    """Seeds in a small square of a slice."""
    seeds = np.zeros(shape, dtype=bool)
    k, j, i = place
    seeds[k, j - size:j + size + 1, i - size:i + size + 1] = True
    return seeds


def dice(found: np.ndarray, truth: np.ndarray) -> float:
    return 2 * (found & truth).sum() / (found.sum() + truth.sum())


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [((1, 80, 60), (3.0, 0.5, 0.5)), ((30, 80, 60), (0.5, 0.5, 0.5)), ((7, 80, 60), (3.0, 0.5, 0.5)),
     ((24, 40, 90), (0.8, 1.0, 0.3))],
    ids=["slice", "thin slices", "thick slices", "all sides differ"],
)
def test_one_dot_fills_a_muscle(shape, spacing):
    image, truth = muscle(shape, spacing)
    solver = SmartFillSolver(image, spacing)
    solver.set_seeds(dot(shape, tuple(size // 2 for size in shape)))
    assert dice(solver.solve(), truth) > 0.9


@pytest.mark.parametrize("scale", [1.0, -1.0, 1e-3, 1e4], ids=["CT", "dark on bright", "tiny values", "large values"])
def test_intensities_of_any_kind_will_do(scale):
    shape, spacing = (1, 80, 60), (1.0, 0.5, 0.5)
    image, truth = muscle(shape, spacing)
    solver = SmartFillSolver(image * scale, spacing)
    solver.set_seeds(dot(shape, (0, 40, 30), size=0))
    assert dice(solver.solve(), truth) > 0.9


@pytest.mark.parametrize("place", [(15, 30, 30), (12, 24, 33), (18, 40, 30)], ids=["middle", "in front", "behind"])
def test_a_dot_fills_an_eyeball_beside_bone_and_air(place):
    shape, spacing = (30, 60, 60), (1.0, 0.5, 0.5)
    k, j, i = coordinates(shape, spacing)
    depth = 11.0 - np.sqrt(k**2 + j**2 + i**2)
    image = np.select([depth >= 0, depth > -1.5, i > 12, j < -12, np.hypot(j, i) > 13],
                      [10.0, MUSCLE, 1200.0, -1000.0, MUSCLE], FAT)
    image += np.random.default_rng(4).normal(0, 12, shape)
    solver = SmartFillSolver(image.astype(np.float32), spacing)
    solver.set_seeds(dot(shape, place))
    assert dice(solver.solve(), depth >= 0) > 0.9


def two_muscles():
    """Two discs of the same intensity that a thin bridge joins; only the first is wanted."""
    shape, spacing = (1, 60, 100), (1.0, 0.5, 0.5)
    _k, j, i = coordinates(shape, spacing)
    wanted, other = np.hypot(j, i + 6) <= 4.5, np.hypot(j, i - 6) <= 4.5
    image = np.where(wanted | other | ((abs(j) < 1.5) & (abs(i) < 6)), MUSCLE, FAT)
    return (image + np.random.default_rng(2).normal(0, 8, shape)).astype(np.float32), wanted, other, spacing


def test_a_background_seed_takes_a_neighbour_of_the_same_intensity_away():
    image, wanted, other, spacing = two_muscles()
    solver = SmartFillSolver(image, spacing)
    solver.set_seeds(dot(image.shape, (0, 30, 38)))
    assert solver.solve()[other].mean() > 0.5, "without background seeds it leaks: the case is no test"
    solver.add_seeds(background=dot(image.shape, (0, 30, 62)))
    found = solver.solve()
    assert found[other].mean() < 0.25
    assert found[wanted].mean() > 0.9


def test_added_seeds_give_what_solving_from_scratch_gives():
    shape, spacing = (10, 32, 30), (1.0, 0.6, 0.6)
    image, _truth = muscle(shape, spacing, noise=45.0)
    rng = np.random.default_rng(3)
    solver = SmartFillSolver(image, spacing)
    solver.set_seeds(dot(shape, (5, 16, 15)))
    solver.solve()
    for _step in range(8):
        place = tuple(int(rng.integers(size // 2 - 2, size // 2 + 3)) for size in shape)
        kind = "foreground" if rng.random() < 0.5 else "background"
        solver.add_seeds(**{kind: dot(shape, place)})
        again = solver.solve()
        assert np.array_equal(again, solver.solve(from_scratch=True))
        assert again[dot(shape, place)].all() == (kind == "foreground")


def test_foreground_that_the_model_does_not_know_is_learnt():
    shape, spacing = (1, 80, 80), (1.0, 0.5, 0.5)
    _k, j, i = coordinates(shape, spacing)
    bright, dim = np.hypot(j, i + 5) <= 4, np.hypot(j, i - 5) <= 4
    image = np.where(bright, 100.0, np.where(dim, 0.0, FAT)) + np.random.default_rng(0).normal(0, 5, shape)
    solver = SmartFillSolver(image, spacing)
    solver.set_seeds(dot(shape, (0, 40, 30)))
    assert solver.solve()[dim].mean() < 0.1
    solver.add_seeds(foreground=dot(shape, (0, 40, 50)))
    found = solver.solve()
    assert dice(found, bright | dim) > 0.9


def test_a_mark_replaces_an_older_one():
    image, _wanted, _other, spacing = two_muscles()
    mark = dot(image.shape, (0, 30, 34))
    solver = SmartFillSolver(image, spacing)
    solver.set_seeds(dot(image.shape, (0, 30, 30)), mark)
    assert not solver.solve()[mark].any()
    solver.add_seeds(foreground=mark)
    assert solver.solve()[mark].all()
    solver.add_seeds(background=mark)
    assert not solver.solve()[mark].any()


def test_more_smoothness_gives_a_shorter_border():
    shape, spacing = (1, 80, 60), (1.0, 0.5, 0.5)
    image, _truth = muscle(shape, spacing, noise=60.0)
    lengths = []
    solver = SmartFillSolver(image, spacing, smoothness=0.0)
    solver.set_seeds(dot(shape, (0, 40, 30)))
    for smoothness in (0.0, 0.8, 3.0):
        solver.set_smoothness(smoothness)
        found = solver.solve()
        lengths.append(sum(np.diff(found, axis=axis).sum() for axis in (1, 2)) / max(found.sum(), 1))
    assert lengths[0] > 1.5 * lengths[1] > 1.5 * lengths[2] > 0


def test_nothing_lies_beyond_the_margin_of_the_seeds():
    image = np.full((1, 200, 200), MUSCLE, dtype=np.float32)
    solver = SmartFillSolver(image, (1.0, 0.5, 0.5), margin_mm=10.0)
    solver.set_seeds(dot(image.shape, (0, 100, 100), size=0))
    reach = np.abs(np.argwhere(solver.solve())[:, 1:] - 100).max(initial=0) * 0.5
    assert reach <= 10.0


@pytest.mark.parametrize("values", [np.zeros((1, 9, 9)), np.full((1, 9, 9), np.nan), np.ones((3, 1, 1))],
                         ids=["constant", "not a number", "one pixel wide"])
def test_odd_images_are_filled_without_a_word(values):
    seeds = np.zeros(values.shape, dtype=bool)
    seeds[0, 0, 0] = True
    solver = SmartFillSolver(values, (1.0, 1.0, 1.0))
    solver.set_seeds(seeds)
    assert solver.solve()[0, 0, 0]


@pytest.mark.parametrize("missing", [np.nan, -np.inf, np.inf])
def test_a_fill_ends_where_a_ct_has_no_values(missing):
    brain, shape = 20.0, (1, 80, 60)
    image = np.random.default_rng(1).normal(brain, 8, shape).astype(np.float32)
    image[:, :, :10] = -1000.0
    image[:, 45:] = missing
    solver = SmartFillSolver(image, (1.0, 0.5, 0.5))
    solver.set_seeds(dot(shape, (0, 40, 30)))
    found = solver.solve()
    assert found[:, 30:45, 20:40].mean() > 0.9
    assert not found[:, 46:].any()


def test_without_seeds_there_is_nothing():
    solver = SmartFillSolver(np.zeros((2, 5, 5)), (1.0, 1.0, 1.0))
    assert not solver.solve().any()
    solver.set_seeds(np.zeros((2, 5, 5), dtype=bool), np.ones((2, 5, 5), dtype=bool))
    assert not solver.solve().any()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="three axes"):
        SmartFillSolver(np.zeros((5, 5)), (1.0, 1.0, 1.0))
    with pytest.raises(ValueError, match="shape"):
        SmartFillSolver(np.zeros((1, 5, 5)), (1.0, 1.0, 1.0)).set_seeds(np.zeros((1, 4, 4), dtype=bool))
