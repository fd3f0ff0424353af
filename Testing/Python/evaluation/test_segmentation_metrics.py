"""Metrics against closed forms and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest

from NeuroOrbitLib.evaluation.segmentation.difference import CONFUSION, FALSE_NEGATIVE, FALSE_POSITIVE, difference_map
from NeuroOrbitLib.evaluation.segmentation.overlap import count_agreement
from NeuroOrbitLib.evaluation.segmentation.scores import (
    cohort_volume_agreement,
    labels_in,
    score_case,
    summarise,
    summarise_cohort,
)
from NeuroOrbitLib.evaluation.segmentation.slices import slice_iou
from NeuroOrbitLib.evaluation.segmentation.surface import compare_surfaces, surface_elements
from NeuroOrbitLib.evaluation.segmentation.volumes import relative_volume_error, volume_agreement
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.problem import Problem


def cube(start: tuple[int, int, int], size: int = 4, shape: tuple[int, int, int] = (12, 12, 12)) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[tuple(slice(s, s + size) for s in start)] = True
    return mask


def ball(radius: float, spacing: tuple[float, float, float], extent: float = 30.0, shift: float = 0.0) -> np.ndarray:
    axes = [np.arange(-extent / 2, extent / 2, step) for step in spacing[::-1]]
    k, j, i = np.meshgrid(*axes, indexing="ij")
    return (i - shift) ** 2 + j**2 + k**2 <= radius**2


def test_overlap_of_cubes_shifted_by_half():
    counts = count_agreement(cube((2, 2, 2)), cube((4, 2, 2)))
    assert counts.true_positive == counts.false_positive == counts.false_negative == 32
    assert counts.true_negative == 12**3 - 96
    assert counts.dice == pytest.approx(0.5)
    assert counts.iou == pytest.approx(1 / 3)
    assert counts.sensitivity == counts.precision == pytest.approx(0.5)
    assert counts.specificity == pytest.approx(1 - 32 / (12**3 - 64))


def test_sensitivity_and_precision_are_not_swapped():
    counts = count_agreement(cube((2, 2, 2)), cube((2, 2, 2), size=2))
    assert counts.precision == 1.0
    assert counts.sensitivity == pytest.approx(8 / 64)


def test_ignored_voxels_count_for_nothing():
    reference, prediction = cube((2, 2, 2)), cube((4, 2, 2))
    counts = count_agreement(reference, prediction, ignore=prediction & ~reference)
    assert counts.false_positive == 0 and counts.precision == 1.0
    assert counts.true_negative == 12**3 - 96


def test_empty_masks_have_no_score_and_a_missed_structure_scores_zero():
    empty, full = np.zeros((12, 12, 12), dtype=bool), cube((2, 2, 2))
    assert math.isnan(count_agreement(empty, empty).dice)
    assert count_agreement(full, empty).dice == 0.0
    assert math.isnan(count_agreement(full, empty).precision)
    assert math.isnan(compare_surfaces(empty, empty, np.eye(3)).surface_dice)
    missed = compare_surfaces(full, empty, np.eye(3))
    assert missed.surface_dice == 0.0 and math.isinf(missed.hausdorff95)


def test_masks_of_different_shape_are_refused():
    with pytest.raises(ValueError, match="shape"):
        count_agreement(np.zeros((2, 2, 2)), np.zeros((2, 2, 3)))


def test_surface_area_of_a_block_of_anisotropic_voxels():
    mask = np.zeros((5, 6, 7), dtype=bool)
    mask[1:3, 1:4, 1:5] = True  # 2 x 3 x 4 voxels along K, J, I
    spacing = (0.5, 2.0, 3.0)  # 2.0 mm along I, 6.0 mm along J, 6.0 mm along K
    area = surface_elements(mask, np.diag(spacing)).areas.sum()
    assert area == pytest.approx(2 * (2.0 * 6.0 + 2.0 * 6.0 + 6.0 * 6.0))


def test_surface_reaches_to_the_edge_of_the_array():
    assert surface_elements(np.ones((2, 2, 2), dtype=bool), np.eye(3)).areas.sum() == 24


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.5, 0.8, 3.0)])
def test_surface_distances_equal_brute_force(spacing):
    rng = np.random.default_rng(3)
    masks = [rng.random((5, 6, 7)) > 0.7 for _ in range(2)]
    a, b = (surface_elements(mask, np.diag(spacing)) for mask in masks)
    gaps = np.linalg.norm(a.centers[:, None] - b.centers[None], axis=2)
    from_a, from_b = gaps.min(axis=1), gaps.min(axis=0)
    area = a.areas.sum() + b.areas.sum()
    result = compare_surfaces(*masks, np.diag(spacing), tolerance=0.6)
    inside = a.areas[from_a <= 0.6].sum() + b.areas[from_b <= 0.6].sum()
    assert result.surface_dice == pytest.approx(inside / area)
    assert result.mean_distance == pytest.approx(((from_a * a.areas).sum() + (from_b * b.areas).sum()) / area)

    def percentile(distances, areas):
        pairs = sorted(zip(distances, areas, strict=True))
        covered = np.cumsum([w for _, w in pairs])
        return next(d for (d, _), c in zip(pairs, covered, strict=True) if c >= 0.95 * covered[-1] - 1e-9)

    assert result.hausdorff95 == pytest.approx(max(percentile(from_a, a.areas), percentile(from_b, b.areas)))


def test_concentric_balls_are_one_radius_difference_apart():
    spacing = (0.5, 0.5, 1.0)
    result = compare_surfaces(ball(10, spacing), ball(12, spacing), np.diag(spacing), tolerance=1.0)
    assert result.mean_distance == pytest.approx(2.0, abs=0.2)
    assert result.hausdorff95 == pytest.approx(2.0, abs=0.5)
    assert result.surface_dice == 0.0
    assert compare_surfaces(ball(10, spacing), ball(12, spacing), np.diag(spacing), tolerance=3.0).surface_dice == 1.0


def test_distances_on_the_oblique_axes_of_a_tilted_gantry_are_those_in_the_patient():
    tilted = np.diag([0.5, 0.5, 1.0, 1.0])
    tilted[1, 2] = np.tan(np.radians(30))  # each slice lies higher and further in front than the one before
    away = np.linalg.norm((grid := Grid((36, 120, 64), tilted)).voxel_centers() - grid.center, axis=-1)
    small, large = (Image((away <= radius).astype(np.uint8), tilted) for radius in (10, 12))
    metrics = score_case(small, large)[1].metrics
    assert metrics["hausdorff95"] == pytest.approx(2.0, abs=0.3)
    assert metrics["mean_surface_distance"] == pytest.approx(2.0, abs=0.2)


def test_a_distance_equal_to_the_tolerance_agrees():
    a, b = cube((4, 4, 4), size=5, shape=(20, 20, 20)), cube((4, 4, 6), size=5, shape=(20, 20, 20))
    spacing = (0.5, 1.0, 1.0)  # two voxels along I are 1 mm
    assert compare_surfaces(a, b, np.diag(spacing), tolerance=1.0).surface_dice == 1.0
    assert compare_surfaces(a, b, np.diag(spacing), tolerance=0.99).surface_dice < 1.0


def test_surfaces_in_ignored_voxels_count_for_nothing():
    reference = cube((4, 4, 4), size=6, shape=(16, 16, 16))
    prediction = reference.copy()
    prediction[4:10, 4:10, 10:15] = True
    uncertain = np.zeros_like(reference)
    uncertain[:, :, 10:] = True
    edges = np.eye(3)
    assert compare_surfaces(reference, prediction, edges).surface_dice < 0.8
    assert compare_surfaces(reference, prediction, edges, ignore=uncertain).surface_dice == pytest.approx(1.0)
    # What is only there where it does not count is not there at all.
    assert compare_surfaces(reference, prediction & uncertain, edges, ignore=uncertain).surface_dice == 0.0


def test_surfaces_at_ignored_voxels_are_not_judged_but_still_there_to_be_near():
    reference, prediction = cube((4, 4, 4), size=6, shape=(16, 16, 16)), cube((4, 4, 4), size=6, shape=(16, 16, 16))
    prediction[4:10, 4:10, 10:12] = True  # reaches two voxels too far, where nobody knows the truth
    ignore = np.zeros((16, 16, 16), dtype=bool)
    ignore[4:10, 4:10, 9:13] = True
    spacing = (1.0, 1.0, 1.0)
    assert compare_surfaces(reference, prediction, np.diag(spacing), 0.5).surface_dice < 0.9
    ignored = compare_surfaces(reference, prediction, np.diag(spacing), 0.5, ignore)
    assert (ignored.surface_dice, ignored.mean_distance, ignored.hausdorff95) == (1.0, 0.0, 0.0)


def test_a_rim_of_ignored_voxels_does_not_make_a_small_error_look_large():
    spacing = (1.0, 1.0, 1.0)
    reference, prediction = ball(10, spacing), ball(9.5, spacing)
    rim = ball(11, spacing) & ~ball(9.8, spacing)
    half = np.arange(rim.shape[1]) > rim.shape[1] // 2
    plain = compare_surfaces(reference, prediction, np.diag(spacing))
    ignored = compare_surfaces(reference, prediction, np.diag(spacing), ignore=rim & half[None, :, None])
    assert ignored.mean_distance <= plain.mean_distance + 0.05
    assert ignored.hausdorff95 <= plain.hausdorff95


def test_a_structure_that_lies_in_ignored_voxels_only_is_not_compared():
    mask = cube((2, 2, 2))
    assert math.isnan(compare_surfaces(mask, mask, np.eye(3), ignore=mask).surface_dice)


def test_volume_agreement_of_a_constant_overestimate():
    reference = [100.0, 200.0, 400.0]
    agreement = volume_agreement(reference, [v * 1.1 for v in reference])
    assert agreement.pearson_r == pytest.approx(1.0)
    assert agreement.relative_error == pytest.approx(0.1)
    assert agreement.relative_error_sd == pytest.approx(0.0, abs=1e-12)
    assert agreement.mean_absolute_error == pytest.approx(70 / 3)
    assert agreement.root_mean_square_error == pytest.approx(math.sqrt((100 + 400 + 1600) / 3))
    spread = np.std([10, 20, 40], ddof=1)
    assert agreement.limits_of_agreement == pytest.approx((70 / 3 - 1.96 * spread, 70 / 3 + 1.96 * spread))


def test_volume_agreement_of_one_case_has_no_correlation():
    agreement = volume_agreement([100.0], [90.0])
    assert math.isnan(agreement.pearson_r)
    assert agreement.relative_error == pytest.approx(-0.1)
    assert math.isnan(relative_volume_error(0.0, 5.0))


def grid_of(shape: tuple[int, int, int], columns: np.ndarray) -> Grid:
    affine = np.eye(4)
    affine[:3, :3] = columns
    return Grid(shape, affine)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (2, 0, 1)])
def test_slice_curve_is_the_same_for_every_axis_order(order):
    reference, prediction = cube((2, 3, 4)), cube((2, 4, 4))  # shifted along J
    plain = slice_iou(reference, prediction, grid_of((12, 12, 12), np.diag([1.0, 2.0, 1.0])), "coronal")
    columns = np.diag([1.0, 2.0, 1.0])[:, list(order)]
    array_order = [2 - order[2 - axis] for axis in range(3)]
    turned = slice_iou(
        reference.transpose(array_order), prediction.transpose(array_order), grid_of((12, 12, 12), columns), "coronal"
    )
    assert np.array_equal(plain.positions, turned.positions)
    assert np.array_equal(plain.iou, turned.iou, equal_nan=True)
    assert plain.positions[3] == 6.0
    assert plain.iou[3:8].tolist() == [0, 1, 1, 1, 0]
    assert np.isnan(plain.iou[0])


def test_slices_of_a_flipped_axis_ascend_anatomically():
    curve = slice_iou(cube((2, 2, 2)), cube((2, 2, 2)), grid_of((12, 12, 12), np.diag([1.0, -1.0, 1.0])), "coronal")
    assert curve.positions[0] == -11.0 and curve.positions[-1] == 0.0
    assert np.flatnonzero(curve.iou == 1).tolist() == [6, 7, 8, 9]


def test_difference_map_names_each_kind_of_error():
    reference = Image(np.array([[[0, 1, 1, 2, 0]]]), np.eye(4))
    prediction = Image(np.array([[[0, 1, 0, 1, 5]]]), np.eye(4))
    assert difference_map(reference, prediction).array.ravel().tolist() == [
        0, 1, FALSE_NEGATIVE, CONFUSION, FALSE_POSITIVE
    ]
    ignored = difference_map(reference, prediction, ignore=np.array([[[0, 0, 1, 0, 0]]], dtype=bool))
    assert ignored.array.ravel().tolist() == [0, 1, 0, CONFUSION, FALSE_POSITIVE]


def labelled(*masks: np.ndarray) -> Image:
    array = np.zeros(masks[0].shape, dtype=np.uint8)
    for value, mask in enumerate(masks, start=1):
        array[mask] = value
    return Image(array, np.diag([1.0, 1.0, 2.0, 1.0]))


def test_a_case_is_scored_as_if_the_whole_volume_was_used():
    reference = labelled(cube((2, 2, 2)), cube((7, 7, 7)))
    prediction = labelled(cube((4, 2, 2)), cube((7, 7, 7)))
    scores = score_case(reference, prediction)
    whole = count_agreement(reference.array == 1, prediction.array == 1)
    assert scores[1].metrics["specificity"] == pytest.approx(whole.specificity)
    assert scores[1].metrics["dice"] == pytest.approx(0.5)
    assert scores[1].reference_volume == pytest.approx(128.0)
    assert scores[1].metrics["hausdorff95"] == pytest.approx(4.0)
    assert scores[2].metrics["dice"] == 1.0 and scores[2].metrics["mean_surface_distance"] == 0.0


def test_ignored_voxels_do_not_enter_case_volumes_or_specificity():
    reference, prediction = labelled(cube((2, 2, 2))), labelled(cube((4, 2, 2)))
    ignore = reference.with_array(((prediction.array == 1) & (reference.array == 0)).astype(np.uint8))
    score = score_case(reference, prediction, ignore=ignore)[1]
    assert score.metrics["specificity"] == 1.0
    assert score.predicted_volume == pytest.approx(64.0)
    assert score.reference_volume == pytest.approx(128.0)


def test_a_prediction_on_another_grid_is_refused_with_advice():
    reference = labelled(cube((2, 2, 2)))
    with pytest.raises(Problem, match=r"another grid.*Resample"):
        score_case(reference, Image(reference.array, np.eye(4)))


def test_cohort_summary_skips_infinite_distances_but_not_the_zero_dice():
    reference = labelled(cube((2, 2, 2)))
    missed = score_case(reference, labelled(np.zeros((12, 12, 12), dtype=bool)))
    found = score_case(reference, reference)
    summary = summarise_cohort([missed, found])[1]
    assert summary["dice"].mean == pytest.approx(0.5) and summary["dice"].cases == 2
    assert summary["dice"].sd == pytest.approx(math.sqrt(0.5))
    assert summary["hausdorff95"].mean == 0.0 and summary["hausdorff95"].cases == 1
    assert cohort_volume_agreement([missed, found])[1].bias == pytest.approx(-64.0)
    assert math.isnan(summarise([]).mean)


def test_labels_found_exclude_the_background():
    assert labels_in([labelled(cube((1, 1, 1)), cube((6, 6, 6)))]) == [1, 2]
