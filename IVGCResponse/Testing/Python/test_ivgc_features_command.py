"""``python -m IVGCResponseLib features``: tables of scans and folders, and what a wrong call says."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from IVGCResponseLib.__main__ import main
from IVGCResponseLib.muscle_groups import STRATEGIES
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image

SMALL = {"imageType": {"Original": {}}, "featureClass": {"shape": ["VoxelVolume"], "firstorder": ["Mean"]}}


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two scans with segmentations of the same names: both medial recti (9, 10), the right one alone."""
    random = np.random.default_rng(0)
    affine = np.diag([0.5, 0.5, 2.0, 1.0])
    for number, values in enumerate([(9, 10), (9,)]):
        labels = np.zeros((5, 12, 14), np.uint8)
        for place, value in enumerate(values):
            labels[1:4, 2:9, 8 - 6 * place : 12 - 6 * place] = value  # the right one at the larger x
        scan = random.normal(200 + 100 * number, 20, labels.shape).astype(np.float32)
        save_image(Image(scan, affine), tmp_path / "scans" / f"case{number}_0000.nii.gz")
        save_image(Image(labels, affine), tmp_path / "labels" / f"case{number}.nii.gz")
    (tmp_path / "small.json").write_text(json.dumps(SMALL))
    return tmp_path


def features(folder: Path, scan: str, labels: str, table: str, *more: str) -> int:
    """Call the command with the small profile and our engine."""
    return main(["features", str(folder / scan), "--labels", str(folder / labels), "-o", str(folder / table),
                 "--profile", str(folder / "small.json"), "--engine", "own", *more])


def rows(table: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with table.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_label_of_a_scan_is_in_the_table_under_the_name_of_the_vocabulary(folder):
    assert features(folder, "scans/case0_0000.nii.gz", "labels/case0.nii.gz", "t.csv") == 0
    found = rows(folder / "t.csv")
    assert list(found[0]) == ["region", "name", "value", "unit", "reason"]
    assert [row["region"] for row in found] == ["right_medial_rectus"] * 2 + ["left_medial_rectus"] * 2
    volumes = {row["region"]: row for row in found if row["name"] == "original_shape_VoxelVolume"}
    assert float(volumes["right_medial_rectus"]["value"]) == pytest.approx(3 * 7 * 4 * 0.5)
    assert volumes["right_medial_rectus"]["unit"] == "mm3"
    record = json.loads((folder / "t.json").read_text())
    assert record["engine"] == "own"
    assert record["scan"] == "case0_0000.nii.gz"


def test_features_of_voxels_whose_size_the_file_does_not_tell_come_with_a_warning(folder, capsys):
    """Volumes were those of voxels of 1 mm, without a word."""
    for name, dtype in (("scans/case0_0000", "float"), ("labels/case0", "uchar")):
        array = load_image(folder / f"{name}.nii.gz").array
        (folder / f"{name}.nii.gz").unlink()
        (folder / f"{name}.nrrd").write_bytes(f"NRRD0004\ntype: {dtype}\ndimension: 3\nsizes: 14 12 5\nendian: little\n"
                                              "encoding: raw\n\n".encode() + array.tobytes())
    assert features(folder, "scans/case0_0000.nrrd", "labels/case0.nrrd", "t.csv") == 0
    assert "Warning: The file does not say how large its voxels are" in capsys.readouterr().err
    for _time in range(2):
        assert features(folder, "scans", "labels", "all.csv") == 0
        said = capsys.readouterr().err.splitlines()
        assert ["1 mm was taken" in line for line in said if " of 2, " in line] == [True, False]


def test_labels_of_others_keep_their_numbers(folder):
    labels = Image(np.full((5, 12, 14), 77, np.uint8), np.diag([0.5, 0.5, 2.0, 1.0]))
    save_image(labels, folder / "other.nii.gz")
    assert features(folder, "scans/case0_0000.nii.gz", "other.nii.gz", "t.csv") == 0
    assert {row["region"] for row in rows(folder / "t.csv")} == {"label_77"}


def test_muscles_together_are_one_mask_of_both_sides_and_missing_ones_say_so(folder):
    assert features(folder, "scans/case0_0000.nii.gz", "labels/case0.nii.gz", "t.csv", "--together") == 0
    found = {row["region"]: row for row in rows(folder / "t.csv") if row["name"] == "original_shape_VoxelVolume"}
    assert list(found) == list(STRATEGIES)
    assert float(found["MR"]["value"]) == pytest.approx(2 * 3 * 7 * 4 * 0.5)
    assert (found["SR"]["value"], found["SR"]["reason"]) == ("", "The region is empty.")


def test_a_folder_gives_one_table_and_goes_on_where_it_was_stopped(folder, capsys):
    assert features(folder, "scans", "labels", "all.csv") == 0
    assert [row["scan"] for row in rows(folder / "all.csv")] == ["case0"] * 4 + ["case1"] * 2
    (folder / "all_scans" / "case1" / "features.csv").unlink()
    capsys.readouterr()
    assert features(folder, "scans", "labels", "all.csv") == 0
    said = capsys.readouterr().err
    assert "1 of 2, case0: done before" in said
    assert "2 of 2, case1: 2 features" in said
    assert len(rows(folder / "all.csv")) == 6


def test_scans_along_different_axes_are_told(folder, capsys):
    """The same scan stored in another order has other features, which stood in one column without a word."""
    assert features(folder, "scans", "labels", "all.csv") == 0
    assert "different axes" not in capsys.readouterr().err
    for name in ("scans/case1_0000.nii.gz", "labels/case1.nii.gz"):
        image = load_image(folder / name)
        turned = Image(np.ascontiguousarray(image.array.transpose(1, 0, 2)), image.affine[:, [0, 2, 1, 3]])
        save_image(turned, folder / name)
    for _time in range(2):
        assert features(folder, "scans", "labels", "all.csv") == 0
        assert "Warning: The scans are stored along different axes (RAS in 1, RSA in 1)." in capsys.readouterr().err
    assert "RSA in 1" in json.loads((folder / "all.json").read_text())["notices"][0]


def test_a_folder_on_several_processes_gives_the_same_table(folder):
    assert features(folder, "scans", "labels", "here.csv") == 0
    assert features(folder, "scans", "labels", "there.csv", "--scheduler", "local:1") == 0
    assert rows(folder / "there.csv") == rows(folder / "here.csv")


def test_another_profile_computes_a_folder_anew(folder, capsys):
    features(folder, "scans", "labels", "all.csv")
    (folder / "small.json").write_text(json.dumps({**SMALL, "setting": {"binWidth": 3}}))
    features(folder, "scans", "labels", "all.csv")
    assert "done before" not in capsys.readouterr().err


def test_a_scan_that_fails_does_not_take_the_others_with_it(folder, capsys):
    save_image(Image(np.zeros((5, 12, 14), np.uint8), np.eye(4)), folder / "labels" / "case0.nii.gz")
    assert features(folder, "scans", "labels", "all.csv") == 1
    assert {row["scan"] for row in rows(folder / "all.csv")} == {"case1"}
    assert "Error: case0: case0.nii.gz labels nothing" in capsys.readouterr().err
    save_image(Image(np.ones((5, 12, 14), np.uint8), np.diag([0.5, 0.5, 2.0, 1.0])), folder / "labels" / "case0.nii.gz")
    assert features(folder, "scans", "labels", "all.csv") == 0, "it is tried again"
    assert {row["scan"] for row in rows(folder / "all.csv")} == {"case0", "case1"}


def test_a_damaged_result_of_a_scan_is_made_anew(folder, capsys):
    features(folder, "scans", "labels", "all.csv")
    (folder / "all_scans" / "case0" / "result.json").write_text("{")
    assert features(folder, "scans", "labels", "all.csv") == 0
    assert "case0: 4 features" in capsys.readouterr().err.splitlines()[-2]


@pytest.mark.parametrize(("call", "says"), [
    (("nowhere.nii", "labels/case0.nii.gz", "t.csv"), "There is no file or folder"),
    (("scans/case0_0000.nii.gz", "labels/case0.nii.gz", "t.txt"), "ends with .csv"),
    (("scans", "labels/case0.nii.gz", "t.csv"), "--labels must be the folder"),
    (("scans/case0_0000.nii.gz", "labels/case0.nii.gz", "t.csv", "--profile", "x"), "no radiomics profile x"),
])
def test_a_wrong_call_gets_one_line_and_writes_nothing(folder, capsys, call, says):
    assert features(folder, *call) == 1
    said = capsys.readouterr().err
    assert says in said and said.count("\n") == 1
    assert not list(folder.glob("t.*"))


def test_a_scan_in_place_of_the_segmentation_is_told_at_once(folder, capsys):
    """Every grey value would be a region: hours of work."""
    grey = np.arange(5 * 12 * 14, dtype=np.int16).reshape(5, 12, 14)
    save_image(Image(grey, np.diag([0.5, 0.5, 2.0, 1.0])), folder / "scan.nii.gz")
    assert features(folder, "scan.nii.gz", "scan.nii.gz", "t.csv") == 1
    said = capsys.readouterr().err
    assert "scan.nii.gz is an image, not a label map: it has 840 different values" in said and said.count("\n") == 1
    assert not list(folder.glob("t.*"))


def test_a_scan_without_segmentation_is_named_before_anything_is_computed(folder, capsys):
    (folder / "labels" / "case1.nii.gz").unlink()
    assert features(folder, "scans", "labels", "all.csv") == 1
    assert "case1_0000.nii.gz has no segmentation" in capsys.readouterr().err
    assert not (folder / "all_scans").exists()


def test_labels_of_another_tool_have_the_names_that_it_gives_them(folder):
    """Value 9 of a study is no medial rectus because the vocabulary has one; without a name it keeps its number."""
    table = folder / "t.csv"
    (folder / "labels" / "dataset.json").write_text(json.dumps({"labels": {"background": 0, "lesion core": 9}}))
    assert features(folder, "scans/case0_0000.nii.gz", "labels/case0.nii.gz", "t.csv") == 0
    assert list(dict.fromkeys(row["region"] for row in rows(table))) == ["lesion core", "label_10"]
    (folder / "labels" / "dataset.json").write_text(json.dumps({"labels": {"all": [9, 10], "core": 9}}))
    assert features(folder, "scans/case0_0000.nii.gz", "labels/case0.nii.gz", "t.csv") == 0
    assert list(dict.fromkeys(row["region"] for row in rows(table))) == ["label_9", "label_10"]


def test_labels_where_the_anatomy_cannot_be_are_called_by_their_numbers(folder):
    """Mirrored, 9 lies left of 10: whatever these are, they are not the right and the left medial rectus."""
    save_image(Image(np.flip(load_image(folder / "labels" / "case0.nii.gz").array, 2).copy(),
                     np.diag([0.5, 0.5, 2.0, 1.0])), folder / "labels" / "case0.nii.gz")
    assert features(folder, "scans/case0_0000.nii.gz", "labels/case0.nii.gz", "t.csv") == 0
    assert list(dict.fromkeys(row["region"] for row in rows(folder / "t.csv"))) == ["label_9", "label_10"]


def test_other_names_beside_the_label_maps_are_read_anew(folder, capsys):
    (folder / "labels" / "dataset.json").write_text(json.dumps({"labels": {"core": 9, "rim": 10}}))
    features(folder, "scans", "labels", "all.csv")
    (folder / "labels" / "dataset.json").write_text(json.dumps({"labels": {"rim": 9, "core": 10, "none": 0}}))
    features(folder, "scans", "labels", "all.csv")
    assert "done before" not in capsys.readouterr().err
    assert [row["region"] for row in rows(folder / "all.csv")] == ["rim"] * 2 + ["core"] * 2 + ["rim"] * 2
