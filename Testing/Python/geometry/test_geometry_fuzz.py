"""The shipped model gives the same anatomy however the same patient was scanned and stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import LABEL_VALUES, Side, label_value, mirror_label_array, side_of
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.geometry import crop, grid_around, mirror_left_right, resample, resample_labels
from OrbitSegmentationLib import pipeline
from OrbitSegmentationLib.pipeline import OrbitResult, segment_image
from OrbitSegmentationLib.run_model import Found
from Testing.Python.imaging.image_cases import AXIS_ORDERS, in_axis_order, rotation

GLOBES = {Side.RIGHT: 1, Side.LEFT: 2}
AIR = -1000.0
#: Every order of the axes once, with other flips each time.
SIX_ORDERS = AXIS_ORDERS[1::9]
KINDS = ("CT", "T1", "real")


def dice(first: np.ndarray, second: np.ndarray) -> float:
    return float(2 * np.count_nonzero(first & second) / max(np.count_nonzero(first) + np.count_nonzero(second), 1))


def scanned_again(image: Image, grid: Grid) -> Image:
    """The patient of a CT on another grid."""
    return resample(image, grid, "cubic", fill=AIR, antialias=True)


def assert_globes_agree(again: OrbitResult, straight: OrbitResult, least: float) -> None:
    back = resample_labels(again.labels, straight.labels.grid).array
    for side, value in GLOBES.items():
        assert dice(back == value, straight.labels.array == value) >= least, side


def middles(labels: Image) -> dict[int, np.ndarray]:
    """RAS mm of the middle of every label that is there."""
    values = [value for value in LABEL_VALUES if (labels.array == value).any()]
    return {value: labels.grid.ras_from_ijk(np.argwhere(labels.array == value).mean(axis=0)[::-1]) for value in values}


def assert_sides_are_anatomical(labels: Image) -> None:
    """Right structures lie further right (RAS x) than the same ones on the left."""
    places = middles(labels)
    pairs = [(value, value + 1) for value in places if side_of(value) is Side.RIGHT and value + 1 in places]
    assert len(pairs) >= 6
    assert all(places[right][0] > places[left][0] + 15 for right, left in pairs)


def assert_same_in_axis_orders(image: Image, straight: OrbitResult, package, orders: Iterable) -> None:
    for order, flips in orders:
        labels = segment_image(in_axis_order(image, order, flips), package).labels
        expected = in_axis_order(straight.labels, order, flips)
        assert labels.grid.same_as(expected.grid, 1e-6), (order, flips)
        assert np.array_equal(labels.array, expected.array), (order, flips)


@pytest.mark.parametrize("kind", KINDS)
def test_sides_are_the_patients(segmented, kind):
    labels = segmented(kind).labels
    assert_sides_are_anatomical(labels)
    rows = {row["label"]: row["side"] for row in segmented(kind).measurements}
    assert rows.pop(label_value("optic_chiasm"), None) is None, "the chiasm has no side"
    assert all(side == side_of(value).value for value, side in rows.items())


@pytest.mark.parametrize("kind", ["CT", "T1"])
def test_both_globes_are_where_they_are_in_the_phantom(segmented, phantom, kind):
    truth = phantom(kind)[1].array
    for value in GLOBES.values():
        # The lens has labels of its own in the truth.
        assert dice(segmented(kind).labels.array == value, np.isin(truth, (value, value + 18))) > 0.85


@pytest.mark.parametrize(("kind", "orders"), [("CT", SIX_ORDERS[:3]), ("T1", SIX_ORDERS[3:])])
def test_the_order_of_the_axes_does_not_change_a_voxel(scans, segmented, package, kind, orders):
    assert_same_in_axis_orders(scans(kind), segmented(kind), package, orders)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
def test_none_of_the_48_orders_of_the_axes_changes_a_voxel(scans, segmented, package, kind):
    assert_same_in_axis_orders(scans(kind), segmented(kind), package, AXIS_ORDERS)


def test_the_networks_see_the_same_voxels_in_all_48_orders_of_the_axes(scans, package, monkeypatch):
    """What the networks make of a scan is replaced by its brightest voxels; everything around them is real."""
    seen = []

    def brightest(image: Image, *_: object) -> Found:
        seen.append(image)
        return Found(image.with_array((image.array > 200).astype(np.uint8)), {side: 1.0 for side in Side})

    monkeypatch.setattr(pipeline, "run_model", brightest)
    image = crop(scans("CT"), Box((5, 10, 20), (17, 70, 105)))
    for order, flips in AXIS_ORDERS:
        labels = segment_image(in_axis_order(image, order, flips), package).labels
        assert np.array_equal(labels.array, in_axis_order(image, order, flips).array > 200), (order, flips)
        assert np.array_equal(seen[-1].array, seen[0].array) and np.array_equal(seen[-1].affine, seen[0].affine)


@pytest.mark.parametrize("axis", ["x", *(pytest.param(axis, marks=pytest.mark.slow) for axis in "yz")])
def test_oblique_slices_give_the_same_anatomy(scans, segmented, package, axis):
    image = scans("CT")
    grid = grid_around(image.grid.center, (150, 130, 100), 1.2, rotation(axis, 30))
    assert_globes_agree(segment_image(scanned_again(image, grid), package), segmented("CT"), 0.9)


def test_fine_pixels_in_thick_slices_give_the_same_anatomy(scans, segmented, package):
    image = scans("CT")
    grid = grid_around(image.grid.center, (150, 110, 60), (0.3, 0.3, 3.0))
    result = segment_image(scanned_again(image, grid), package)
    assert_globes_agree(result, segmented("CT"), 0.9)
    assert any("elongated" in notice["text"] and notice["level"] == "info" for notice in result.notices)


@pytest.mark.parametrize("kind", ["CT", pytest.param("T1", marks=pytest.mark.slow),
                                  pytest.param("real", marks=pytest.mark.slow)])
def test_a_mirrored_patient_has_the_same_structures_on_the_other_sides(scans, segmented, package, kind):
    mirrored = segment_image(mirror_left_right(scans(kind)), package).labels
    expected = mirror_label_array(segmented(kind).labels.array)
    for value in GLOBES.values():
        assert dice(mirrored.array == value, expected == value) >= 0.95
    assert dice(mirrored.array > 2, expected > 2) >= 0.9


@pytest.mark.parametrize("kind", ["CT", pytest.param("T1", marks=pytest.mark.slow),
                                  pytest.param("real", marks=pytest.mark.slow)])
@pytest.mark.parametrize("side", list(Side))
def test_a_scan_of_one_orbit_shows_that_orbit_and_says_that_the_other_one_is_missing(
        scans, segmented, package, kind, side):
    image = scans(kind)
    grid = grid_around(np.add(image.grid.center, (side.x_sign * 37, 0, 0)), (70, 130, 80), image.spacing)
    part = resample(image, grid, "nearest", fill=float(image.array.min()))
    result = segment_image(part, package)
    sides = {side_of(int(value)) for value in np.unique(result.labels.array) if value}
    assert sides == {side}
    back = resample_labels(result.labels, image.grid).array
    assert dice(back == GLOBES[side], segmented(kind).labels.array == GLOBES[side]) > 0.9
    assert any(f"{side.other.value} eye was not found" in notice["text"] for notice in result.notices)


@pytest.mark.parametrize("kind", ["T1", pytest.param("CT", marks=pytest.mark.slow),
                                  pytest.param("real", marks=pytest.mark.slow)])
def test_a_thin_field_of_view_just_around_the_eyes_is_enough(scans, segmented, package, kind):
    whole = segmented(kind)
    middle = np.mean([middles(whole.labels)[value] for value in GLOBES.values()], axis=0)
    grid = grid_around(middle - (0, 12, 0), (110, 70, 32), scans(kind).spacing)
    part = resample(scans(kind), grid, "nearest", fill=float(scans(kind).array.min()))
    assert_globes_agree(segment_image(part, package), crop_result(whole, grid), 0.9)


def crop_result(result: OrbitResult, grid: Grid) -> OrbitResult:
    """What was found of the scan where it lies on ``grid``."""
    return replace(result, labels=resample(result.labels, grid, "nearest"))


def noise(shape: tuple[int, int, int] = (40, 60, 60)) -> Image:
    """Grey values of a CT of soft tissue with nothing in it that looks like a head."""
    values = np.random.default_rng(3).normal(30, 60, shape)
    return Image(values.astype(np.int16), np.diag([2.0, 2.0, 2.0, 1.0]))


def behind_the_eyes(image: Image) -> Image:
    """The rear half of a scan."""
    grid = grid_around(np.subtract(image.grid.center, (0, 40, 0)), (140, 40, 60), image.spacing)
    return resample(image, grid, "nearest", fill=float(image.array.min()))


@pytest.mark.parametrize("make", ["noise", "behind the eyes"])
def test_a_scan_without_eyes_is_refused_in_words(scans, package, make):
    image = noise() if make == "noise" else behind_the_eyes(scans("CT"))
    with pytest.raises(ImageProblem, match="No eye was found"):
        segment_image(image, package)


def test_a_volume_of_one_value_is_refused_in_words(package):
    with pytest.raises(ImageProblem, match="same value"):
        segment_image(noise().with_array(np.full((40, 60, 60), 7, np.int16)), package)
