"""The command ``phantom``: what a user who types it gets."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest

from NeuroOrbitLib.phantom.patients import truth
from NeuroOrbitLib.phantom.scanner.protocols import PROTOCOLS
from OrbitSegmentationLib.__main__ import main


@pytest.fixture
def coarse(monkeypatch):
    """A CT protocol with few voxels, and coarsely counted volumes."""
    monkeypatch.setattr(truth, "VOLUME_STEP", 1.5)
    monkeypatch.setitem(PROTOCOLS, "ct-fast", replace(PROTOCOLS["ct-fast"], spacing=(4.0, 4.0, 6.0)))


def test_patients_are_written_and_listed(tmp_path, coarse, capsys):
    arguments = ["phantom", "-o", str(tmp_path), "--count", "1", "--seed", "3", "--severity", "0.5",
                 "--protocol", "ct-fast"]
    assert main(arguments) == 0
    assert "1 synthetic patient," in capsys.readouterr().out
    with (tmp_path / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["patient"], row["protocol"], row["severity"]) for row in rows] == [("patient-0001", "ct-fast", "0.5")]
    for column in ("image", "labels", "truth"):
        assert (tmp_path / rows[0][column]).is_file()


def test_patients_who_are_there_are_kept(tmp_path, capsys):
    (tmp_path / "manifest.csv").write_text("patient\n", encoding="utf-8")
    assert main(["phantom", "-o", str(tmp_path), "--seed", "9"]) == 1
    assert "holds patients already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.csv"]


def test_list_names_every_protocol(capsys, tmp_path):
    assert main(["phantom", "-o", str(tmp_path), "--protocol", "list"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in PROTOCOLS)


@pytest.mark.parametrize(("option", "value", "message"), [
    ("--count", "0", "at least 1"), ("--severity", "2", "0 to 1"), ("--seed", "-1", "whole number"),
    ("--protocol", "x-ray", "ct-fast")])
def test_wrong_values_are_explained_in_one_line(option, value, message, tmp_path, capsys):
    assert main(["phantom", "-o", str(tmp_path / "out"), option, value]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and message in lines[0]
    assert not (tmp_path / "out").exists()
