"""Many patients from a table or a folder: one table of answers, which goes on where it was."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

from IVGCResponseLib.__main__ import main
from NeuroOrbitLib.classifiers import many_patients
from NeuroOrbitLib.imaging.files import save_image

MODEL = "ivgc-radiomics"


@pytest.fixture
def files(tmp_path, scan) -> Path:
    """A table of two patients with a scan each, and a third whose scan shows nothing."""
    empty = scan.image.with_array(np.zeros_like(scan.image.array))
    for name, image in (("one", scan.image), ("two", scan.image.with_array(scan.image.array * 1.5)), ("no", empty)):
        save_image(image, tmp_path / "scans" / f"{name}.nii.gz")
        save_image(scan.labels, tmp_path / "labels" / f"{name}.nii.gz")
    rows = ["patient,image,labels,age,trab (IU/L)", *(
        f"{name},scans/{name}.nii.gz,labels/{name}.nii.gz,45,8" for name in ("one", "two", "no"))]
    (tmp_path / "patients.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def batch(folder: Path, *more: str, source: str = "patients.csv") -> int:
    """Call the command."""
    return main(["batch", str(folder / source), "--model", MODEL, "--engine", "own", "-o", str(folder / "out"), *more])


def rows(folder: Path) -> dict[str, dict[str, str]]:
    """The table of answers by case."""
    with (folder / "out" / "answers.csv").open(newline="", encoding="utf-8") as stream:
        return {row["case"]: row for row in csv.DictReader(stream)}


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The cases that are asked about."""
    names: list[str] = []

    def noting(patient, *arguments, **more):
        names.append(patient.case)
        return answer(patient, *arguments, **more)

    answer = many_patients.answer_one
    monkeypatch.setattr(many_patients, "answer_one", noting)
    return names


def test_a_table_gives_a_table_of_answers_and_goes_on_where_it_was(files, asked, capsys):
    assert batch(files) == 1
    said = capsys.readouterr()
    assert "2 of 3 patients answered" in said.out and "Error: no: All voxels of the image" in said.err
    found = rows(files)
    assert list(found) == ["one", "two", "no"] and found["one"]["decision"] in ("responder", "non-responder")
    assert 0 < float(found["one"]["low"]) < float(found["one"]["probability"]) < float(found["one"]["high"]) < 1
    assert found["no"]["problem"].startswith("All voxels") and not found["no"]["probability"]
    answer = json.loads((files / "out" / "one.json").read_text(encoding="utf-8"))
    assert answer["probability_of_response"] == pytest.approx(float(found["one"]["probability"]), abs=1e-4)
    assert str(files) not in json.dumps(answer) and not (files / "out" / "no.json").exists()

    text = (files / "patients.csv").read_text(encoding="utf-8")
    (files / "patients.csv").write_text(text.replace("two.nii.gz,45,8", "two.nii.gz,46,8") +
                                           "\nfour,scans/one.nii.gz,labels/one.nii.gz,50,3", encoding="utf-8")
    asked.clear()
    assert batch(files) == 1 and asked == ["two", "no", "four"]  # corrected, not answered, new
    assert list(rows(files)) == ["one", "two", "no", "four"]
    path = files / "labels" / "one.nii.gz"
    os.utime(path, ns=(path.stat().st_mtime_ns + 10**9,) * 2)  # the segmentation is another one now
    asked.clear()
    assert batch(files) == 1 and asked == ["one", "no", "four"]
    assert batch(files, "--anyway") == 1 and "other cases or settings" in capsys.readouterr().err


def test_no_answer_about_an_earlier_scan_stays_where_the_scan_of_now_cannot_be_answered(files, scan):
    batch(files)
    assert (files / "out" / "one.json").exists()
    save_image(scan.image.with_array(np.zeros_like(scan.image.array)), files / "scans" / "one.nii.gz")
    assert batch(files) == 1 and rows(files)["one"]["problem"].startswith("All voxels")
    assert not (files / "out" / "one.json").exists() and (files / "out" / "two.json").exists()


@pytest.mark.parametrize("name", ["two.json", "answers.csv"])
def test_answers_do_not_replace_files_of_others(files, capsys, name):
    mine = files / "out" / name
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    assert batch(files) == 1 and f"already holds {name}, which no batch" in capsys.readouterr().err
    assert [path.name for path in (files / "out").iterdir()] == [name] and mine.read_text(encoding="utf-8") == "mine"


def test_a_table_closes_the_gate_and_columns_that_mean_nothing_are_named(files, capsys):
    """An optic neuropathy in the table was passed over: the patient got an estimate all the same."""
    (files / "patients.csv").write_text(
        "patient,image,labels,age,smoker,Optic neuropathy,treated\n"
        "one,scans/one.nii.gz,labels/one.nii.gz,45,yes,yes,no\n"
        "two,scans/two.nii.gz,labels/two.nii.gz,45,no,,no\n", encoding="utf-8")
    assert batch(files) == 1
    found, said = rows(files), capsys.readouterr().err
    assert "Optic neuropathy needs a different treatment at once" in found["one"]["problem"]
    assert not found["one"]["probability"]
    assert found["two"]["probability"] and "Note: not used of the table: smoker" in said
    assert "treated" not in said.split("not used of the table")[1].splitlines()[0]


def test_a_folder_of_scans_is_answered_with_segmentations_of_the_same_names(files):
    (files / "scans" / "no.nii.gz").unlink()
    assert batch(files, "--labels", str(files / "labels"), source="scans") == 0
    found = rows(files)
    assert list(found) == ["one", "two"] and not any(row["problem"] for row in found.values())


def test_segmentations_are_taken_whatever_mark_they_bear_and_scans_without_one_are_named(tmp_path, monkeypatch, capsys):
    """A segmentation "one_labels" was passed over without a word, and a label map beside a scan counted as a scan."""
    def answered(patient, *_place, **_wish):
        asked[patient.case] = patient.labels and patient.labels.name
        return {"decision": "responder", "probability_of_response": 0.5, "interval": None, "calibrated": False,
                "imputed": [], "notices": []}

    asked: dict[str, str | None] = {}
    monkeypatch.setattr(many_patients, "answer_one", answered)
    for name in ("scans/P 01.nii.gz", "scans/P2_0000.nii.gz", "scans/P3.nrrd", "scans/P 01_Labels.nii.gz",
                 "scans/._P3.nrrd", "labels/P 01-seg.nrrd", "labels/P2.nii.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert batch(tmp_path, "--labels", str(tmp_path / "labels"), source="scans") == 0
    assert asked == {"P-01": "P 01-seg.nrrd", "P2_0000": "P2.nii.gz", "P3": None}
    assert "Note: no segmentation in" in (said := capsys.readouterr().err) and "has the name of P3;" in said
    assert batch(tmp_path, "--labels", str(tmp_path / "scans"), source="scans") == 0
    assert asked == {"P-01": "P 01_Labels.nii.gz", "P2_0000": None, "P3": None}
    (tmp_path / "labels" / "P2_labels.nii.gz").touch()
    assert batch(tmp_path, "--labels", str(tmp_path / "labels"), source="scans") == 1
    assert "P2.nii.gz and P2_labels.nii.gz are segmentations of the same scan" in capsys.readouterr().err


def test_answers_of_a_batch_are_what_a_recalibration_reads(files, capsys):
    batch(files)
    (files / "outcomes.csv").write_text("case,outcome\none,responder\ntwo,non-responder\n", encoding="utf-8")
    assert main(["recalibrate", str(files / "out"), "--outcomes", str(files / "outcomes.csv"), "--model", MODEL,
                 "-o", str(files / "own.json")]) == 1
    assert "too few to recalibrate" in capsys.readouterr().err


def test_a_recalibration_is_of_a_model_of_this_module(tmp_path, capsys):
    """A table of probabilities does not say which model gave them: one of activity was taken."""
    rows = [f"c{number},{number % 2},{0.3 + 0.01 * number + 0.1 * (number % 2)}" for number in range(30)]
    (tmp_path / "own.csv").write_text("\n".join(["case,label,probability", *rows]), encoding="utf-8")
    ask = ["recalibrate", str(tmp_path / "own.csv"), "-o", str(tmp_path / "own.json"), "--model"]
    assert main([*ask, "tao-b"]) == 1
    assert "The model tao-b is not one of IVGCResponseLib" in capsys.readouterr().err
    assert not (tmp_path / "own.json").exists() and main([*ask, "ivgc-rdinet"]) == 0


@pytest.mark.parametrize(("table", "says"), [
    ("patient,scan\na,b\n", "lacks the column image"),
    ("patient,image\na,nowhere.nii.gz\n", "line 2: the image nowhere.nii.gz does not exist"),
    ("patient,image\na,scans/one.nii.gz\nA,scans/two.nii.gz\n", "two patients named A"),
    ("image,trab (mg)\nscans/one.nii.gz,3\n", "states the unit mg"),
    ("image\n", "There are no scans in"),
])
def test_a_table_that_cannot_be_used_is_refused_before_anything_is_done(files, capsys, table, says):
    (files / "patients.csv").write_text(table, encoding="utf-8")
    assert batch(files) == 1
    said = capsys.readouterr().err
    assert says in said and said.count("\n") == 1 and not (files / "out").exists()


def test_answers_never_lie_among_the_scans(files, capsys):
    """A scan's own facts often lie beside it as NAME.json."""
    assert main(["batch", str(files / "scans"), "--model", MODEL, "-o", str(files / "scans")]) == 1
    assert "Choose another folder for the answers" in capsys.readouterr().err
    assert not list((files / "scans").glob("*.json"))
