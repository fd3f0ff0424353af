"""SmartFill from slices: what was drawn on a few slices is filled on all, along the edges of the image."""

from __future__ import annotations

import numpy as np
import pytest

from OrbitSegmentationLib.refinement import drawn_slices
from OrbitSegmentationLib.refinement.drawn_slices import DrawnSlicesSolver, minimum_cut
from OrbitSegmentationLib.refinement.expected_shape import expected_depth
from OrbitSegmentationLib.refinement.graph_cut import Seeds

STEP = 1.0
PIXEL = 0.7
SHAPE = (40, 50, 56)


def places() -> tuple[np.ndarray, ...]:
    """Distances from the middle of the volume (mm) along slices, rows and columns."""
    return tuple(np.meshgrid(*[(np.arange(size) - (size - 1) / 2) * step
                               for size, step in zip(SHAPE, (STEP, PIXEL, PIXEL), strict=True)], indexing="ij"))


def muscle(radius: float = 4.0) -> np.ndarray:
    """A bent spindle, 34 mm long."""
    k, j, i = places()
    return np.hypot(j - 0.012 * k**2, 0.6 * i) < radius * np.sqrt(np.clip(1 - (k / 17) ** 2, 0, None))


def scan(structures: np.ndarray) -> np.ndarray:
    """Muscle in fat, in HU, with noise."""
    return np.where(structures, 50.0, -90.0) + np.random.default_rng(0).normal(0, 12, SHAPE)


def roughly(truth: np.ndarray, k: int, thicker: float = 0.8) -> np.ndarray:
    """The structure on one slice, as drawn with a brush that is too thick (mm) and a hand that is off by a pixel."""
    from scipy.ndimage import distance_transform_edt

    found = np.zeros(truth.shape, bool)
    found[k] = np.roll(distance_transform_edt(~truth[k], sampling=PIXEL) <= thicker, 1, axis=0)
    return found


def solver_of(image: np.ndarray, **options) -> DrawnSlicesSolver:
    return DrawnSlicesSolver(image, (STEP, PIXEL, PIXEL), **options)


def drawn_on(image: np.ndarray, truth: np.ndarray, slices: tuple[int, ...], thicker: float = 0.8) -> DrawnSlicesSolver:
    solver = solver_of(image)
    for k in slices:
        solver.draw(roughly(truth, k, thicker))
    return solver


def dice(found: np.ndarray, truth: np.ndarray) -> float:
    return 2 * (found & truth).sum() / (found.sum() + truth.sum())


def test_three_rough_slices_give_the_whole_muscle_along_its_edges():
    truth = muscle()
    found = drawn_on(scan(truth), truth, (5, 20, 34)).solve()
    assert dice(found, truth) > 0.95
    assert dice(found[5], truth[5]) > dice(roughly(truth, 5)[5], truth[5]), "the drawn slice was not corrected"


def test_it_does_not_enter_a_neighbour_of_the_same_brightness():
    truth = muscle()
    k, j, i = places()
    neighbour = (np.hypot(j - 0.012 * k**2 - 7.0, 0.6 * i) < 4.0) & ~truth
    found = drawn_on(scan(truth | neighbour), truth, (5, 20, 34), thicker=0.0).solve()
    assert (found & neighbour).sum() < 0.15 * truth.sum(), "more than the hand was off"
    assert dice(found, truth) > 0.88


def test_a_correction_stays_and_guides_its_neighbours():
    truth = muscle()
    unseen = np.zeros(SHAPE)  # nothing to see: only what is drawn counts
    solver = drawn_on(unseen, truth, (5, 34))
    before = solver.solve()
    correct = np.zeros(SHAPE, bool)
    correct[20] = truth[20] & ~before[20]
    solver.draw(correct)
    too_much = np.zeros(SHAPE, bool)
    too_much[20] = before[20] & ~truth[20]
    solver.draw(too_much, remove=True)
    after = solver.solve()
    assert after[correct].all() and not after[too_much].any()
    for k in (16, 24):
        assert dice(after[k], truth[k]) > dice(before[k], truth[k]) + 0.05, f"slice {k} did not follow"


def test_a_slice_that_is_emptied_ends_the_structure():
    truth = muscle()
    solver = drawn_on(scan(truth), truth, (5, 20))
    emptied = np.zeros(SHAPE, bool)
    emptied[24] = solver.solve()[24]
    assert emptied.any()
    solver.draw(emptied, remove=True)
    found = solver.solve()
    assert found[20].any() and not found[24:].any()


def test_taking_back_where_nothing_is_does_nothing():
    truth = muscle()
    solver = drawn_on(scan(truth), truth, (5, 20))
    before = solver.solve()
    solver.draw(roughly(truth, 39, thicker=5.0) | roughly(truth, 0, thicker=5.0), remove=True)
    np.testing.assert_array_equal(solver.solve(), before)


def test_slices_of_the_segment_stay_as_they_are_and_others_are_not_entered():
    truth, wrong = muscle(), np.zeros(SHAPE, bool)
    for k in (5, 20, 34):
        wrong |= roughly(truth, k)
    other = places()[2] > 3.0
    solver = solver_of(scan(truth), seeds=Seeds.of(wrong & ~other, other, SHAPE))
    found = solver.solve()
    for k in (5, 20, 34):
        np.testing.assert_array_equal(found[k], (wrong & ~other)[k])
    assert not (found & other).any()
    assert dice(found[12], (truth & ~other)[12]) > 0.9


def test_thick_slices():
    truth = muscle()[::4]
    solver = DrawnSlicesSolver(scan(muscle())[::4], (4 * STEP, PIXEL, PIXEL))
    for k in (1, 4, 8):
        solver.draw(roughly(truth, k))
    assert dice(solver.solve(), truth) > 0.88


def test_one_slice_in_a_volume_of_one_slice_moves_to_the_edge():
    truth = muscle()[20:21]
    solver = DrawnSlicesSolver(scan(muscle())[20:21], (STEP, PIXEL, PIXEL))
    solver.draw(roughly(truth, 0))
    assert dice(solver.solve(), truth) > 0.95


def test_nothing_drawn_fills_nothing():
    assert not solver_of(np.zeros(SHAPE)).solve().any()


def test_more_smoothness_gives_a_shorter_border():
    truth = muscle()
    solver = drawn_on(scan(truth) + np.random.default_rng(1).normal(0, 60, SHAPE), truth, (5, 20, 34))

    def border(mask):
        return sum(np.count_nonzero(np.diff(mask.astype(np.int8), axis=axis)) for axis in (1, 2))

    rough = border(solver.solve())
    solver.set_smoothness(4.0)
    assert border(solver.solve()) < rough


def test_the_middle_runs_smoothly_between_the_slices():
    drawn, known = np.zeros((21, 40, 40), bool), np.zeros(21, bool)
    rows, columns = np.indices((40, 40))
    for k, row in ((0, 10), (10, 20), (20, 10)):
        drawn[k], known[k] = np.hypot(rows - row, columns - 20) < 5, True
    depth = expected_depth(drawn, known, (1.0, 1.0, 1.0))
    middles = [float(np.argwhere(plane > 0).mean(axis=0)[0]) for plane in depth]
    assert 15 < middles[5] < 19 and middles[15] == pytest.approx(middles[5], abs=0.5)
    assert (depth > 0).sum(axis=(1, 2)).min() > 0.8 * drawn[0].sum(), "between the slices it got thinner"


def test_a_stroke_costs_one_cut_around_the_structure_whatever_the_size_of_the_scan(monkeypatch):
    cut_shapes = []

    def cut(cost, *others):
        cut_shapes.append(cost.shape)
        return minimum_cut(cost, *others)

    monkeypatch.setattr(drawn_slices, "minimum_cut", cut)
    truth, sizes = muscle(), []
    for margin in (0, 40):
        room = ((0, 0), (margin, margin), (margin, margin))
        solver = solver_of(np.pad(scan(truth), room, mode="reflect"))
        for k in (5, 20):
            solver.draw(np.pad(roughly(truth, k), room))
        solver.solve()
        cut_shapes.clear()
        solver.draw(np.pad(roughly(truth, 34), room))
        solver.solve()
        solver.solve()
        assert len(cut_shapes) == 1
        sizes += cut_shapes
    small, large = sizes
    assert large[0] == small[0] and np.prod(large) < 1.5 * np.prod(small)


def off_by(truth: np.ndarray, pixels: int) -> np.ndarray:
    """A proposal that lies too far along the rows."""
    return np.roll(truth, pixels, axis=1)


def test_without_strokes_the_solution_is_the_proposal_without_what_is_background():
    proposal, others = off_by(muscle(), 2), np.zeros(SHAPE, bool)
    others[:, :24] = True
    solver = solver_of(scan(muscle()), proposal=proposal, seeds=Seeds.of(np.zeros(SHAPE, bool), others, SHAPE))
    assert np.array_equal(solver.solve(), proposal & ~others)


def drawn_at_the_ends(truth: np.ndarray, proposal: np.ndarray | None) -> np.ndarray:
    """What two drawn slices give where there is nothing to see: only outlines count."""
    solver = solver_of(np.zeros(SHAPE), proposal=proposal)
    ends = np.zeros(SHAPE, bool)
    ends[[6, 33]] = truth[[6, 33]]
    if proposal is not None:
        solver.draw(proposal & ~truth & np.isin(np.arange(SHAPE[0]), (6, 33))[:, None, None], remove=True)
    solver.draw(ends)
    return solver.solve()


def test_a_proposal_tells_what_happens_between_the_drawn_slices():
    truth = muscle()
    without, with_it = drawn_at_the_ends(truth, None), drawn_at_the_ends(truth, truth)
    assert dice(with_it[10:30], truth[10:30]) > dice(without[10:30], truth[10:30]) + 0.1


def test_drawn_slices_move_a_proposal_to_where_the_structure_is():
    truth = muscle()
    proposal = off_by(truth, 3)
    found = drawn_at_the_ends(truth, proposal)
    rows = [np.argwhere(part[20])[:, 0].mean() for part in (truth, found, proposal)]
    assert abs(rows[1] - rows[0]) < 0.5 * abs(rows[2] - rows[0])
    assert dice(found, truth) > dice(proposal, truth) + 0.1


def test_drawn_slices_make_a_proposal_larger_or_smaller():
    truth, small = muscle(), muscle(radius=2.6)
    found = drawn_at_the_ends(truth, small)
    assert truth[20].sum() > found[20].sum() > 1.3 * small[20].sum()


def test_around_a_stroke_the_image_counts_more_than_a_proposal_that_is_off_and_far_away_nothing_changes():
    truth = muscle()
    proposal = off_by(truth, 3)
    solver = solver_of(scan(truth), proposal=proposal)
    middle = np.zeros(SHAPE, bool)
    middle[20] = truth[20] & ~proposal[20]
    solver.draw(middle)
    found, away = solver.solve(), np.abs(np.arange(SHAPE[0]) - 20)  # slices of 1 mm
    near, far = away <= 4, away > 11
    assert dice(found[near], truth[near]) > 0.93
    assert proposal[far].any() and np.array_equal(found[far], proposal[far])
