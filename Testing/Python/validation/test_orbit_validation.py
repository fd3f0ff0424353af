"""The validation of orbit models: what it asks for, that it goes on where it stopped, and that it runs."""

from __future__ import annotations

import json

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.models import find_package
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL
from Testing.Experiments.validation.orbit import contrasts, familiarity, sides, whole_heads
from Testing.Experiments.validation.orbit.case import ScoredCase, Truth
from Testing.Experiments.validation.orbit.changed import COPIES, reoriented
from Testing.Experiments.validation.orbit.doubt import confidence_table, missed_doubts, planted_table
from Testing.Experiments.validation.orbit.planted import LABEL_FAULTS
from Testing.Experiments.validation.orbit.report import Report, write_section
from Testing.Experiments.validation.orbit.retaken import in_slices, in_window, without_sign
from Testing.Experiments.validation.orbit.rows import further_table, row_of, scan_table, table
from Testing.Experiments.validation.orbit.run import Validation, validate_quickly
from Testing.Experiments.validation.orbit.scoring import RECTI, SCORED, scored_structures
from Testing.Experiments.validation.orbit.unusual import SURGERY, operated_cases, unusual_table


def structures(globe: float, nerve: float, recti: float, predicted: float = 1.0) -> dict:
    def entry(dice: float) -> dict:
        return {"dice": [dice, dice], "surface_dice": [0.95, 0.95], "reference_ml": [1.0, 1.0],
                "predicted_ml": [predicted, predicted]}

    return {"eyeball": entry(globe), "optic_nerve": entry(nerve), **{key: entry(recti) for key in RECTI}}


def result(group: str, **values: float) -> dict:
    return {"group": group, "name": "case", "found": 2, "structures": structures(**values)}


@pytest.mark.parametrize(("group", "values", "missed"), [
    ("phantom CT, clean", {"globe": 0.96, "nerve": 0.86, "recti": 0.89}, []),
    ("phantom CT, clean", {"globe": 0.94, "nerve": 0.86, "recti": 0.89, "predicted": 1.06}, ["globe", "volume"]),
    ("phantom MRI 0.55 x 0.55 x 3 mm, clean", {"globe": 0.94, "nerve": 0.7, "recti": 0.83}, ["nerve"]),
    ("annotated colin27_t1", {"globe": 0.93, "nerve": 0.73, "recti": 0.61}, ["recti", "worst rectus"]),
    ("phantom CT, thyroid eye disease", {"globe": 0.1, "nerve": 0.1, "recti": 0.1}, []),
])
def test_every_group_is_held_to_its_own_bars(group, values, missed):
    assert row_of(group, [result(group, **values)]).missed == missed


def test_scans_in_slices_at_several_places_share_a_cell():
    copies = [{**result("retaken: 3 mm", globe=0.9, nerve=nerve, recti=0.8), "name": "head"} for nerve in (0.6, 0.7)]
    assert scan_table(copies).splitlines()[1].split()[3:] == ["4", "0.650", "0.800", "0.800"]


def test_changed_copies_have_a_column_for_each_scan():
    copies = [{**result(group, globe=0.9, nerve=nerve, recti=0.8), "name": name}
              for group, name, nerve in (("turned by 10", "head", 0.85), ("turned by 10", "skull", 0.75),
                                         ("retaken: 3 mm", "skull", 0.65))]
    lines = scan_table([*copies, result("annotated head", globe=0.9, nerve=0.8, recti=0.8)]).splitlines()
    assert [line.split("  ")[0] for line in lines] == ["Copy", "turned by 10", "retaken: 3 mm"]
    assert "2  0.850  0.800  0.800  2  0.750  0.800  0.800" in lines[1]
    assert lines[2].split() == ["retaken:", "3", "mm", "-", "2", "0.650", "0.800", "0.800"]
    assert scan_table([result("annotated head", globe=0.9, nerve=0.8, recti=0.8)]) == ""


def test_an_orbit_that_was_not_found_counts_as_nothing():
    group = "phantom CT, clean"
    lost = {**result(group, globe=0.0, nerve=0.0, recti=0.0, predicted=0.0), "found": 0}
    row = row_of(group, [result(group, globe=0.96, nerve=0.9, recti=0.9), lost])
    assert (row.cases, row.found, row.asked_eyes) == (2, 2, 4)
    assert row.globe == pytest.approx(0.48) and row.volume == pytest.approx(-0.5)
    assert "2 of 4" in table([row])


def test_further_structures_are_scored_where_the_reference_has_them_and_the_lens_belongs_to_the_eyeball():
    truth = np.zeros((12, 12, 12), np.uint8)
    truth[2:8, 2:8, 2:8] = 1
    truth[4:6, 4:6, 4:6] = 19
    truth[9:11, 2:8, 2:8] = 21
    found = np.where(truth == 19, 1, truth)
    found[10, 2:8, 2:8] = 0
    scan = Image(np.zeros(truth.shape), np.eye(4))
    scores = scored_structures(ScoredCase("phantom", "cube", lambda: None), Truth(scan, Image(truth, scan.affine)),
                               Image(found, scan.affine))
    assert scores["eyeball"]["dice"] == [1.0] and scores["lens"]["dice"] == [0.0]
    assert scores["orbital_fat"]["dice"] == [pytest.approx(2 / 3)] and "lacrimal_gland" not in scores
    text = further_table([{"group": "phantom", "structures": scores}])
    assert "0.667" in text and text.splitlines()[-1].split()[:3] == ["phantom", "0.000", "-"]


def test_results_are_kept_for_the_same_weights_and_case(tmp_path):
    package, calls = find_package(DEFAULT_MODEL), []

    def measure(subject, *_):
        calls.append(subject)
        return {"found": 2, "structures": {}}

    first = ScoredCase("group", "one", lambda: Truth(Image(np.zeros((2, 2, 2)), np.eye(4))))
    changed = ScoredCase("group", "one", first.load, version="2")
    for case in (first, first, changed):
        assert Validation(package, tmp_path, say=lambda _: None).result("score", case, measure)["name"] == "one"
    assert len(calls) == 2, "another version of a case is another case"


def test_copies_hold_the_same_anatomy():
    grey = np.random.default_rng(0).random((4, 5, 6)).astype(np.float32)
    image = Image(grey, np.diag([1.0, 2.0, 3.0, 1.0]))
    back = reorient_to_ras(reoriented(image))
    assert np.array_equal(back.array, grey) and back.grid.same_as(image.grid)
    assert {"rescaled", "reoriented", "noised", "mirrored"} <= set(COPIES)


@pytest.mark.parametrize("offset", [0.0, 1 / 3, 2 / 3])
def test_thick_slices_hold_the_same_anatomy_at_the_same_place(offset):
    head, labels = np.zeros((30, 40, 36), np.float32), np.zeros((30, 40, 36), np.uint8)
    head[9:21, 12:24, 8:20], labels[9:21, 12:24, 8:20] = 100.0, 1
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    affine[:3, 3] = (-18.0, -20.0, 7.0)
    truth = Truth(Image(head, affine), Image(labels, affine), Image(labels * 0, affine))
    thick = in_slices(truth, axis=2, thickness=3.0, offset=offset)
    assert thick.image.spacing == pytest.approx((1.0, 1.0, 3.0)) and thick.labels.grid.same_as(thick.image.grid)
    assert thick.image.affine[2, 3] == pytest.approx(7.0 + 1.0 + 3.0 * offset), "the middle of the first slice"
    if offset:
        return  # the cube's borders lie within slices
    assert thick.labels.array.sum() * 3 == labels.sum()
    middles = [part.grid.ras_from_ijk(np.argwhere(part.array == 1).mean(axis=0)[::-1])
               for part in (truth.labels, thick.labels)]
    np.testing.assert_allclose(*middles, atol=1e-6)
    assert thick.image.array[4, 18, 14] == pytest.approx(100.0, abs=0.5)


def test_ct_in_other_units_is_what_scanners_and_exports_make_of_it():
    image = Image(np.array([[[-1000, -100, 40, 900]]], np.int16), np.eye(4))
    assert without_sign(image).array.tolist() == [[[24, 924, 1064, 1924]]]
    exported = in_window((-160.0, 240.0))(image).array
    assert exported.dtype == np.uint8 and exported.tolist() == [[[0, 38, 127, 255]]]


def test_the_documentation_gets_the_table_and_keeps_the_rest(tmp_path):
    group, page = "phantom CT, clean", tmp_path / "orbit.md"
    report = Report.of(find_package(DEFAULT_MODEL), [result(group, globe=0.9, nerve=0.9, recti=0.9)], {}, {})
    page.write_text("# Results\n\n## Experiments\nkept\n\n## Validation\nold\n\n## Papers\nkept too\n")
    for _ in range(2):
        write_section(page, report, "--parts phantoms")
    text = page.read_text()
    assert 'make validate-orbit ARGUMENTS="--parts phantoms"' in text
    assert "old" not in text and text.count("## Validation") == 1
    assert "kept\n" in text and text.endswith("kept too\n") and "globe" in report.missed[0] and group in text
    assert json.loads(json.dumps(report.as_data()))["missed"] == report.missed


def test_novelty_is_compared_with_synthetic_cases_only():
    def novel(group: str, certainty: float) -> dict:
        return {"group": group, "novelty": {"values": {"certainty": certainty}}}

    results = [novel("phantom CT, clean", 0.9), novel("label maps kept out of training", 0.96),
               novel("annotated colin27_t1", 0.1), {"group": "phantom CT, clean", "refused": "No eye was found."}]
    assert familiarity.reference(results) == {"certainty": (0.93, 0.03)}


def test_a_turned_and_reordered_head_keeps_its_voxels_at_their_places_in_the_patient():
    grey = np.random.default_rng(0).random((4, 5, 6)).astype(np.float32)
    image = Image(grey, np.diag([1.0, 2.0, 3.0, 1.0]))
    for seed in range(10):
        turned, motion = sides.posed(image, np.random.default_rng(seed))
        for value in (grey[0, 0, 0], grey[3, 2, 5], grey[1, 4, 0]):
            before, after = (scan.grid.ras_from_ijk(np.argwhere(scan.array == value)[0][::-1])
                             for scan in (image, turned))
            assert np.allclose(motion[:3, :3] @ before + motion[:3, 3], after)
        assert np.linalg.det(motion[:3, :3]) == pytest.approx(1.0), "a patient is turned, never mirrored"


def test_eyes_of_the_other_side_are_counted():
    there = {Side.RIGHT: np.array([31.0, 0, 0]), Side.LEFT: np.array([-31.0, 0, 0])}
    assert sides.swaps({Side.RIGHT: np.array([28.0, 3, 0])}, there) == 0
    assert sides.swaps({Side.RIGHT: np.array([-28.0, 3, 0]), Side.LEFT: np.array([30.0, 0, 2])}, there) == 2


@pytest.mark.parametrize(("found", "expected"), [
    ({Side.RIGHT: (30.0, 0, 0), Side.LEFT: (-34.0, 3, 0)}, {"missed": 0, "swapped": 0, "elsewhere": 0}),
    ({Side.RIGHT: (-32.0, 0, 0)}, {"missed": 1, "swapped": 1, "elsewhere": 0}),
    ({Side.RIGHT: (32.0, 0, 0), Side.LEFT: (-20.0, -60, 30)}, {"missed": 1, "swapped": 0, "elsewhere": 1}),
    ({}, {"missed": 2, "swapped": 0, "elsewhere": 0}),
])
def test_eyes_of_whole_heads_are_found_missed_swapped_or_invented(found, expected, monkeypatch):
    eyes = np.zeros((3, 3, 40), np.uint8)
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[0, 3] = -40.0
    eyes[0, 0, 36], eyes[0, 0, 4] = 1, 2
    scan = Image(np.zeros(eyes.shape), affine)
    monkeypatch.setattr(whole_heads, "found_globes", lambda *_: {side: np.array(at) for side, at in found.items()})
    case = ScoredCase("whole heads", "head", lambda: Truth(scan, scan.with_array(eyes)))
    answer = json.loads(json.dumps(whole_heads.find_eyes_of(case, None)))
    assert answer == {"scans": 1, "eyes": 2, **expected}
    report = Report.of(find_package(DEFAULT_MODEL), [], {}, {}, heads={"heads of somebody": answer})
    assert f"1 heads of somebody: {2 - expected['missed']} of 2 eyes found" in report.text()
    assert bool(report.missed) == bool(expected["swapped"] + expected["elsewhere"])


def test_fields_of_view_show_the_eyes_that_they_are_named_after(monkeypatch):
    eyes = np.zeros((40, 60, 80), np.uint8)
    eyes[20, 40, 56], eyes[20, 40, 24] = 1, 2
    scan = Image(np.random.default_rng(0).random(eyes.shape), np.diag([2.0, 2.0, 2.0, 1.0]))
    head = ScoredCase("whole heads", "head", lambda: Truth(scan, scan.with_array(eyes)))
    monkeypatch.setattr(whole_heads, "whole_head_cases", lambda _contrasts: iter([head]))
    groups = whole_heads.eyes_of_heads(1)
    shown = {title: case.load() for title, (case,) in groups.items()}
    values = {title: set(np.unique(truth.labels.array)) - {0} for title, truth in shown.items()}
    assert list(values.values()) == [{1, 2}, {1, 2}, {1}, {2}]
    lengths = np.multiply(list(shown.values())[2].image.array.shape[::-1], 2.0)
    assert np.allclose(lengths, (64, 70, 56), atol=2.0)
    assert len({case.key for (case,) in groups.values()}) == 4
    monkeypatch.setattr(whole_heads, "found_globes", lambda *_: {Side.LEFT: np.array([112.0, 80.0, 40.0])})
    (right_eye,) = list(groups.values())[2]
    assert whole_heads.find_eyes_of(right_eye, None) == {
        "scans": 1, "eyes": 1, "missed": 0, "swapped": 1, "elsewhere": 0}


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_no_eye_is_taken_for_that_of_the_other_side_in_1000_poses(tmp_path):
    turned = Validation(find_package(DEFAULT_MODEL), tmp_path, views=1, say=lambda _: None).turned(1000)
    assert turned["poses"] == 1000 and turned["swapped"] == 0


def test_the_quick_validation_finds_a_phantoms_orbits_and_trusts_no_stranger(tmp_path):
    said = []
    report = validate_quickly(Validation(find_package(DEFAULT_MODEL), tmp_path, views=1, say=said.append))
    assert report.rows[0].found == 2 and report.rows[0].globe > 0.93 and report.rows[0].recti > 0.6
    assert report.missed == [] and "noise" in report.text() and len(said) == 2


def t1_of_a_muscle_in_fat_beside_a_globe() -> Truth:
    """Muscle 80, fat 160, half of both 120, vitreous 40 where the labels say globe."""
    labels = np.zeros((20, 20, 20), np.uint8)
    labels[:, :, :8], labels[:, :, 12:15] = 1, 7
    voxels = np.full(labels.shape, 160, np.int16)
    voxels[labels == 7], voxels[labels == 1] = 80, 40
    voxels[:, :, 15] = 120
    return Truth(Image(voxels, np.eye(4)), Image(labels, np.eye(4)))


@pytest.mark.parametrize(("change", "expected"), [
    # vitreous, muscle, half muscle and half fat, fat
    (contrasts.fat_suppressed, (40, 80, 48, 16)),
    (contrasts.enhanced, (40, 160, 88, 16)),
    (contrasts.bright_water, (352, 80, 120, 160)),
    (contrasts.bright_water_fat_suppressed, (176, 80, 48, 16)),
])
def test_a_t1_image_is_recoloured_by_what_its_grey_values_stand_for(change, expected):
    truth = t1_of_a_muscle_in_fat_beside_a_globe()
    voxels = change(truth).image.array
    np.testing.assert_allclose([voxels[10, 10, i] for i in (2, 13, 15, 18)], expected, rtol=1e-3)


def test_fat_that_is_dark_already_is_not_suppressed_again():
    truth = contrasts.fat_suppressed(t1_of_a_muscle_in_fat_beside_a_globe())
    with pytest.raises(ValueError, match="Fat is not brighter"):
        contrasts.fat_suppressed(truth)


def with_confidence(confidence: float, dice: float) -> dict:
    values = {str(value): confidence for value in range(1, 20)}
    return {**result("annotated head", globe=dice, nerve=dice, recti=dice), "confidence": values}


def test_confidence_is_held_against_the_true_dice():
    honest, boastful = with_confidence(0.81, 0.83), with_confidence(0.95, 0.75)
    assert "12       0.810  0.830           0.020" in confidence_table([honest])
    assert missed_doubts(4 * [honest], {}) == []
    assert missed_doubts(4 * [boastful], {}) == ["expected error of the confidence 0.200"]
    assert missed_doubts([boastful], {}) == [], "one scan says nothing about calibration"


def test_confidence_counts_in_an_image_of_the_left_orbit_alone():
    case = result("label maps kept out of training", globe=0.9, nerve=0.9, recti=0.9)
    one = {key: {name: values[:1] for name, values in row.items()} for key, row in case["structures"].items()}
    left = {str(value): 0.8 for value in range(2, 20, 2)}
    assert "6       0.800  0.900           0.100" in confidence_table([case | {"structures": one, "confidence": left}])
    assert not confidence_table([case | {"structures": one, "confidence": {str(value): 0.8 for value in range(1, 20)}}])


def test_a_table_counts_planted_faults_that_are_told_and_scans_that_raise_a_notice_without_one():
    planted = {"first": {"usual": [], "told": {"sides exchanged": True, "cut": True}},
               "second": {"usual": ["Check this."], "told": {"sides exchanged": True, "cut": False}},
               "mne_t1_defaced": {"usual": ["The image is empty."], "told": {}}}
    rows = [line.split("  ") for line in planted_table(planted).splitlines()]
    assert {row[0]: row[-1].strip() for row in rows} == {
        "Fault": "Notice", "none (scans as they are)": "1 of 2", "sides exchanged": "2 of 2", "cut": "1 of 2",
        "all faults": "3 of 4 (75 %)"}
    assert missed_doubts([], planted) == ["50 % of the scans without fault raise a notice",
                                          "only 75 % of the planted faults raise a notice"]


def test_eyes_after_surgery_are_counted_by_what_is_told_and_measured():
    other = {key: 0.9 for key in SCORED}
    case = {"told": True, "side_told": False, "measured": False, "other_measured": True, "other": other,
            "muscles": [0.5, 0.7], "notices": []}
    (row,) = unusual_table({"gas, MRI": [case, {**case, "measured": True, "told": False}]}).splitlines()[1:]
    assert row.split() == ["gas,", "MRI", "2", "1", "0", "1", "2", "0.900", "0.900", "0.900", "0.600"]


def test_every_operation_is_tried_in_ct_and_mri_on_both_sides():
    cases = list(operated_cases())
    assert {case.case.group.rsplit(", ", 1)[0] for case in cases} == set(SURGERY)
    assert {case.side for case in cases} == set(Side) and len({case.case.key for case in cases}) == len(cases)


def test_planted_faults_change_what_they_say_and_nothing_else():
    medial, lateral, superior, inferior = (label_value(f"{name}_rectus", "right")
                                           for name in ("medial", "lateral", "superior", "inferior"))
    array = np.zeros((24, 24, 24), np.uint8)
    array[10:12, 4:20, 6], array[10:12, 4:20, 16] = medial, lateral
    array[16, 4:20, 10:12], array[4, 4:20, 10:12] = superior, inferior
    labels = Image(array, np.eye(4))
    changed = {name: fault(labels).array for name, fault in LABEL_FAULTS.items()}
    assert not (changed["medial rectus missing"] == medial).any()
    assert (changed["half of an inferior rectus missing"] == inferior).sum() == (array == inferior).sum() / 2
    assert (changed["superior rectus too large"] == superior).sum() > 2 * (array == superior).sum()
    assert set(np.argwhere(changed["lateral rectus too far medial"] == lateral)[:, 2]) == {10}
    assert set(np.argwhere(changed["orbit too high"] == inferior)[:, 0]) == {12}
    assert (changed["medial and lateral rectus exchanged"][array == medial] == lateral).all()
    assert (changed["sides exchanged"][array == medial] == label_value("medial_rectus", "left")).all()
