"""Which scans the demonstration goes through, and what it knows about them."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from Testing.Demo import cases, run


@pytest.fixture
def scan(tmp_path):
    """A small volume as a file."""
    return save_image(Image(np.arange(60, dtype=np.int16).reshape(3, 4, 5), np.eye(4)), tmp_path / "My scan_1.nii.gz")


@pytest.fixture
def no_phantoms(monkeypatch):
    """Leave out the synthetic patient, which takes seconds to make."""
    monkeypatch.setattr(cases, "phantom_cases", lambda folder: [])


def test_the_users_scan_takes_the_place_of_the_real_ones(scan, tmp_path, no_phantoms, monkeypatch):
    monkeypatch.setattr(cases, "orbit_scans", lambda: [tmp_path / "other.nii.gz"])
    found = cases.demonstration_cases(tmp_path / "scans", scan, say=lambda text: None)
    assert [(case.key, case.name, case.scan, case.reference) for case in found] == [
        ("my-scan-1", "My scan_1", scan, None)]


@pytest.mark.parametrize("name", ["missing.nii.gz", "text.nii.gz"])
def test_a_scan_that_cannot_be_read_stops_before_anything_is_made(tmp_path, name):
    (tmp_path / "text.nii.gz").write_text("not a volume")
    with pytest.raises(Problem, match=name):
        cases.demonstration_cases(tmp_path / "scans", tmp_path / name, say=lambda text: None)
    assert not (tmp_path / "scans").exists()


def test_a_folder_of_the_user_becomes_a_volume_file(tmp_path, monkeypatch):
    series = tmp_path / "series"
    series.mkdir()
    image = Image(np.ones((3, 4, 5), np.int16), np.eye(4))
    monkeypatch.setattr(cases, "load_image", lambda path: image)
    case = cases.user_case(series, tmp_path / "scans")
    assert case.scan == tmp_path / "scans" / "series.nii.gz" and case.scan.is_file()


def test_without_a_scan_all_real_ones_are_shown_with_their_reference_labels(tmp_path, no_phantoms, monkeypatch):
    (tmp_path / "annotations").mkdir()
    for name in ("a_t1", "niimath_t2"):
        for kind in ("labels", "uncertain"):
            (tmp_path / "annotations" / f"{name}_{kind}.nii.gz").touch()
    monkeypatch.setattr(cases, "orbit_scans", lambda: [
        tmp_path / f"{name}.nii.gz" for name in ("a_t1", "b_ct", "niimath_t2")])
    first, second, third = cases.demonstration_cases(tmp_path / "scans", say=lambda text: None)
    assert first.reference.labels.name == "a_t1_labels.nii.gz" and first.reference.structures is None
    assert second.reference is None and second.name == "b ct"
    assert third.reference.structures == ("eyeball",)


def test_the_eyeball_of_a_phantom_includes_its_lens_on_its_own_side():
    labels = Image(np.array([[[1, 2, 19, 20, 3, 0]]], np.uint8), np.eye(4))
    assert cases.with_whole_eyeballs(labels).array.tolist() == [[[1, 2, 1, 2, 3, 0]]]
    assert labels.array.tolist() == [[[1, 2, 19, 20, 3, 0]]]


def test_true_volumes_go_to_the_label_values_of_their_side():
    truth = {"sides": {"right": {"volumes_ml": {"eyeball": 7.0}}, "left": {"volumes_ml": {"medial_rectus": 0.6}}}}
    assert cases.true_volumes(truth) == {1: 7.0, 10: 0.6}


def test_a_bad_scan_ends_the_demonstration_with_one_clear_line(tmp_path, capsys):
    status = run.main(["--scan", str(tmp_path / "missing.nii.gz"), "--output", str(tmp_path / "out")])
    assert status == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "missing.nii.gz" in line
    assert not (tmp_path / "out").exists()
