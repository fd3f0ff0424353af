"""What scanners do to images: sizes and places of the effects."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional

from NeuroOrbitLib.phantom.scanner.random_artefacts import (
    between_slices,
    bias_field,
    ct_streaks,
    cut_away,
    double_contours,
    fat_left,
    motion_ghosts,
    sharpened,
    slices_of_scanner,
    wrapped_around,
)

SHAPE = (24, 26, 28)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def point() -> torch.Tensor:
    image = torch.zeros(SHAPE)
    image[12, 13, 14] = 1.0
    return image


def test_fat_suppression_fails_in_places_only():
    shares = [fat_left(SHAPE, rng(seed)) for seed in range(20)]
    assert all(float(s.min()) >= 0 and float(s.max()) <= 1 for s in shares)
    assert 0.05 < np.mean([float((s > 0.5).float().mean()) for s in shares]) < 0.6


def test_ghosts_and_double_contours_keep_the_anatomy_where_it_is():
    for effect in (lambda i, r: motion_ghosts(i, r), lambda i, r: double_contours(i, 1.0, r)):
        for seed in range(10):
            spoiled = effect(point(), rng(seed))
            assert spoiled[12, 13, 14] == spoiled.max() and spoiled[12, 13, 14] >= 0.6
            assert abs(float(spoiled.sum()) - 1) < 1e-5


def test_sharpening_overshoots_at_edges_and_leaves_flat_places():
    image = torch.zeros(SHAPE)
    image[:, 13:] = 1.0
    sharp = sharpened(image, rng())
    assert sharp.max() > 1.05 and sharp.min() < -0.05
    assert torch.allclose(sharp[5:-5, 3:9, 5:-5], torch.zeros(1), atol=1e-6)


def test_sharpening_leaves_what_thick_slices_show_of_each_other():
    image = torch.zeros(SHAPE)
    image[12:] = 1.0
    assert torch.allclose(sharpened(image, rng(), across=0), image)
    assert sharpened(image, rng(), across=1).max() > 1.05


def test_streaks_spare_air_and_leave_the_mean():
    image = torch.full(SHAPE, 40.0)
    image[:, :5] = -1000.0
    streaked = ct_streaks(image, rng(1))
    assert torch.equal(streaked[:, :5], image[:, :5])
    assert 1 < float((streaked - image)[:, 5:].abs().max()) <= 40.5


def test_a_cut_face_has_the_value_of_air():
    removed = [float((cut_away(torch.ones(SHAPE), 0.0, rng(seed)) == 0).float().mean()) for seed in range(30)]
    assert 0.01 < np.mean(removed) < 0.4 and max(removed) < 0.6


def test_the_coil_is_smooth_and_positive():
    for seed in range(10):
        field = bias_field(SHAPE, rng(seed))
        assert field.min() > 0 and field.log().diff(dim=1).abs().max() < 0.4


def test_thick_slices_blur_but_keep_brightness():
    image = torch.rand(SHAPE)
    for seed in range(6):
        blurred, across = slices_of_scanner(image, 1.0, rng(seed))
        assert [axis for axis in range(3) if blurred.shape[axis] != SHAPE[axis]] == ([] if across is None else [across])
        assert blurred.std() < image.std() and abs(float(blurred.mean() - image.mean())) < 0.03


def test_slices_of_up_to_8_mm_are_drawn_in_every_plane():
    image = torch.rand((32, 32, 32), generator=torch.Generator().manual_seed(1))
    distances = [[] for _axis in range(3)]
    for seed in range(250):
        slices, across = slices_of_scanner(image, 1.0, rng(seed))
        if across is not None:
            distances[across].append(32 / slices.shape[across])
    assert 0.45 < sum(map(len, distances)) / 250 < 0.65 and all(len(each) > 20 for each in distances)
    assert all(min(each) < 1.6 and 6.0 < max(each) <= 8 for each in distances)


def test_between_thick_slices_an_oblique_edge_is_mostly_as_steep_as_in_thin_ones():
    height, depth = torch.meshgrid(torch.arange(32.0), torch.arange(40.0), indexing="ij")
    image = (height + 0.6 * depth > 26).float()[..., None].repeat(1, 1, 40)
    slices = functional.avg_pool3d(image[None, None], (4, 1, 1))[0, 0]
    missed = np.zeros(20)
    for seed in range(20):
        seen = between_slices(slices, 0, (32, 40, 40), 1.0, (0.0, 1.0), rng(seed))
        assert seen.shape == image.shape and abs(float(seen.mean() - image.mean())) < 0.005
        missed[seed] = float((seen - image).abs().mean())
    assert 0.5 < (missed < 0.9 * missed.max()).mean() < 0.9


def test_thin_slices_along_any_axis_are_those_along_the_first():
    slices = torch.rand((8, 20, 22), generator=torch.Generator().manual_seed(2))
    first = between_slices(slices, 0, (24, 20, 22), 1.0, (0.0, 1.0), rng(1))
    for axis in (1, 2):
        shape = tuple(first.movedim(0, axis).shape)
        moved = between_slices(slices.movedim(0, axis), axis, shape, 1.0, (0.0, 1.0), rng(1))
        assert torch.allclose(moved.movedim(axis, 0), first, atol=1e-4)


def test_what_wraps_around_is_anatomy_from_half_a_field_away_at_one_edge():
    for seed in range(20):
        image = torch.rand(SHAPE) + 1
        added = (wrapped_around(image, rng(seed)) - image).numpy()
        changed = [np.flatnonzero(added.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
        axis = int(np.argmin([len(each) / size for each, size in zip(changed, SHAPE, strict=True)]))
        assert 0 < len(changed[axis]) <= 0.26 * SHAPE[axis] and added.min() >= 0
        assert changed[axis][0] == 0 or changed[axis][-1] == SHAPE[axis] - 1
