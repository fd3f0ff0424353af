"""Eyes with a prosthesis, oil, gas or a buckle are told; ordinary ones and enlarged muscles are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.measurements.altered_eyes import altered_eyes

AFFINE = np.diag([0.8, 0.8, 0.8, 1.0])
CENTERS = {Side.RIGHT: np.array([32.0, 0.0, 0.0]), Side.LEFT: np.array([-32.0, 0.0, 0.0])}
RADIUS = 12.0


def orbits(fat=-95.0, vitreous=10.0, muscle=55.0, bone=900.0, air=-1000.0):
    """Two eyes in fat with a muscle above, bone around and air in front: (grey values, label map, RAS mm)."""
    affine = AFFINE.copy()
    affine[:3, 3] = (-60.0, -30.0, -24.0)
    labels = Image(np.zeros((60, 76, 150), np.uint8), affine)
    ras = labels.grid.ras_from_ijk(np.moveaxis(np.indices(labels.array.shape), 0, -1)[..., ::-1].astype(float))
    grey, array = np.full(labels.array.shape, fat), labels.array.copy()
    grey[np.abs(np.abs(ras[..., 0]) - 32) > 19] = bone
    for side, center in CENTERS.items():
        away = np.linalg.norm(ras - center, axis=-1)
        grey[(np.abs(ras - center - [0, -8, 14]) < [5, 20, 2]).all(axis=-1)] = muscle
        grey[away < RADIUS], array[away < RADIUS] = vitreous, label_value("eyeball", side)
    grey[ras[..., 1] > 13] = air
    for side, center in CENTERS.items():
        lens = np.linalg.norm((ras - center - [0, 8, 0]) / [1, 0.5, 1], axis=-1) < 4
        grey[lens], array[lens] = vitreous + 80.0, label_value("lens", side)
    noise = np.random.default_rng(1).normal(0, 8, grey.shape)
    return grey + noise, Image(array, affine), ras


def kinds(grey, labels, is_ct=True):
    return {side: eye.kind for side, eye in altered_eyes(Image(grey, labels.affine), labels, is_ct).items()}


def inside(ras, side, radius=RADIUS):
    return np.linalg.norm(ras - CENTERS[side], axis=-1) < radius


@pytest.mark.parametrize("values", [{}, {"vitreous": 24.0}, {"muscle": 110.0}, {"vitreous": 60.0}])
def test_ordinary_eyes_are_measured(values):
    """Also after contrast medium, and with bleeding as dense as it usually is."""
    grey, labels, _ras = orbits(**values)
    assert kinds(grey, labels) == {}


@pytest.mark.parametrize(("density", "kind"),
                         [(110.0, "oil"), (250.0, "implant"), (1500.0, "implant"), (-900.0, "gas")])
def test_what_fills_an_eye_is_told_on_its_own_side_only(density, kind):
    grey, labels, ras = orbits()
    grey[inside(ras, Side.LEFT, RADIUS - 1)] = density
    assert kinds(grey, labels) == {Side.LEFT: kind}


def test_shell_of_a_prosthesis_over_a_soft_implant_is_told():
    grey, labels, ras = orbits()
    shell = inside(ras, Side.RIGHT) & ~inside(ras, Side.RIGHT, 9.5) & (ras[..., 1] > 2)
    grey[shell] = 600.0
    assert kinds(grey, labels) == {Side.RIGHT: "implant"}


@pytest.mark.parametrize(("density", "share"), [(200.0, 1.0), (200.0, 0.4), (-400.0, 0.4)])
def test_buckle_around_the_eye_is_told_whole_or_in_part(density, share):
    grey, labels, ras = orbits()
    offset = ras - CENTERS[Side.LEFT]
    away = np.linalg.norm(offset, axis=-1)
    ring = (away > RADIUS) & (away < RADIUS + 2.5) & (np.abs(offset[..., 1] + 2) < 2)
    grey[ring & (np.arctan2(offset[..., 2], offset[..., 0]) > np.pi * (1 - 2 * share))] = density
    assert kinds(grey, labels) == {Side.LEFT: "buckle"}


def test_noise_of_thin_slices_and_soft_edges_of_bone_are_no_buckle():
    grey, labels, _ras = orbits()
    noisy = ndimage.gaussian_filter(grey, 0.8) + np.random.default_rng(2).normal(0, 55, grey.shape)
    assert kinds(noisy, labels) == {}


@pytest.mark.parametrize("limits", [(-160.0, 240.0), (-125.0, 275.0), (-80.0, 170.0)])
def test_bone_of_a_ct_that_was_cut_to_a_window_is_no_buckle(limits):
    """Bone beside the eye then has the density of silicone."""
    grey, labels, ras = orbits()
    away = np.linalg.norm(ras - CENTERS[Side.LEFT], axis=-1)
    grey[(away > RADIUS + 1) & (ras[..., 0] < CENTERS[Side.LEFT][0]) & (ras[..., 1] < 13)] = 900.0
    assert kinds(grey, labels) == {}
    assert kinds(np.clip(grey, *limits), labels) == {}


def test_plaque_at_the_insertion_of_a_muscle_is_no_buckle():
    grey, labels, ras = orbits()
    offset = ras - CENTERS[Side.LEFT] - [RADIUS + 0.5, 2, 0]
    grey[np.linalg.norm(offset, axis=-1) < 2.0] = 300.0
    assert kinds(grey, labels) == {}


def test_eyes_that_differ_in_mri_are_told_without_saying_which_one_is_altered():
    grey, labels, ras = orbits(fat=300.0, vitreous=900.0, muscle=250.0, bone=20.0, air=5.0)
    smooth = ndimage.gaussian_filter(grey, 0.5)
    assert kinds(smooth * (1 + 0.002 * ras[..., 0]), labels, is_ct=False) == {}, "uneven sensitivity of the coil"
    grey[inside(ras, Side.LEFT, RADIUS - 1)] = 350.0
    assert kinds(grey, labels, is_ct=False) == {Side.RIGHT: "unlike", Side.LEFT: "unlike"}


def test_one_eye_alone_in_mri_and_no_eye_are_not_judged():
    grey, labels, ras = orbits(vitreous=900.0)
    alone = labels.array.copy()
    alone[ras[..., 0] < 0] = 0
    assert kinds(grey, labels.with_array(alone), is_ct=False) == {}
    assert kinds(grey, labels.with_array(np.zeros_like(alone))) == {}


def test_reason_is_told_in_a_sentence_with_the_side():
    grey, labels, ras = orbits()
    grey[inside(ras, Side.RIGHT, RADIUS - 1)] = 110.0
    (eye,) = altered_eyes(Image(grey, labels.affine), labels, True).values()
    assert eye.text.startswith("The right eye is denser than a vitreous, as with silicone oil") and eye.remark == "oil?"


MRI = {"T1": (850.0, 220.0, 350.0), "T2": (490.0, 1000.0, 400.0), "T2, fat suppressed": (80.0, 840.0, 290.0),
       "T1, fat suppressed": (180.0, 190.0, 620.0)}


def mri(kind):
    """Orbits in MRI with outlines of fat and a muscle around their eyes; (grey values, label map, RAS mm)."""
    fat, vitreous, muscle = MRI[kind]
    grey, labels, ras = orbits(fat, vitreous, muscle, bone=20.0, air=5.0)
    array = labels.array.copy()
    for side, center in CENTERS.items():
        around = (np.abs(ras - center) < [18, 25, 16]).all(axis=-1) & (ras[..., 1] < 12) & (array == 0)
        above = (np.abs(ras - center - [0, -8, 14]) < [5, 20, 2]).all(axis=-1)
        array[around & ~above] = label_value("orbital_fat", side)
        array[around & above] = label_value("superior_rectus", side)
    return np.abs(grey), labels.with_array(array), ras


@pytest.mark.parametrize("kind", MRI)
def test_ordinary_eyes_are_measured_in_mri(kind):
    grey, labels, ras = mri(kind)
    assert kinds(grey, labels, is_ct=False) == {}
    assert kinds(grey * (1 + 0.003 * ras[..., 0]), labels, is_ct=False) == {}, "uneven sensitivity of the coil"


def test_fat_suppression_that_fails_on_one_side_makes_no_altered_eye():
    grey, labels, ras = mri("T1, fat suppressed")
    grey[(ras[..., 0] > 0) & (labels.array == label_value("orbital_fat", Side.RIGHT))] += 250.0
    assert kinds(grey, labels, is_ct=False) == {}


@pytest.mark.parametrize(("kind", "told"), [("T1", "fat"), ("T2", "fat"), ("T2, fat suppressed", "dark")])
def test_an_outline_around_fat_is_told_on_its_own_side_only(kind, told):
    grey, labels, ras = mri(kind)
    grey[inside(ras, Side.LEFT, RADIUS + 1)] = MRI[kind][0]
    assert kinds(grey, labels, is_ct=False) == {Side.LEFT: told}


def test_an_outline_around_fat_in_ct_is_told():
    grey, labels, ras = orbits()
    grey[inside(ras, Side.RIGHT, RADIUS + 1)] = -95.0
    (eye,) = altered_eyes(Image(grey, labels.affine), labels, True).values()
    assert eye.kind == "fat" and eye.text.startswith("Where the right eyeball is outlined, the scan shows fat")


@pytest.mark.parametrize("kind", ["T1", "T2", "T2, fat suppressed"])
def test_an_eye_without_signal_is_told_and_the_other_one_measured(kind):
    """Acrylic and silicone implants, and gas; suppressed fat is nearly as dark."""
    grey, labels, ras = mri(kind)
    grey[inside(ras, Side.RIGHT, RADIUS - 1)] = 12.0
    assert kinds(grey, labels, is_ct=False) == {Side.RIGHT: "void"}


def test_silicone_oil_in_t1_is_told_although_fat_is_much_brighter():
    grey, labels, ras = mri("T1")
    grey[inside(ras, Side.RIGHT, RADIUS - 1)] = 450.0
    assert kinds(grey, labels, is_ct=False) == {Side.RIGHT: "unlike", Side.LEFT: "unlike"}


def test_an_acrylic_prosthesis_over_an_implant_as_dense_as_a_vitreous_is_told():
    grey, labels, ras = orbits()
    offset = ras - CENTERS[Side.LEFT]
    grey[inside(ras, Side.LEFT) & (offset[..., 1] > 5) & (np.hypot(offset[..., 0], offset[..., 2]) < 10)] = 130.0
    assert kinds(grey, labels) == {Side.LEFT: "implant"}


def test_a_dense_cataract_is_no_prosthesis():
    grey, labels, _ras = orbits()
    grey[labels.array == label_value("lens", Side.LEFT)] = 140.0
    assert kinds(grey, labels) == {}
