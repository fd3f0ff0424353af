"""No command replaces a file that it reads, whatever the result is called."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

ORBIT, TAO = "OrbitSegmentationLib", "TAOActivityLib"
NEURO, IVGC = "NeuroDifferentialLib", "IVGCResponseLib"
#: Names that commands give to their results in a folder.
FIXED = ("segmentation.dcm", "labels.nii.gz", "volume.nii.gz", "numbers.nii.gz")


@pytest.mark.parametrize(("package", "arguments"), [
    (ORBIT, "measure {a} --labels {b} --json {a}"), (ORBIT, "measure {a} --labels {b} --csv {b}"),
    (ORBIT, "measure {a} --labels {b} --csv {linked}"),
    (ORBIT, "compare {a} {b} --first-labels {c} --second-labels {d} --json {d}"),
    (ORBIT, "compare {a} {b} {c} --labels {b} {c} {d} --json {d}"), (ORBIT, "compare {a} {b} {c} --json {c}"),
    (ORBIT, "evaluate --reference {a} --prediction {b} --json {b}"),
    (ORBIT, "evaluate --reference {a} --prediction {b} --difference {a}"),
    (ORBIT, "report {a} --labels {b} -o {c} --measures {c}"),
    (ORBIT, "report {a} --labels {b} -o page.html --findings {c} --write-findings {c}"),
    (ORBIT, "segment {a} -o {a}"), (ORBIT, "import-dicom {a} -o {a}"),
    (NEURO, "segment {a} --t1 {b} -o {b}"), (NEURO, "segment {a} -o new.nii.gz --anatomy {a}"),
    (NEURO, "segment {a} -o new.nii.gz --table {a}"), (NEURO, "measure {a} --anatomy {b} --numbers {a}"),
    (NEURO, "import-dicom {a} --series . -o {a}"), (NEURO, "import-dicom {a} -o {a}"),
    (NEURO, "compare {a} {b} -o {a}"), (NEURO, "compare {a} {b} --table {b}"),
    (ORBIT, "export-dicom . --labels segmentation.dcm -o ."),
    (NEURO, "export-dicom . --lesions segmentation.dcm --anatomy {a} -o ."),
    (TAO, "explain {a} --labels labels.nii.gz --model m -o ."),
    (IVGC, "explain volume.nii.gz --labels {a} --model m -o ."), (NEURO, "explain {a} --lesions numbers.nii.gz -o ."),
    (IVGC, "features {a} --labels {b} -o {b}"), (IVGC, "recalibrate {a} --model none -o {a}")])
def test_what_is_read_is_never_overwritten(tmp_path, monkeypatch, capsys, package, arguments):
    monkeypatch.chdir(tmp_path)
    files = {name: tmp_path / f"{name}.nii.gz" for name in "abcd"}
    kept = {path: f"the only {path.name}" for path in (*files.values(), *map(tmp_path.joinpath, FIXED))}
    for path, content in kept.items():
        path.write_text(content)
    (tmp_path / "linked.nii.gz").symlink_to(files["a"])
    words = [word.format(**files, linked="linked.nii.gz") for word in arguments.split()]
    assert import_module(f"{package}.__main__").main(words) == 1
    said = capsys.readouterr().err
    assert "would overwrite" in said and "Choose another name" in said
    assert all(path.read_text() == content for path, content in kept.items())
    assert len(list(tmp_path.iterdir())) == len(kept) + 1, "nothing was left behind"


def test_a_result_may_replace_the_result_of_before(tmp_path, capsys):
    """Only what is read is protected: the command gets as far as reading."""
    for name in ("scan.nii.gz", "labels.nii.gz", "measures.json"):
        Path(tmp_path / name).write_text("no image")
    assert import_module(f"{ORBIT}.__main__").main(
        ["measure", str(tmp_path / "scan.nii.gz"), "--labels", str(tmp_path / "labels.nii.gz"), "--json",
         str(tmp_path / "measures.json")]) == 1
    assert "cannot be read as an image" in capsys.readouterr().err


@pytest.mark.parametrize(("package", "arguments"), [
    (ORBIT, "measure {a} --labels {b} --json new --csv ./new"), (ORBIT, "measure {a} --labels {b} --json - --csv -"),
    (ORBIT, "evaluate --reference {a} --prediction {b} --difference {linked} --json {d}"),
    (NEURO, "segment {a} -o new.nii.gz --table new.nii.gz"), (NEURO, "compare {a} {b} -o new --table new"),
    (NEURO, "measure {a} --anatomy {b} --numbers new.nii.gz --table new.nii.gz"),
    (NEURO, "compare {a} {b} -o sub/first.nii.gz --flairs sub")])
def test_two_results_never_go_to_one_place(tmp_path, monkeypatch, capsys, package, arguments):
    """The second would replace the first without a word."""
    monkeypatch.chdir(tmp_path)
    files = {name: tmp_path / f"{name}.nii.gz" for name in "abd"}
    for path in files.values():
        path.write_text("no image")
    (tmp_path / "linked.nii.gz").symlink_to(files["d"])
    words = [word.format(**files, linked="linked.nii.gz") for word in arguments.split()]
    assert import_module(f"{package}.__main__").main(words) == 1
    said = capsys.readouterr().err
    assert "Two results would be written to" in said and "Choose another name" in said
    assert len(list(tmp_path.iterdir())) == len(files) + 1, "nothing was left behind"


@pytest.mark.parametrize(("package", "arguments"), [
    (TAO, "evaluate --model m --cohort . -o {a}"), (TAO, "evaluate {b} -o {a}/below"),
    (IVGC, "contributions --model m --cohort . -o {a}"), (IVGC, "explain {b} --model m -o {a}"),
    (ORBIT, "measure {b} --labels {c} --json {a}/numbers.json")])
def test_a_place_where_nothing_can_be_written_is_told_before_anything_is_computed(tmp_path, monkeypatch, capsys,
                                                                                  package, arguments):
    """The folder of the results is a file here; the models asked for do not exist, and are not looked for."""
    monkeypatch.chdir(tmp_path)
    files = {name: tmp_path / f"{name}.nii.gz" for name in "abc"}
    for path in files.values():
        path.write_text("no image")
    assert import_module(f"{package}.__main__").main([word.format(**files) for word in arguments.split()]) == 1
    assert "cannot be written. Check its name" in capsys.readouterr().err


def test_an_evaluation_of_a_table_does_not_replace_the_table(tmp_path, capsys):
    """The report has a table of its own with this name, without the other columns of the user's."""
    table = tmp_path / "predictions.csv"
    table.write_text("case,label,probability,scanner\nA,1,0.7,North\nB,0,0.2,South\n")
    assert import_module(f"{TAO}.__main__").main(["evaluate", str(table), "-o", str(tmp_path)]) == 1
    assert "would overwrite" in capsys.readouterr().err and "South" in table.read_text()
