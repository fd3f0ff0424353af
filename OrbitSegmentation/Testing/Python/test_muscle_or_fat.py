"""What the brightness of a voxel adds to what a network says of muscle and fat."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Grid, Image
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT, LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.muscle_or_fat import MuscleOrFat
from OrbitSegmentationLib.any_contrast.on_scan import WhatImageShows, labels_on_grid
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit
from OrbitSegmentationLib.orbit_frame import OrbitFrame

FRAME = OrbitFrame((0.0, 0.0, 0.0), Side.LEFT)
GRID = FRAME.grid(1.0)
GLOBE, MUSCLE, NERVE, GLAND, FAT = (
    LABEL_OF_CLASS.index(label_value(key, Side.RIGHT))
    for key in ("eyeball", "medial_rectus", "optic_nerve", "lacrimal_gland", "orbital_fat"))
#: The network is sure of the middle, and gives the rim of the enlarged muscle to fat.
CORE, RIM, VESSEL, BONE = (slice(20, 30), slice(30, 34), slice(40, 42), slice(14, 16))
#: Brightness of fat, of muscle, and noise of each kind of scan: CT, CT with contrast medium, T1, T1 without fat.
LOOKS = {"CT": (-95.0, 45.0, 12.0), "enhanced CT": (-35.0, 105.0, 12.0), "T1": (900.0, 350.0, 40.0),
         "fat-suppressed T1": (90.0, 350.0, 25.0)}


def orbit(structure: int = MUSCLE) -> SegmentedOrbit:
    shares = np.zeros((CLASS_COUNT, *GRID.shape), np.float32)
    shares[FAT] = 1.0
    for place, share in ((CORE, 0.97), (RIM, 0.15), (VESSEL, 0.001), (BONE, 0.15)):
        shares[structure, place, 20:40, 20:40] = share
        shares[FAT, place, 20:40, 20:40] = 1.0 - share
    return SegmentedOrbit(FRAME, shares, 1.0)


def scan(fat: float = -95.0, muscle: float = 45.0, noise: float = 12.0, bone: float = 700.0) -> Image:
    array = np.random.default_rng(3).normal(fat, noise, GRID.shape).astype(np.float32)
    for place, brightness in ((CORE, muscle), (RIM, muscle), (VESSEL, muscle), (BONE, bone)):
        array[place, 20:40, 20:40] += brightness - fat
    return Image(array, GRID.affine)


def weighed(found: SegmentedOrbit, image: Image, is_ct: bool = True) -> np.ndarray:
    looks = MuscleOrFat.of(found, image, is_ct)
    return looks.weighed(torch.from_numpy(found.probabilities), GRID).numpy()


def drawn(shares: np.ndarray, place: slice, structure: int = MUSCLE) -> float:
    """Share of a place that is more likely the structure than anything else."""
    return float((shares.argmax(axis=0)[place, 20:40, 20:40] == structure).mean())


@pytest.mark.parametrize("kind", ["CT", "enhanced CT"])
def test_the_rim_of_an_enlarged_muscle_is_taken_from_fat_whatever_the_usual_densities_are(kind):
    before, after = orbit().probabilities, weighed(orbit(), scan(*LOOKS[kind]))
    assert drawn(before, RIM) == 0.0 and drawn(after, RIM) > 0.95 and drawn(after, CORE) > 0.99
    assert np.allclose(after.sum(axis=0), 1.0, atol=1e-5)


@pytest.mark.parametrize("kind", ["T1", "fat-suppressed T1"])
def test_in_mri_of_uneven_brightness_the_rim_is_taken_from_fat_where_the_network_is_in_doubt(kind):
    doubtful = orbit()
    doubtful.probabilities[MUSCLE, RIM, 20:40, 20:40] = 0.4
    doubtful.probabilities[FAT, RIM, 20:40, 20:40] = 0.6
    image = scan(*LOOKS[kind])
    image.array[...] *= np.linspace(0.6, 1.4, GRID.shape[1], dtype=np.float32)[:, None]
    after = weighed(doubtful, image, is_ct=False)
    assert drawn(after, RIM) > 0.95 and drawn(after, CORE) > 0.99


def test_a_vessel_far_from_any_muscle_and_bone_stay_what_they_are():
    after = weighed(orbit(), scan())
    assert drawn(after, VESSEL) == 0.0 and drawn(after, BONE) == 0.0


@pytest.mark.parametrize("kind", LOOKS)
def test_what_is_as_bright_as_fat_is_no_muscle_although_the_network_leans_to_it(kind):
    leaning = orbit()
    leaning.probabilities[MUSCLE, 44:48, 20:40, 20:40] = 0.6
    leaning.probabilities[FAT, 44:48, 20:40, 20:40] = 0.4
    assert drawn(leaning.probabilities, slice(44, 48)) == 1.0
    assert drawn(weighed(leaning, scan(*LOOKS[kind]), "CT" in kind), slice(44, 48)) < 0.05


@pytest.mark.parametrize("is_ct", [True, False])
@pytest.mark.parametrize("image", [scan(muscle=-95.0), scan(noise=200.0)], ids=["same brightness", "noise"])
def test_muscle_and_fat_that_cannot_be_told_apart_tell_nothing(image, is_ct):
    assert MuscleOrFat.of(orbit(), image, is_ct) is None


def test_without_fat_to_compare_with_nothing_is_told():
    without = orbit()
    without.probabilities[FAT] *= 0.5
    assert MuscleOrFat.of(without, scan(), True) is None


def beside_a_globe() -> SegmentedOrbit:
    """With a globe that may be muscle beside the muscle."""
    beside = orbit()
    beside.probabilities[:, 34:36, 20:40, 20:40] = 0.0
    beside.probabilities[GLOBE, 34:36, 20:40, 20:40], beside.probabilities[MUSCLE, 34:36, 20:40, 20:40] = 0.6, 0.4
    return beside


def test_a_globe_beside_the_muscle_loses_nothing_however_dense_it_is():
    beside, image = beside_a_globe(), scan()
    image.array[34:36, 20:40, 20:40] += 140.0
    assert np.allclose(weighed(beside, image)[GLOBE], beside.probabilities[GLOBE])


def test_a_mixture_of_fat_with_a_globe_may_look_like_muscle_and_gains_nothing():
    far, near = orbit(), orbit()
    near.probabilities[:, 34:40] = 0.0
    near.probabilities[GLOBE, 34:40] = 1.0
    for found in (far, near):
        found.probabilities[MUSCLE, 33, 20:40, 20:40], found.probabilities[FAT, 33, 20:40, 20:40] = 0.2, 0.8
    shares = [drawn(weighed(found, scan()), slice(33, 34)) for found in (far, near)]
    assert shares == pytest.approx([1.0, 0.0], abs=0.05)


@pytest.mark.parametrize(("is_ct", "rim"), [(True, 1.0), (False, 0.0)])
@pytest.mark.parametrize("structure", [NERVE, GLAND], ids=["nerve", "gland"])
def test_nerve_and_gland_are_as_dense_as_muscle_in_ct_and_left_alone_in_mri(structure, is_ct, rim):
    both = orbit(structure)
    both.probabilities[:, :, :, 40:] = orbit().probabilities[:, :, :, :16]
    both.probabilities[:, CORE, 42:48, 42:48] = 0.0
    both.probabilities[MUSCLE, CORE, 42:48, 42:48] = 1.0
    image = scan()
    image.array[CORE, 42:48, 42:48] += 140.0
    assert drawn(weighed(both, image, is_ct), RIM, structure) == pytest.approx(rim, abs=0.05)


@pytest.mark.parametrize("thickness", [1.0, 4.0])
def test_the_scans_own_voxels_decide_where_it_shows_what_the_network_saw_less_finely(thickness):
    """The lower half of the rim is muscle. In thick slices it fills one of them and none of the next."""
    affine = GRID.affine @ np.diag([1.0, 1.0, thickness, 1.0])
    affine[2, 3] += (thickness - 1.0) / 2.0
    grid = Grid((int(GRID.shape[0] // thickness), *GRID.shape[1:]), affine)
    found, rows = orbit(), slice(int(32 // thickness), int(36 // thickness))
    found.probabilities[MUSCLE, 28:36, 20:40, 20:40] = 0.6
    found.probabilities[FAT, 28:36, 20:40, 20:40] = 0.4
    array = np.random.default_rng(5).normal(-95.0, 12.0, grid.shape).astype(np.float32)
    array[int(20 // thickness) : rows.start, 20:40, 20:40] += 140.0
    image, labels = Image(array, affine), np.zeros(grid.shape, np.uint8)
    shown = WhatImageShows(image, True, -2000.0, muscle_or_fat=MuscleOrFat.of(found, image, True))
    labels_on_grid(found, labels, grid, LABEL_OF_CLASS, shown=shown)
    muscle = labels == label_value("medial_rectus", Side.LEFT)
    assert muscle[rows.start - 1, 22:38, 22:38].mean() > 0.95 and muscle[rows, 22:38, 22:38].mean() < 0.05
