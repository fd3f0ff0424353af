"""Only fat-suppressed T2 is classified; everything else is refused for the right reason."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from NeuroOrbitLib.dicom.fields import scan_fields
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models import find_package
from NeuroOrbitLib.phantom.head.shape import random_head_shape
from NeuroOrbitLib.phantom.patients.patient import Scan
from NeuroOrbitLib.phantom.scanner.mr import Artefacts, simulate_mr
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.problem import Problem
from TAOActivityLib.pipeline import classify_image
from TAOActivityLib.sequence import check_sequence, require_usable


def scan_of(name: str):
    plan = replace(protocol(name), plane="axial", spacing=(0.9, 0.9, 3.3), size=(140.0, 100.0, 16.0),
                   center=(0.0, -20.0, 1.0), thickness=3.0, oversample=(1, 1, 1))
    return simulate_mr(random_head_shape(np.random.default_rng(2)), plan.grid(), plan, 3, artefacts=Artefacts())


def test_a_fat_suppressed_t2_is_taken(active_scan, inactive_scan):
    for scan in (active_scan, inactive_scan):
        found = require_usable(scan.image, scan.labels)
        assert found.basis == "contrast" and found.vitreous > 1.5 and found.fat < 1.0


@pytest.mark.parametrize(("name", "reason"), [
    ("mr-coronal-t2", "not suppressed"), ("mr-t1", "not a T2"), ("mr-t1-gd", "not a T2"),
])  # fmt: skip
def test_other_series_are_refused_by_their_contrast(name, reason):
    scan = scan_of(name)
    found = check_sequence(scan.image, scan.labels)
    assert not found.usable and reason in found.text and "Choose an axial" in found.text
    with pytest.raises(Problem, match=reason):
        require_usable(scan.image, scan.labels)


def test_what_is_dark_behind_the_orbits_is_no_suppressed_fat():
    scan = scan_of("mr-coronal-t2")
    labels = np.where(scan.labels.array >= 21, 0, scan.labels.array)  # most segmentations do not label the fat
    before = check_sequence(scan.image, Image(labels, scan.labels.affine))
    assert "not suppressed" in before.text
    points = scan.image.grid.ras_from_ijk(np.moveaxis(np.indices(labels.shape), 0, -1)[..., ::-1])
    behind = points[..., 1] < points[np.isin(labels, (1, 2))][:, 1].min() - 18
    values = np.where(behind & (labels == 0), 0.0, scan.image.array)
    nerves = behind & (labels == 0) & (np.abs(np.abs(points[..., 0]) - 15) < 3) & (np.abs(points[..., 2]) < 3)
    found = check_sequence(scan.image.with_array(values), Image(np.where(nerves, 3, labels), scan.labels.affine))
    assert not found.usable and found.fat == pytest.approx(before.fat, rel=0.15)


FIELDS = {"EchoTime": "80", "RepetitionTime": "3000", "SeriesDescription": "T2 TSE SPIR ax", "Modality": "MR"}


@pytest.mark.parametrize(("change", "reason"), [
    ({"EchoTime": "12", "RepetitionTime": "600"}, "not a T2"),
    ({"InversionTime": "2200"}, "FLAIR"),
    ({"Modality": "CT"}, "CT"),
])  # fmt: skip
def test_fields_decide_where_they_tell(active_scan, change, reason):
    good = check_sequence(active_scan.image, active_scan.labels, FIELDS)
    assert good.usable and not good.text and good.basis == "fields"
    bad = check_sequence(active_scan.image, active_scan.labels, {**FIELDS, **change})
    assert not bad.usable and reason in bad.text


def test_fields_that_do_not_tell_leave_it_to_the_contrast():
    scan = scan_of("mr-coronal-t2")
    silent = {**FIELDS, "SeriesDescription": "orbits"}
    assert not check_sequence(scan.image, scan.labels, silent).usable
    doubtful = check_sequence(scan.image, scan.labels, FIELDS)
    assert doubtful.usable and "does not look like it" in doubtful.text


def ct_of(scan: Scan) -> Image:
    values = np.where(scan.labels.array > 0, 40, -100).astype(np.int16)
    values[:, :40] = -1000
    values[:, 100:110] = 900
    return Image(values, scan.image.affine)


def test_a_ct_is_refused(active_scan):
    found = check_sequence(ct_of(active_scan), active_scan.labels)
    assert not found.usable and "CT" in found.text


def test_a_ct_is_refused_before_its_orbits_are_looked_for(active_scan, monkeypatch):
    monkeypatch.setattr("OrbitSegmentationLib.pipeline.orbits_of", None)
    with pytest.raises(Problem, match="This is a CT"):
        classify_image(ct_of(active_scan), find_package("tao-b"))


def test_without_muscles_nothing_is_guessed(active_scan):
    empty = active_scan.labels.with_array(np.zeros_like(active_scan.labels.array))
    found = check_sequence(active_scan.image, empty)
    assert not found.usable and "Segment" in found.text


def test_fields_beside_a_nifti_are_read(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"EchoTime": 0.08, "RepetitionTime": 3.0, "Other": 1}))
    assert scan_fields(tmp_path / "a.nii.gz") == {"EchoTime": "80.0", "RepetitionTime": "3000.0"}
    (tmp_path / "b.json").write_text("not json")
    assert scan_fields(tmp_path / "b.nii.gz") == {} == scan_fields(tmp_path / "c.nii.gz")


@pytest.mark.parametrize("echo", ['"n/a"', "[0.08, 0.09]", "null", '""'])
def test_a_time_in_the_bids_file_that_is_no_number_is_left_out(tmp_path, echo):
    (tmp_path / "a.json").write_text(f'{{"EchoTime": {echo}, "RepetitionTime": 3.0}}', encoding="utf-8")
    assert scan_fields(tmp_path / "a.nii.gz") == {"RepetitionTime": "3000.0"}


def test_a_bids_file_that_is_nested_deeply_says_nothing(tmp_path):
    (tmp_path / "a.json").write_text("[" * 100_000, encoding="utf-8")
    assert scan_fields(tmp_path / "a.nii.gz") == {}
