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
from NeuroOrbitLib.imaging.image import Image
from OrbitSegmentationLib.__main__ import main

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
    networks = {network["name"]: network for network in data}
    assert networks["v_net"]["parameters"] == 9_623_014
    assert networks["sv_net"]["input_shape"] == [1, 256, 256, 32]


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
        "--with-paths",
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
        "--ignore", tmp_path, "--labels", "1,9", "--json", "-", "--with-paths",
    )
    scores = json.loads(done.stdout)["cases"]["toy"]
    assert set(scores) == {"1", "9"}
    assert all(score["dice"] == 1.0 and score["surface_dice"] == 1.0 for score in scores.values())


@pytest.mark.parametrize(("option", "value", "words"), [
    ("--tolerance", "-1", "--tolerance is a distance in mm, 0 or more; not -1."),
    ("--tolerance", "nan", "--tolerance is a distance in mm"),
    ("--labels", "99", "nothing to compare: no voxel that counts has the label 99."),
])
def test_evaluate_refuses_what_would_give_an_empty_table(files, option, value, words, capsys):
    folders = ["--reference", str(files / "reference"), "--prediction", str(files / "prediction")]
    assert main(["evaluate", *folders, option, value]) == 1
    captured = capsys.readouterr()
    assert words in captured.err and not captured.out


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


RESULT = {
    "labels": "labels.nii.gz",
    "measurements": [
        {"label": 1, "structure": "eyeball", "name": "Right eyeball", "side": "right", "voxels": 900,
         "volume_ml": 7.21, "mean_intensity": 9.5, "sd_intensity": 3.0, "confidence": 0.934},
    ],
    "notices": [{"level": "warning", "text": "The left eye was not found."}],
    "model": {"name": "toy", "title": "Toy model", "version": "1.2.0", "rules": "0.10"},
    "device": {"name": "cpu", "reason": "The processor (CPU) computes, as chosen."},
    "versions": {},
    "seconds": 3.21,
}


@pytest.fixture
def pipeline(monkeypatch):
    """The pipeline replaced by one that remembers its arguments and gives a fixed result."""
    calls = []

    def segment_file(scan, output, model, device, views, series, doubt, progress):
        calls.append((scan, output, model, device, series))
        progress(1.0, "Done")
        return {**RESULT, "doubt": "labels_doubt.nii.gz"} if doubt else RESULT

    monkeypatch.setattr("OrbitSegmentationLib.pipeline.segment_file", segment_file)
    return calls


def test_segment_shows_measurements_notices_time_and_how_it_may_be_used(pipeline, capsys):
    assert main(["segment", "scan.nii.gz", "-o", "labels.nii.gz", "--model", "toy", "--device", "cpu"]) == 0
    assert pipeline == [("scan.nii.gz", "labels.nii.gz", "toy", "cpu", None)]
    shown = capsys.readouterr()
    assert shown.out.splitlines()[1].split() == ["Right", "eyeball", "7.21", "9.5", "93"]
    assert "3.2 s by Toy model, version 1.2.0, rules 0.10" in shown.out and "research use only" in shown.out
    assert shown.err.strip() == "Warning: The left eye was not found."


def test_segment_takes_the_default_model_and_prints_json_only(pipeline, capsys):
    assert main(["segment", "scan.nii.gz", "-o", "labels.nii.gz", "--json"]) == 0
    assert pipeline[0][2:] == ("orbit-any-contrast", "auto", None)
    shown = json.loads(capsys.readouterr().out)
    assert shown == {key: value for key, value in RESULT.items() if key != "labels"}, "no name of a scan is shown"


def test_the_map_of_doubt_is_written_if_it_is_asked_for(pipeline, capsys):
    assert main(["segment", "scan.nii.gz", "-o", "labels.nii.gz"]) == 0
    assert "doubt" not in capsys.readouterr().out
    assert main(["segment", "scan.nii.gz", "-o", "labels.nii.gz", "--doubt"]) == 0
    assert "labels_doubt.nii.gz says where the outlines are unsure (0 to 100 %)." in capsys.readouterr().out


def test_the_series_of_a_study_can_be_chosen(pipeline):
    assert main(["segment", "study", "-o", "labels.nii.gz", "--series", "4"]) == 0
    assert pipeline[0][4] == "4"


def test_the_report_holds_a_row_per_structure_and_everything_else(pipeline, tmp_path):
    main(["segment", "scan.nii.gz", "-o", "labels.nii.gz", "--report", str(tmp_path / "report")])
    lines = (tmp_path / "report" / "measurements.csv").read_text().splitlines()
    assert lines[0].startswith("label,name,structure,side") and lines[1].startswith("1,Right eyeball,eyeball,right")
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["model"]["version"] == "1.2.0" and "research use only" in report["use"]


def test_segment_with_an_unknown_model_is_one_line(tmp_path):
    done = command_line("segment", tmp_path / "scan.nii.gz", "-o", tmp_path / "labels.nii.gz", "--model", "no-such")
    assert done.returncode == 1
    assert "There is no model no-such" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "labels.nii.gz").exists()


def nnunet_labels(labels: Image, path: Path, described: bool) -> Path:
    """Both eyeballs as 1 and both nerves as 2, with or without nnU-Net's description beside them."""
    table = np.zeros(256, dtype=np.uint8)
    table[[1, 2, 3, 4]] = [1, 1, 2, 2]
    if described:
        path.parent.mkdir(parents=True)
        (path.parent / "dataset.json").write_text('{"labels": {"eye": 1, "ON": 2}}', encoding="utf-8")
    return save_image(labels.with_array(table[labels.array]), path)


def test_evaluate_reads_references_by_nnunets_names(toy_head, tmp_path, capsys):
    reference = nnunet_labels(toy_head[1], tmp_path / "their" / "a.nii.gz", described=True)
    prediction = save_image(toy_head[1], tmp_path / "ours" / "a.nii.gz")
    numbers = tmp_path / "numbers.json"
    assert main(["evaluate", "--reference", str(reference), "--prediction", str(prediction), "--json",
                 str(numbers)]) == 0
    shown = capsys.readouterr().out
    assert "Left optic nerve" in shown and "Right eyeball" in shown and "rectus" not in shown
    structures = json.loads(numbers.read_text(encoding="utf-8"))["cases"]["case 1"]
    assert len(structures) == 4


def test_evaluate_refuses_numbers_of_others_and_images(toy_head, tmp_path, capsys):
    reference = nnunet_labels(toy_head[1], tmp_path / "their" / "a.nii.gz", described=False)
    ours = save_image(toy_head[1], tmp_path / "ours" / "a.nii.gz")
    image = save_image(toy_head[0], tmp_path / "image" / "a.nii.gz")
    assert main(["evaluate", "--reference", str(reference), "--prediction", str(ours)]) == 1
    assert "contradict the anatomy: 1 would be the right eyeball" in capsys.readouterr().err
    for pair in ((ours, image), (image, ours)):
        assert main(["evaluate", "--reference", str(pair[0]), "--prediction", str(pair[1])]) == 1
        assert "is an image, not a label map" in capsys.readouterr().err
    assert main(["evaluate", "--reference", str(ours), "--prediction", str(reference)]) == 0
    assert "--prediction-labels" in capsys.readouterr().err


def test_only_models_that_segment_orbits_are_listed(toy_head, tmp_path, capsys):
    scan = save_image(toy_head[0], tmp_path / "scan.nii.gz")
    output = str(tmp_path / "labels.nii.gz")
    assert main(["segment", str(scan), "-o", output, "--model", "none", "--device", "cpu"]) == 1
    message = capsys.readouterr().err
    assert "orbit-any-contrast" in message and "tao-a" not in message and "autocorrection" not in message
