"""Eyes after surgery, of children and in severe disease: true to their measures, with labels of what is left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.phantom.head.childhood import as_child
from NeuroOrbitLib.phantom.head.shape import HeadShape, random_head_shape
from NeuroOrbitLib.phantom.materials import MATERIAL_HU, Material
from NeuroOrbitLib.phantom.orbit.activity import HEALTHY
from NeuroOrbitLib.phantom.orbit.raster import rasterise_orbit_with_parts
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.surgery import Buckle, buckled, enucleated, filled, pseudophakic
from NeuroOrbitLib.phantom.patients.truth import head_truth
from NeuroOrbitLib.phantom.scanner.ct import simulate_ct
from NeuroOrbitLib.phantom.scanner.mr import Artefacts, simulate_mr
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.phantom.scanner.rendering import Pose, scan_labels
from NeuroOrbitLib.phantom.tissue import Tissue
from NeuroOrbitLib.phantom.truth.globe import lens_center, lens_depths
from NeuroOrbitLib.phantom.truth.measures import true_measures

STEP = 0.6
AXES = (np.arange(-26, 24, STEP), np.arange(-42, 20, STEP), np.arange(-20, 20, STEP))
POINTS = np.stack(np.meshgrid(*AXES, indexing="ij"), axis=-1)
EYE, RECTI = (1, 19), (5, 7, 9, 11)


def milliliters(mask: np.ndarray) -> float:
    return float(mask.sum()) * STEP**3 / 1000


@pytest.fixture(scope="module")
def healthy() -> tuple[np.ndarray, np.ndarray]:
    return rasterise_orbit_with_parts(OrbitShape(), POINTS)


@pytest.mark.parametrize("implant", [None, Material.ACRYLIC])
def test_without_the_eye_thin_muscles_and_a_nerve_stump_are_left(healthy, implant):
    labels, parts = rasterise_orbit_with_parts(enucleated(OrbitShape(), implant), POINTS)
    assert not np.isin(labels, EYE).any() and not np.isin(parts, (Tissue.VITREOUS, Tissue.SCLERA, Tissue.LENS)).any()
    for value in RECTI:
        assert 0.45 < (labels == value).sum() / (healthy[0] == value).sum() < 0.85, value
    assert 0.3 < (labels == 3).sum() / (healthy[0] == 3).sum() < 0.8
    assert POINTS[labels == 3][:, 1].max() < -10


def test_an_artificial_lens_is_thin_and_lies_behind_the_place_of_the_iris(healthy):
    labels, parts = rasterise_orbit_with_parts(pseudophakic(OrbitShape()), POINTS)
    lens, globe = labels == 19, OrbitShape().globe
    assert np.array_equal(lens, parts == Material.ACRYLIC) and not (parts == Tissue.LENS).any()
    depth = globe.radius + globe.cornea_bulge - POINTS[lens][:, 1]
    assert depth.min() > 4.4 and depth.max() < 5.6 and np.ptp(POINTS[lens][:, 0]) == pytest.approx(6.0, abs=STEP)
    assert np.array_equal(np.isin(labels, EYE), np.isin(healthy[0], EYE))
    assert milliliters(lens) < 0.2 * milliliters(healthy[0] == 19)


def test_surgeries_of_one_eye_add_up_and_a_removed_eye_has_no_more():
    labels, parts = rasterise_orbit_with_parts(buckled(filled(pseudophakic(OrbitShape()))), POINTS)
    assert {Material.ACRYLIC, Material.SILICONE_OIL, Material.SILICONE_RUBBER} <= set(np.unique(parts).tolist())
    assert not (parts == Tissue.LENS).any() and np.array_equal(labels == 19, parts == Material.ACRYLIC)
    assert not np.isin(rasterise_orbit_with_parts(enucleated(buckled(OrbitShape())), POINTS)[0], EYE).any()
    with pytest.raises(ValueError, match="removed"):
        filled(enucleated(OrbitShape()))


def test_an_empty_socket_is_filled_with_fat_that_lies_further_back(healthy):
    labels, parts = rasterise_orbit_with_parts(enucleated(OrbitShape()), POINTS)
    middle = np.linalg.norm(POINTS - [0.0, -7.0, 0.0], axis=-1) < 5
    assert (parts[middle] == Tissue.ORBITAL_FAT).mean() > 0.95 and (labels[middle] == 21).mean() > 0.95
    before = np.hypot(POINTS[..., 0], POINTS[..., 2]) < 5
    assert POINTS[before & (labels == 21)][:, 1].max() < 2
    assert POINTS[before & np.isin(healthy[0], EYE)][:, 1].max() > 11


def test_the_implant_is_a_ball_and_the_prosthesis_an_acrylic_shell_in_front_of_it():
    labels, parts = rasterise_orbit_with_parts(
        enucleated(OrbitShape(), Material.HYDROXYAPATITE, 20.0, has_prosthesis=True), POINTS)
    ball, shell = parts == Material.HYDROXYAPATITE, parts == Material.ACRYLIC
    assert milliliters(ball) == pytest.approx(4 / 3 * np.pi * 10**3 / 1000, rel=0.02)
    assert 0.8 < milliliters(shell) < 2.5, "prostheses weigh 1.5 to 3 g"
    assert POINTS[shell][:, 1].min() > 2 and POINTS[shell][:, 1].max() == pytest.approx(12.0, abs=STEP)
    assert not labels[ball | shell].any()


@pytest.mark.parametrize("material", [Material.SILICONE_OIL, Material.GAS])
def test_oil_and_gas_take_the_place_of_the_vitreous_with_fluid_behind_them(healthy, material):
    labels, parts = rasterise_orbit_with_parts(filled(OrbitShape(), material), POINTS)
    inside = healthy[1] == Tissue.VITREOUS
    assert np.array_equal(labels, healthy[0])
    assert 0.85 < (parts[inside] == material).mean() < 0.99 and not (parts[~inside] == material).any()
    assert POINTS[parts == Tissue.VITREOUS][:, 1].max() < POINTS[parts == material][:, 1].min()


@pytest.mark.parametrize("buckle", [Buckle(), Buckle(2.8, 8.0, -1.0, 0.1, 0.4)])
def test_a_buckle_lies_on_the_sclera_and_belongs_to_no_structure(healthy, buckle):
    labels, parts = rasterise_orbit_with_parts(buckled(OrbitShape(), buckle), POINTS)
    silicone = parts == buckle.material
    assert np.array_equal(np.isin(labels, EYE), np.isin(healthy[0], EYE)) and not labels[silicone].any()
    ring = 2 * np.pi * 12.5 * buckle.length * buckle.thickness * buckle.width / 1000
    assert milliliters(silicone) == pytest.approx(ring, rel=0.15)
    assert np.ptp(POINTS[silicone][:, 1]) == pytest.approx(buckle.width, abs=2 * STEP)


def around_right_eye() -> Grid:
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    affine[:3, 3] = (11.0, -24.0, -10.0)
    return Grid((21, 48, 41), affine)


def test_ct_shows_each_material_with_its_density():
    grid, plan = around_right_eye(), replace(protocol("ct-fast"), noise=0.0)
    middle = np.linalg.norm(grid.ras_from_ijk(np.moveaxis(np.indices(grid.shape), 0, -1)[..., ::-1].astype(float))
                            - [31.0, -2.0, 0.0], axis=-1) < 4
    for orbit, hounsfield in ((filled(OrbitShape()), MATERIAL_HU[Material.SILICONE_OIL]),
                              (enucleated(OrbitShape(), Material.HYDROXYAPATITE), 650.0),
                              (enucleated(OrbitShape()), -95.0)):
        scan = simulate_ct(replace(HeadShape(), right=orbit), grid, plan, 1)
        assert np.median(scan.image.array[middle]) == pytest.approx(hounsfield, abs=25)


def test_oil_is_brighter_than_vitreous_in_t1_and_acrylic_gives_no_signal():
    grid, plan = around_right_eye(), protocol("mr-t1")
    middle = np.linalg.norm(grid.ras_from_ijk(np.moveaxis(np.indices(grid.shape), 0, -1)[..., ::-1].astype(float))
                            - [31.0, -2.0, 0.0], axis=-1) < 4
    vitreous, oil, acrylic = (
        float(np.median(simulate_mr(replace(HeadShape(), right=orbit), grid, plan, 1, artefacts=Artefacts.none())
                        .image.array[middle]))
        for orbit in (OrbitShape(), filled(OrbitShape()), enucleated(OrbitShape(), Material.ACRYLIC)))
    assert 1.5 < oil / vitreous < 3.0 and acrylic == 0


@pytest.mark.parametrize(("age", "apart", "axial"), [(0.0, 39.0, 17.0), (3.0, 49.0, 22.2), (10.0, 56.0, 23.2)])
def test_a_child_has_a_smaller_head_with_eyes_nearer_to_their_final_size(age, apart, axial):
    head, scale = as_child(HeadShape(), age)
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    affine[:3, 3] = (-45.0, -30.0, -16.0)
    grid = Grid((33, 48, 91), affine)
    labels = scan_labels(head, Pose(np.eye(3), np.zeros(3), scale), grid)
    right, left = (np.isin(labels, values) for values in (EYE, (2, 20)))
    centers = [grid.ras_from_ijk(np.argwhere(eye).mean(axis=0)[::-1]) for eye in (right, left)]
    assert centers[0][0] - centers[1][0] == pytest.approx(apart, abs=1.5)
    assert right.sum() == pytest.approx(7200 * (axial / 23.8) ** 3, rel=0.04)
    with pytest.raises(ValueError, match="0 to 15 years"):
        as_child(HeadShape(), 40.0)


def test_severe_disease_of_a_head_goes_beyond_twice_the_muscles_and_usual_disease_does_not():
    severe = random_head_shape(np.random.default_rng(6), "F", 1.5)
    usual = random_head_shape(np.random.default_rng(6), "F", 1.0)
    means = [np.mean([muscle.swelling for side in "RL" for muscle in head.orbit(side).muscles])
             for head in (severe, usual)]
    assert means[0] > 2.2 > means[1]
    assert max(severe.orbit(side).nerve.crowding for side in "RL") > 0
    assert all(usual.orbit(side).nerve.crowding == 0 for side in "RL")


def test_true_measures_of_an_artificial_lens_are_those_of_the_labels():
    orbit = replace(pseudophakic(OrbitShape()), gaze=(20.0, -10.0))
    lens = POINTS[rasterise_orbit_with_parts(orbit, POINTS)[0] == 19]
    thickness = np.ptp(lens @ orbit.gaze_rotation[:, 1])
    assert lens_center(orbit) == pytest.approx(lens.mean(axis=0), abs=0.15)
    assert lens_depths(orbit)[1] == pytest.approx(thickness, abs=STEP) and lens_depths(OrbitShape())[1] == 4.0


def test_a_removed_eye_has_no_true_measures_and_the_other_one_keeps_its_own():
    head = replace(HeadShape(), left=enucleated(HeadShape().left))
    found, known = true_measures(head), head_truth(head, HEALTHY)["sides"]
    assert not {"exophthalmos_difference", "interpupillary_distance"} & set(found["head"])
    left, right = (found["sides"][side] for side in ("left", "right"))
    assert not {"eyeball", "lens", "optic_nerve"} & set(left)
    assert set(left["bony_orbit"]) == {"volume", "volume_of_contents"}
    assert set(left["medial_rectus"]) == {"greatest_diameter", "greatest_area", "length"}
    assert left["medial_rectus"]["greatest_area"] < 0.8 * right["medial_rectus"]["greatest_area"]
    assert right["eyeball"]["axial_length"] == pytest.approx(25.05) and "barrett_vertical" in right["bony_orbit"]
    assert known["left"]["proptosis_mm"] is None and known["right"]["proptosis_mm"] > 10
