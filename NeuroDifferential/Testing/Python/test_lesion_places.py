"""Lesions are split, measured and placed where they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroDifferentialLib.criteria import all_criteria, is_dawson_finger, is_fulfilled
from NeuroDifferentialLib.places.measuring import Lesion, measure_lesions
from NeuroDifferentialLib.places.regions import Region
from NeuroDifferentialLib.places.splitting import split_lesions
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.phantom.brain.plan import Disease, LesionPlan, PatientPlan, Pattern
from NeuroOrbitLib.phantom.brain.raster import draw_lesions


def ball(shape, center, radius):
    k, j, i = np.ogrid[tuple(slice(0, size) for size in shape)]
    return (k - center[0]) ** 2 + (j - center[1]) ** 2 + (i - center[2]) ** 2 <= radius**2


def placed(zones, brain, pattern, volume=300.0, elongation=2.5, seed=1):
    """The lesion of a pattern, drawn and measured with the true anatomy."""
    plan = LesionPlan(pattern, volume, elongation, 1.0, 1600.0, 160.0)
    found = draw_lesions(PatientPlan(Disease.MS, 40.0, 0.0, (plan,)), zones, seed)
    numbers = found.mask.astype(np.int32)
    return measure_lesions(numbers, brain.parts, brain.labels.grid)[0]


def test_two_lesions_that_touch_at_a_neck_are_counted_as_two():
    shape = (30, 30, 50)
    mask = ball(shape, (15, 15, 14), 9) | ball(shape, (15, 15, 33), 9) | ball(shape, (15, 15, 23), 2)
    numbers = split_lesions(mask, (1.0, 1.0, 1.0))
    assert numbers.max() == 2
    assert numbers[15, 15, 10] != numbers[15, 15, 40]
    assert ((numbers > 0) == mask).all()


def test_a_round_lesion_and_a_long_one_stay_whole():
    shape = (30, 30, 60)
    rod = np.zeros(shape, bool)
    rod[12:18, 12:18, 5:55] = True
    assert split_lesions(ball(shape, (15, 15, 30), 10), (1.0, 1.0, 1.0)).max() == 1
    assert split_lesions(rod, (1.0, 1.0, 1.0)).max() == 1


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (3.0, 0.5, 0.5), (3.0, 1.0, 1.0)])
def test_an_ellipsoid_stays_whole_however_it_lies(spacing):
    """One of six was counted as two or more: voxels along its ridge that are equally deep passed for two centres."""
    rng = np.random.default_rng(0)
    shape = np.ceil(24.0 / np.array(spacing)).astype(int)
    places = np.stack(np.meshgrid(*((np.arange(size) - (size - 1) / 2) * step
                                    for size, step in zip(shape, spacing, strict=True)), indexing="ij"), axis=-1)
    for _time in range(30):
        turned = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        off, radii = rng.uniform(-0.5, 0.5, 3) * spacing, rng.uniform((2.5, 2.5, 5.0), (4.0, 5.0, 10.0))
        ellipsoid = np.square((places - off) @ turned / radii).sum(axis=-1) <= 1
        assert split_lesions(ellipsoid, spacing).max() == 1


def test_the_largest_lesion_is_number_one():
    shape = (20, 20, 60)
    numbers = split_lesions(ball(shape, (10, 10, 8), 3) | ball(shape, (10, 10, 40), 7), (1.0, 1.0, 1.0))
    assert numbers[10, 10, 40] == 1
    assert numbers[10, 10, 8] == 2


def test_volume_and_diameter_are_in_millimetres(zones, brain):
    numbers = np.zeros(brain.parts.shape, np.int32)
    numbers[ball(numbers.shape, (55, 60, 30), 5)] = 1
    found = measure_lesions(numbers, brain.parts, brain.labels.grid)[0]
    assert found.volume == pytest.approx(np.count_nonzero(numbers) * 8.0)
    assert found.diameter == pytest.approx(22.0, abs=1.0)
    assert found.elongation == pytest.approx(1.0, abs=0.05)


def block_in_a_box(spacing, low, high, edge=90.0):
    """A lesion (mm, from ``low`` to ``high`` in all directions of K, J, I) above a ventricle in a box of white matter.

    :param spacing: voxel size along K, J, I (mm).
    """
    shape = tuple(round(edge / step) for step in spacing)
    places = np.meshgrid(*((np.arange(size) + 0.5) * step for size, step in zip(shape, spacing, strict=True)),
                         indexing="ij")
    parts = np.full(shape, BrainPart.WHITE_MATTER, np.uint8)
    parts[np.logical_and.reduce([(place > 18) & (place < last) for place, last in zip(places, (42, 72, 72),
                                                                                      strict=True)])] = \
        BrainPart.LATERAL_VENTRICLE
    lesion = np.logical_and.reduce([(place > first) & (place < last) for place, first, last in zip(
        places, low, high, strict=True)])
    return measure_lesions(lesion.astype(np.int32), parts, Grid(shape, np.diag([*spacing[::-1], 1.0])))[0]


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (6.0, 1.0, 1.0), (1.0, 6.0, 1.0), (1.0, 1.0, 6.0)])
def test_thick_slices_of_any_plane_bring_no_lesion_to_the_ventricle(spacing):
    away = block_in_a_box(spacing, (48, 42, 42), (60, 54, 54))
    assert away.to_ventricle > 5.0
    assert away.region is Region.DEEP_WHITE_MATTER


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (6.0, 1.0, 1.0), (1.0, 6.0, 1.0), (1.0, 1.0, 6.0)])
def test_a_cube_within_a_single_slice_is_as_long_as_thick(spacing):
    assert block_in_a_box(spacing, (60, 42, 42), (66, 48, 48)).elongation == pytest.approx(1.0, abs=0.05)


def test_a_dot_within_a_thick_slice_has_no_direction():
    dot = block_in_a_box((6.0, 1.0, 1.0), (42, 42, 42), (48, 46, 46))
    assert dot.elongation == pytest.approx(1.0, abs=0.1)
    assert dot.ventricle_angle is None


def test_a_rod_within_a_single_slice_is_as_long_as_in_thin_slices():
    thin, thick = (block_in_a_box(spacing, (60, 42, 30), (66, 48, 60)) for spacing in ((1, 1, 1), (6, 1, 1)))
    assert thin.elongation > 4.0
    assert thick.elongation == pytest.approx(thin.elongation, rel=0.05)
    # The corners of a rod of 30 x 6 mm are 30.6 mm apart in a slice.
    assert (thin.diameter, thick.diameter) == (pytest.approx(30.9, abs=0.1), pytest.approx(30.5, abs=0.1))


@pytest.mark.parametrize(("pattern", "region"), [
    (Pattern.CALLOSAL, Region.CALLOSAL), (Pattern.BASAL_GANGLIA, Region.DEEP_GREY),
    (Pattern.U_FIBRE, Region.JUXTACORTICAL), (Pattern.PERIVENTRICULAR, Region.PERIVENTRICULAR),
])
def test_a_lesion_is_named_by_where_it_was_drawn(zones, brain, pattern, region):
    named = [placed(zones, brain, pattern, 80.0, seed=seed).region for seed in range(5)]
    assert named.count(region) >= 4


def test_deep_infratentorial_and_periependymal_lesions_are_told_apart(brain):
    def region(center, radius=1.5):
        numbers = ball(brain.parts.shape, center, radius).astype(np.int32)
        return measure_lesions(numbers, brain.parts, brain.labels.grid)[0].region

    def index(x, y, z):
        return tuple(np.round(brain.labels.grid.ijk_from_ras(np.array([x, y, z])))[::-1])

    assert region(index(6, -13, -50)) is Region.INFRATENTORIAL
    assert region(index(4, -24, -34)) is Region.PERIEPENDYMAL
    assert region(index(38, 30, 20)) is Region.DEEP_WHITE_MATTER


@pytest.mark.parametrize("angle", np.radians((3.0, 20.0, 55.0, 80.0)))
def test_a_large_lesion_within_one_slice_has_its_whole_diameter(angle):
    """Of many voxels of a single slice only some were compared, and a pointed lesion was up to 2.7 mm too short."""
    spacing, half = (6.0, 0.9, 0.9), 45.0
    j, i = (step * np.arange(-60, 61) for step in spacing[1:])
    along, across = (i * np.cos(angle) + j[:, None] * np.sin(angle), j[:, None] * np.cos(angle) - i * np.sin(angle))
    slices = np.zeros((5, 121, 121), np.int32)
    slices[2] = np.abs(across) <= 14.0 * (1 - np.abs(along) / half)
    grid = Grid(slices.shape, np.diag([*spacing[::-1], 1.0]))
    assert np.count_nonzero(slices) > 1000
    found = measure_lesions(slices, np.full(slices.shape, BrainPart.WHITE_MATTER, np.uint8), grid)[0]
    places = np.argwhere(slices[2]) * 0.9
    farthest = np.linalg.norm(places[:, None] - places[None], axis=-1).max()
    assert found.diameter == pytest.approx(farthest + 0.9, abs=1e-3)


def test_in_thick_slices_a_lesion_has_the_region_of_its_own_slice():
    """The next slice, 6 mm away, counted as nearer than white matter at 1.8 mm: 'deep grey matter' beside a nucleus."""
    parts = np.full((5, 40, 40), BrainPart.WHITE_MATTER, np.uint8)
    parts[1::2] = BrainPart.DEEP_GREY
    lesion = np.zeros(parts.shape, np.int32)
    lesion[2, 18:22, 15:25] = 1
    parts[lesion > 0] = BrainPart.CORTEX  # lesions are as bright as grey matter
    grid = Grid(parts.shape, np.diag([0.9, 0.9, 6.0, 1.0]))
    found = measure_lesions(lesion, parts, grid)[0]
    assert (found.region, found.parts) == (Region.DEEP_WHITE_MATTER, {"White matter": 1.0})


def test_the_rim_of_a_lesion_that_passes_for_cortex_is_none(zones, brain):
    depth = ndimage.distance_transform_edt(brain.parts != BrainPart.CORTEX)
    depth[brain.parts != BrainPart.WHITE_MATTER] = 0
    # Far from the ventricles, too.
    depth = np.minimum(depth, ndimage.distance_transform_edt(brain.parts != BrainPart.LATERAL_VENTRICLE))
    deep = ball(brain.parts.shape, np.unravel_index(depth.argmax(), depth.shape), 2)
    wide = ndimage.binary_dilation(deep, np.ones((3, 3, 3)))
    parts = np.where(wide, BrainPart.CORTEX, brain.parts)
    found = measure_lesions(deep.astype(np.int32), parts, brain.labels.grid)[0]
    plain = measure_lesions(deep.astype(np.int32), brain.parts, brain.labels.grid)[0]
    assert plain.region is Region.DEEP_WHITE_MATTER
    assert (found.region, found.to_cortex) == (plain.region, plain.to_cortex)


def test_a_dawson_finger_is_ticked_and_a_flat_one_is_not(zones, brain):
    fingers = [placed(zones, brain, Pattern.DAWSON, 900.0, 3.3, seed) for seed in range(6)]
    assert sum(finger.ventricle_angle > 50 for finger in fingers) >= 4
    assert any(is_dawson_finger(finger) for finger in fingers)


def test_mirroring_the_head_mirrors_the_lesion_and_keeps_its_region(brain):
    numbers = np.zeros(brain.parts.shape, np.int32)
    numbers[ball(numbers.shape, (50, 60, 30), 3)] = 1
    mirrored = Grid(brain.parts.shape, np.diag([-1.0, 1, 1, 1]) @ brain.labels.affine)
    own, other = (measure_lesions(numbers, brain.parts, grid)[0] for grid in (brain.labels.grid, mirrored))
    assert own.region is other.region
    assert own.center[0] == pytest.approx(-other.center[0])


def criteria_of(*found):
    return {each.name.split(",")[0]: each for each in all_criteria(found)}


def test_dissemination_in_space_needs_two_areas(zones, brain):
    periventricular = placed(zones, brain, Pattern.PERIVENTRICULAR, 150.0)
    cortical = placed(zones, brain, Pattern.U_FIBRE, 150.0)
    assert not criteria_of(periventricular)["McDonald 2017"].fulfilled
    both = criteria_of(periventricular, cortical)["McDonald 2017"]
    assert both.fulfilled
    assert [box.lesions for box in both.boxes[:2]] == [(periventricular.number,), (cortical.number,)]


@pytest.mark.parametrize(("diameter", "counts"), [(1.0, False), (2.9, False), (2.96, True), (3.0, True)])
def test_dissemination_in_space_counts_lesions_of_at_least_3_mm(diameter, counts):
    """By McDonald's definitions smaller ones are none; a single voxel near the cortex fulfilled the criteria."""
    large = Lesion(1, Region.PERIVENTRICULAR, 300.0, 9.0, 1.2, None, 0.0, 20.0, 30.0, False, (0.0, 0.0, 20.0), {})
    small = Lesion(2, Region.JUXTACORTICAL, 1.0, diameter, 1.0, None, 20.0, 1.0, 30.0, False, (0.0, 0.0, 60.0), {})
    found = criteria_of(large, small)
    for name in ("McDonald 2017", "McDonald 2024"):
        assert found[name].fulfilled is counts and "at least 3 mm" in found[name].note
        assert [box.lesions for box in found[name].boxes[:2]] == [(1,), (2,) if counts else ()]


def test_what_brain_mri_cannot_tell_is_said_and_never_ticked(zones, brain):
    found = criteria_of(placed(zones, brain, Pattern.DEEP_WHITE))
    unseen = [box for each in found.values() for box in each.boxes if box.cannot_tell]
    assert {"Spinal cord", "Optic nerve", "Aquaporin-4 antibodies"} <= {box.name for box in unseen}
    assert not any(box.fulfilled for box in unseen)


def test_a_large_hemispheric_lesion_is_typical_of_nmosd(zones, brain):
    large = placed(zones, brain, Pattern.CLOUD, 25000.0, 1.1)
    box = next(box for box in criteria_of(large)["IPND 2015"].boxes if box.name.startswith("Large"))
    assert box.fulfilled
    assert large.diameter > 30


@pytest.mark.parametrize(("length", "is_typical"), [(25.0, False), (40.0, True)])
def test_callosal_lesions_are_typical_of_nmosd_from_half_the_callosum_on(length, is_typical):
    """The panel of 2015 asks for half its length, and MS has callosal lesions of 2 cm as well."""
    callosal = Lesion(1, Region.CALLOSAL, 900.0, length, 2.0, 20.0, 1.0, 20.0, 30.0, False, (0.0, 0.0, 20.0), {})
    found = criteria_of(callosal)["IPND 2015"]
    assert found.fulfilled is is_typical
    assert {box.name for box in found.boxes if box.fulfilled} == (
        {"Lesion of the corpus callosum over half its length"} if is_typical else set())


def test_deep_grey_lesions_leave_hypothalamus_and_thalamus_to_the_reader():
    deep = Lesion(1, Region.DEEP_GREY, 90.0, 6.0, 1.0, None, 9.0, 20.0, 9.0, False, (9.0, 0.0, 5.0), {})
    found = criteria_of(deep)["IPND 2015"]
    place = [box.name for box in found.boxes].index("Lesion of hypothalamus or thalamus")
    assert "not told apart" in found.boxes[place].cannot_tell and not found.fulfilled
    assert is_fulfilled(found.ways, [number == place for number in range(len(found.boxes))])


def test_a_brain_without_lesions_fulfils_nothing():
    assert not any(each.fulfilled for each in all_criteria([]))


def test_parts_shares_of_a_lesion_are_a_whole(zones, brain):
    assert sum(placed(zones, brain, Pattern.JUXTACORTICAL).parts.values()) == pytest.approx(1.0, abs=0.01)
    assert BrainPart.CORTEX.title == "Cortex"
