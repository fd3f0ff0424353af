"""The default model's way through a scan, with networks that read the truth from the grey values."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from NeuroOrbitLib.anatomy.structures import Side, mirror_label_array
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import grid_around, mirror_left_right, resample
from NeuroOrbitLib.models import find_package
from OrbitSegmentationLib import postprocessing
from OrbitSegmentationLib.any_contrast import find_orbits
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT, LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.confidence import ScanConfidence
from OrbitSegmentationLib.any_contrast.find_orbits import orbits_at
from OrbitSegmentationLib.any_contrast.locate import find_globes, locator_grid
from OrbitSegmentationLib.any_contrast.model import segment_scan
from OrbitSegmentationLib.any_contrast.network import AnyContrastNetwork
from OrbitSegmentationLib.any_contrast.on_scan import WhatImageShows, class_values, labels_on_grid, likely_classes
from OrbitSegmentationLib.any_contrast.sampling import channels_on_grid, network_input
from OrbitSegmentationLib.any_contrast.segment import SIDED_CLASSES, SegmentedOrbit, refine_orbit, segment_orbit
from OrbitSegmentationLib.any_contrast.views import orbit_views
from OrbitSegmentationLib.head_pose import UPRIGHT, pose_of_eyes
from OrbitSegmentationLib.orbit_frame import OrbitFrame
from OrbitSegmentationLib.quality.plausibility import fragment_notices

GLOBES = {Side.RIGHT: np.array([32.0, 40.0, 5.0]), Side.LEFT: np.array([-31.0, 41.0, 4.0])}
RADIUS = 12.0
#: HU of the globes, of a rod lateral of each, and of everything else, which lies between them as blurred edges do.
GLOBE, ROD, REST = 200.0, -125.0, 0.0


def scaled(hounsfield: float) -> float:
    return (hounsfield + 200.0) / 500.0


class ReadsGlobes(nn.Module):
    """A locator whose heat is high where the grey value is that of a globe."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return 12.0 - 600.0 * (image - scaled(GLOBE)).abs()


class ReadsClasses(ReadsGlobes):
    """An orbit network that knows the globe and the rod by their grey values, the latter in the lateral half only.

    From front to back the rod is nerve and four recti.
    """

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        logits = torch.full((1, CLASS_COUNT, *image.shape[2:]), -50.0)
        # Outside of the scan the image is 0.
        logits[:, 0] = -100.0 * torch.minimum((image[:, 0] - scaled(REST)).abs(), image[:, 0])
        logits[:, 1] = -100.0 * (image[:, 0] - scaled(GLOBE)).abs()
        rod = -100.0 * (image[:, 0] - scaled(ROD)).abs()
        lateral_half = torch.arange(image.shape[-1]) >= image.shape[-1] / 2
        part = ((torch.arange(image.shape[-2]) - 33) // 5).clamp(0, 4)[:, None]
        for number, value in enumerate(SIDED_CLASSES):
            logits[:, value] = rod.where(lateral_half & (part == number), -50.0)
        return logits


class Networks:
    locator = ReadsGlobes()
    orbit = ReadsClasses()
    chiasm = None


def head(grid: Grid, sides: tuple[Side, ...] = tuple(Side)) -> Image:
    """Globes with a rod 20 mm lateral of each, in HU."""
    points = _points(grid)
    array = np.full(grid.shape, REST, dtype=np.float32)
    for side in sides:
        local = (points - GLOBES[side]) * np.array([side.x_sign, 1, 1])
        rod = (np.abs(local[..., 0] - 20) < 4) & (np.abs(local[..., 1]) < 12) & (np.abs(local[..., 2]) < 9)
        array[rod] = ROD
        array[np.linalg.norm(local, axis=-1) < RADIUS] = GLOBE
    return Image(array, grid.affine)


def _points(grid: Grid) -> np.ndarray:
    kji = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    return grid.ras_from_ijk(kji[..., ::-1])


def straight_grid(spacing: tuple[float, float, float] = (1.5, 1.5, 1.5)) -> Grid:
    counts = [round(extent / step) for extent, step in zip((140.0, 110.0, 90.0), spacing, strict=True)]
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = (-70.0, -25.0, -40.0)
    return Grid(tuple(counts[::-1]), affine)


def segment(image: Image, views: int = 1) -> Image:
    return segment_scan(image, Networks(), True, LABEL_OF_CLASS, views=views).labels


def centroid(labels: Image, value: int) -> np.ndarray:
    return labels.grid.ras_from_ijk(np.argwhere(labels.array == value).mean(axis=0)[::-1])


def volume_ml(labels: Image, value: int) -> float:
    return float((labels.array == value).sum() * labels.grid.voxel_volume / 1000)


def assert_anatomically_right(labels: Image, tolerance: float = 1.0) -> None:
    for side, globe_value, rectus_value in ((Side.RIGHT, 1, 11), (Side.LEFT, 2, 12)):
        assert np.linalg.norm(centroid(labels, globe_value) - GLOBES[side]) < tolerance
        lateral = centroid(labels, rectus_value) - GLOBES[side]
        assert abs(lateral[0] - 20 * side.x_sign) < 2.5 * tolerance
        assert volume_ml(labels, globe_value) == pytest.approx(7.24, rel=0.1)


def reordered(grid: Grid, order: tuple[int, int, int], flips: tuple[bool, bool, bool]) -> Grid:
    """The same box of voxels with its index axes in another order and direction."""
    counts = np.array(grid.shape[::-1])
    affine = grid.affine.copy()
    for axis, flip in enumerate(flips):
        if flip:
            affine[:3, 3] += affine[:3, axis] * (counts[axis] - 1)
            affine[:3, axis] *= -1
    affine[:3, :3] = affine[:3, list(order)]
    return Grid(tuple(counts[list(order)][::-1]), affine)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("flips", list(itertools.product((False, True), repeat=3)))
def test_sides_and_places_are_the_same_for_every_order_of_the_axes(order, flips):
    grid = reordered(straight_grid((2.5, 2.5, 2.5)), order, flips)
    labels = segment(head(grid))
    assert labels.grid.same_as(grid)
    assert_anatomically_right(labels)


def test_axis_order_does_not_change_a_single_voxel():
    grid = straight_grid()
    straight = segment(head(grid))
    turned = segment(head(reordered(grid, (2, 0, 1), (True, False, True))))
    back = resample(turned, grid, "nearest")
    assert np.array_equal(back.array, straight.array)


@settings(max_examples=6, deadline=None)
@given(st.tuples(*[st.floats(-30, 30)] * 3))
def test_oblique_scans_give_the_same_anatomy(angles):
    rotation = np.eye(4)
    for axis, angle in enumerate(np.deg2rad(angles)):
        i, j = [other for other in range(3) if other != axis]
        turn = np.eye(4)
        turn[[i, j], [i, j]], turn[i, j], turn[j, i] = np.cos(angle), -np.sin(angle), np.sin(angle)
        rotation = rotation @ turn
    grid = straight_grid((2.0, 2.0, 2.0))
    middle = np.eye(4)
    middle[:3, 3] = (0, 30, 5)
    affine = middle @ rotation @ np.linalg.inv(middle) @ grid.affine
    assert_anatomically_right(segment(head(Grid(grid.shape, affine))))


def test_the_mean_of_several_views_outlines_more_finely_than_one_view():
    grid, frame = OrbitFrame(GLOBES[Side.RIGHT], Side.RIGHT).grid(0.7), OrbitFrame((32.3, 39.8, 5.4), Side.RIGHT)
    image, truth = head(grid), np.linalg.norm(_points(grid) - GLOBES[Side.RIGHT], axis=-1) < RADIUS
    once = segment_orbit(image, frame, ReadsClasses(), True)
    errors = []
    for orbit in (once, refine_orbit(once, image, ReadsClasses(), True, views=4)):
        labels = np.zeros(grid.shape, np.uint8)
        labels_on_grid(orbit, labels, grid, LABEL_OF_CLASS)
        errors.append(np.sum((labels == 1) != truth))
    assert errors[1] < 0.85 * errors[0]


def test_confidence_is_high_where_edges_are_sharp_and_low_where_they_are_not():
    grid = OrbitFrame((0.0, 0.0, 0.0), Side.LEFT).grid(1.0)
    probabilities = np.zeros((CLASS_COUNT, *grid.shape), np.float32)
    probabilities[1, 20:30, 20:30, 20:30] = 0.98
    probabilities[3, 5:15, 20:30, 20:30] = np.linspace(0.98, 0.52, 10)[:, None, None]
    probabilities[0] = 1 - probabilities.sum(axis=0)
    labels, confidence = np.zeros(grid.shape, np.uint8), ScanConfidence.of(grid)
    labels_on_grid(SegmentedOrbit(OrbitFrame((0, 0, 0), Side.LEFT), probabilities, 1.0), labels, grid, LABEL_OF_CLASS,
                   confidence)
    eyeball, nerve = confidence.structures[2], confidence.structures[4]
    assert eyeball.expected_dice == pytest.approx(0.98 * 2 / 1.98, abs=1e-3) and nerve.expected_dice < 0.9
    assert nerve.by_slice[5] > nerve.by_slice[10] > nerve.by_slice[14] and np.isnan(nerve.by_slice[30])


def test_gland_that_a_ct_shows_to_be_bone_is_neither_drawn_nor_missed_as_a_lost_piece():
    grid = OrbitFrame((0.0, 0.0, 0.0), Side.RIGHT).grid(1.0)
    probabilities = np.zeros((CLASS_COUNT, *grid.shape), np.float32)
    probabilities[LABEL_OF_CLASS.index(13), 20:30, 20:30, 20:30] = 0.9
    probabilities[0] = 1 - probabilities.sum(axis=0)
    hounsfield = np.random.default_rng(2).normal(40.0, 5.0, grid.shape).astype(np.float32)
    hounsfield[:, :25] = 900.0
    labels, confidence = np.zeros(grid.shape, np.uint8), ScanConfidence.of(grid)
    labels_on_grid(SegmentedOrbit(OrbitFrame((0, 0, 0), Side.RIGHT), probabilities, 1.0), labels, grid, LABEL_OF_CLASS,
                   confidence, WhatImageShows(Image(hounsfield, grid.affine), True, -500.0))
    drawn = np.argwhere(labels == 13)
    assert drawn.min(axis=0).tolist() == [20, 25, 20] and len(drawn) == 500
    # Of the layer beside the bone, the mean over neighbours is that of bone: it is the caller who takes that out.
    assert confidence.structures[13].size.sum() == 400
    rows = [{"label": 13, "name": "Right lacrimal gland", "voxels": 500}]
    assert fragment_notices(rows, {13: float(confidence.structures[13].size.sum())}) == []


def test_slices_are_counted_across_the_thick_direction():
    assert ScanConfidence.of(straight_grid((0.6, 3.0, 0.6))).axis == 1
    assert ScanConfidence.of(straight_grid((0.6, 0.6, 0.7))).axis == 0


@pytest.mark.parametrize(("shares", "expected"), [
    ({0: 0.25, 21: 0.35, 9: 0.40}, 21), ({0: 0.35, 21: 0.25, 9: 0.40}, 0), ({0: 0.2, 21: 0.25, 9: 0.55}, 9),
    ({0: 0.4, 1: 0.35, 19: 0.25}, 1), ({21: 0.45, 9: 0.25, 3: 0.30}, 3), ({}, 0)])
def test_a_structure_is_drawn_where_any_is_more_likely_than_not(shares, expected):
    """Label value and probability of what a voxel may be."""
    probabilities = torch.zeros(CLASS_COUNT, 1, 1, 1)
    for value, share in shares.items():
        probabilities[LABEL_OF_CLASS.index(value)] = share
    values = class_values(Side.RIGHT, LABEL_OF_CLASS)
    assert values[likely_classes(probabilities, values)].item() == expected


def test_views_differ_but_look_at_the_same_place():
    frame = OrbitFrame((31.0, 40.0, 5.0), Side.LEFT)
    straight = frame.grid(1.0)
    grids = [view.grid(frame, 1.0) for view in orbit_views(8)]
    assert grids[0].same_as(straight)
    for grid in grids[1:]:
        moved = grid.ras_from_ijk(straight.ijk_from_ras(np.array(frame.center))) - frame.center
        assert 0.2 < np.abs(moved).max() <= 0.5 + 1e-6
        assert np.linalg.det(grid.affine[:3, :3]) < 0, "a left orbit is mirrored in every view"
    assert len({tuple(grid.center.round(3)) for grid in grids}) == 8
    with pytest.raises(ValueError):
        orbit_views(0)


def test_channels_come_to_another_grid_as_single_images_do():
    source, target = straight_grid((3.0, 2.0, 2.5)), OrbitFrame((5.0, 30.0, 4.0), Side.LEFT).grid(4.0)
    channels = np.random.default_rng(3).random((2, *source.shape), dtype=np.float32)
    moved = channels_on_grid(torch.from_numpy(channels), source, target).numpy()
    for channel, found in zip(channels, moved, strict=True):
        assert np.allclose(found, resample(Image(channel, source.affine), target).array, atol=1e-4)


def test_thick_slices_keep_sides_and_places():
    assert_anatomically_right(segment(head(straight_grid((0.6, 0.6, 3.0)))), tolerance=1.5)


def test_a_mirrored_head_has_its_structures_on_the_other_sides():
    image = head(straight_grid())
    plain, mirrored = (segment(scan, views=3) for scan in (image, mirror_left_right(image)))
    assert np.mean(mirrored.array == mirror_label_array(plain.array)) > 0.9995


@pytest.mark.parametrize("side", list(Side))
def test_one_eye_alone_is_found_on_its_side(side):
    labels = segment(head(straight_grid(), (side,)))
    globe, other = (1, 2) if side is Side.RIGHT else (2, 1)
    assert volume_ml(labels, globe) > 6 and volume_ml(labels, other) == 0


@pytest.mark.parametrize("side", list(Side))
def test_the_side_of_a_single_eye_follows_from_its_muscles(side):
    labels = segment(head(straight_grid(), (side,)))
    present = set(np.unique(labels.array)) - {0}
    assert present == ({1, 3, 5, 7, 9, 11} if side is Side.RIGHT else {2, 4, 6, 8, 10, 12})


@pytest.mark.parametrize("is_wide", [True, False])
@pytest.mark.parametrize("side", list(Side))
def test_a_single_eye_whose_muscles_say_little_gets_the_side_that_it_lies_on_if_the_scan_would_show_both(side, is_wide):
    """The anatomy of the other side is recognised a little better: a turned head may look so."""
    scan = head(straight_grid(), (side,))
    (frames,) = find_globes(scan, ReadsGlobes(), True)
    assert [frame.side for frame in frames] == [side]
    grid = scan.grid if is_wide else grid_around(np.array(frames[0].center), 60.0, 1.0)

    def look(frame: OrbitFrame) -> SegmentedOrbit:
        grid = frame.grid(1.0)
        shares = np.zeros((CLASS_COUNT, *grid.shape), np.float32)
        shares[0] = 1.0
        for number, share in enumerate((1, *SIDED_CLASSES)):
            layers = 4 if frame.side is side or number == 0 else 5
            box = (share, slice(8 * number, 8 * number + layers), slice(20, 50), slice(20, 50))
            shares[box], shares[(0, *box[1:])] = 1.0, 0.0
        return SegmentedOrbit(frame, shares, 1.0)

    (found,) = orbits_at(frames, look, grid)
    assert found.frame.side is (side if is_wide else side.other)


def test_an_eye_that_was_paired_with_something_else_is_seen_in_an_upright_head_on_its_own_side():
    """The line between the two tells a pose of a tilted child, in which nearly as much of the orbit is recognised."""
    scan = head(straight_grid(), (Side.RIGHT,))
    eye, cheek = GLOBES[Side.RIGHT], GLOBES[Side.RIGHT] + np.array([24.0, -8.0, 22.0])
    wrong = pose_of_eyes(cheek, eye)
    frames = [OrbitFrame(tuple(cheek), Side.RIGHT, wrong), OrbitFrame(tuple(eye), Side.LEFT, wrong)]
    assert wrong.scale < 0.7 and wrong.degrees_from(UPRIGHT) > 30

    def look(frame: OrbitFrame) -> SegmentedOrbit:
        grid = frame.grid(1.0)
        shares = np.zeros((CLASS_COUNT, *grid.shape), np.float32)
        shares[0] = 1.0
        is_eye = np.linalg.norm(np.subtract(frame.center, eye)) < 5
        right_in_upright = frame.side is Side.RIGHT and frame.pose == UPRIGHT
        muscles = 4 if right_in_upright else 5 if (frame.side, frame.pose) == (Side.LEFT, wrong) else 1
        for number, share in enumerate((1, *SIDED_CLASSES)):
            layers = muscles if number else 4
            box = (share, slice(8 * number, 8 * number + layers), slice(20, 50), slice(20, 50))
            shares[box], shares[(0, *box[1:])] = float(is_eye), 1.0 - is_eye
        return SegmentedOrbit(frame, shares, 1.0)

    for grid in (scan.grid, grid_around(eye, 60.0, 1.0)):
        (found,) = orbits_at(frames, look, grid)
        assert (found.frame.side, found.frame.pose) == (Side.RIGHT, UPRIGHT)


def test_packages_that_do_not_say_how_wide_they_are_are_of_the_width_before_it_was_said():
    assert AnyContrastNetwork().orbit.head.in_channels == 8
    shipped = find_package("orbit-any-contrast").facts.network_arguments
    assert AnyContrastNetwork(**shipped).orbit.head.in_channels == shipped["orbit_widths"][0] == 24


def test_a_hotter_place_that_is_no_eye_does_not_hide_the_eyes():
    class SeesAThirdGlobe(ReadsGlobes):
        def forward(self, image):
            heat = super().forward(image).clamp(max=2.0)
            heat[..., 30:33, 20:23, 30:33] = 9.0
            return heat

    class Distracted(Networks):
        locator = SeesAThirdGlobe()

    assert_anatomically_right(segment_scan(head(straight_grid()), Distracted, True, LABEL_OF_CLASS, views=1).labels)


@pytest.mark.parametrize(("limit", "present"), [(postprocessing.BONE_HU, False), (np.inf, True)])
def test_what_the_network_takes_for_gland_is_none_where_ct_shows_bone(monkeypatch, limit, present):
    class TakesBoneForGland(ReadsClasses):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            logits = super().forward(image)
            logits[:, LABEL_OF_CLASS.index(13)] += 200.0 * (image[:, 0] > 0.99)
            return logits

    class Misled(Networks):
        orbit = TakesBoneForGland()

    monkeypatch.setattr(postprocessing, "BONE_HU", limit)
    scan = head(straight_grid(), (Side.RIGHT,))
    bone = np.linalg.norm(_points(scan.grid) - (32.0, 18.0, 5.0), axis=-1) < 4
    labels = segment_scan(scan.with_array(np.where(bone, 900.0, scan.array).astype(np.float32)), Misled, True,
                          LABEL_OF_CLASS, views=1).labels.array
    assert (np.isin(labels, (13, 14)) & bone).any() == present


@pytest.mark.parametrize("seen", list(Side))
def test_an_eye_that_the_locator_misses_is_looked_for_beside_the_other_one(monkeypatch, seen):
    def finds_one(*arguments) -> list[list[OrbitFrame]]:
        return [[frame for frame in find_globes(*arguments)[0] if frame.side is seen]]

    monkeypatch.setattr(find_orbits, "find_globes", finds_one)
    found = segment_scan(head(straight_grid()), Networks(), True, LABEL_OF_CLASS, views=1)
    assert_anatomically_right(found.labels)
    assert [orbit.frame.side for orbit in found.orbits] == list(Side)


def test_the_chiasm_belongs_to_scans_of_both_eyes():
    class SeesAChiasm(ReadsGlobes):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            logits = torch.zeros(1, 2, *image.shape[2:])
            logits[:, 1] = -20.0
            logits[:, 1, 20:24, 20:28, 12:28] = 20.0
            return logits

    class WithChiasm(Networks):
        chiasm = SeesAChiasm()

    affine = straight_grid().affine.copy()
    affine[1, 3] -= 60.0
    grid = Grid((60, 113, 93), affine)
    labels = segment_scan(head(grid), WithChiasm, True, LABEL_OF_CLASS, views=1).labels
    assert centroid(labels, 25) == pytest.approx((0.5, 40.5 - 56.0, 4.5 - 2.0), abs=2.0)  # the eyes are not quite level
    assert volume_ml(labels, 25) == pytest.approx(0.512, rel=0.1)
    assert not (segment_scan(head(grid), Networks, True, LABEL_OF_CLASS, views=1).labels.array == 25).any()
    one_eye = segment_scan(head(grid, (Side.RIGHT,)), WithChiasm, True, LABEL_OF_CLASS, views=1).labels
    assert (one_eye.array == 1).any() and not (one_eye.array == 25).any()


def test_without_eyes_nothing_is_labelled():
    image = head(straight_grid(), ())
    assert find_globes(image, ReadsGlobes(), True) == []
    assert not segment(image).array.any()


def test_of_two_globes_closer_than_in_any_head_only_one_stays():
    grid = straight_grid()
    inside = np.linalg.norm(_points(grid) - np.array([0.0, 30.0, 5.0]), axis=-1) < RADIUS
    image = Image(np.where(inside, GLOBE, REST).astype(np.float32), grid.affine)
    assert all(len(globes) == 1 for globes in find_globes(image, ReadsGlobes(), True))


def test_what_looks_like_a_globe_but_has_no_clear_muscles_around_it_is_no_orbit():
    class SeesMuscleEverywhere(ReadsClasses):
        def forward(self, image):
            logits = super().forward(image)
            # Everywhere a little rectus, nowhere enough of it.
            logits[:, SIDED_CLASSES[-1]] = torch.maximum(logits[:, SIDED_CLASSES[-1]], logits[:, 0] - 1.0)
            return logits

    class Unsure(Networks):
        orbit = SeesMuscleEverywhere()

    assert not segment_scan(head(straight_grid()), Unsure, True, LABEL_OF_CLASS, views=1).labels.array.any()


def test_the_locator_sees_the_whole_scan_on_a_grid_that_suits_it():
    grid = straight_grid((0.5, 0.7, 3.0))
    coarse = locator_grid(grid)
    assert all(n % 8 == 0 and n >= 64 for n in coarse.shape)
    corners = np.array(list(itertools.product(*[(0, n - 1) for n in grid.shape[::-1]])))
    inside = coarse.ijk_from_ras(grid.ras_from_ijk(corners))
    assert (inside >= 0).all() and (inside <= np.array(coarse.shape[::-1]) - 1).all()


def test_what_lies_far_below_black_does_not_brighten_an_mri():
    voxels = np.random.default_rng(1).uniform(0.0, 1000.0, (20, 24, 22)).astype(np.float32)
    voxels[:, :8] = 0.0
    grid = Grid(voxels.shape, np.diag([4.0, 4.0, 4.0, 1.0]))
    wide = locator_grid(grid)
    plain = network_input(Image(voxels, grid.affine), wide, is_ct=False)
    voxels[3, 10, 4:8] = -5000.0
    marred = network_input(Image(voxels, grid.affine), wide, is_ct=False)
    inside = network_input(Image(np.ones_like(voxels), grid.affine), wide, is_ct=True) > scaled(0.5)
    assert 0.4 < plain[inside].mean() < 0.5
    assert (marred - plain)[inside].abs().mean() < 0.01


def test_a_left_orbit_looks_like_a_right_one_in_its_frame():
    image = head(straight_grid())
    views = {side: resample(image, OrbitFrame(tuple(GLOBES[side]), side).grid(1.0)).array for side in Side}
    lateral = {side: np.argwhere(np.abs(view - ROD) < 1)[:, 2].mean() for side, view in views.items()}
    assert lateral[Side.LEFT] == pytest.approx(lateral[Side.RIGHT], abs=0.6)
    assert lateral[Side.RIGHT] == pytest.approx(28 + 20 - 0.5, abs=0.6)


def test_an_orbit_is_right_or_left():
    with pytest.raises(ValueError):
        OrbitFrame((0, 0, 0), "nasal")
