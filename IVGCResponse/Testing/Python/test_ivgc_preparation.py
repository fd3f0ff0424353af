"""Scans of another kind are refused with the reason; what the network sees lies where the muscles are."""

from __future__ import annotations

import numpy as np
import pytest

from IVGCResponseLib.muscle_groups import ALL_RECTI, STRATEGIES, values_of
from IVGCResponseLib.sequence import STEP_RANGE, refuse_early, require_usable
from IVGCResponseLib.signal_ratio import LOWEST_COLUMN, ratio_column, signal_ratios
from IVGCResponseLib.study import BOX
from NeuroOrbitLib.anatomy.structures import RECTI, Side, label_value
from NeuroOrbitLib.classifiers.structure_box import GROUP, MASKED
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.slice_notices import coronal_notices
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.perturbation import perturbed

RECTUS_VALUES = values_of(ALL_RECTI)

CORONAL_T2 = {"Modality": "MR", "EchoTime": "90", "RepetitionTime": "3500"}


def without(labels: Image, *keys: str, sides: tuple[Side, ...] = tuple(Side)) -> Image:
    gone = np.isin(labels.array, [label_value(key, side) for key in keys for side in sides])
    return labels.with_array(np.where(gone, 0, labels.array))


def test_a_coronal_t2_is_usable_without_notices(scan):
    assert require_usable(scan.image, scan.labels) == []
    assert require_usable(scan.image, scan.labels, CORONAL_T2) == []


@pytest.mark.parametrize(("fields", "message"), [
    ({"Modality": "CT"}, "This is a CT"),
    ({"EchoTime": "15", "RepetitionTime": "700"}, "echo time 15 ms, repetition time 700 ms"),
    ({**CORONAL_T2, "InversionTime": "1650"}, "This is a FLAIR series"),
])  # fmt: skip
def test_other_kinds_are_refused_with_the_reason_before_anything_is_segmented(scan, fields, message):
    with pytest.raises(Problem, match=f"{message}.*Choose a coronal T2 series"):
        refuse_early(scan.image, fields)


def test_dark_eyes_are_no_t2(scan):
    eyes = np.isin(scan.labels.array, [label_value("eyeball", side) for side in Side])
    dark = scan.image.with_array(np.where(eyes, 150, scan.image.array))
    with pytest.raises(Problem, match="inside of the eye is too dark"):
        require_usable(dark, scan.labels)


def test_another_plane_or_step_or_suppressed_fat_is_said_not_refused(scan):
    axial = Image(scan.image.array, scan.image.affine[:, [0, 2, 1, 3]]).grid
    swapped = type(axial)(axial.shape, np.diag([0.5, 0.5, 3.0, 1.0]))
    assert "not coronal" in coronal_notices(swapped, STEP_RANGE)[0]
    wide = type(axial)(axial.shape, scan.image.affine @ np.diag([1, 1, 1.5, 1]))
    assert "5.0 mm apart instead of 2 to 4 mm" in coronal_notices(wide, STEP_RANGE)[0].replace("4.9", "5.0")
    suppressed = require_usable(scan.image, scan.labels, {**CORONAL_T2, "SeriesDescription": "T2 cor SPIR"})
    assert "fat is suppressed" in suppressed[0]


def test_one_orbit_or_a_missing_muscle_is_named(scan):
    with pytest.raises(Problem, match=r"lacks the left superior rectus.*left lateral rectus"):
        BOX.prepare(scan.image, without(scan.labels, *RECTI, sides=(Side.LEFT,)))
    with pytest.raises(Problem, match=r"lacks the right medial rectus muscle\. The models look"):
        BOX.prepare(scan.image, without(scan.labels, "medial_rectus", sides=(Side.RIGHT,)))
    with pytest.raises(Problem, match="No rectus muscle is segmented"):
        BOX.prepare(scan.image, without(scan.labels, *RECTI))


def test_the_volume_is_the_box_of_all_recti_seen_from_the_front(scan):
    prepared = BOX.prepare(scan.image, scan.labels)
    assert prepared.image.array.shape == (32, 128, 128) and prepared.arrays()["image"].dtype == np.float16
    grid, matrix = prepared.image.grid, prepared.image.affine[:3, :3]
    assert np.array_equal(np.sign(np.round(matrix, 3)), [[-1, 0, 0], [0, 0, -1], [0, -1, 0]])
    for key in RECTI:
        for side in Side:
            value = label_value(key, side)
            here, there = (np.argwhere(image.array == value)[:, ::-1] for image in (prepared.labels, scan.labels))
            assert np.allclose(grid.ras_from_ijk(here).mean(axis=0), scan.labels.grid.ras_from_ijk(there).mean(axis=0),
                               atol=1.0)
            share = len(here) * grid.voxel_volume / (len(there) * scan.labels.grid.voxel_volume)
            assert share == pytest.approx(1.0, abs=0.12)  # nothing of a muscle is cut off
    # The patient's right orbit is on the left of the volume, as radiologists look at it.
    right, left = (np.argwhere(prepared.labels.array == label_value("eyeball", side))[:, 2].mean() for side in Side)
    assert right < 64 < left


def test_boxes_of_a_group_and_masks(scan):
    assert np.prod(BOX.grid(scan.labels, "IR", GROUP).spacing) < 0.8 * np.prod(BOX.grid(scan.labels).spacing)
    masked = BOX.prepare(scan.image, scan.labels, "MR+LR", MASKED)
    far = np.isin(masked.labels.array, [label_value("inferior_rectus", side) for side in Side])
    near = np.isin(masked.labels.array, [label_value("medial_rectus", side) for side in Side])
    assert (masked.image.array[far] == 0).mean() > 0.9 and (masked.image.array[near] != 0).all()
    with pytest.raises(Problem, match="Choose one of four_recti, group, masked"):
        BOX.grid(scan.labels, "MR", "whole head")


def test_the_order_of_the_axes_does_not_matter(scan):
    turned_scan, turned_labels = reorient_to_ras(scan.image), reorient_to_ras(scan.labels)
    first, second = BOX.prepare(scan.image, scan.labels), BOX.prepare(turned_scan, turned_labels)
    assert np.allclose(first.image.array, second.image.array, atol=1e-4)
    assert np.array_equal(first.labels.array, second.labels.array)


def test_signal_ratios_compare_with_the_temporal_muscles(scan):
    prepared = BOX.prepare(scan.image, scan.labels)
    found = signal_ratios(prepared.corrected, prepared.scan_labels)
    assert list(found) == [*map(ratio_column, STRATEGIES), LOWEST_COLUMN]
    assert all(1.0 < value < 4.5 for value in found.values())
    doubled = prepared.corrected.with_array(prepared.corrected.array * 2)
    assert signal_ratios(doubled, prepared.scan_labels) == pytest.approx(found)


def test_masks_drawn_anew_differ_a_little_and_keep_everything_else(scan):
    array = np.zeros((6, 60, 60), dtype=np.uint8)
    rows, columns = np.mgrid[:60, :60]
    array[1:5, ((rows - 30) / 10.0) ** 2 + ((columns - 15) / 4.0) ** 2 <= 1] = 9  # 10 x 4 mm, as a medial rectus
    array[1:5, ((rows - 30) / 10.0) ** 2 + ((columns - 45) / 4.0) ** 2 <= 1] = 10
    array[:, 25:35, 28:32] = 1
    labels = Image(array, np.diag([0.5, 0.5, 3.3, 1.0]))
    drawn = [perturbed(labels, RECTUS_VALUES, seed) for seed in range(6)]
    assert np.array_equal(drawn[0].array, perturbed(labels, RECTUS_VALUES, 0).array)
    pairs = [(again.array == value, array == value) for again in drawn for value in (9, 10)]
    overlaps = [2 * (first & second).sum() / (first.sum() + second.sum()) for first, second in pairs]
    assert min(overlaps) > 0.75 and np.mean(overlaps) < 0.95
    assert all((again.array[array == 1] == 1).all() and not again.array[[0, 5]][array[[0, 5]] == 0].any()
               for again in drawn)  # no muscle grows into the next slice
    larger = [(again.array == 9).sum() > (array == 9).sum() for again in drawn]
    assert any(larger) and not all(larger)
    empty = without(scan.labels, *RECTI)
    assert perturbed(empty, RECTUS_VALUES, 1) is empty
