"""A batch of scans: which are taken, one broken case among others, interruption at any moment, what is left behind."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import folders
from NeuroOrbitLib.jobs.folders import RUNNING_NAME
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib import pipeline
from OrbitSegmentationLib.__main__ import main
from OrbitSegmentationLib.batch.cases import find_cases
from OrbitSegmentationLib.batch.run import run_batch
from OrbitSegmentationLib.batch.summary import table_rows
from Testing.dicom_series import evenly, write_series

REPOSITORY = Path(__file__).resolve().parents[3]
#: Stands for the segmentation: eyes where the voxels are bright, refused where there are none.
STAND_IN = '''
import time
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.dicom.scans import read_one


def segment_file(scan, output, model="", device="auto", model_folders=(), views=None, progress=None):
    image = read_one(scan)[0]
    time.sleep({seconds})
    bright = image.array > 900
    if not bright.any():
        raise Problem("No eye was found in this scan.")
    if image.array.max() > 5000:
        raise RuntimeError("a fault of the network")
    right = (image.grid.ras_from_ijk([[i, 0, 0] for i in range(bright.shape[2])])[:, 0] > 0)[None, None]
    labels = image.with_array(((bright & right) + 2 * (bright & ~right)).astype("uint8"))
    save_image(labels, output)
    confidence = float(image.array.max()) / 2000
    return {{"measurements": [{{"label": 1, "structure": "eyeball", "side": "right", "confidence": confidence}}],
            "notices": {notices}, "model": {{"name": "stand-in"}}, "quality": {{"novelty": {{"unusual": False}}}}}}
'''


@pytest.fixture
def stand_in(monkeypatch):
    names = {}
    exec(STAND_IN.format(seconds=0, notices=[]), names)
    monkeypatch.setattr(pipeline, "segment_file", names["segment_file"])


def scan_of(bright):
    """A scan with two bright eyes; none if ``bright`` is 0."""
    array = np.random.default_rng(int(bright)).integers(0, 300, (16, 24, 40)).astype(np.int16)
    if bright:
        array[5:11, 4:10, 6:12] = array[5:11, 4:10, 28:34] = bright
    return Image(array, np.array([[-2.5, 0, 0, 50], [0, -2.5, 0, 30], [0, 0, 2.5, -20], [0, 0, 0, 1]]))


@pytest.fixture
def scans(tmp_path):
    """Folder with four scans, of which one shows no eyes and one breaks the network."""
    folder = tmp_path / "scans" / "Doe^John"
    folder.mkdir(parents=True)
    for number, bright in enumerate((1800, 0, 1200, 6000)):
        save_image(scan_of(bright), folder / f"scan{number}.nii.gz")
    save_image(scan_of(1000), folder / "scan0_labels.nii.gz")
    (folder / "notes.txt").write_text("no scan")
    return tmp_path / "scans"


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_broken_scans_do_not_stop_the_others_and_are_told(stand_in, scans, tmp_path):
    out = tmp_path / "out"
    assert run_batch(str(scans), str(out))["failed"] == 2
    assert [(row["case"], row["reason"]) for row in rows_of(out / "failures.csv")] == [
        ("case_0002", "No eye was found in this scan."),
        ("case_0004", "The computation failed: RuntimeError: a fault of the network")]
    table = rows_of(out / "table.csv")
    assert [(row["case"], row["structure"], row["side"]) for row in table if row["structure"] == "eyeball"] == [
        ("case_0001", "eyeball", "right"), ("case_0001", "eyeball", "left"), ("case_0003", "eyeball", "right"),
        ("case_0003", "eyeball", "left")]
    assert float(table[0]["volume"]) == pytest.approx(6**3 * 2.5**3 / 1000)
    assert table[0]["confidence"] == "0.9"


def test_the_table_says_why_measures_are_missing_and_what_must_be_known(stand_in, scans, tmp_path):
    run_batch(str(scans), str(tmp_path / "out"))
    eye = next(row for row in rows_of(tmp_path / "out" / "table.csv") if row["structure"] == "eyeball")
    assert eye["exophthalmos"] == "" and "the head" in eye["not_measurable_because"]
    island = {"quantity": "volume", "structure": "lens", "side": "left", "value": 0.2, "note": "30 mm³ left out.",
              "reason": None}
    lacking = {**island, "quantity": "thickness", "value": None, "note": None, "reason": "its slices are thick."}
    (row,) = table_rows("case_0001", {"structures": [], "measures": [island, lacking]})
    assert (row["volume"], row["note"], row["not_measurable_because"]) == (0.2, "30 mm³ left out.",
                                                                           "its slices are thick.")


def test_the_table_says_how_values_were_measured_that_must_not_be_mixed():
    """Exophthalmos of a CT and of an MRI stood in one column, and nothing said which was which."""
    measures = [{"quantity": quantity, "structure": "eyeball", "side": "left", "value": 17.0, "note": None,
                 "reason": None, "method": method}
                for quantity, method in (("exophthalmos", "lateral rims: bone"), ("volume", None))]
    (row,) = table_rows("case_0001", {"structures": [], "measures": measures})
    assert row["methods"] == "exophthalmos: lateral rims: bone."


def test_what_segment_would_warn_of_is_told_beside_the_table(scans, tmp_path, monkeypatch, capsys):
    """The rows of the table are used without the page, on which alone these notices stood."""
    names, text = {}, "Partly taken out: Left lacrimal gland. Do not use their volumes unchecked."
    exec(STAND_IN.format(seconds=0, notices=[{"level": "warning", "text": text}]), names)
    monkeypatch.setattr(pipeline, "segment_file", names["segment_file"])
    assert main(["batch", str(scans), "-o", str(tmp_path / "out")]) == 1
    assert rows_of(tmp_path / "out" / "notices.csv") == [{"case": case, "notice": text}
                                                         for case in ("case_0001", "case_0003")]
    assert "Warning: scans with notices: 2. Read notices.csv before you use table.csv." in capsys.readouterr().err


def test_pictures_are_sorted_by_doubt_and_name_nobody(stand_in, scans, tmp_path):
    run_batch(str(scans), str(tmp_path / "out"))
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert page.index("case_0003; least sure structure 60 %") < page.index("case_0001; least sure structure 90 %")
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file() and path.name != "cases.csv" and path.suffix != ".gz":
            assert b"Doe" not in path.read_bytes(), path.name
    assert rows_of(tmp_path / "out" / "cases.csv")[0]["source"] == str(Path("Doe^John") / "scan0.nii.gz")


def test_failures_name_nobody(stand_in, tmp_path):
    """The reasons name files elsewhere, and files are called like their patients."""
    folder = tmp_path / "scans" / "Doe"
    mixed_study(folder / "study", "P1", "1.2.10", 1)
    for path in (folder / "study" / "b").iterdir():
        path.write_bytes(path.read_bytes()[:-100])
        path.rename(path.with_name(f"Doe_{path.name}"))
    (folder / "Doe_Jane.nrrd").write_bytes(b"NRRD0004")
    (folder / "Doe_John.nii.gz").write_bytes(b"no image")
    save_image(scan_of(1800), folder / "Doe_Mary.mhd")
    (folder / "Doe_Mary.raw").unlink()
    assert run_batch(str(tmp_path / "scans"), str(tmp_path / "out"))["failed"] == 4
    for path in (tmp_path / "out").rglob("*"):
        assert not path.is_file() or path.name == "cases.csv" or b"Doe" not in path.read_bytes(), path.read_text()
    reasons = {row["case"]: row["reason"] for row in rows_of(tmp_path / "out" / "failures.csv")}
    assert reasons["case_0002"].startswith("case_0002 cannot be read as an image")
    assert "not usable: A file is cut off, as 15 other files" in reasons["case_0004"]


def test_results_equal_those_of_single_runs(stand_in, scans, tmp_path):
    run_batch(str(scans), str(tmp_path / "out"))
    single = tmp_path / "single.nii.gz"
    pipeline.segment_file(str(scans / "Doe^John" / "scan2.nii.gz"), str(single))
    assert (tmp_path / "out" / "case_0003" / "labels.nii.gz").read_bytes() == single.read_bytes()


def test_other_batch_or_begun_one_is_refused(stand_in, scans, tmp_path):
    out = tmp_path / "out"
    run_batch(str(scans), str(out))
    before = contents(out)
    with pytest.raises(Problem, match="Go on with --resume"):
        run_batch(str(scans), str(out))
    save_image(scan_of(1500), scans / "another.nii.gz")
    with pytest.raises(Problem, match="other cases or settings"):
        run_batch(str(scans), str(out), resume=True)
    with pytest.raises(Problem, match="lie among the scans"):
        run_batch(str(scans), str(scans / "out"))
    assert contents(out) == before


@pytest.mark.parametrize("name", ["case_0002/drawn.nii.gz", "table.csv"])
def test_files_of_others_are_not_replaced(stand_in, scans, tmp_path, name):
    mine = tmp_path / "out" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("scan\n")
    with pytest.raises(Problem, match=r"already holds (case_0002|table\.csv).*new or empty folder"):
        run_batch(str(scans), str(tmp_path / "out"))
    assert contents(tmp_path / "out") == {name: b"scan\n"}


def test_what_somebody_adds_to_a_case_stays_when_it_is_done_again(stand_in, scans, tmp_path):
    out = tmp_path / "out"
    run_batch(str(scans), str(out))
    (out / "case_0001" / "corrected.nii.gz").write_text("mine")
    save_image(scan_of(1000), scans / "Doe^John" / "scan0.nii.gz")
    run_batch(str(scans), str(out), resume=True)
    assert (out / "case_0001" / "corrected.nii.gz").read_text() == "mine"


def test_a_scan_that_was_exported_again_is_done_again(stand_in, scans, tmp_path):
    out = tmp_path / "out"
    run_batch(str(scans), str(out))
    untouched = (out / "case_0003" / "labels.nii.gz").stat().st_mtime_ns
    save_image(scan_of(1000), scans / "Doe^John" / "scan0.nii.gz")
    run_batch(str(scans), str(out), resume=True)
    right = {row["case"]: row["confidence"] for row in rows_of(out / "table.csv")
             if (row["structure"], row["side"]) == ("eyeball", "right")}
    assert right == {"case_0001": "0.5", "case_0003": "0.6"}
    assert (out / "case_0003" / "labels.nii.gz").stat().st_mtime_ns == untouched


def test_voxels_beside_their_header_count_as_the_scan(stand_in, tmp_path):
    (tmp_path / "scans").mkdir()
    save_image(scan_of(1800), tmp_path / "scans" / "head.mhd")
    run_batch(str(tmp_path / "scans"), str(tmp_path / "out"))
    header = (tmp_path / "scans" / "head.mhd").stat()
    save_image(scan_of(1000), tmp_path / "scans" / "head.mhd")
    os.utime(tmp_path / "scans" / "head.mhd", ns=(header.st_atime_ns, header.st_mtime_ns))
    run_batch(str(tmp_path / "scans"), str(tmp_path / "out"), resume=True)
    assert rows_of(tmp_path / "out" / "table.csv")[0]["confidence"] == "0.5"


@pytest.mark.parametrize("lost", ["labels.nii.gz", "axial.png"])
def test_results_that_were_lost_are_made_again(stand_in, scans, tmp_path, lost):
    run_batch(str(scans), str(tmp_path / "out"))
    before = contents(tmp_path / "out")
    (tmp_path / "out" / "case_0003" / lost).unlink()
    run_batch(str(scans), str(tmp_path / "out"), resume=True)
    assert contents(tmp_path / "out") == before


def test_what_failed_is_tried_again(stand_in, scans, tmp_path, monkeypatch):
    """A full disk and lack of memory are no properties of the scan."""
    works, out = pipeline.segment_file, tmp_path / "out"

    def out_of_memory(*_arguments, **_options):
        raise MemoryError("CUDA out of memory")

    monkeypatch.setattr(pipeline, "segment_file", out_of_memory)
    assert run_batch(str(scans), str(out))["failed"] == 4
    monkeypatch.setattr(pipeline, "segment_file", works)
    assert run_batch(str(scans), str(out), resume=True)["failed"] == 2
    assert [row["case"] for row in rows_of(out / "failures.csv")] == ["case_0002", "case_0004"]


def test_a_model_that_cannot_be_used_or_another_of_the_same_name_is_refused(stand_in, scans, tmp_path, monkeypatch):
    import NeuroOrbitLib.models as models

    for name, words in (("orbit-any", "There is no model orbit-any"), ("tao-b", "does not segment orbits")):
        with pytest.raises(Problem, match=words):
            run_batch(str(scans), str(tmp_path / "out"), model=name)
    assert not (tmp_path / "out").exists()
    run_batch(str(scans), str(tmp_path / "out"))
    before = contents(tmp_path / "out")
    trained_on = replace(models.find_package("orbit-any-contrast"), sha256="0" * 64)
    monkeypatch.setattr(models, "find_package", lambda *_arguments: trained_on)
    with pytest.raises(Problem, match="other cases or settings"):
        run_batch(str(scans), str(tmp_path / "out"), resume=True)
    assert contents(tmp_path / "out") == before


def test_interrupted_runs_go_on_to_the_same_files(scans, tmp_path):
    script = tmp_path / "run.py"
    script.write_text(STAND_IN.format(seconds=0.15, notices=[]) + f'''
import sys
from OrbitSegmentationLib import pipeline
from OrbitSegmentationLib.batch.run import run_batch
counted = segment_file
def segment_file(scan, output, *rest, **more):
    with open({str(tmp_path / "log")!r}, "a") as log:
        log.write(output + "\\n")
    return counted(scan, output, *rest, **more)
pipeline.segment_file = segment_file
run_batch({str(scans)!r}, sys.argv[1], resume=True)
''', encoding="utf-8")

    def start(name):
        return subprocess.Popen([sys.executable, str(script), str(tmp_path / name)], cwd=REPOSITORY,
                                env={"PYTHONPATH": ":".join(sys.path), "PATH": "", "OMP_NUM_THREADS": "1"})

    assert start("whole").wait() == 0
    chance = random.Random(1)
    for _ in range(3):
        process = start("killed")
        deadline = time.monotonic() + 60
        while not (tmp_path / "killed" / "plan.json").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(chance.uniform(0.0, 0.6))
        process.kill()
        process.wait()
    finished = {path.parent.name for path in (tmp_path / "killed").glob("*/result.json")}
    (tmp_path / "log").write_text("")
    assert start("killed").wait() == 0
    again = {Path(line).parent.name for line in (tmp_path / "log").read_text().split()}
    assert not finished & again, "what was done is not done again"
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    assert not [path for path in (tmp_path / "killed").rglob("*") if path.name.startswith(".")]


def test_two_runs_at_once_do_not_disturb_each_other(stand_in, scans, tmp_path):
    """Each would remove what the other is writing, and tell of failures that are none."""
    script = ("import sys, time; from pathlib import Path; from NeuroOrbitLib.jobs.folders import claimed\n"
              "with claimed(Path(sys.argv[1])):\n    print('at work', flush=True); time.sleep(600)")
    other = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "out")], cwd=REPOSITORY,
                             stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "at work\n"
        before = contents(tmp_path / "out")
        with pytest.raises(Problem, match=rf"Another run \(process {other.pid}\) is writing to .*out\. Wait"):
            run_batch(str(scans), str(tmp_path / "out"), resume=True)
        assert contents(tmp_path / "out") == before
    finally:
        other.kill()
        other.wait()
    assert run_batch(str(scans), str(tmp_path / "out"))["failed"] == 2
    assert not list((tmp_path / "out").glob(".*")), "the folder of a run that was killed is free, and so is a done one"


def test_a_run_on_another_computer_owns_its_folder_while_it_renews_its_note(stand_in, scans, tmp_path):
    """Both would empty the cases' folders of the other, on a disk that they share."""
    note = tmp_path / "out" / RUNNING_NAME
    note.parent.mkdir()
    note.write_text('{"host": "reading-room-2", "owner": 4711, "owner_start": "Thu"}')
    with pytest.raises(Problem, match=r"another computer \(reading-room-2\) is writing to .*out.*free after 3 minutes"):
        run_batch(str(scans), str(tmp_path / "out"))
    assert [path.name for path in note.parent.iterdir()] == [RUNNING_NAME]
    silent = time.time() - 200
    os.utime(note, (silent, silent))
    assert run_batch(str(scans), str(tmp_path / "out"))["failed"] == 2
    assert not note.exists()


def test_a_running_batch_renews_its_note(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "_RENEWED_SECONDS", 0.02)
    with folders.claimed(tmp_path):
        note = tmp_path / RUNNING_NAME
        os.utime(note, (1e9, 1e9))
        deadline = time.monotonic() + 10
        while note.stat().st_mtime < 1.1e9 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert note.stat().st_mtime > time.time() - 60
        with folders.claimed(tmp_path):
            pass
        assert note.exists(), "the outer one still works there"
    assert not note.exists()


def test_folders_of_killed_runs_are_removed_from_the_systems_temporary_folder(stand_in, scans, tmp_path, monkeypatch):
    """Frames of a patient's enhanced series lie there while they are decoded."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    script = f"from NeuroOrbitLib.jobs.folders import make_folder; make_folder({str(temporary)!r})"
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
    assert [*temporary.iterdir()]
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    run_batch(str(scans), str(tmp_path / "out"))
    assert not [*temporary.iterdir()]


def mixed_study(folder, patient, study, number):
    """Localizer, bone and soft-tissue CT, dose picture: series 2 of them is the one to take."""
    fields = {"PatientID": patient, "StudyInstanceUID": study}
    stored = scan_of(1500).array
    positions = evenly(16, (0, 0, 2.5))

    def series(name, uid, **more):
        write_series(folder / name, more.pop("positions", positions), more.pop("stored", stored), series=uid,
                     spacing=(2.5, 2.5), SliceThickness="2.5", **fields, **more)

    series("a", f"{study}.1", number=1, positions=positions[:3], stored=stored[:3], ImageType=["ORIGINAL", "LOCALIZER"])
    series("b", f"{study}.2", number=2, ConvolutionKernel="H30s", SeriesDescription="soft")
    series("b", f"{study}.3", number=3, ConvolutionKernel="H70s", SeriesDescription="bone")
    series("c", f"{study}.4", number=4, SeriesDescription="Dose report")


def test_each_study_gives_its_best_series(stand_in, tmp_path):
    mixed_study(tmp_path / "dicom" / "x", "P1", "1.2.10", 1)
    mixed_study(tmp_path / "dicom" / "y", "P2", "1.2.20", 2)
    mixed_study(tmp_path / "dicom" / "y2", "P2", "1.2.30", 3)
    cases = find_cases(tmp_path / "dicom")
    assert [case.source for case in cases.values()] == [
        str(Path(patient, "b")) + f" series 1.2.{number}.2" for patient, number in (("x", 10), ("y", 20), ("y2", 30))]
    assert all("soft-tissue kernel" in case.why and len(case.files) == 16 for case in cases.values())
    assert run_batch(str(tmp_path / "dicom"), str(tmp_path / "out"))["failed"] == 0
    labels = load_image(tmp_path / "out" / "case_0002" / "labels.nii.gz")
    assert labels.array.max() == 2 and labels.array.shape == (16, 24, 40)
    assert not list((tmp_path / "out").rglob("*.dcm"))


@pytest.mark.parametrize(("place", "harmed"), [("y/b", [2]), ("y/a", []), ("y", [2]), ("y/other", [2]), (".", [])])
def test_a_damaged_file_harms_no_other_patient(tmp_path, place, harmed):
    """It does not say its series: only those that it may belong to are doubtful."""
    for folder, patient, study in (("x", "P1", "1.2.10"), ("y", "P2", "1.2.20"), ("z", "P3", "1.2.30")):
        mixed_study(tmp_path / "dicom" / folder, patient, study, 1)
    (tmp_path / "dicom" / place).mkdir(exist_ok=True)
    (tmp_path / "dicom" / place / "IM0001.dcm").write_bytes(b"\0" * 100)
    cases = find_cases(tmp_path / "dicom")
    assert [number for number, case in enumerate(cases.values(), 1) if case.problem] == harmed
    assert all("damaged" in case.problem for case in cases.values() if case.problem)


def test_links_into_an_archive_are_followed(tmp_path):
    for patient, study in (("P1", "1.2.10"), ("P2", "1.2.20"), ("P3", "1.2.30")):
        mixed_study(tmp_path / "archive" / patient, patient, study, 1)
    save_image(scan_of(1800), tmp_path / "archive" / "P3" / "scan.nii.gz")
    cohort = tmp_path / "cohort"
    cohort.mkdir()
    (tmp_path / "archive" / "P2").rename(cohort / "P2")
    for patient in ("P1", "P3"):
        (cohort / patient).symlink_to(tmp_path / "archive" / patient)
    (cohort / "P2" / "circle").symlink_to(cohort)
    assert [case.source for case in find_cases(cohort).values()] == [
        str(Path("P3") / "scan.nii.gz"), *(str(Path(patient, "b")) + f" series 1.2.{number}.2"
                                           for patient, number in (("P1", 10), ("P2", 20), ("P3", 30)))]


def test_study_without_usable_series_fails_with_the_reason(stand_in, tmp_path):
    write_series(tmp_path / "dicom" / "x", evenly(3), series="1.2.40")
    assert run_batch(str(tmp_path / "dicom"), str(tmp_path / "out"))["failed"] == 1
    assert "only 3 slices" in rows_of(tmp_path / "out" / "failures.csv")[0]["reason"]


def test_table_lists_files_and_studies(stand_in, scans, tmp_path):
    mixed_study(scans / "dicom", "P1", "1.2.10", 1)
    table = scans / "table.csv"
    table.write_text("scan;note\nDoe^John/scan0.nii.gz;x\nnowhere.nii.gz;y\ndicom;z\n", encoding="utf-8")
    cases = find_cases(table)
    assert [bool(case.problem) for case in cases.values()] == [False, True, False]
    assert "Line 3" in cases["case_0002"].problem and cases["case_0003"].is_series
    result = run_batch(str(table), str(tmp_path / "out"), scheduler=None)
    assert (result["scans"], result["failed"]) == (3, 1)


@pytest.mark.parametrize(("make", "words"), [
    (lambda folder: folder / "nowhere", "is not there"), (lambda folder: folder, "no scans in"),
    (lambda folder: _written(folder / "t.csv", "path\nx\n"), "lacks the column scan"),
    (lambda folder: _written(folder / "scan.nii.gz", ""), "single scan. Use the command segment"),
])
def test_nothing_to_do_is_told(tmp_path, make, words):
    with pytest.raises(Problem, match=words):
        run_batch(str(make(tmp_path)), str(tmp_path.parent / "out"))
    assert not (tmp_path.parent / "out").exists()


def _written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_command_line_prints_what_came_of_it(stand_in, scans, tmp_path, capsys):
    assert main(["batch", str(scans), "-o", str(tmp_path / "out"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["scans"] == 4
    assert main(["batch", str(scans), "-o", str(tmp_path / "out"), "--resume"]) == 1
    told = capsys.readouterr()
    assert "2 of 4 scans segmented" in told.out and "2 could not be done" in told.err


@pytest.mark.skipif(torch.cuda.is_available(), reason="has a graphics card")
def test_a_card_that_is_not_there_is_told_once_and_nothing_is_written(stand_in, scans, tmp_path):
    with pytest.raises(Problem, match="graphics card cannot be used"):
        run_batch(str(scans), str(tmp_path / "out"), device="cuda")
    assert not (tmp_path / "out").exists()
