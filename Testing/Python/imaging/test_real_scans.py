"""Imaging on real scans: read at their place, recognised, reoriented and put back without a change."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.imaging.checks import check_volume
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.geometry import axis_codes, reorient_to_ras, restore_orientation
from NeuroOrbitLib.imaging.intensity import looks_like_ct, stored_without_sign
from Testing.real_data import orbit_scans

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not orbit_scans(), reason="no real scans (set NEUROORBIT_REAL_DATA)"),
]


@pytest.fixture(scope="module", params=orbit_scans(), ids=lambda path: path.name.removesuffix(".nii.gz"))
def scan(request):
    return request.param


def test_a_real_scan_passes_all_checks_and_its_modality_is_recognised(scan):
    image = load_image(scan)
    assert check_volume(image) is image
    assert looks_like_ct(image) == ("_ct" in scan.name)


def test_a_real_scan_is_taken_for_a_ct_without_sign_only_if_it_is_one(scan):
    image = load_image(scan)
    if "_ct" in scan.name:
        stored = image.with_array(np.clip(image.array.astype(np.int32) + 1024, 0, None).astype(np.uint16))
        assert stored_without_sign(stored) and not stored_without_sign(image)
        return
    lowest, highest = np.percentile(image.array, (0, 99.9))
    for brightest in np.geomspace(600, 6000, 6):
        scaled = np.clip((image.array - lowest) / (highest - lowest), 0, 1.2) * brightest
        assert not stored_without_sign(image.with_array(scaled.astype(np.uint16)))


def test_a_real_scan_is_reoriented_and_put_back_exactly(scan):
    image = load_image(scan)
    reoriented = reorient_to_ras(image)
    assert axis_codes(reoriented.affine) == ("R", "A", "S")
    restored = restore_orientation(reoriented, image.grid)
    np.testing.assert_array_equal(restored.array, image.array)
    np.testing.assert_array_equal(restored.affine, image.affine)


def test_a_real_scan_survives_saving(scan, tmp_path):
    image = load_image(scan)
    loaded = load_image(save_image(image, tmp_path / "copy.nii"))
    np.testing.assert_array_equal(loaded.array, image.array)
    assert loaded.grid.same_as(image.grid)
