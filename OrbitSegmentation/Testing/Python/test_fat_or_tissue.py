"""What the density of a CT adds to what a network says of muscle and fat."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Image
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT, LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.fat_or_tissue import weighed_by_density
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit
from OrbitSegmentationLib.orbit_frame import OrbitFrame

FRAME = OrbitFrame((0.0, 0.0, 0.0), Side.LEFT)
MUSCLE, NERVE, FAT = (LABEL_OF_CLASS.index(label_value(key, Side.RIGHT))
                      for key in ("medial_rectus", "optic_nerve", "orbital_fat"))
#: The network is sure of the middle, and gives the rim of the enlarged muscle to fat.
CORE, RIM, VESSEL, BONE = (slice(20, 30), slice(30, 34), slice(40, 42), slice(14, 16))


def orbit() -> SegmentedOrbit:
    shares = np.zeros((CLASS_COUNT, *FRAME.grid(1.0).shape), np.float32)
    shares[FAT] = 1.0
    for place, muscle in ((CORE, 0.97), (RIM, 0.15), (VESSEL, 0.001), (BONE, 0.15)):
        shares[MUSCLE, place, 20:40, 20:40] = muscle
        shares[FAT, place, 20:40, 20:40] = 1.0 - muscle
    return SegmentedOrbit(FRAME, shares, 1.0)


def scan(fat: float = -95.0, muscle: float = 45.0, noise: float = 12.0, bone: float = 700.0) -> Image:
    array = np.random.default_rng(3).normal(fat, noise, FRAME.grid(1.0).shape).astype(np.float32)
    for place, density in ((CORE, muscle), (RIM, muscle), (VESSEL, muscle), (BONE, bone)):
        array[place, 20:40, 20:40] += density - fat
    return Image(array, FRAME.grid(1.0).affine)


def drawn(found: SegmentedOrbit, place: slice) -> float:
    """Share of a place that is more likely muscle than anything else."""
    return float((found.classes[place, 20:40, 20:40] == MUSCLE).mean())


@pytest.mark.parametrize("offset", [0.0, 60.0])
def test_the_rim_of_an_enlarged_muscle_is_taken_from_fat_whatever_the_usual_densities_are(offset):
    """With contrast medium all is denser."""
    before, after = orbit(), weighed_by_density(orbit(), scan(-95.0 + offset, 45.0 + offset))
    assert drawn(before, RIM) == 0.0 and drawn(after, RIM) > 0.95 and drawn(after, CORE) > 0.99
    assert np.allclose(after.probabilities.sum(axis=0), 1.0, atol=1e-5)


def test_a_vessel_far_from_any_muscle_and_bone_stay_what_they_are():
    after = weighed_by_density(orbit(), scan())
    assert drawn(after, VESSEL) == 0.0 and drawn(after, BONE) == 0.0


def test_what_is_as_dense_as_fat_is_no_muscle_although_the_network_leans_to_it():
    leaning = orbit()
    leaning.probabilities[MUSCLE, 44:48, 20:40, 20:40] = 0.6
    leaning.probabilities[FAT, 44:48, 20:40, 20:40] = 0.4
    assert drawn(leaning, slice(44, 48)) == 1.0
    assert drawn(weighed_by_density(leaning, scan()), slice(44, 48)) < 0.05


@pytest.mark.parametrize("image", [scan(muscle=-95.0), scan(noise=160.0)], ids=["same density", "noise"])
def test_densities_that_cannot_be_told_apart_change_nothing(image):
    assert np.allclose(weighed_by_density(orbit(), image).probabilities, orbit().probabilities, atol=1e-6)


def test_without_fat_to_compare_with_nothing_changes():
    without = orbit()
    without.probabilities[FAT] *= 0.5
    assert weighed_by_density(without, scan()) is without


def test_a_globe_beside_the_muscle_loses_nothing_however_dense_it_is():
    beside, image = orbit(), scan()
    beside.probabilities[:, 34:36, 20:40, 20:40] = 0.0
    beside.probabilities[1, 34:36, 20:40, 20:40], beside.probabilities[MUSCLE, 34:36, 20:40, 20:40] = 0.6, 0.4
    image.array[34:36, 20:40, 20:40] += 140.0
    assert np.allclose(weighed_by_density(beside, image).probabilities[1], beside.probabilities[1])
