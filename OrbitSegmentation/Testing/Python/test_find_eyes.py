"""The eyes of a scan are found without segmenting it."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.phantom.patients.patient import make_patient
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.find_eyes import find_eyes_file


def test_eyes_of_a_phantom_are_found_on_their_own_sides(tmp_path):
    scan = make_patient(3, 0.3, 0.2, protocols=("ct-fast",)).scans["ct-fast"]
    eyes = find_eyes_file(str(save_image(scan.image, tmp_path / "scan.nii")))["eyes"]
    for side in ("right", "left"):
        globe = np.argwhere(scan.labels.array == label_value("eyeball", side)).mean(axis=0)[::-1]
        assert eyes[side] == pytest.approx(scan.labels.grid.ras_from_ijk(globe), abs=5.0)


def test_a_scan_without_eyes_has_none(tmp_path):
    noise = np.random.default_rng(0).integers(0, 50, (40, 64, 64)).astype(np.int16)
    path = save_image(Image(noise, np.diag([2.0, 2.0, 2.0, 1.0])), tmp_path / "noise.nii")
    assert find_eyes_file(str(path)) == {"eyes": {}}


def test_a_file_that_is_no_scan_is_told(tmp_path):
    (tmp_path / "scan.nii").write_bytes(b"no scan")
    with pytest.raises(Problem):
        find_eyes_file(str(tmp_path / "scan.nii"))
