"""The command line as a user runs it: in a process of its own, on small files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.imaging.files import load_image, save_image

REPOSITORY = Path(__file__).resolve().parents[3]


def command_line(*arguments: object) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "OrbitSegmentation")])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "OrbitSegmentationLib", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, timeout=200)


@pytest.fixture(scope="module")
def files(tmp_path_factory, toy_head) -> Path:
    """Folders ``reference`` and ``prediction`` (shifted by a voxel to the right of the array) with one case."""
    folder = tmp_path_factory.mktemp("files")
    labels = toy_head[1]
    save_image(labels, folder / "reference" / "toy_labels.nii.gz")
    save_image(labels.with_array(np.roll(labels.array, 1, axis=2)), folder / "prediction" / "toy.nii.gz")
    return folder


def test_networks_are_listed_for_people_and_machines():
    listed = command_line("networks")
    assert listed.returncode == 0
    assert "sv_net" in listed.stdout and "57 002 880" in listed.stdout
    data = json.loads(command_line("networks", "--json").stdout)
    assert {n["name"]: n["parameters"] for n in data}["v_net"] == 9_623_014
    assert data[0]["input_shape"] == [1, 256, 256, 32]


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from OrbitSegmentationLib.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('torch', 'monai', 'SimpleITK', 'scipy', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True,
                          env={**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY}/OrbitSegmentation"})
    assert done.stdout.splitlines()[-1] == "[]"


def test_evaluate_compares_two_files_and_writes_what_was_asked(files, tmp_path):
    done = command_line(
        "evaluate", "--reference", files / "reference" / "toy_labels.nii.gz",
        "--prediction", files / "prediction" / "toy.nii.gz",
        "--json", tmp_path / "numbers.json", "--difference", tmp_path / "difference.nii.gz",
    )
    assert done.returncode == 0, done.stderr
    assert "Right medial rectus muscle" in done.stdout and "HD95 mm" in done.stdout
    assert "Agreement of volumes" not in done.stdout  # one case is no cohort
    eye = json.loads((tmp_path / "numbers.json").read_text())["cases"]["toy"]["1"]
    assert 0.8 < eye["dice"] < 1 and eye["hausdorff95"] == pytest.approx(2.0)
    reference = load_image(files / "reference" / "toy_labels.nii.gz")
    difference = load_image(tmp_path / "difference.nii.gz")
    assert difference.grid.same_as(reference.grid)
    prediction = load_image(files / "prediction" / "toy.nii.gz")
    missed = (reference.array > 0) & (prediction.array == 0)
    assert np.array_equal(difference.array == 3, missed)


def test_evaluate_compares_folders_and_ignores_what_is_marked(files, tmp_path):
    reference = load_image(files / "reference" / "toy_labels.nii.gz")
    prediction = load_image(files / "prediction" / "toy.nii.gz")
    wrong = (reference.array != prediction.array).astype(np.uint8)
    save_image(reference.with_array(wrong), tmp_path / "toy_uncertain.nii.gz")
    done = command_line(
        "evaluate", "--reference", files / "reference", "--prediction", files / "prediction",
        "--ignore", tmp_path, "--labels", "1,9", "--json", "-",
    )
    scores = json.loads(done.stdout)["cases"]["toy"]
    assert set(scores) == {"1", "9"}
    assert all(score["dice"] == 1.0 and score["surface_dice"] == 1.0 for score in scores.values())


@pytest.mark.parametrize(
    "arguments, status, words",
    [
        (["evaluate", "--reference", "absent.nii.gz", "--prediction", "absent.nii.gz"], 1, "There is no absent.nii.gz"),
        (["evaluate"], 2, "required: --reference, --prediction"),
        (["fly"], 2, "invalid choice"),
    ],
)
def test_errors_are_one_clear_line_and_an_exit_status(arguments, status, words):
    done = command_line(*arguments)
    assert done.returncode == status
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    if status == 1:
        assert len(done.stderr.strip().splitlines()) == 1
