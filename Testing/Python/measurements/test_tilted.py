"""Scans of a tilted gantry, whose slices lie nearer to each other than the steps between their corners are long."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.right_angles import at_right_angles
from NeuroOrbitLib.measurements.measure import Measuring, measure
from NeuroOrbitLib.measurements.rows import by_key
from NeuroOrbitLib.phantom.truth.measures import true_measures
from Testing.Python.measurements.heads import head, tilted_label_map

#: Of lengths, in mm.
BAR = 0.45


@pytest.fixture(scope="module")
def ill():
    return head(5, 0.6)


@pytest.fixture(scope="module")
def tilted(ill):
    return tilted_label_map(ill, (0.6, 0.6, 2.0), 25.0)


def test_slices_two_millimetres_apart_are_not_too_thick_because_the_gantry_is_tilted(ill, tilted):
    rows, truth = by_key(measure(tilted)), true_measures(ill)["sides"]
    # Only what runs along slices 2 mm apart is not measured, whether these are tilted or not.
    assert all("lies along slices that are 2.0 mm apart" in row.text for row in rows.values() if row.value is None)
    for side in ("right", "left"):
        for muscle in ("medial_rectus", "lateral_rectus", "inferior_rectus", "superior_oblique"):
            assert rows[muscle, side, "greatest_diameter"].value == pytest.approx(
                truth[side][muscle]["greatest_diameter"], abs=BAR), (muscle, side)
        assert rows["eyeball", side, "axial_length"].value == pytest.approx(
            truth[side]["eyeball"]["axial_length"], abs=BAR)


def test_reasons_tell_the_distance_between_the_planes_of_tilted_slices(ill):
    rows = by_key(measure(tilted_label_map(ill, (0.8, 0.8, 3.2), 25.0)))
    assert "stands across slices that are 3.2 mm apart" in rows["bony_orbit", "right", "barrett_horizontal"].text


def test_a_structure_that_ends_within_a_tilted_scan_is_not_cut_where_its_slices_are_moved(tilted):
    """The straight grid is larger than the scan: its edges are none of the scan's, and the scan's lie inside."""
    inner = np.argwhere(np.isin(tilted.array, (1, 2)))[:, 1].max() - 4
    cut = Measuring(Image(tilted.array[:, :inner], tilted.affine))
    assert {1, 2} <= cut.cut and not Measuring(tilted).cut
    volume = by_key(cut.rows())["eyeball", "right", "volume"]
    assert "cut off at the edge of the scan" in volume.text


def test_volumes_and_grey_values_of_a_tilted_scan_stay_those_of_its_voxels(tilted):
    scan = tilted.with_array(np.random.default_rng(1).integers(50, 400, tilted.array.shape).astype(np.int16))
    rows, muscle = by_key(measure(tilted, scan, is_ct=False)), tilted.array == 9
    assert rows["medial_rectus", "right", "volume"].value == pytest.approx(
        np.count_nonzero(muscle) * tilted.grid.voxel_volume / 1000)
    assert rows["medial_rectus", "right", "signal_mean"].value == pytest.approx(scan.array[muscle].mean())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
@pytest.mark.parametrize("shear", [[(1, 2, 0.35)], [(1, 2, -0.4), (0, 2, 0.3)],
                                   [(0, 1, 0.2), (0, 2, 0.3), (1, 2, -0.4)]])
def test_every_voxel_stays_within_half_a_voxel_of_its_place(order, shear):
    """Slices may be moved along one axis or both; a registration may shear all three axes."""
    array = np.arange(1, 11 * 9 * 8 + 1).reshape(11, 9, 8)
    sheared = np.eye(3)
    for along, by, amount in shear:
        sheared[along, by] = amount
    affine = np.eye(4)
    affine[:3, :3] = np.diag([1.0, -1.0, 1.0]) @ sheared @ np.diag([0.7, 0.8, 2.0])
    affine[:3, 3] = 5.0, -3.0, 2.0
    affine[:3, :3] = affine[:3, list(order)]
    image = Image(np.ascontiguousarray(np.transpose(array, [2 - order[2 - axis] for axis in range(3)])), affine)
    found, _ = at_right_angles(image)
    axes = found.affine[:3, :3]
    np.testing.assert_allclose(axes.T @ axes, np.diag(np.diag(axes.T @ axes)), atol=1e-9)
    assert found.grid.voxel_volume == pytest.approx(image.grid.voxel_volume)
    assert sorted(found.array[found.array > 0]) == list(range(1, array.size + 1))
    before, after = (each.grid.ras_from_ijk(places[np.argsort(each.array[each.array > 0])][:, ::-1])
                     for each in (image, found) for places in [np.argwhere(each.array > 0)])
    steps = np.abs((after - before) @ (axes / found.spacing))
    once = np.array(found.spacing) / 2 * (2 if len(shear) == 3 else 1)
    assert (steps <= once + 1e-9).all() and steps.max() > 0.1


def test_images_at_right_angles_stay_as_they_are():
    image = Image(np.zeros((3, 4, 5)), np.diag([0.5, -0.5, 2.0, 1.0]))
    assert at_right_angles(image)[0] is image
