"""Maps from what scanners write, and muscles that they do not cover."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.geometry import grid_around
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.dixon import maps_of
from NeuroOrbitLib.measurements.measure import Measuring
from NeuroOrbitLib.measurements.rows import by_key
from NeuroOrbitLib.problem import Problem
from Testing.Python.measurements.heads import head, label_map


def image(value: float, size: float = 1.0) -> Image:
    return Image(np.full((4, 5, 6), value, np.float32), np.diag([size, size, size, 1.0]))


def image_around(labels: Image, size: float, value: float) -> Image:
    """An image of one value around a label map."""
    middle = labels.grid.ras_from_ijk((np.array(labels.grid.shape[::-1]) - 1) / 2)
    grid = grid_around(middle, tuple(np.array(labels.grid.shape[::-1]) * labels.spacing + 4.0), (size, size, size))
    return Image(np.full(grid.shape, value, np.float32), grid.affine)


def test_both_images_of_a_dixon_scan_give_both_fractions_whatever_their_grids():
    found = maps_of(None, image(30), image(90))
    np.testing.assert_allclose(found["fat_fraction"].array, 25.0)
    np.testing.assert_allclose(found["water_fraction"].array, 75.0)
    finer = Image(np.full((8, 10, 12), 90, np.int16), np.diag([0.5, 0.5, 0.5, 1.0]))
    np.testing.assert_allclose(maps_of(None, image(30), finer)["fat_fraction"].array[1:3, 1:4, 1:5], 25.0)
    np.testing.assert_allclose(maps_of(None, image(0), image(0))["fat_fraction"].array, 0.0)


def test_where_one_image_of_a_dixon_scan_ends_there_is_no_fraction():
    """Not 100 % of the other one, as if there were none of the first."""
    short = Image(image(90).array[:, :3], image(90).affine)
    for fat, water in ((image(30), short), (short.with_array(short.array / 3), image(90))):
        found = maps_of(None, fat, water)
        for name, value in (("fat_fraction", 25.0), ("water_fraction", 75.0)):
            assert found[name].grid.same_as(short.grid)
            np.testing.assert_allclose(found[name].array, value)


def test_a_map_that_holds_no_numbers_outside_of_the_patient_is_a_fraction_all_the_same():
    """A tenth of fat was given as 0.1 %, since the largest of values among which one is NaN was NaN."""
    masked = image(0.1)
    masked.array[0] = np.nan
    np.testing.assert_allclose(maps_of(None, masked, None)["fat_fraction"].array[1:], 10.0)
    shown = maps_of(None, masked.with_array(masked.array * 300), image(90))["fat_fraction"].array
    np.testing.assert_allclose(shown[1:], 25.0)
    assert np.isnan(shown[0]).all()
    with pytest.raises(Problem, match="grey values, not a fraction"):
        maps_of(None, masked.with_array(masked.array * 3000), None)


@pytest.mark.parametrize("size", [0.8, 1.3])
def test_voxels_of_a_map_without_a_number_are_left_out_of_a_muscle(size):
    """They made its mean and uncertainty "nan ± nan", and a change to an earlier scan "decreased"."""
    shape = head(3)
    labels = label_map(shape, (0.8, 0.8, 0.8))
    t2 = image_around(labels, size, 70.0)
    muscle = label_value("medial_rectus", Side.RIGHT)
    index = np.rint(t2.grid.ijk_from_ras(labels.grid.ras_from_ijk(np.argwhere(labels.array == muscle)[:, ::-1])))
    some, most = (t2.with_array(t2.array.copy()) for _ in range(2))
    some.array[tuple(index[:50].astype(int).T[::-1])] = np.nan
    low, high = index.min(axis=0).astype(int) - 1, index.max(axis=0).astype(int) + 2
    most.array[tuple(slice(*ends) for ends in zip(low[::-1], high[::-1], strict=True))] = np.nan
    for given, value in ((some, 70.0), (most, None)):
        rows = by_key(Measuring(labels, None, maps={"t2": given}).rows())
        measured = rows["medial_rectus", "right", "t2_mean"].measured
        assert measured.value == pytest.approx(value) if value else "hold no number" in measured.reason
        assert rows["medial_rectus", "left", "t2_mean"].value == pytest.approx(70.0)


def test_images_of_a_dixon_scan_that_lie_apart_or_are_cut_slantwise_are_refused():
    away = Image(image(90).array, image(90).affine + np.eye(4, k=3) * 50)
    turned = np.array([[0.8, -0.6, 0, 2], [0.6, 0.8, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    for other in (away, Image(image(90).array, turned)):
        with pytest.raises(Problem, match="do not show the same part of the patient"):
            maps_of(None, image(30), other)


def test_one_image_alone_must_be_a_fraction():
    np.testing.assert_allclose(maps_of(None, image(0.2), None)["fat_fraction"].array, 20.0)
    np.testing.assert_allclose(maps_of(None, None, image(80))["water_fraction"].array, 80.0)
    with pytest.raises(Problem, match="Choose both images"):
        maps_of(None, image(900), None)


def test_a_muscle_outside_of_the_map_is_not_measured_in_it():
    labels = label_map(head(3), (1.6, 1.6, 1.6))
    half = labels.with_array(np.full(labels.array.shape, 50.0, np.float32))
    half = Image(half.array[:, :, labels.array.shape[2] // 2:], labels.affine.copy())
    half.affine[:3, 3] = labels.grid.ras_from_ijk(np.array([labels.array.shape[2] // 2, 0, 0]))
    rows = by_key(Measuring(labels, maps={"t2": half}).rows())
    found = {side: rows["medial_rectus", side, "t2_mean"] for side in ("right", "left")}
    assert sorted(row.value is None for row in found.values()) == [False, True]
    (missing,) = (row for row in found.values() if row.value is None)
    assert "does not cover" in missing.measured.reason
