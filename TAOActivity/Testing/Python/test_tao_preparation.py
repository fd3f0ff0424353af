"""What the classifier sees: five slices about the optic nerves, both orbits, whatever way the scan is stored."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.problem import Problem
from TAOActivityLib.preparation import place_crop, prepare


def test_five_slices_show_both_eyes_and_the_nerves_in_the_middle(active_scan):
    crop = place_crop(active_scan.image.grid, active_scan.labels)
    found = prepare(active_scan.image, active_scan.labels, crop, corrected=active_scan.image)
    assert found.image.array.shape == (5, 164, 164) and found.image.spacing == pytest.approx((0.8, 0.8, 3.27))
    nerves = np.isin(found.labels.array, (3, 4)).sum(axis=(1, 2))
    assert np.argmax(nerves) in (1, 2, 3) and nerves.sum() > 200
    columns = {side: np.argwhere(found.labels.array == label_value("eyeball", side))[:, 2].mean() for side in Side}
    assert columns[Side.RIGHT] < 82 < columns[Side.LEFT], "as radiologists look: the patient's right is on the left"
    rows = np.argwhere(np.isin(found.labels.array, (1, 2)))[:, 1].mean()
    assert rows < np.argwhere(np.isin(found.labels.array, (3, 4)))[:, 1].mean(), "anterior is up"
    central = found.labels.array[:, 18:146, 18:146]
    muscles = np.isin(found.labels.array, (9, 10, 11, 12))
    assert np.isin(central, (9, 10, 11, 12)).sum() == muscles.sum(), "the middle 128 pixels hold the horizontal recti"


def test_slices_of_the_scan_are_kept(active_scan):
    scan = active_scan.image
    crop = place_crop(scan.grid, active_scan.labels)
    heights = [scan.grid.ijk_from_ras(crop.grid.ras_from_ijk([81.5, 81.5, k]))[2] for k in range(5)]
    assert np.allclose(heights, np.round(heights), atol=1e-3), "no slice is blurred with its neighbour"


def test_how_the_voxels_are_stored_does_not_matter(active_scan):
    image, labels = active_scan.image, active_scan.labels
    crop = place_crop(image.grid, labels)
    turned = reorient_to_ras(image), reorient_to_ras(labels)
    assert turned[0].array.strides != image.array.strides or not np.allclose(turned[0].affine, image.affine)
    again = place_crop(turned[0].grid, turned[1])
    assert crop.grid.same_as(again.grid, 1e-3)
    a, b = prepare(image, labels, crop), prepare(*turned, again)
    assert np.abs(a.image.array - b.image.array).mean() < 0.02


def test_one_orbit_is_seen_as_a_right_one(active_scan):
    rows = {}
    for region, value in (("right", 9), ("left", 10)):
        crop = place_crop(active_scan.image.grid, active_scan.labels, region)
        found = prepare(active_scan.image, active_scan.labels, crop, corrected=active_scan.image)
        places = np.argwhere(found.labels.array == value)
        assert len(places) > 50
        rows[region] = places[:, 2].mean()
    assert min(rows.values()) > 85 and abs(rows["right"] - rows["left"]) < 15, "medial is on the same side"


def test_the_user_can_move_the_crop(active_scan):
    crop = place_crop(active_scan.image.grid, active_scan.labels)
    moved = crop.moved(right_mm=4.0, back_mm=-2.0, slices=1)
    difference = np.linalg.inv(crop.grid.affine[:3, :3]) @ (moved.grid.center - crop.grid.center)
    assert difference == pytest.approx([5.0, -2.5, 1.0])


def axial(step: float, pixel: float = 0.6) -> Grid:
    affine = np.diag([-pixel, -pixel, step, 1.0])
    affine[:3, 3] = (60, 40, -30)
    return Grid((20, 200, 200), affine)


def head_labels() -> Image:
    """Two eyes and nerves as small boxes on a grid of 1 mm."""
    labels = np.zeros((40, 80, 100), dtype=np.uint8)
    for value, column in ((1, 81), (2, 19)):
        labels[15:25, 55:65, column - 5:column + 5] = value
        labels[19:21, 25:50, column - 2:column + 2] = value + 2
    affine = np.eye(4)
    affine[:3, 3] = (-50, -60, -20)
    return Image(labels, affine)


def test_slice_thickness_has_rules():
    labels = head_labels()
    assert place_crop(axial(3.0), labels).grid.spacing[2] == pytest.approx(3.0)
    assert place_crop(axial(1.0, pixel=1.0), labels).grid.spacing[2] == pytest.approx(3.27), "thin slices are averaged"
    assert place_crop(axial(2.0), labels).grid.spacing[2] == pytest.approx(3.27)
    assert any("4.4 mm apart" in text for text in place_crop(axial(4.4), labels).notices)
    with pytest.raises(Problem, match="thinner"):
        place_crop(axial(6.0), labels)


def test_coronal_slices_are_refused():
    affine = np.array([[-0.6, 0, 0, 60], [0, 0, -3.3, 40], [0, -0.6, 0, 60], [0, 0, 0, 1.0]])
    with pytest.raises(Problem, match="not axial"):
        place_crop(Grid((20, 200, 200), affine), head_labels())


def test_a_missing_eye_is_named():
    labels = head_labels()
    one = Image(np.where(labels.array == 2, 0, labels.array), labels.affine)
    with pytest.raises(Problem, match="left eyeball"):
        place_crop(axial(3.0), one)
    assert place_crop(axial(3.0), one, "right").region == "right"


def test_active_muscles_have_higher_ratios(active_scan, inactive_scan):
    ratios = []
    for scan in (active_scan, inactive_scan):
        crop = place_crop(scan.image.grid, scan.labels)
        ratios.append(prepare(scan.image, scan.labels, crop, corrected=scan.image).signal_ratios())
    active, inactive = ratios
    assert len(active.muscles) >= 6
    for reference in ("brain", "temporalis"):
        assert active.highest(reference) > 1.25 * inactive.highest(reference)
    assert inactive.highest("brain") < 1.21 < active.highest("brain")
    assert all(muscle.hottest >= muscle.mean * 0.9 for muscle in active.muscles)
