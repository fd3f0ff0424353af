"""Superpixels: regions that follow what the window shows, in millimetres, and never cross existing borders."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from OrbitSegmentationLib.refinement.superpixels import LEVELS, Superpixels, block_supervoxels, slice_superpixels


def disc(shape: tuple[int, int], center: tuple[float, float], radius: float) -> np.ndarray:
    """Pixels within ``radius`` of ``center``."""
    rows, columns = np.indices(shape)
    return np.hypot(rows - center[0], columns - center[1]) <= radius


def noisy(mask: np.ndarray, inside: float = 60.0, outside: float = -90.0, noise: float = 10.0) -> np.ndarray:
    """Muscle in fat as CT shows it (HU)."""
    return np.where(mask, inside, outside) + np.random.default_rng(0).normal(0, noise, mask.shape)


def pieces_per_region(regions: Superpixels) -> list[int]:
    """Number of connected pieces of every region."""
    return [ndimage.label(regions.labels == region)[1] for region in range(regions.count)]


@pytest.mark.parametrize("level", LEVELS)
def test_the_levels_give_about_as_many_regions_as_they_say(level: int):
    regions = slice_superpixels(noisy(disc((256, 256), (120, 130), 40)), (0.5, 0.5), level)
    assert 0.6 * level <= regions.count <= 1.3 * level
    assert regions.sizes.sum() == 256 * 256
    assert regions.labels.dtype == np.int32


def test_choosing_regions_by_click_reaches_the_structure():
    truth = disc((128, 128), (60, 66), 20)
    regions = slice_superpixels(noisy(truth), (0.4, 0.4), 500)
    inside = np.bincount(regions.labels[truth], minlength=regions.count) > regions.sizes / 2
    chosen = regions.mask_of(np.flatnonzero(inside))
    off = ndimage.distance_transform_edt(~truth)[chosen & ~truth].max(initial=0) * 0.4
    missing = ndimage.distance_transform_edt(truth)[truth & ~chosen].max(initial=0) * 0.4
    assert max(off, missing) <= 0.8, f"{off:.1f} mm too far, {missing:.1f} mm too little"


def test_regions_do_not_see_what_the_window_hides():
    truth = disc((96, 96), (48, 48), 20)
    bone = noisy(truth, inside=900.0, outside=600.0)
    shown = slice_superpixels(bone, (1, 1), 100, window=(400, 1000))
    hidden = slice_superpixels(bone, (1, 1), 100, window=(-160, 240))

    def mixed(regions: Superpixels) -> int:
        share = np.bincount(regions.labels[truth], minlength=regions.count) / regions.sizes
        return int(((share > 0.15) & (share < 0.85)).sum())

    assert mixed(shown) <= 2
    assert mixed(hidden) >= 6


def test_compactness_means_the_same_however_much_of_the_window_a_slice_uses():
    image = noisy(disc((96, 96), (48, 48), 20), inside=20.0, outside=0.0, noise=1.0)
    with_metal = image.copy()
    with_metal[0, 0] = 10000.0
    plain, marked = (slice_superpixels(values, (1, 1), 100, window=(-500, 500)) for values in (image, with_metal))
    differing = plain.boundaries() != marked.boundaries()
    assert differing[20:, 20:].mean() < 0.02


def test_no_region_crosses_existing_segments():
    image = noisy(disc((96, 96), (40, 40), 20))
    segments = disc((96, 96), (60, 60), 15).astype(np.uint8) * 3
    regions = slice_superpixels(image, (1, 1), 200, borders=segments)
    for region in range(regions.count):
        assert np.unique(segments[regions.labels == region]).size == 1
    assert set(pieces_per_region(regions)) == {1}
    assert regions.sizes.min() > 0


def test_no_splinter_remains_where_a_border_cuts_a_region():
    image = noisy(np.zeros((100, 100), dtype=bool))
    free = slice_superpixels(image, (1, 1), 100)
    cut = slice_superpixels(image, (1, 1), 100, borders=disc((100, 100), (50, 50), 30))
    assert cut.count < 1.8 * free.count
    assert np.percentile(cut.sizes, 5) > 10


def test_regions_are_round_in_millimetres_where_pixels_are_not():
    rng = np.random.default_rng(0)
    regions = slice_superpixels(rng.normal(0, 1, (64, 192)), (1.5, 0.5), 60, compactness=50.0)
    boxes = ndimage.find_objects(regions.labels + 1)
    heights = np.median([(box[0].stop - box[0].start) * 1.5 for box in boxes])
    widths = np.median([(box[1].stop - box[1].start) * 0.5 for box in boxes])
    assert 0.5 < heights / widths < 2.0


def test_supervoxels_of_thick_slices_are_as_high_as_wide():
    rng = np.random.default_rng(0)
    regions = block_supervoxels(rng.normal(0, 1, (12, 60, 60)), (3.0, 0.5, 0.5), 250, compactness=20.0)
    boxes = ndimage.find_objects(regions.labels + 1)
    heights = np.median([(box[0].stop - box[0].start) * 3.0 for box in boxes])
    widths = np.median([(box[2].stop - box[2].start) * 0.5 for box in boxes])
    assert 0.6 < heights / widths < 1.6, f"{heights} mm high, {widths} mm wide"
    assert set(pieces_per_region(regions)) == {1}


def test_supervoxels_follow_a_sphere():
    k, j, i = np.indices((24, 40, 40))
    truth = np.sqrt((k - 12) ** 2 + (j - 20) ** 2 + (i - 20) ** 2) <= 8
    regions = block_supervoxels(noisy(truth), (1.0, 1.0, 1.0), 300)
    inside = np.bincount(regions.labels[truth], minlength=regions.count) > regions.sizes / 2
    chosen = regions.mask_of(np.flatnonzero(inside))
    assert 2 * (chosen & truth).sum() / (chosen.sum() + truth.sum()) > 0.9


def test_the_region_under_the_cursor():
    regions = slice_superpixels(noisy(disc((40, 50), (20, 20), 8)), (1, 1), 50)
    region = regions.region_at((20, 20))
    assert regions.mask_of(region)[20, 20]
    assert np.array_equal(regions.mask_of([region]), regions.mask_of(region))
    assert regions.region_at((40, 10)) is None
    assert regions.region_at((10, -1)) is None
    assert not regions.mask_of([]).any()


def test_boundaries_are_where_regions_meet():
    regions = Superpixels(np.array([[0, 0, 1], [0, 0, 1], [2, 2, 2]], dtype=np.int32))
    expected = [[False, True, False], [True, True, True], [False, False, False]]
    assert regions.boundaries().tolist() == expected


@pytest.mark.parametrize(
    "image",
    [np.zeros((30, 30)), np.full((30, 30), np.nan), np.ones((1, 1)), np.ones((1, 40)), np.ones((7, 7), dtype=np.uint8)],
    ids=["constant", "not a number", "one pixel", "one row", "fewer pixels than regions"],
)
def test_odd_images_have_regions_too(image: np.ndarray):
    regions = slice_superpixels(image, (1, 1), 100)
    assert regions.labels.shape == image.shape
    assert set(np.unique(regions.labels)) == set(range(regions.count))


def test_a_window_that_is_not_finite_is_replaced():
    image = noisy(disc((60, 60), (30, 30), 15))
    image[:5] = -np.inf
    regions = slice_superpixels(image, (1, 1), 100, window=(-np.inf, np.nan))
    assert regions.count > 50
    assert np.array_equal(regions.labels, slice_superpixels(image, (1, 1), 100).labels)


def test_impossible_requests_are_refused():
    with pytest.raises(ValueError, match="two axes"):
        slice_superpixels(np.zeros((3, 3, 3)), (1, 1), 10)
    with pytest.raises(ValueError, match="without pixels"):
        slice_superpixels(np.zeros((0, 3)), (1, 1), 10)
    with pytest.raises(ValueError, match="positive"):
        slice_superpixels(np.zeros((3, 3)), (1, 1), 0)
    with pytest.raises(ValueError, match="do not fit"):
        slice_superpixels(np.zeros((8, 8)), (1, 1), 4, borders=np.zeros((4, 4)))
