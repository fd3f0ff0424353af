"""Bad volumes get one clear message; what can be repaired safely is repaired and told."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.imaging import checks
from NeuroOrbitLib.imaging.checks import (
    ImageProblem,
    check_grey_values,
    check_volume,
    estimated_memory,
    resolution_notes,
    volume_notes,
)
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.memory import available_memory

AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])


def good(dtype=np.float32, shape=(20, 21, 22)) -> Image:
    return Image(np.arange(np.prod(shape)).reshape(shape).astype(dtype), AFFINE)


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_a_good_volume_passes_untouched(kind):
    image = good(kind)
    assert check_volume(image) is image
    assert volume_notes(image) == []


def test_some_nan_and_infinite_voxels_become_background_and_are_told():
    image = good()
    image.array[0, 0, :3] = np.nan, np.inf, -np.inf
    assert "0.0% of the voxels are not numbers" in volume_notes(image)[0]
    repaired = check_volume(image)
    assert np.all(repaired.array[0, 0, :3] == image.array[0, 0, 3])
    np.testing.assert_array_equal(repaired.array[1:], image.array[1:])
    assert np.isnan(image.array[0, 0, 0]), "the input is not changed"
    assert repaired.array.dtype == np.float32


@pytest.mark.parametrize(("top", "told"), [(1.0, False), (0.995, False), (0.9, True)])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_a_scan_whose_bright_tissues_were_cut_to_one_value_is_told(top, told, kind):
    values = np.abs(np.random.default_rng(0).normal(0, 60, (20, 30, 30)))
    image = Image(np.minimum(values, np.quantile(values, top)).astype(kind), AFFINE)
    if np.issubdtype(kind, np.floating):
        image.array[0, 0, :2] = np.nan, np.inf
    assert any("was cut to a window" in note for note in volume_notes(image)) == told


def test_a_ct_in_hounsfield_units_is_not_told_to_pass_for_an_mri():
    values = np.repeat(np.repeat(np.repeat([[[-160, 40], [-90, 240]]], 10, 0), 10, 1), 10, 2)
    noisy = np.clip(values + np.random.default_rng(1).normal(0, 10, values.shape), -160, 240)
    assert volume_notes(Image(noisy.astype(np.float32), AFFINE)) == []
    assert "taken for an MRI" in volume_notes(Image((noisy + 160).astype(np.float32), AFFINE))[0]


def test_a_mask_of_booleans_becomes_numbers():
    image = Image(good().array > 100, AFFINE)
    assert check_volume(image).array.dtype == np.uint8


def with_affine(**changes: object) -> Image:
    affine = AFFINE.copy()
    for (row, column), value in changes["entries"].items():
        affine[row, column] = value
    return Image(good().array, affine)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (Image(np.full((20, 20, 20), 7, np.int16), AFFINE), r"same value \(7\)"),
        (Image(np.zeros((20, 20, 20), np.float32), AFFINE), "nothing to see"),
        (Image(np.full((20, 20, 20), np.nan), AFFINE), "100% of the voxels are not numbers"),
        (Image(np.zeros((0, 20, 20)), AFFINE), "no voxels"),
        (Image(np.zeros((1, 200, 200)), AFFINE), "single slice"),
        (Image(np.zeros((4, 20, 20)), AFFINE), r"covers only 20\.0 x 20\.0 x 8\.0 mm"),
        (Image(np.zeros((20, 20, 20), np.complex64), AFFINE), "complex64"),
        (with_affine(entries={(2, 2): 0.0}), "not valid"),
        (with_affine(entries={(0, 3): np.nan}), "not valid"),
        (with_affine(entries={(0, 0): 0.001}), "length units"),
        (with_affine(entries={(2, 2): 2000.0}), "length units"),
    ],
)
def test_volumes_that_cannot_be_used_get_a_clear_message(image, words):
    with pytest.raises(ImageProblem, match=words):
        check_volume(image)


def test_labels_are_no_grey_values():
    labels = np.zeros((30, 30, 30), np.float32)
    labels[10:20, 10:20, 10:20] = np.arange(10)
    with pytest.raises(ImageProblem, match=r"only 10 different values.*labels, not a scan"):
        check_grey_values(Image(labels, AFFINE))
    coarse_ct = Image(100 * labels - 1000, AFFINE)
    for scan in (good(np.uint8), Image(labels + 0.5, AFFINE), coarse_ct,
                 Image(np.arange(27000).reshape(30, 30, 30) % 40, AFFINE)):
        assert check_grey_values(scan) is scan


def test_a_volume_that_does_not_fit_into_memory_is_refused_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr(checks, "available_memory", lambda: 2**30)
    huge = Image(np.broadcast_to(np.int16(0), (600, 1024, 1024)), AFFINE)
    assert estimated_memory(huge.grid) == 600 * 1024 * 1024 * 16
    with pytest.raises(ImageProblem, match=r"about 9\.4 GiB of memory, and 1\.0 GiB are free"):
        check_volume(huge)
    monkeypatch.setattr(checks, "available_memory", lambda: None)
    assert check_volume(good()) is not None


def test_a_large_clinical_volume_needs_less_than_a_gibibyte_and_a_half():
    assert estimated_memory(Grid((300, 512, 512), AFFINE)) < 1.5 * 2**30


def test_coarse_or_elongated_voxels_are_told_and_no_fault():
    elongated = Image(good().array, np.diag([0.3, 0.3, 3.0, 1]))
    assert "elongated (0.3 x 0.3 x 3 mm)" in resolution_notes(elongated)[0] and volume_notes(elongated) == []
    assert "large" in resolution_notes(Image(good().array, np.diag([5.0, 5.0, 5.0, 1])))[0]
    as_in_headers = np.diag([1.0, 1.0, 4.0000002, 1])
    assert resolution_notes(Image(good().array, as_in_headers)) == []
    assert resolution_notes(good()) == []


def test_available_memory_is_a_plausible_number():
    free = available_memory()
    assert free is None or 2**20 < free < 2**46
