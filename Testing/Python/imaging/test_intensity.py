"""Grey values: bias field, windows, normalisation, CT padding and recognition of CT."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import (
    bias_field,
    clean_ct_padding,
    correct_bias_field,
    ct_window,
    foreground,
    foreground_percentiles,
    looks_like_ct,
    robust_rescale,
    stored_without_sign,
    with_sign,
    without_negative_air,
    without_offset,
    without_padding,
    z_score,
)

from .image_cases import GEOMETRIES


def head_of_three_tissues(shape=(36, 48, 44), affine=None) -> tuple[Image, np.ndarray]:
    """An MR-like head of 3 mm voxels: skin, two tissues in blobs, noise, air; and the mask of the head."""
    rng = np.random.default_rng(5)
    z, y, x = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    head = (x / 0.8) ** 2 + (y / 0.9) ** 2 + (z / 0.85) ** 2 < 1
    blobs = ndimage.gaussian_filter(rng.normal(size=shape), 2)
    tissue = np.where(blobs > 0, 120.0, 80.0)
    tissue[ndimage.binary_erosion(head, iterations=2) ^ head] = 180.0
    array = np.where(head, tissue, 0.0) + np.abs(rng.normal(0, 3, shape))
    return Image(array.astype(np.float32), np.diag([3.0, 3.0, 3.0, 1.0]) if affine is None else affine), head


def smooth_field(shape) -> np.ndarray:
    """A coil's brightness."""
    z, y, x = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    return np.exp(0.25 * x - 0.15 * y * z + 0.2 * z**2)


def variation(values: np.ndarray) -> float:
    return float(values.std() / values.mean())


@pytest.fixture(scope="module")
def corrected():
    image, head = head_of_three_tissues()
    field = smooth_field(image.array.shape)
    return image, head, field, correct_bias_field(image.with_array(image.array * field))


def test_bias_correction_removes_most_of_a_known_field(corrected):
    image, head, field, result = corrected
    tissue = head & (image.array > 110) & (image.array < 130)
    before, after = variation((image.array * field)[tissue]), variation(result.array[tissue])
    noise = variation(image.array[tissue])
    assert before > 0.08
    assert after < 0.04 and noise < after


def test_bias_correction_keeps_the_brightness_of_the_whole(corrected):
    image, head, field, result = corrected
    log_ratio = np.log(result.array[head] / (image.array * field)[head])
    assert abs(log_ratio.mean()) < 0.02
    assert result.array.dtype == np.float32


def test_the_estimated_field_is_smooth_up_to_the_edges():
    image, _head = head_of_three_tissues(shape=(31, 41, 39))
    field = bias_field(image.with_array(image.array * smooth_field(image.array.shape)), shrink=(4, 4, 4))
    for axis in range(3):
        assert np.abs(np.diff(np.log(field), axis=axis)).max() < 0.1
    assert field.shape == image.array.shape and field.min() > 0.3


def test_bias_correction_does_not_depend_on_the_place_in_the_patient():
    image, _head = head_of_three_tissues(shape=(24, 26, 28))
    sheared = GEOMETRIES["sheared"].copy()
    sheared[:3, :3] *= 3.0 / np.linalg.norm(sheared[:3, :3], axis=0)
    first, second = correct_bias_field(image), correct_bias_field(Image(image.array, sheared))
    np.testing.assert_allclose(first.array, second.array, rtol=1e-5)


def test_bias_correction_of_an_empty_image_changes_nothing():
    empty = Image(np.zeros((12, 12, 12), np.int16), np.eye(4))
    np.testing.assert_array_equal(correct_bias_field(empty).array, 0)


def test_ct_window_maps_its_limits_to_0_and_1():
    hu = np.array([[[-3000, -152, 48, 248, 3000]]], np.int16)
    np.testing.assert_allclose(ct_window(hu, level=48, width=400), [[[0, 0, 0.5, 1, 1]]], atol=1e-7)


def test_z_score_uses_the_mask_only():
    array = np.array([[[1.0, 3.0, 1000.0]]])
    np.testing.assert_allclose(z_score(array, array < 10), [[[-1, 1, 998]]], rtol=1e-6)
    assert abs(z_score(array).mean()) < 1e-6 and z_score(array).std() == pytest.approx(1)
    np.testing.assert_array_equal(z_score(np.full((2, 2, 2), 7)), 0)
    np.testing.assert_allclose(z_score(array, np.zeros_like(array, bool)), z_score(array))


def test_robust_rescale_is_the_same_however_much_air_surrounds_the_head():
    image, _head = head_of_three_tissues()
    wide = np.pad(image.array, 20)
    inner = (slice(20, -20),) * 3
    np.testing.assert_allclose(robust_rescale(wide)[inner], robust_rescale(image.array), atol=0.02)
    rescaled = robust_rescale(image.array)
    assert rescaled.min() == 0 and rescaled.max() == 1
    np.testing.assert_array_equal(robust_rescale(np.full((3, 3, 3), 5)), 0)


def test_robust_rescale_does_not_care_about_scale_and_offset():
    image, _head = head_of_three_tissues()
    np.testing.assert_allclose(robust_rescale(image.array * 37 - 500), robust_rescale(image.array), atol=1e-3)


def test_foreground_is_the_head():
    image, head = head_of_three_tissues()
    assert np.mean(foreground(image.array) == head) > 0.99
    low, high = foreground_percentiles(image.array, (1, 99))
    assert 60 < low < 85 and 170 < high < 195


@pytest.mark.parametrize("padding", [-2000, -3024, -32768])
def test_ct_padding_becomes_air(padding):
    hu = np.array([[[padding, -1024, -1000, 40, 1500]]], np.int16)
    np.testing.assert_array_equal(clean_ct_padding(hu), [[[-1024, -1024, -1000, 40, 1500]]])
    assert clean_ct_padding(hu).dtype == np.int16
    assert hu[0, 0, 0] == padding
    unsigned = np.array([[[0, 5]]], np.uint16)
    np.testing.assert_array_equal(clean_ct_padding(unsigned), unsigned)


def ct_head(air: bool = True, padding: int | None = None) -> Image:
    """HU of a head: skull, brain or orbit, fat, with or without air around."""
    rng = np.random.default_rng(2)
    shape = (40, 60, 60)
    z, y, x = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    radius = np.sqrt(x**2 + y**2 + z**2) if air else np.abs(x)
    hu = np.full(shape, -1000.0)
    hu[radius < 0.95] = -95
    hu[radius < 0.9] = 1000
    fat = np.sin(6 * x) * np.sin(6 * y) > 0.2
    hu[radius < 0.82] = np.where(fat, -90, 38)[radius < 0.82]
    hu += rng.normal(0, 12, shape)
    if padding is not None:
        hu[np.sqrt(x**2 + y**2) > 0.97] = padding
    return Image(hu.astype(np.int16), np.eye(4))


@pytest.mark.parametrize("padding", [None, -1024, -2000, -3024])
@pytest.mark.parametrize("air", [True, False])
def test_ct_is_recognised_with_and_without_air_and_padding(air, padding):
    assert looks_like_ct(ct_head(air, padding))


@pytest.mark.parametrize("limits", [(-160, 240), (-135, 215), (-125, 275), (-450, 1050)])
def test_ct_that_was_cut_to_a_window_for_viewing_is_recognised(limits):
    """At -160 HU the air around the head was taken for tissue, and the scan for an MRI."""
    voxels = np.pad(ct_head().array, 15, constant_values=-1000)
    assert looks_like_ct(Image(np.clip(voxels, *limits), np.eye(4)))


def test_mr_is_not_taken_for_ct():
    image, _head = head_of_three_tissues()
    assert not looks_like_ct(image)
    assert not looks_like_ct(image.with_array((image.array * 20).astype(np.int16)))
    assert not looks_like_ct(image.with_array(z_score(image.array)))
    assert not looks_like_ct(image.with_array(z_score(image.array) * 1000))
    assert not looks_like_ct(image.with_array(image.array - 100))


@pytest.mark.parametrize("level", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("grain", [0.0, 1.0])
@pytest.mark.parametrize("brightest", [1000.0, 2300.0])
def test_mr_with_noise_below_zero_is_not_taken_for_ct(level, grain, brightest):
    image, _head = head_of_three_tissues()
    noise = ndimage.gaussian_filter(np.random.default_rng(4).standard_normal(image.array.shape), grain)
    bright = brightest * (image.array / image.array.max() + level * noise / noise.std())
    assert np.mean(bright < -20) > 0.005
    assert not looks_like_ct(image.with_array(bright.astype(np.float32)))


@pytest.mark.parametrize("air", [True, False])
def test_ct_that_is_stored_without_sign_is_recognised_and_brought_to_hounsfield_units(air):
    head = ct_head(air)
    stored = head.with_array(np.clip(head.array.astype(np.int32) + 1024, 0, 4095).astype(np.uint16))
    assert stored_without_sign(stored) and not stored_without_sign(head)
    np.testing.assert_array_equal(with_sign(stored).array, np.clip(head.array, -1024, 3071))
    assert stored.array.dtype == np.uint16


@pytest.mark.parametrize("brightest", np.geomspace(800, 6000, 8).round())
def test_mr_of_any_brightness_is_no_ct_without_sign(brightest):
    image, _head = head_of_three_tissues()
    assert not stored_without_sign(image.with_array((image.array / image.array.max() * brightest).astype(np.uint16)))


@pytest.mark.parametrize("noise", [30, 60])
@pytest.mark.parametrize("every", [(1, 1, 1), (2, 2, 1), (4, 1, 1)])
def test_noisy_ct_without_air_is_recognised_however_its_slices_lie(noise, every):
    head = ct_head(air=False)
    noisy = head.array + np.random.default_rng(5).normal(0, noise, head.array.shape)
    thick = noisy[tuple(slice(None, None, step) for step in every)]
    assert looks_like_ct(Image(thick.astype(np.int16), np.eye(4)))


@pytest.mark.parametrize("padding", [-1, -1000, -2000, -32768])
def test_padding_of_an_mri_is_neither_black_nor_air(padding):
    image, _head = head_of_three_tissues()
    voxels = (image.array * 20).astype(np.int16)
    padded = Image(np.pad(voxels, 12, constant_values=padding), np.eye(4))
    assert not looks_like_ct(padded)
    clean = without_padding(padded)
    np.testing.assert_array_equal(clean.array, np.pad(voxels, 12, constant_values=voxels.min()))
    assert clean.array.dtype == np.int16


@pytest.mark.parametrize("padding", [-1, -1000, -32768])
def test_padding_of_an_mri_does_not_change_its_bias_field(padding):
    """Ratios of signals fell by a third in scans padded with -1000."""
    image, head = head_of_three_tissues()
    image = image.with_array((image.array * smooth_field(image.array.shape)).round().astype(np.int16))
    cut = image.array.copy()
    cut[:, :, :12] = 0
    padded = np.where(np.arange(cut.shape[2]) < 12, np.int16(padding), cut)
    fields = [bias_field(image.with_array(array)) for array in (cut, padded)]
    seen = head & (np.arange(cut.shape[2]) >= 12)
    np.testing.assert_allclose(fields[1][seen] / fields[0][seen], 1.0, atol=0.01)


def test_padding_of_a_ct_without_sign_does_not_hide_what_it_is():
    head = ct_head()
    stored = np.clip(head.array.astype(np.int32) + 1024, 0, 4095)
    stored[:, :6] = -976
    assert stored_without_sign(without_padding(head.with_array(stored.astype(np.int16))))


def test_an_offset_of_an_mri_is_taken_away_and_the_noise_of_air_is_none():
    image, _tissues = head_of_three_tissues()
    assert without_offset(image) is image
    raised = without_offset(image.with_array(image.array + 5 * image.array.max()))
    np.testing.assert_allclose(raised.array, image.array - image.array.min(), atol=1e-3 * image.array.max())


def test_planes_of_padding_around_an_mri_do_not_change_its_bias_field():
    """The splines of the field became coarser by them: a muscle's signal over brain was 1.28 in the place of 1.84."""
    image, head = head_of_three_tissues()
    array = image.array * smooth_field(head.shape) + 1.0
    around = ((3, 9), (14, 0), (20, 20))
    padded = bias_field(Image(np.pad(array, around), image.affine))
    assert padded.shape == tuple(size + sum(pad) for size, pad in zip(array.shape, around, strict=True))
    np.testing.assert_allclose(padded[3:-9, 14:, 20:-20], bias_field(image.with_array(array)), rtol=1e-4)


def with_overshoots(image: Image) -> Image:
    """Return the image with the dark voxels beside bright ones that interpolation by splines leaves."""
    array = image.array.copy()
    array[20, 4] = np.linspace(0, -0.12 * array.max(), array.shape[2])
    return image.with_array(array)


def test_overshoots_of_interpolation_and_noise_around_zero_make_no_tissue_of_air():
    """In most registered scans all air counted as foreground, since the lowest value lay far below it."""
    image, head = head_of_three_tissues()
    noise = np.random.default_rng(3).normal(0, 6, head.shape)
    for scan in (with_overshoots(image), image.with_array(image.array + noise.astype(np.float32))):
        assert np.mean(foreground(scan.array) ^ head) < 0.01
        assert without_negative_air(scan) is scan


@pytest.mark.parametrize("stripped", [True, False])
def test_bias_correction_of_a_normalised_scan_keeps_the_ratios_of_its_tissues(stripped):
    """A scan with mean 0 and SD 1 has negative tissues: only its bright half was corrected."""
    image, head = head_of_three_tissues()
    image = image.with_array(image.array * smooth_field(head.shape) * (head if stripped else 1))
    plain, normalised = (correct_bias_field(scan).array for scan in (image, image.with_array(z_score(image.array))))
    inside = head & (plain > 0)
    ratios = normalised[inside] / normalised[inside].mean() / (plain[inside] / plain[inside].mean())
    np.testing.assert_allclose(ratios, 1.0, atol=0.05)


def test_a_scan_without_padding_is_left_as_it_is():
    image, _head = head_of_three_tissues()
    noisy = image.with_array(image.array - np.random.default_rng(0).random(image.array.shape) * image.array.max() / 4)
    for scan in (ct_head(), ct_head(padding=-2000), image, noisy):
        assert without_padding(scan) is scan


@pytest.mark.parametrize("slices", [1, 2])
def test_a_scan_of_one_or_two_slices_is_judged_as_others_are(slices):
    head, (image, _head) = ct_head(), head_of_three_tissues()
    middle = slice(head.array.shape[0] // 2, head.array.shape[0] // 2 + slices)
    assert looks_like_ct(Image(head.array[middle], np.eye(4)))
    stored = np.clip(head.array[middle].astype(np.int32) + 1024, 0, 4095).astype(np.uint16)
    assert stored_without_sign(Image(stored, np.eye(4)))
    assert not looks_like_ct(Image(image.array[:slices], np.eye(4)))


def test_degenerate_volumes_are_not_ct():
    for value in (-3024, -1000, 0, 40):
        assert not looks_like_ct(Image(np.full((5, 6, 7), value, np.int16), np.eye(4)))
