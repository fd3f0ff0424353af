"""Simulated scans: published muscle ratios, CT numbers, noise, and determinism."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from NeuroOrbitLib.imaging.geometry import grid_around
from NeuroOrbitLib.phantom.head.raster import rasterise_head
from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.orbit.activity import ACTIVE, HEALTHY, INACTIVE, MILDLY_ACTIVE, MuscleTissue, muscle_tissue
from NeuroOrbitLib.phantom.patients.patient import centred_grid, random_pose
from NeuroOrbitLib.phantom.scanner.ct import attenuation_table, correlated_noise, simulate_ct
from NeuroOrbitLib.phantom.scanner.mr import WHITE_MATTER_LEVEL, Artefacts, rician, simulate_mr
from NeuroOrbitLib.phantom.scanner.protocols import PROTOCOLS, Protocol, Sequence, protocol
from NeuroOrbitLib.phantom.scanner.relaxation import fat_signal, tissue_table, water_signal
from NeuroOrbitLib.phantom.scanner.rendering import Pose, scan_labels
from NeuroOrbitLib.phantom.tissue import MUSCLE_TISSUES, Tissue
from NeuroOrbitLib.problem import Problem

HEAD = HeadShape()
SPIR = replace(PROTOCOLS["mr-axial-spir"], field_strength=3.0)
STIR = PROTOCOLS["mr-coronal-stir"]
GRID = grid_around(np.array([30.0, -20.0, 0.0]), (64.0, 60.0, 6.0), (0.8, 0.8, 1.5))


def ratio(plan: Protocol, muscles: MuscleTissue, reference: Tissue) -> float:
    signal = water_signal(plan, tissue_table(muscles, plan.field_strength))
    return float(signal[Tissue.INFERIOR_RECTUS] / signal[reference])


@pytest.mark.parametrize(("muscles", "expected"), [
    (HEALTHY, 0.93), (INACTIVE, 0.85), (MILDLY_ACTIVE, 1.20), (ACTIVE, 1.37)])
def test_muscle_to_white_matter_ratio_on_fat_saturated_t2(muscles, expected):
    assert ratio(SPIR, muscles, Tissue.WHITE_MATTER) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(("muscles", "expected"), [(HEALTHY, 1.9), (ACTIVE, 2.8)])
def test_muscle_to_temporalis_ratio_on_stir(muscles, expected):
    assert ratio(STIR, muscles, Tissue.TEMPORALIS) == pytest.approx(expected, abs=0.1)


def test_muscle_to_temporalis_ratio_on_fat_saturated_t2_rises_with_activity():
    assert ratio(SPIR, HEALTHY, Tissue.TEMPORALIS) == pytest.approx(2.4, abs=0.1)
    assert 3.0 < ratio(SPIR, ACTIVE, Tissue.TEMPORALIS) < 3.6


def test_fat_is_nulled_by_stir_and_bright_on_t1():
    table = tissue_table(HEALTHY, 3.0)
    bright = fat_signal(PROTOCOLS["mr-t1"], table)[Tissue.ORBITAL_FAT]
    assert bright > 1.5 * water_signal(PROTOCOLS["mr-t1"], table)[Tissue.INFERIOR_RECTUS]
    muscle = water_signal(STIR, table)[Tissue.INFERIOR_RECTUS]
    assert fat_signal(STIR, table)[Tissue.ORBITAL_FAT] < 0.25 * muscle
    null = replace(STIR, inversion_time=256.0)  # 0.693 T1 of fat at 3 tesla
    assert fat_signal(null, table)[Tissue.ORBITAL_FAT] < 0.02 * muscle


def test_gadolinium_brightens_muscles_on_t1_but_not_white_matter():
    plain = replace(PROTOCOLS["mr-t1-gd"], contrast_agent=False)
    before = water_signal(plain, tissue_table(HEALTHY, 3.0))
    after = water_signal(plain, tissue_table(HEALTHY, 3.0, contrast_agent=True))
    assert after[Tissue.MEDIAL_RECTUS] > 1.4 * before[Tissue.MEDIAL_RECTUS]
    assert after[Tissue.WHITE_MATTER] == pytest.approx(before[Tissue.WHITE_MATTER])


@pytest.fixture(scope="module")
def tissues() -> np.ndarray:
    kji = np.stack(np.meshgrid(*[np.arange(count) for count in GRID.shape], indexing="ij"), axis=-1)
    return rasterise_head(HEAD, GRID.ras_from_ijk(kji[..., ::-1]))[1]


def eroded(mask: np.ndarray) -> np.ndarray:
    from scipy.ndimage import binary_erosion
    return binary_erosion(mask, np.ones((1, 3, 3)))


def test_ct_numbers_are_those_of_the_tissues(tissues):
    plan = replace(PROTOCOLS["ct-fast"], noise=10.0)
    scan = simulate_ct(HEAD, GRID, plan, seed=1).image.array
    for tissue, low, high in ((Tissue.VITREOUS, -8, 25), (Tissue.ORBITAL_FAT, -125, -65),
                              (Tissue.LATERAL_RECTUS, 20, 78), (Tissue.TEMPORALIS, 38, 78)):
        inside = scan[eroded(tissues == tissue)]
        assert len(inside) > 30, tissue
        assert low < inside.mean() < high, tissue
    assert scan[tissues == Tissue.AIR].min() < -950


def test_ct_noise_has_the_stated_strength_and_grain():
    noise = correlated_noise(np.random.default_rng(0), (8, 100, 100), 12.0)
    assert noise.std() == pytest.approx(12.0, rel=0.01)
    neighbours = np.corrcoef(noise[:, :, :-1].ravel(), noise[:, :, 1:].ravel())[0, 1]
    assert 0.2 < neighbours < 0.6


def test_active_disease_lowers_ct_numbers_of_muscle_and_raises_those_of_fat():
    healthy, active = attenuation_table(HEALTHY), attenuation_table(ACTIVE)
    assert -9 < active[Tissue.MEDIAL_RECTUS] - healthy[Tissue.MEDIAL_RECTUS] < -3
    assert 10 < active[Tissue.ORBITAL_FAT] - healthy[Tissue.ORBITAL_FAT] < 30


def test_rendered_muscles_keep_the_ratio_of_the_signal_equation(tissues):
    plan = replace(SPIR, oversample=(1, 1, 1))
    scan = simulate_mr(HEAD, GRID, plan, 3, muscles=replace(ACTIVE, heterogeneity=0.0), artefacts=Artefacts.none())
    muscle = scan.image.array[eroded(np.isin(tissues, (Tissue.LATERAL_RECTUS, Tissue.MEDIAL_RECTUS)))].mean()
    assert muscle / WHITE_MATTER_LEVEL == pytest.approx(1.37, abs=0.08)


def test_inflamed_muscles_are_patchier_than_healthy_ones(tissues):
    plan = replace(SPIR, oversample=(1, 1, 1))
    inside = eroded(np.isin(tissues, (Tissue.LATERAL_RECTUS, Tissue.MEDIAL_RECTUS)))
    spread = [simulate_mr(HEAD, GRID, plan, 3, muscles=muscle_tissue(activity), artefacts=Artefacts.none()
                          ).image.array[inside].std() for activity in (0.0, 1.0)]
    assert spread[1] > 1.5 * spread[0]


def test_failing_fat_suppression_leaves_fat_bright(tissues):
    plan = replace(SPIR, oversample=(1, 1, 1))
    fat = tissues == Tissue.ORBITAL_FAT
    good, bad = (simulate_mr(HEAD, GRID, plan, 3, artefacts=replace(Artefacts.none(), suppression_failure=failure)
                             ).image.array[fat].mean() for failure in (0.0, 0.8))
    assert bad > 1.1 * good


def test_noise_follows_rice_in_air():
    noise = rician(np.random.default_rng(0), np.zeros((1, 200, 200)), 2.0)
    assert noise.mean() == pytest.approx(2.0 * np.sqrt(np.pi / 2), rel=0.02)


def test_same_seed_gives_the_same_scan_and_another_seed_another():
    small = grid_around(np.array([31.0, -10.0, 0.0]), (20.0, 20.0, 4.0), 1.0)
    for simulate, name in ((simulate_ct, "ct-fast"), (simulate_mr, "mr-axial-spir")):
        scans = [simulate(HEAD, small, PROTOCOLS[name], seed).image.array for seed in (1, 1, 2)]
        assert np.array_equal(scans[0], scans[1])
        assert not np.array_equal(scans[0], scans[2])


def test_chemical_shift_moves_fat_but_not_muscle(tissues):
    plan = replace(PROTOCOLS["mr-t1"], oversample=(1, 1, 1))
    fat = tissues == Tissue.ORBITAL_FAT
    still, moved = (simulate_mr(HEAD, GRID, replace(plan, fat_shift=shift), 1, artefacts=Artefacts.none()).image.array
                    for shift in (0.0, 3.0))
    brighter = (np.roll(fat, 3, axis=1) & ~fat) & np.isin(tissues, MUSCLE_TISSUES)
    assert moved[brighter].mean() > 1.3 * still[brighter].mean()


def test_paper_protocols_have_the_published_geometry():
    spir = PROTOCOLS["mr-axial-spir"].grid()
    assert spir.shape == (15, 227, 240)
    assert PROTOCOLS["mr-axial-spir"].repetition_time == 3000 and PROTOCOLS["mr-axial-spir"].echo_time == 80
    svnet = PROTOCOLS["ct-svnet"].grid()
    assert svnet.spacing == pytest.approx((0.339, 0.339, 0.5))
    assert abs(svnet.affine[1, 2]) == pytest.approx(0.5)  # coronal slices follow each other from front to back
    sequnet = PROTOCOLS["ct-sequnet"].grid()
    assert sequnet.shape[1:] == (512, 512)
    assert 18 <= PROTOCOLS["mr-coronal-t2"].grid().shape[0] <= 22


def test_unknown_protocol_is_refused_with_the_names_that_exist():
    with pytest.raises(Problem, match="ct-standard"):
        protocol("xray")


def test_every_sequence_is_offered():
    assert {plan.sequence for plan in PROTOCOLS.values()} == set(Sequence)


def test_scan_follows_a_head_that_lies_elsewhere():
    pose = random_pose(np.random.default_rng(2), 2.0)
    coarse = replace(PROTOCOLS["ct-fast"], spacing=(2.5, 2.5, 2.5))
    labels = scan_labels(HEAD, pose, centred_grid(coarse, pose))
    grid = centred_grid(coarse, pose)
    for value, x in ((1, 31.0), (2, -31.0)):
        found = grid.ras_from_ijk(np.argwhere(np.isin(labels, (value, value + 18))).mean(axis=0)[::-1])
        assert np.linalg.norm(found - pose.to_patient(np.array([x, 0.0, 0.0]))) < 2.0
    assert Pose.neutral().to_head(np.ones(3)) == pytest.approx(np.ones(3))
