"""The parametric orbit: volumes as in the literature, anatomy where it belongs, the same for the same seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from NeuroOrbitLib.phantom.orbit.cavity import cavity_level
from NeuroOrbitLib.phantom.orbit.muscle import globe_axes, muscle_tube
from NeuroOrbitLib.phantom.orbit.random_shape import random_orbit_shape
from NeuroOrbitLib.phantom.orbit.raster import NERVE_TISSUES, nerve_tubes, rasterise_orbit, rasterise_orbit_parts
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.thyroid_disease import swollen
from NeuroOrbitLib.phantom.tissue import Tissue

STEP = 0.7
AXES = (np.arange(-30, 26, STEP), np.arange(-48, 24, STEP), np.arange(-23, 23, STEP))
POINTS = np.stack(np.meshgrid(*AXES, indexing="ij"), axis=-1)


@pytest.fixture(scope="module")
def healthy() -> np.ndarray:
    return rasterise_orbit(OrbitShape(), POINTS)


def volume(labels: np.ndarray, *values: int) -> float:
    return float(np.isin(labels, values).sum()) * STEP**3


def center(labels: np.ndarray, value: int) -> np.ndarray:
    return POINTS[labels == value].mean(axis=0)


@pytest.mark.parametrize(("values", "low", "high"), [
    ((1, 19), 6900, 7500),  # globe with its lens
    ((3,), 380, 620),  # optic nerve up to the optic canal
    ((5,), 800, 1050),  # superior rectus and levator
    ((7,), 570, 780),  # inferior rectus
    ((9,), 700, 840),  # medial rectus
    ((11,), 670, 820),  # lateral rectus
    ((13,), 500, 900),  # lacrimal gland
    ((15,), 290, 430),  # superior oblique
    ((17,), 230, 340),  # inferior oblique
    ((19,), 140, 260),  # lens
    ((21,), 8000, 16500),  # fat
])
def test_default_volumes_lie_in_the_published_range(healthy, values, low, high):
    assert low < volume(healthy, *values) < high


def test_each_rectus_lies_on_its_side_of_the_globe_and_nerve(healthy):
    nerve = center(healthy, 3)
    assert center(healthy, 9)[0] < nerve[0] < center(healthy, 11)[0]
    assert center(healthy, 7)[2] < nerve[2] < center(healthy, 5)[2]
    assert center(healthy, 13)[0] > 10 and center(healthy, 13)[2] > 6


def test_recti_touch_the_globe_in_front_of_its_equator(healthy):
    globe = np.isin(healthy, (1, 19))
    for value in (5, 7, 9, 11):
        front = POINTS[(healthy == value) & (POINTS[..., 1] > 3)]
        assert len(front) > 10, value
        assert (np.linalg.norm(front, axis=1) < 14.0).mean() > 0.3, value
    assert globe[tuple(np.argmin(np.abs(axis)) for axis in AXES)]


def test_nerve_leaves_the_globe_nasally_and_reaches_the_apex(healthy):
    nerve = POINTS[healthy == 3]
    head = nerve[nerve[:, 1] > -13].mean(axis=0)
    assert -6.0 < head[0] < -1.5
    assert np.linalg.norm(nerve - OrbitShape().nerve.annulus, axis=1).min() < 0.5


@pytest.mark.parametrize(("value", "depth", "x", "z"), [
    (5, -16, -7.6, 12.3), (5, -24, -9.9, 10.3),  # superior rectus and levator
    (7, -12, -6.5, -9.6), (7, -16, -7.3, -7.8), (7, -24, -10.6, -3.4),  # inferior rectus
    (9, -4, -14.6, -0.7), (9, -16, -15.5, 1.1),  # medial rectus
    (11, -12, 8.3, -0.5), (11, -20, 3.1, 1.1), (11, -28, -3.4, 2.0),  # lateral rectus
    (3, -16, -7.3, 3.3), (3, -20, -9.0, 4.0), (3, -28, -13.0, 5.5),  # optic nerve
])
def test_courses_agree_with_real_orbits(healthy, value, depth, x, z):
    """Means of real orbits in the common frame (Testing/Experiments/validation/phantom_anatomy.py)."""
    near = (healthy == value) & (np.abs(POINTS[..., 1] - depth) < 2)
    assert np.median(POINTS[near][:, [0, 2]], axis=0) == pytest.approx((x, z), abs=1.5)


def test_muscles_stay_between_the_walls_and_off_the_globe_and_nerve():
    shape = OrbitShape()
    nerve = nerve_tubes(shape)[0]
    for muscle in shape.muscles:
        near, level, _ = muscle_tube(muscle, shape).level(POINTS.reshape(-1, 3))
        inside = POINTS.reshape(-1, 3)[near[level < 1]]
        _, depth, _ = nerve.level(inside)
        assert (cavity_level(shape.cavity, inside) > 1.03).mean() < 0.01, muscle.name
        assert (np.linalg.norm(inside / globe_axes(shape), axis=1) < 0.97).mean() < 0.005, muscle.name
        assert (depth < 1).sum() * STEP**3 < 2.0, muscle.name


def test_lacrimal_gland_lies_beside_and_above_the_globe_behind_the_rim(healthy):
    assert center(healthy, 13) == pytest.approx((13.0, -2.5, 8.4), abs=1.0)


def test_parts_and_labels_agree_on_the_globe_the_nerve_and_the_lens(healthy):
    parts = rasterise_orbit_parts(OrbitShape(), POINTS)
    assert np.array_equal(healthy == 19, parts == Tissue.LENS)
    nerve = np.isin(parts, NERVE_TISSUES)
    assert np.array_equal(healthy == 0, (parts == Tissue.AIR) | (nerve & (healthy != 3)))
    assert not ((healthy == 3) & ~nerve).any()


def test_the_nerve_s_label_ends_at_the_mouth_of_the_optic_canal_and_its_tissue_does_not(healthy):
    parts = rasterise_orbit_parts(OrbitShape(), POINTS)
    mouth, canal_exit = OrbitShape().nerve.canal_entrance, OrbitShape().nerve.canal_exit
    tissue, depth = np.isin(parts, NERVE_TISSUES), POINTS[..., 1]
    assert np.array_equal((healthy == 3) & (depth > mouth[1] + 2), tissue & (depth > mouth[1] + 2))
    assert not ((healthy == 3) & (depth < mouth[1] - 2)).any()
    assert depth[tissue].min() == pytest.approx(canal_exit[1], abs=2.0)


def test_swelling_enlarges_the_belly_and_spares_the_tendon(healthy):
    shape = OrbitShape()
    factors = [2.0 if muscle.tissue == Tissue.MEDIAL_RECTUS else 1.0 for muscle in shape.muscles]
    labels = rasterise_orbit(replace(swollen(shape, factors, 1.0, 0.0), proptosis=0.0), POINTS)
    assert 1.55 < volume(labels, 9) / volume(healthy, 9) < 2.05
    front = POINTS[..., 1] > 3.0
    assert volume(np.where(front, labels, 0), 9) == pytest.approx(volume(np.where(front, healthy, 0), 9), rel=0.25)


def test_severe_disease_moves_the_globe_forward_and_doubles_the_muscles(healthy):
    shape = random_orbit_shape(np.random.default_rng(3), "F", severity=1.0, gaze_sd=0.0)
    labels = rasterise_orbit(shape, POINTS)
    assert shape.proptosis > 1.0
    assert center(labels, 1)[1] > center(healthy, 1)[1] + 1.0
    assert volume(labels, 5, 7, 9, 11) > 1.5 * volume(healthy, 5, 7, 9, 11)


def test_the_severest_disease_triples_muscles_and_presses_on_the_nerve_at_the_apex(healthy):
    shapes = [random_orbit_shape(np.random.default_rng(seed), "F", severity=1.6, gaze_sd=0.0) for seed in range(8)]
    growth = [np.mean([muscle.swelling for muscle in shape.muscles[:4]]) for shape in shapes]
    assert 2.3 < np.mean(growth) < 3.2 and max(shape.proptosis for shape in shapes) > 8.0
    dura = [nerve_tubes(replace(shape, proptosis=0.0, nerve=replace(shape.nerve, crowding=crowding)))[0]
            for shape in shapes[:1] for crowding in (0.0, shapes[0].nerve.crowding)]
    apex = np.abs(dura[0].samples[:, 1] - shapes[0].nerve.annulus[1]).argmin()
    assert dura[1].half_width[apex] < 0.85 * dura[0].half_width[apex]
    assert dura[1].half_width[20] == pytest.approx(dura[0].half_width[20], rel=0.05)


def test_gaze_turns_the_lens_laterally_and_up():
    labels = rasterise_orbit(replace(OrbitShape(), gaze=(20.0, 10.0)), POINTS)
    lens = center(labels, 19)
    assert lens[0] > 1.5 and lens[2] > 0.7


def test_same_seed_gives_the_same_orbit_and_another_seed_another():
    first, again, other = (random_orbit_shape(np.random.default_rng(seed), severity=0.5) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_out_of_range_parameters_are_refused():
    with pytest.raises(ValueError, match="Severity"):
        random_orbit_shape(np.random.default_rng(0), severity=1.7)
    with pytest.raises(ValueError, match="Sex"):
        random_orbit_shape(np.random.default_rng(0), sex="x")


def test_every_random_orbit_has_every_structure():
    coarse = POINTS[::2, ::2, ::2]
    for seed in range(6):
        labels = rasterise_orbit(random_orbit_shape(np.random.default_rng(seed), severity=seed / 6), coarse)
        assert set(range(1, 23, 2)) <= set(np.unique(labels).tolist()), seed


def test_any_grid_of_points_gives_the_value_at_that_point(healthy):
    picked = POINTS.reshape(-1, 3)[::97]
    assert np.array_equal(rasterise_orbit(OrbitShape(), picked), healthy.reshape(-1)[::97])
