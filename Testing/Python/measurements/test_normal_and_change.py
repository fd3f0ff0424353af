"""Normal values, side differences and changes between dates; texts and files of measures."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.anatomy.normative import all_volume_norms
from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, STRUCTURES, Side, label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.changes import changes_between
from NeuroOrbitLib.measurements.codes import QUANTITIES, quantity
from NeuroOrbitLib.measurements.compare import (
    Comparison,
    alignment,
    compare,
    comparison_as_text,
    courses_as_text,
    notices_of,
)
from NeuroOrbitLib.measurements.edits import EDITED
from NeuroOrbitLib.measurements.follow_up import courses_of
from NeuroOrbitLib.measurements.measure import Measuring, measure
from NeuroOrbitLib.measurements.normal import (
    about_sex,
    judge,
    judge_all,
    normal_table,
    normal_tables,
    side_differences,
)
from NeuroOrbitLib.measurements.normal_words import words_of
from NeuroOrbitLib.measurements.pairs import pairs_of
from NeuroOrbitLib.measurements.rims import CONTENTS
from NeuroOrbitLib.measurements.rows import HEAD, Measured, Place, Row, by_key
from NeuroOrbitLib.measurements.sequences import differ
from NeuroOrbitLib.measurements.tables import rows_as_csv, rows_as_data, rows_as_text
from NeuroOrbitLib.phantom.patients.patient import make_patient
from NeuroOrbitLib.phantom.scanner.rendering import Pose
from NeuroOrbitLib.phantom.truth.measures import true_measures
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import Sentence
from Testing.Python.measurements.heads import head, label_map


def row(value: float | None, quantity: str = "greatest_diameter", structure: str = "medial_rectus",
        side: Side | None = Side.RIGHT, uncertainty: float | None = 0.2, method: str = "", reason: str = "") -> Row:
    return Row(structure, side, quantity, Measured(value, uncertainty, None, method, reason))


def one_side(labels: Image) -> Image:
    """A label map without the left orbit, which is measured in half the time."""
    return labels.with_array(np.where(labels.array % 2, labels.array, 0).astype(np.uint8))


def test_every_normative_value_is_of_a_quantity_that_is_measured_and_names_its_source():
    keys = {structure.key for structure in STRUCTURES} | {HEAD}
    assert len({table.key for table in normal_tables()}) == len(normal_tables()) > 10
    for table in normal_tables():
        assert table.source and table.method and table.population and table.modality in ("CT", "MRI")
        for (structure, name), normal in table.values.items():
            assert structure in keys and name in QUANTITIES
            assert normal.mean is not None or None not in (normal.low, normal.high)
            assert normal.limits is None or normal.limits[0] < normal.limits[1]


@pytest.mark.parametrize(("table", "structure", "quantity", "mean", "sd"), [
    ("china-mri-3t", "superior_oblique", "diameter_at_globe", 2.4, 0.6),
    ("china-mri-3t", "superior_oblique", "diameter_behind_globe", 2.2, 0.7),
    ("china-mri-3t", "lateral_rectus", "area_behind_globe", 32.3, 6.5),
    ("mri-male", "lateral_rectus", "greatest_diameter", 3.47, 0.61),
    ("mri-rims-female", HEAD, "interzygomatic_distance", 96.95, 3.4),
    ("sheath-ct", "optic_nerve", "sheath_diameter_3mm", 5.06, 1.43),
    ("sheath-ct-10mm", "optic_nerve", "sheath_diameter_10mm", 4.4, 0.69),
    ("korea-ct-position", "eyeball", "exophthalmos", 15.6, 0.69)])
def test_normal_values_are_those_of_their_papers(table, structure, quantity, mean, sd):
    """The superior oblique's diameter at the globe stood as its greatest, and a sheath's means at several places as the
    range of people at one place."""
    normal = normal_table(table).values[structure, quantity]
    assert (normal.mean, normal.sd, normal.low, normal.high) == (mean, sd, None, None)
    assert ("superior_oblique", "greatest_diameter") not in normal_table("china-mri-3t").values


def test_values_of_other_places_or_muscles_are_shown_without_a_verdict_and_say_so():
    """A healthy patient's six muscles, 3.3 ml, were four standard deviations above 'all muscles' of a paper that does
    not say which ones it outlined."""
    for large, table in ((row(3.3, "muscle_volume", "bony_orbit"), "china-ct-muscles-male"),
                         (row(6.5, "sheath_diameter_10mm", "optic_nerve"), "sheath-ct-10mm")):
        judged = judge(large, normal_table(table), "CT")
        assert (judged.level, judged.z_score) == ("", None) and "by another method" in judged.text
        assert normal_table(table).differs in str(normal_table(table).origin)
    assert judge(row(3.3, "muscle_volume", "bony_orbit"), normal_table("china-ct-male"), "CT") is None


@pytest.mark.parametrize("sex", ["male", "female"])
def test_rims_of_bone_and_rims_of_contents_are_not_compared_by_a_z_score(sex):
    """No MRI shows the rims' bone. From the contents, a healthy patient's distance was one SD too small."""
    truth = true_measures(make_patient(9100, 0.0, protocols=()).head)["head"]
    assert truth["interzygomatic_distance_of_contents"] < truth["interzygomatic_distance"] - 1.5
    measured = row(truth["interzygomatic_distance_of_contents"], "interzygomatic_distance", HEAD, None, method=CONTENTS)
    judged = judge(measured, normal_table(f"mri-rims-{sex}"), "MRI")
    assert (judged.level, judged.z_score) == ("", None) and "by another method" in judged.text


@pytest.mark.parametrize(("value", "level", "z_score"), [
    (4.22, "normal", 0.0), (5.62, "high", 2.5), (2.9, "low", -2.36)])
def test_a_value_is_compared_with_mean_and_sd_of_one_table(value, level, z_score):
    judged = judge(row(value), normal_table("australia-ct"), "CT")
    assert judged.level == level and judged.z_score == pytest.approx(z_score, abs=0.01)
    assert "3.1 to 5.3" in judged.text


def test_a_published_range_gives_no_z_score_and_a_lone_mean_no_verdict():
    judged = judge(row(5.6), normal_table("ozgen-ct"), "CT")
    assert (judged.z_score, judged.level, judged.text) == (None, "high", "above 3.3 to 5.0")
    lone = judge(row(15.0, "axial_length_of_gland", "lacrimal_gland"), normal_table("gland-mri"), "MRI")
    assert (lone.z_score, lone.level, lone.text) == (None, "", "published mean 14.5")


@pytest.mark.parametrize(("value", "level"), [(5.04, "normal"), (5.06, "high"), (3.26, "normal"), (3.24, "low")])
def test_a_value_is_judged_as_it_is_shown(value, level):
    """The report said "5.0 mm, above the published range of 3.3 to 5.0 mm"."""
    assert judge(row(value), normal_table("ozgen-ct"), "CT").level == level


def test_another_method_gives_no_z_score_and_another_modality_is_refused():
    judged = judge(row(21.0, "exophthalmos", "eyeball"), normal_table("korea-ct-position"), "CT")
    assert judged.z_score is None and judged.level == "" and "another method" in judged.text
    with pytest.raises(Problem, match="is of CT, and the scan is MRI"):
        judge_all([row(4.0)], normal_table("australia-ct"), "MRI")
    with pytest.raises(Problem, match="australia-ct"):
        normal_table("utopia")


@pytest.mark.parametrize(("sex", "table", "words"), [
    ("female", "china-ct-male", "patient is female; the normal values are of men"),
    ("male", "mri-female", "patient is male; the normal values are of women"), ("male", "mri-male", ""),
    ("female", "australia-ct", ""), ("", "mri-male", ""), ("female", None, "")])
def test_values_of_the_other_sex_are_compared_with_a_notice_only(sex, table, words):
    assert [words in str(told) for told in about_sex(sex, table)] == [True] * bool(words)


def test_sides_differ_when_they_differ_by_more_than_both_uncertainties():
    rows = [row(5.0), row(4.2, side=Side.LEFT), row(3.0, structure="lateral_rectus"),
            row(2.8, structure="lateral_rectus", side=Side.LEFT), row(None, "length"),
            row(40.0, "length", side=Side.LEFT)]
    found = {item.structure: item for item in side_differences(rows)}
    assert set(found) == {"medial_rectus", "lateral_rectus"}
    assert found["medial_rectus"].difference == pytest.approx(0.8) and found["medial_rectus"].beyond_noise
    assert found["medial_rectus"].relative == pytest.approx(0.8 / 4.6)
    assert not found["lateral_rectus"].beyond_noise


def test_sides_that_were_measured_in_two_ways_are_not_called_different():
    """E.g. the eye with a lens to the cornea's edge, the aphakic one to its outline."""
    rows = [Row("eyeball", side, "axial_length", Measured(value, 0.2, None, method))
            for side, value, method in ((Side.RIGHT, 24.0, "cornea's front"), (Side.LEFT, 22.5, "outline"))]
    assert side_differences(rows) == []
    alike = [replace(each, measured=replace(each.measured, method="outline")) for each in rows]
    assert [found.beyond_noise for found in side_differences(alike)] == [True]


def test_a_change_is_judged_by_how_well_its_quantity_repeats():
    """Uncertainties of outlines cancel between two scans, those of where a muscle ends less so."""
    first = [row(4.0, uncertainty=0.4), row(36.0, "length", uncertainty=2.4), row(30.0, "signal_mean", uncertainty=0.4)]
    second = [row(4.6, uncertainty=0.4), row(38.5, "length", uncertainty=2.4),
              row(60.0, "signal_mean", uncertainty=0.4)]
    changes, _left_out = changes_between(first, second)
    assert [change.verdict for change in changes] == ["increased", "no change", ""]
    assert changes[0].band == pytest.approx(2 * 0.35 * 0.4 * 2**0.5)


def test_a_value_that_the_user_has_drawn_is_compared_with_measured_ones():
    """A diameter that was corrected on one date left the follow-up, and the difference of the sides, without a word."""
    measured, drawn = row(4.0, method="calliper"), row(5.0, method=EDITED, uncertainty=None)
    (change,), left_out = changes_between([measured], [drawn])
    assert change.difference == pytest.approx(1.0) and change.verdict == "" and not left_out
    (course,) = courses_of([[row(4.5, method="by eye")], [measured], [drawn]])
    assert course.rows == (None, measured, drawn) and course.change.difference == pytest.approx(1.0)
    left = row(4.4, side=Side.LEFT, method="calliper")
    (pair,) = pairs_of([drawn, left])
    assert pair.difference_text == "+0.6"
    assert not courses_of([[row(4.5, method="by eye")], [measured]])


def test_the_length_of_a_gland_drawn_by_hand_repeats_no_better_than_that_of_an_automatic_one():
    """The share rests on what automatic outlines say of their ends; a share of less made chance a change."""
    first, second = ([row(value, "axial_length_of_gland", "lacrimal_gland", uncertainty=0.3)] for value in (15.0, 15.6))
    (change,), _left_out = changes_between(first, second)
    assert change.band == pytest.approx(2 * 0.35 * 1.0 * 2**0.5) and change.verdict == "no change"


def test_a_volume_may_vary_by_eight_percent_and_lengths_by_their_uncertainty():
    first = [row(1.00, "volume", uncertainty=0.01), row(0.90, "volume", side=Side.LEFT, uncertainty=0.01), row(4.0),
             row(16.0, "exophthalmos", "eyeball", method="a"), row(0.5, "volume", "lens")]
    second = [row(1.07, "volume", uncertainty=0.01), row(1.00, "volume", side=Side.LEFT, uncertainty=0.01), row(4.7),
              row(18.0, "exophthalmos", "eyeball", method="b"), row(None, "volume", "lens", reason="it is cut.")]
    changes, left_out = changes_between(first, second)
    assert [change.verdict for change in changes] == ["no change", "increased", "increased"]
    assert changes[1].percent == pytest.approx(11.1, abs=0.1)
    assert left_out == ["Right eyeball: exophthalmos before the lateral rims", "Right lens: volume"]


def test_an_increase_is_not_shown_beside_a_band_of_the_same_number():
    """The table said "+0.08", "May vary by 0.08" and "increased"."""
    dates = [[row(value, "volume", uncertainty=0.01)] for value in (1.0, 1.084)]
    for text in (courses_as_text(courses_of(dates), ["first", "second"]), comparison_as_text(Comparison(
            changes_between(*dates)[0], [], [], np.eye(4), [], []))):
        line = text.splitlines()[1].split()
        assert "+0.084" in line and "0.080" in line and ("▲" in line or "increased" in line), text


def test_a_measure_that_the_first_date_lacks_is_followed_from_the_next():
    values = {"first": (None, 4.0, 4.0), "second": (4.0, None, 4.1), "third": (5.0, 5.0, 4.2)}
    structures = ("medial_rectus", "lateral_rectus", "inferior_rectus")
    courses = courses_of([[row(value, structure=key) for value, key in zip(date, structures, strict=True)]
                          for date in values.values()])
    found = {course.row.structure: course for course in courses}
    assert [found[key].since for key in structures] == [1, 0, 0]
    late, gap, whole = ([change and round(change.difference, 3) for change in found[key].changes] for key in structures)
    assert (late, gap, whole) == ([None, 1.0], [None, 1.0], [0.1, 0.2])
    assert found["medial_rectus"].change.first.value == 4.0 and found["medial_rectus"].is_main
    again = type(found["medial_rectus"]).from_data(found["medial_rectus"].as_data())
    assert again == found["medial_rectus"]
    assert "Right medial rectus" in (text := courses_as_text(courses, list(values))) and "+1.0" in text


def test_muscles_along_thick_slices_do_not_change_because_the_slices_lie_elsewhere():
    """The superior rectus of one head was 1.1 ml and then 0.5 ml, ▼, in axial slices of 3.3 mm."""
    dates = [measure(one_side(label_map(head(5), (0.7, 0.7, 3.3), Pose.from_angles(*pose))))
             for pose in (((0, 0, 0), (0, 0, 0)), ((3, -2, 4), (1.3, -0.4, 2.1)))]
    changes, _left_out = changes_between(*dates)
    volumes = {change.first.structure: change for change in changes if change.first.quantity == "volume"}
    assert volumes["superior_rectus"].percent < -40 and volumes["superior_oblique"].percent > 30
    assert {change.verdict for change in volumes.values()} == {"no change"}
    shares = {key: change.first.measured.least_share for key, change in volumes.items()}
    assert shares["superior_rectus"] == 1.0 and shares["superior_oblique"] >= 0.5
    assert {shares[key] for key in ("medial_rectus", "lateral_rectus", "eyeball", "orbital_fat")} == {0.0}
    read = [Row.from_data(each).as_data() for each in rows_as_data(dates[0])]
    assert read == rows_as_data(dates[0])
    # The second date said 0.52 +- 0.14 ml of this muscle of 0.82 ml.
    fine = label_map(head(5), (0.5, 0.5, 0.5))
    real = np.count_nonzero(fine.array == label_value("superior_rectus", Side.RIGHT)) * 0.5**3 / 1000
    for found in (volumes["superior_rectus"].first, volumes["superior_rectus"].second):
        assert abs(found.value - real) < 1.6 * found.measured.uncertainty


@pytest.mark.parametrize(("first", "second", "told"), [
    ((0.6, 0.6, 1.0), (0.6, 0.6, 3.3), True), ((0.5, 3.3, 0.5), (0.6, 0.6, 1.2), True),
    ((0.6, 0.6, 3.0), (0.5, 0.5, 3.3), False), ((0.5, 0.5, 0.6), (0.6, 0.6, 2.0), False)])
def test_slices_of_other_distances_are_told_when_thin_ends_get_lost_in_them(first, second, told):
    labels = np.zeros((12, 12, 12), np.uint8)
    labels[5:8, 5:8, 5:8] = 9
    dates = [Measuring(Image(labels, np.diag([*spacing, 1.0]))) for spacing in (first, second)]
    words = f"The slices of one scan are {max(first):.1f} mm apart, those of the other {max(second):.1f} mm"
    assert [words in str(notice) for notice in notices_of([], *dates)] == [True] * told


@pytest.mark.parametrize(("second", "differs"), [
    ((4.0, 2.5), True), ((4.0, 0.6), True), ((0.6, 0.8), True), ((0.5, 3.0), False), ((np.nan, 4.0), False),
    (None, False)])
def test_sequences_are_told_apart_by_fat_and_vitreous(second, differs):
    """A T1 beside T2, fat-suppressed T2, fat-suppressed T1, another T1, one without eyes, and a CT."""
    assert differ((0.6, 4.0), second) is differs


def test_signal_ratios_of_another_sequence_are_not_compared():
    """A T1 and then a T2 of the same patient: 'signal over temporal muscle increased'."""
    labels = one_side(label_map(head(3), (0.8, 0.8, 1.2)))
    muscles = [label_value(key, Side.RIGHT) for key in EXTRAOCULAR_MUSCLES]
    noise = np.random.default_rng(1).normal(0, 3, labels.array.shape)

    def mri(vitreous: float, muscle: float, fat: float) -> Measuring:
        grey = np.select([labels.array == 1, np.isin(labels.array, muscles), labels.array == 21],
                         [vitreous, muscle, fat], 100.0) + noise
        return Measuring(labels, labels.with_array(grey.astype(np.float32)))

    t1, t2, later = mri(60, 100, 400), mri(500, 200, 250), mri(480, 150, 260)
    found = compare(t1, t2)
    assert not [change for change in found.changes if change.first.quantity == "signal_to_temporalis"]
    assert [change for change in found.changes if change.first.quantity == "volume"]
    assert sum("same sequence" in notice for notice in found.notices) == 1
    alike = compare(t2, later)
    verdicts = {change.verdict for change in alike.changes if change.first.quantity == "signal_to_temporalis"}
    assert verdicts == {"decreased"}
    assert not any("same sequence" in notice for notice in alike.notices)


@pytest.mark.parametrize("is_ct", [True, False])
def test_padding_of_a_scan_does_not_move_the_skulls_apart(is_ct):
    """With -32768 around a CT all tissues fell into one bin of the histogram: the skulls came to lie 46 mm apart."""
    labels = label_map(head(3), (1.6, 1.6, 2.0))
    rough = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=labels.array.shape), 2.5)
    grey = (rough / rough.std() * 250 + 2000 * (not is_ct)).round()
    padded = grey.copy()
    padded[:, :, -3:], padded[:, -3:] = -32768, -32768
    first, second = (Measuring(labels, labels.with_array(each.astype(np.float32)), is_ct) for each in (grey, padded))
    np.testing.assert_allclose(alignment(first, second), np.eye(4), atol=0.3)


@pytest.mark.parametrize(("spacing", "muscle"), [
    ((0.8, 3.3, 0.8), "lateral_rectus"), ((0.8, 0.8, 1.0), "superior_rectus")])
def test_coronal_slices_and_thin_ones_show_muscles_well_enough(spacing, muscle):
    rows = by_key(measure(one_side(label_map(head(4), spacing))))
    assert {rows[muscle, "right", quantity].measured.least_share for quantity in ("volume", "length")} == {0.0}


@pytest.mark.parametrize(("first", "second", "quantity", "structure", "percent"), [
    (-1.5, 1.5, "exophthalmos", "eyeball", None), (0.0, 0.9, "fat_volume_by_density", "bony_orbit", None),
    (40.0, 60.0, "barrett_horizontal", "bony_orbit", None), (16.0, 18.0, "exophthalmos", "eyeball", 12.5)])
def test_a_change_has_a_percentage_only_where_it_has_a_meaning(first, second, quantity, structure, percent):
    """An eye that moved forwards from behind the rims changed by -200 %, an index from 40 to 60 % by +50 %."""
    changes, _left_out = changes_between([row(first, quantity, structure)], [row(second, quantity, structure)])
    assert changes[0].verdict == "increased" and changes[0].percent == percent
    assert changes[0].as_data()["percent"] == percent


def test_texts_and_files_hold_values_units_codes_and_reasons():
    rows = [Row("medial_rectus", Side.LEFT, "greatest_diameter",
                Measured(4.567, 0.21, Place("line", np.array([[0.0, 0, 0], [1, 2, 3.456]])))),
            row(None, "axial_length", "eyeball", reason="it is cut off."),
            row(12.3, "interorbital_distance", HEAD, None)]
    text = rows_as_text(rows)
    assert "Left medial rectus muscle: greatest diameter    4.6        ± 0.2  mm" in text
    assert "Right eyeball: outer axial length: Not measurable because it is cut off." in text
    assert "Interorbital distance" in text
    data = json.loads(json.dumps(rows_as_data(rows)))
    assert data[0]["place"] == {"kind": "line", "points_ras_mm": [[0.0, 0.0, 0.0], [1.0, 2.0, 3.46]],
                                "normal_ras": None}
    assert [Row.from_data(each).as_data() for each in data] == data
    assert data[0]["code"] == {"value": "103340004", "scheme": "SCT", "meaning": "Short Axis"}
    assert data[1]["value"] is None and data[1]["reason"] == "it is cut off."
    lines = list(csv.DictReader(io.StringIO(rows_as_csv(rows))))
    assert [line["value"] for line in lines] == ["4.567", "", "12.3"] and lines[2]["side"] == ""


def test_own_codes_have_a_meaning_and_an_unknown_quantity_is_named():
    for key, item in QUANTITIES.items():
        assert item.code.meaning and item.code.value and item.name == item.name.strip(), key
        if item.code.scheme == "99ORBIT":
            assert item.code.value == key.upper() and len(item.code.value) <= 32
    with pytest.raises(ValueError, match="girth"):
        quantity("girth")


def test_every_word_of_the_normal_values_is_a_sentence_that_translators_find():
    told = [text for table in normal_tables() for text in (table.title, table.method, table.source, table.differs)]
    told += [words_of(norm.source) for norm in all_volume_norms()]
    for text in filter(None, told):
        assert isinstance(text, Sentence) and text.context == "measurements.normal_words", text
