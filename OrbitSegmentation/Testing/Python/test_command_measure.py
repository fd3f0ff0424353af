"""The commands ``measure`` and ``compare``: what a user who types them gets, and what stays untouched when it fails."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.head.shape import random_head_shape
from NeuroOrbitLib.phantom.orbit.activity import HEALTHY
from NeuroOrbitLib.phantom.patients.patient import scan_patient
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.phantom.scanner.rendering import Pose
from OrbitSegmentationLib.__main__ import main

TURN = Pose.from_angles((4.0, -3.0, 8.0), (2.0, 5.0, -3.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A CT of one head on three dates: a left inferior rectus swollen on the second, turned; on the third as before."""
    path = tmp_path_factory.mktemp("scans")
    head = random_head_shape(np.random.default_rng(6), "F")
    muscles = tuple(replace(muscle, swelling=2.4) if muscle.name == "inferior rectus" else muscle
                    for muscle in head.left.muscles)
    later = replace(head, left=replace(head.left, muscles=muscles))
    plan = replace(protocol("ct-fast"), spacing=(1.0, 1.0, 1.2), size=(150, 116, 64), center=(0, -18, 0))
    for name, shape, pose, seed in (("first", head, Pose.neutral(), 3), ("second", later, TURN, 3),
                                    ("third", head, TURN, 4)):
        scan = scan_patient(shape, pose, HEALTHY, plan, seed)
        save_image(scan.image, path / f"{name}.nii.gz")
        save_image(scan.labels, path / f"{name}_labels.nii.gz")
    return path


def measure_command(folder, *more: str) -> list[str]:
    return ["measure", str(folder / "first.nii.gz"), "--labels", str(folder / "first_labels.nii.gz"), *more]


def test_one_place_for_two_tables_and_labels_in_the_place_of_the_scan_are_refused(folder, capsys):
    assert main(measure_command(folder, "--json", "-", "--csv", "-")) == 1
    assert "Two results would be written to" in capsys.readouterr().err
    labels = str(folder / "first_labels.nii.gz")
    assert main(["measure", labels, "--labels", labels]) == 1
    assert "holds labels, not a scan" in capsys.readouterr().err


def test_a_scan_that_does_not_tell_the_size_of_its_voxels_is_measured_with_a_warning(folder, tmp_path, capsys):
    """The volume of an eyeball came out a third too large, without a word."""
    for name, dtype in (("first", "short"), ("first_labels", "uchar")):
        image = load_image(folder / f"{name}.nii.gz")
        sizes = " ".join(map(str, image.array.shape[::-1]))
        (tmp_path / f"{name}.nrrd").write_bytes(
            f"NRRD0004\ntype: {dtype}\ndimension: 3\nsizes: {sizes}\nendian: little\nencoding: raw\n\n".encode()
            + image.array.astype("<i2" if dtype == "short" else "u1").tobytes())
    scan, labels = str(tmp_path / "first.nrrd"), str(tmp_path / "first_labels.nrrd")
    assert main(["measure", scan, "--labels", labels]) == 0
    assert "Warning: The file does not say how large its voxels are: 1 mm was taken" in capsys.readouterr().err
    assert main(["report", scan, "--labels", labels, "-o", str(tmp_path / "page.html")]) == 0
    assert "1 mm was taken" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_label_map_stored_in_another_axis_order_gives_the_same_measures(folder, tmp_path):
    """Other converters flip and permute the axes; the message asked to resample what lay on the same voxels."""
    labels = reorient_to_ras(load_image(folder / "first_labels.nii.gz"))
    pose = labels.affine @ np.array([[0, 0, -1, labels.array.shape[2] - 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1.0]])
    other = save_image(Image(labels.array.transpose(2, 0, 1)[::-1].copy(), pose), tmp_path / "labels.nii.gz")
    assert main(measure_command(folder, "--json", str(tmp_path / "own.json"))) == 0
    assert main(["measure", str(folder / "first.nii.gz"), "--labels", str(other),
                 "--json", str(tmp_path / "other.json")]) == 0
    own, turned = (json.loads((tmp_path / f"{name}.json").read_text())["measures"] for name in ("own", "other"))
    assert own == turned


def test_maps_of_the_patient_are_measured_in_every_muscle(folder, tmp_path, capsys):
    scan = load_image(folder / "first.nii.gz")
    files = {name: save_image(scan.with_array(np.full(scan.array.shape, value, np.int16)), tmp_path / f"{name}.nii.gz")
             for name, value in (("t2", 61), ("fat", 30), ("water", 90))}
    assert main(measure_command(folder, "--t2-map", str(files["t2"]), "--fat", str(files["fat"]), "--water",
                                str(files["water"]), "--json", str(tmp_path / "m.json"))) == 0
    values = {(row["structure"], row["side"], row["quantity"]): row["value"]
              for row in json.loads((tmp_path / "m.json").read_text())["measures"]}
    assert values["medial_rectus", "left", "t2_mean"] == pytest.approx(61)
    assert values["medial_rectus", "left", "fat_fraction_mean"] == pytest.approx(25)
    assert main(measure_command(folder, "--fat", str(files["fat"]), "--json", str(tmp_path / "n.json"))) == 0
    capsys.readouterr()
    grey = save_image(scan.with_array(np.full(scan.array.shape, 900, np.int16)), tmp_path / "grey.nii.gz")
    assert main(measure_command(folder, "--fat", str(grey), "--json", str(tmp_path / "o.json"))) == 1
    assert "both images of the Dixon scan" in capsys.readouterr().err and not (tmp_path / "o.json").exists()


def test_measures_are_shown_and_written_with_codes_places_and_normal_values(folder, tmp_path, capsys):
    files = ["--json", str(tmp_path / "out" / "m.json"), "--csv", str(tmp_path / "m.csv")]
    assert main(measure_command(folder, "--normal", "australia-ct", *files)) == 0
    shown = capsys.readouterr().out
    assert "Right medial rectus muscle: greatest diameter" in shown and "within 3.1 to 5.3, z" in shown
    assert "Rana" in shown and "research use only" in shown.lower()
    data = json.loads((tmp_path / "out" / "m.json").read_text())
    assert data["modality"] == "CT"
    row = next(row for row in data["measures"] if row["quantity"] == "exophthalmos" and row["side"] == "left")
    assert 12 < row["value"] < 22 and row["unit"] == "mm" and "frontmost bone" in row["method"]
    assert row["code"]["scheme"] == "99ORBIT" and row["place"]["kind"] == "line"
    diameter = next(row for row in data["measures"] if row["quantity"] == "greatest_diameter")
    assert diameter["normal"]["table"] == "australia-ct" and abs(diameter["normal"]["z_score"]) < 4
    with (tmp_path / "m.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(data["measures"]) and {"right", "left", ""} == {row["side"] for row in rows}


@pytest.mark.parametrize(("defect", "told"), [("without sign", "1024 higher"), ("not numbers", "are not numbers")])
def test_a_ct_in_other_numbers_is_measured_as_the_ct_that_it_is(folder, tmp_path, capsys, defect, told):
    """It passed for an MRI: the eyes stood 3 mm less before the rims, and there were signals relative to brain."""
    scan = load_image(folder / "first.nii.gz")
    grey = scan.array.astype(np.float32)
    if defect == "without sign":
        grey = np.clip(grey + 1024, 0, 4095).astype(np.uint16)
    else:
        grey[:, :, :2] = np.nan
    save_image(scan.with_array(grey), tmp_path / "scan.nii.gz")
    found = []
    for path in (folder / "first.nii.gz", tmp_path / "scan.nii.gz"):
        assert main(["measure", str(path), "--labels", str(folder / "first_labels.nii.gz"), "--json", "-"]) == 0
        shown = capsys.readouterr()
        found.append(json.loads(shown.out))
    assert told in shown.err and found[1]["modality"] == "CT"
    values = [{(row["structure"], row["side"], row["quantity"]): row["value"] for row in each["measures"]}
              for each in found]
    assert values[1].keys() == values[0].keys()
    assert values[1]["eyeball", "left", "exophthalmos"] == pytest.approx(
        values[0]["eyeball", "left", "exophthalmos"], abs=0.05)
    assert values[1]["medial_rectus", "left", "signal_mean"] == pytest.approx(
        values[0]["medial_rectus", "left", "signal_mean"], abs=0.05)


def test_a_prosthesis_is_told_and_not_measured(folder, tmp_path, capsys):
    """The left eye as dense as an acrylic implant: its rows say so, those of the right eye keep their values."""
    scan, labels = (load_image(folder / f"first{ending}.nii.gz") for ending in ("", "_labels"))
    grey = scan.array.copy()
    grey[np.isin(labels.array, [label_value("eyeball", Side.LEFT), label_value("lens", Side.LEFT)])] = 260
    save_image(scan.with_array(grey), tmp_path / "prosthesis.nii.gz")
    command = ["measure", str(tmp_path / "prosthesis.nii.gz"), "--labels", str(folder / "first_labels.nii.gz")]
    assert main([*command, "--json", str(tmp_path / "m.json")]) == 0
    assert "Left eyeball: volume: Not measurable because the scan does not show an ordinary eye (prosthesis?)." in \
        capsys.readouterr().out
    rows = json.loads((tmp_path / "m.json").read_text())["measures"]
    values = {side: [row["value"] for row in rows if row["structure"] in ("eyeball", "lens") and row["side"] == side]
              for side in ("right", "left")}
    assert values["left"] and not any(value is not None for value in values["left"])
    assert all(value is not None for value in values["right"])
    for quantity in ("exophthalmos_difference", "interpupillary_distance"):
        assert next(row["value"] for row in rows if row["quantity"] == quantity) is None
    assert any(row["value"] for row in rows if row["structure"] == "medial_rectus" and row["side"] == "left")


def test_the_list_of_normative_tables_names_their_sources(folder, capsys):
    assert main(measure_command(folder, "--normal", "list")) == 0
    assert "australia-ct" in capsys.readouterr().out


@pytest.mark.parametrize(("more", "message"), [
    (("--normal", "atlantis"), "There is no normative table 'atlantis'"),
    (("--normal", "china-mri-3t"), "is of MRI, and the scan is CT"),
    (("--labels", "{folder}/first.nii.gz"), "not a label map"),
    (("--labels", "{folder}/second_labels.nii.gz"), "same grid"),
])
def test_what_cannot_be_measured_is_said_in_one_line_and_nothing_is_written(folder, tmp_path, capsys, more, message):
    target = tmp_path / "m.json"
    arguments = [part.format(folder=folder) for part in more]
    assert main(measure_command(folder, *arguments, "--json", str(target))) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and message in lines[0]
    assert not target.exists()


def test_a_scan_is_not_compared_with_itself(folder, capsys):
    labels = str(folder / "first_labels.nii.gz")
    assert main(["compare", str(folder / "first.nii.gz"), str(folder / "first.nii.gz"), "--first-labels", labels,
                 "--second-labels", labels]) == 1
    assert "Both scans hold the same image" in capsys.readouterr().err


def test_a_copy_of_a_scan_in_another_axis_order_is_no_second_date(folder, tmp_path, capsys):
    for name in ("first", "first_labels"):
        image = load_image(folder / f"{name}.nii.gz")
        save_image(Image(np.transpose(image.array, (1, 0, 2)), image.affine[:, [0, 2, 1, 3]]),
                   tmp_path / f"{name}.nii.gz")
    assert main(["compare", str(folder / "first.nii.gz"), str(tmp_path / "first.nii.gz"), "--labels",
                 str(folder / "first_labels.nii.gz"), str(tmp_path / "first_labels.nii.gz")]) == 1
    assert "Both scans hold the same image" in capsys.readouterr().err


def test_two_dates_are_aligned_and_only_the_swollen_muscle_has_grown(folder, tmp_path):
    target = tmp_path / "c.json"
    assert main(["compare", str(folder / "first.nii.gz"), str(folder / "second.nii.gz"),
                 "--first-labels", str(folder / "first_labels.nii.gz"),
                 "--second-labels", str(folder / "second_labels.nii.gz"), "--json", str(target)]) == 0
    data = json.loads(target.read_text())
    matrix = np.array(data["first_to_last_ras"])
    point = np.array([30.0, -20.0, 5.0])
    moved = matrix[:3, :3] @ point + matrix[:3, 3]
    np.testing.assert_allclose(moved, TURN.to_patient(point), atol=0.5)
    verdicts = {(row["structure"], row["side"], row["quantity"]): row["verdict"] for row in data["changes"]}
    assert verdicts["inferior_rectus", "left", "volume"] == "increased"
    assert verdicts["inferior_rectus", "left", "greatest_diameter"] == "increased"
    for side in ("right", "left"):
        for structure in ("medial_rectus", "lateral_rectus"):
            assert verdicts[structure, side, "volume"] == "no change"
        assert verdicts["eyeball", side, "exophthalmos"] == "no change"
    growth = {(row["structure"], row["side"]): row["most"] for row in data["growth_mm"]}
    assert growth["inferior_rectus", "left"] > 1.0
    assert growth["inferior_rectus", "right"] < 0.8 and growth["medial_rectus", "left"] < 0.8
    assert data["notices"] == []


THREE = ("first", "second", "third")


def compare_command(folder, *names: str, labels: tuple[str, ...] | None = None) -> list[str]:
    """``compare`` of these scans with their label maps, or those of other scans."""
    return ["compare", *(str(folder / f"{name}.nii.gz") for name in names), "--labels",
            *(str(folder / f"{name}_labels.nii.gz") for name in labels or names)]


def test_three_dates_are_told_each_with_its_change_since_the_first_and_how_much_that_may_vary(folder, tmp_path, capsys):
    target = tmp_path / "c.json"
    assert main([*compare_command(folder, *THREE), "--json", str(target)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(lines[0].split()) == (
        "Measure Scan 1 Scan 2 Change May vary by Scan 3 Change May vary by")
    swollen = next(line for line in lines if line.startswith("Left inferior rectus muscle: volume, ml"))
    first, second, mark, change, band, third, since_first, _band = swollen.removeprefix(
        "Left inferior rectus muscle: volume, ml").split()
    assert mark == "▲" and float(change) == pytest.approx(float(second) - float(first), abs=0.011)
    assert float(change) > float(band) > 0 and abs(float(since_first)) < float(band)
    assert float(since_first) == pytest.approx(float(third) - float(first), abs=0.011)
    data = json.loads(target.read_text())
    by_date = [{(row["structure"], row["side"], row["quantity"]): row for row in rows}
               for rows in data["changes_by_date"]]
    key = ("inferior_rectus", "left", "volume")
    assert [rows[key]["verdict"] for rows in by_date] == ["increased", "no change"]
    assert by_date[0][key]["first"] == by_date[1][key]["first"]
    last = {(row["structure"], row["side"], row["quantity"]): row for row in data["changes"]}
    assert last[key] == by_date[1][key] and "scans" not in data and "dates" not in data


def test_nerves_without_their_sheaths_are_not_compared_as_sheaths(folder, capsys):
    """Unlike measure, report and export-dicom, compare could not be told, and called them sheaths."""
    assert main([*compare_command(folder, "first", "third"), "--nerve-without-sheath"]) == 0
    said = capsys.readouterr().out
    assert "diameter without sheath 3 mm behind the globe" in said and "with sheath 3 mm" not in said.split("\n\n")[0]


@pytest.mark.parametrize(("names", "labels", "more", "said"), [
    (THREE, THREE[:2], (), "There are 3 scans and 2 label maps"),
    (THREE, (), (), "Give the label maps of the scans"),
    (("first", "second", "first"), ("first", "second", "first"), (), "Scans 1 and 3 hold the same image"),
    (THREE[:2], THREE[:2], ("--first-labels", "a.nii.gz"), "Give the label maps of the scans"),
])
def test_scans_that_are_the_same_or_lack_labels_are_refused(folder, tmp_path, capsys, names, labels, more, said):
    command = compare_command(folder, *names, labels=labels)
    command = command if labels else command[:-4]
    assert main([*command, *more, "--json", str(tmp_path / "c.json")]) == 1
    assert said in capsys.readouterr().err and not (tmp_path / "c.json").exists()


def test_a_label_map_in_the_place_of_a_scan_is_refused(folder, tmp_path, capsys):
    command = compare_command(folder, "first_labels", "second", labels=THREE[:2])
    assert main([*command, "--json", str(tmp_path / "c.json")]) == 1
    assert "holds labels, not a scan" in capsys.readouterr().err and not (tmp_path / "c.json").exists()
