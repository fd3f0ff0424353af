"""The report of a scan: sides, values, sentences by rule, what is missing, files on one page."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from NeuroOrbitLib.anatomy import label_rgb, label_value
from NeuroOrbitLib.anatomy.normative import volume_level
from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.clinical_report.comparison import comparison_sentences
from NeuroOrbitLib.clinical_report.content import content_of, read_header, table_lines
from NeuroOrbitLib.clinical_report.findings import findings_of
from NeuroOrbitLib.clinical_report.page import report_html
from NeuroOrbitLib.clinical_report.pdf import report_pdf
from NeuroOrbitLib.clinical_report.pictures import axial_picture, report_pictures
from NeuroOrbitLib.clinical_report.technique import technique_words
from NeuroOrbitLib.clinical_report.write import report_of, write_report
from NeuroOrbitLib.dicom.fields import scan_fields
from NeuroOrbitLib.dicom.technique import fat_displacement
from NeuroOrbitLib.imaging.boxes import box_around, crop
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.changes import Change
from NeuroOrbitLib.measurements.edits import EDITED
from NeuroOrbitLib.measurements.measure import measure
from NeuroOrbitLib.measurements.normal import judge_all, normal_table, with_volumes
from NeuroOrbitLib.measurements.rows import HEAD, Measured, Row
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.__main__ import main
from Testing.dicom_series import write_series


def row(value, structure="inferior_rectus", side=Side.RIGHT, name="greatest_diameter", spread=0.2):
    return Row(structure, side, name, Measured(value, spread))


ROWS = [row(7.9), row(4.5, side=Side.LEFT),
        Row("bony_orbit", Side.LEFT, "muscle_share", Measured.missing("it is cut.")),
        Row("bony_orbit", Side.LEFT, "fat_share", Measured.missing("it is cut."))]


@pytest.fixture(scope="module")
def head(toy_head, tmp_path_factory):
    """(scan, label map, their files)."""
    folder = tmp_path_factory.mktemp("head")
    return *toy_head, save_image(toy_head[0], folder / "scan.nii.gz"), save_image(toy_head[1], folder / "labels.nii.gz")


def test_values_outside_of_the_published_range_become_sentences():
    table = normal_table("ozgen-ct")
    found = findings_of(ROWS, judge_all(ROWS, table, "CT"))
    assert found[0] == ("Right inferior rectus muscle: greatest diameter 7.9 mm, above the published range of 3.2 to "
                        "6.5 mm (Ozgen and Ariyurek 1998, AJR 170:1093).")
    assert found[1].startswith("Inferior rectus muscle: greatest diameter is 3.4 mm (76 %) larger on the right")
    assert len(found) == 2


def test_a_side_is_larger_by_a_share_of_the_other_one():
    """7.9 mm were told as 55 % larger than 4.5 mm: the share of the mean of both sides."""
    rows = [row(1.8, name="volume"), row(0.6, side=Side.LEFT, name="volume")]
    assert "is 1.20 ml (200 %) larger on the right than on the left" in findings_of(rows, [None, None])[-1]


def test_what_is_missing_of_both_orbits_together_is_told_with_its_reason():
    """The difference of exophthalmos was not on the page, and nothing said why."""
    rows = [*ROWS, Row(HEAD, None, "exophthalmos_difference", Measured.missing("one eye is not known."))]
    missing = content_of(rows, [None] * len(rows), None).missing
    assert "Difference of exophthalmos between the sides: one eye is not known." in missing
    assert any(text.startswith("Left bony orbit: ") for text in missing)


def test_sentences_can_be_translated():
    found = findings_of(ROWS, judge_all(ROWS, normal_table("ozgen-ct"), "CT"))
    assert found[0].template == "{value}, above the published range of {range}."


def test_both_sides_share_a_sentence_where_the_same_holds_for_them():
    rows = [row(7.9), row(7.1, side=Side.LEFT), row(2.0, side=Side.LEFT, structure="lateral_rectus")]
    found = findings_of(rows, judge_all(rows, normal_table("ozgen-ct"), "CT"))
    assert found[0].startswith("Inferior rectus muscle: greatest diameter 7.9 mm on the right and 7.1 mm on the left, "
                               "above the published range of 3.2 to 6.5 mm")
    assert not any("Left inferior" in text or "Right inferior" in text for text in found)


def test_a_value_that_is_outside_by_less_than_it_may_be_off_says_so_and_comes_last():
    rows = [row(6.7, spread=0.4), row(7.9, side=Side.LEFT, spread=0.4)]
    found = findings_of(rows, judge_all(rows, normal_table("ozgen-ct"), "CT"))
    assert found[0].startswith("Left inferior rectus muscle: greatest diameter 7.9 mm, above")
    assert "uncertainty" not in found[0]
    assert found[1].startswith("Right inferior rectus muscle: greatest diameter 6.7 mm, above")
    assert found[1].endswith("though within the uncertainty of the measurement.")


def test_a_structure_that_was_hardly_found_is_not_told_as_a_small_one():
    rows = [volume(0.03, "lacrimal_gland"), volume(0.02, "lacrimal_gland", Side.LEFT), volume(0.2)]
    found = findings_of(rows, with_volumes(rows, [None] * 3))
    assert found[0].startswith("Lacrimal gland: volume 0.03 ml on the right and 0.02 ml on the left, far below")
    assert found[0].endswith("look whether its outline is right.")
    assert found[1].startswith("Right inferior oblique muscle: volume 0.20 ml, below the published range")


@pytest.mark.parametrize(("rows", "words"), [
    ([row(4.5)], "None of the 1 values that could be compared lies outside"), ([row(1.5)], "below the published range"),
    ([Row("eyeball", Side.RIGHT, "volume", Measured(7.0))], "were not compared"),
])
def test_normal_low_and_unknown_values_are_told(rows, words):
    assert words in findings_of(rows, judge_all(rows, normal_table("ozgen-ct"), "CT"))[0]


def test_difference_within_noise_or_small_is_not_told():
    for left, spread in ((7.2, 2.0), (7.5, 0.01)):
        rows = [row(7.9, spread=spread), row(left, side=Side.LEFT, spread=spread)]
        assert len(findings_of(rows, [None, None])) == 1


@pytest.mark.parametrize(("right", "left", "told"), [
    (1.5, -1.0, "is 2.5 mm larger on the right than on the left"), (17.0, 19.5, "is 2.5 mm larger on the left than on"),
    (0.5, -0.5, ""), (1.0, -1.0, "")])
def test_a_difference_of_exophthalmos_is_told_in_mm_and_never_as_a_share(right, left, told):
    """2.5 mm beside a mean of 0.25 mm were told as 1000 %, and 1.0 mm beside a mean of 0 mm was left to chance."""
    rows = [row(value, "eyeball", side, "exophthalmos") for value, side in ((right, Side.RIGHT), (left, Side.LEFT))]
    found = findings_of(rows, [None, None])[1:]
    assert told in "".join(found) and "%" not in "".join(found) and len(found) == bool(told)


def test_table_has_right_before_left_with_range_and_difference():
    line, = table_lines(ROWS, judge_all(ROWS, normal_table("ozgen-ct"), "CT"))
    assert (line.group, line.name) == ("Inferior rectus muscle", "Greatest diameter (mm)")
    assert line.values == ("7.9 ± 0.2", "4.5 ± 0.2") and line.levels == ("high", "normal")
    assert (line.normal, line.difference) == ("3.2–6.5", "+3.4")


def test_the_table_shows_in_which_colour_the_pictures_outline_a_structure(head):
    rows = [Row("eyeball", Side.RIGHT, "axial_length", Measured(24.0)),
            Row("bony_orbit", Side.RIGHT, "fat_share", Measured(50.0))]
    content = report_of(*head[:2], False, rows, None)
    colors = {str(line.group): line.color for line in content.lines}
    assert colors["Eyeball"] == "#{:02x}{:02x}{:02x}".format(*label_rgb(label_value("eyeball", Side.RIGHT)))
    assert colors["Bony orbit"] == "", "it is not outlined"
    assert f'class="swatch" style="background: {colors["Eyeball"]}"' in report_html(content)


def volume(milliliters, structure="inferior_oblique", side=Side.RIGHT):
    return Row(structure, side, "volume", Measured(milliliters))


def test_sides_measured_by_different_methods_have_no_difference():
    """As in the panel: 24.6 mm to the lid and 24.0 mm to the cornea do not differ by 0.6 mm."""
    rows = [Row("eyeball", side, "axial_length", Measured(value, 0.2, method=method)) for side, value, method in
            ((Side.RIGHT, 24.6, "axis through the lens"), (Side.LEFT, 24.0, "cornea's front from its edge in the CT"))]
    line, = table_lines(rows, [None, None])
    assert line.values == ("24.6 ± 0.2", "24.0 ± 0.2") and line.difference == ""


def test_values_that_a_reader_has_drawn_are_marked_and_named():
    drawn = Row("inferior_rectus", Side.RIGHT, "greatest_diameter", Measured(9.9, method=EDITED))
    content = content_of([drawn, row(4.5, side=Side.LEFT)], [None, None], None)
    assert content.lines[0].values == ("9.9 ✎", "4.5 ± 0.2")
    assert content.notices == ["Drawn by a reader, with an unknown uncertainty (✎ in the table): Right inferior rectus "
                               "muscle: greatest diameter."]
    assert content_of(ROWS, [None] * 4, None).notices == []
    assert "9.9 ✎" in report_html(content) and report_pdf(content).startswith(b"%PDF")


@pytest.mark.parametrize("normal", [None, "mri-male"])
@pytest.mark.parametrize("milliliters", [0.1, 0.237, 0.24, 0.3, 0.344, 0.35, 0.67])
def test_volumes_are_marked_as_in_the_panel_whether_or_not_a_table_is_chosen(toy_head, normal, milliliters):
    scan, labels = toy_head
    content = report_of(scan, labels, False, [volume(milliliters), volume(milliliters, "lacrimal_gland")], normal)
    shown = volume_level("inferior_oblique", milliliters)
    assert shown == ("low" if milliliters < 0.235 else "high" if milliliters > 0.345 else "normal")
    told = [text for text in content.findings if text.startswith("Right inferior oblique muscle")]
    assert len(told) == (shown != "normal")
    assert all({"low": "below", "high": "above"}[shown] + " the published range of 0.24 to 0.34 ml (textbook range"
               in text for text in told)
    gland, = content.lines
    assert gland.levels[0] == volume_level("lacrimal_gland", milliliters) and gland.normal == "0.25–1.31"
    assert not any("were not compared" in text for text in content.findings)
    assert "of any published group" in content.normal


def test_a_chosen_table_has_the_word_on_the_volumes_that_it_gives():
    rows = [volume(12.0, "eyeball"), volume(0.67)]
    judged = with_volumes(rows, judge_all(rows, normal_table("nikolov-ct"), "CT"))
    assert [one.level for one in judged] == ["high", "high"]
    assert judged[0].table is normal_table("nikolov-ct") and judged[1].table is None


def test_same_reasons_stand_on_one_line():
    assert content_of(ROWS, [None] * 4, None).missing == [
        "Left bony orbit: muscles over bony orbit, fat over bony orbit: it is cut."]


def test_edited_findings_replace_those_by_rule_and_are_escaped():
    page = report_html(content_of(ROWS, [None] * 4, None, findings=["Muscle < 8 mm & stable."]))
    assert "Muscle &lt; 8 mm &amp; stable." in page and "were not compared" not in page
    assert 'contenteditable="true"' in page and "For research use only" in page


@pytest.mark.parametrize("flip", [False, True])
def test_pictures_show_the_patients_right_at_the_left_edge(toy_head, flip):
    scan, labels = toy_head
    only = np.where(labels.array == label_value("optic_nerve", "right"), labels.array, 0)
    only[labels.array == label_value("eyeball", "left")] = label_value("eyeball", "left")
    images = [Image(array, scan.affine) for array in (scan.array, only.astype(np.uint8))]
    if flip:  # stored the other way round: the same patient
        affine = scan.affine @ np.diag([-1.0, 1, 1, 1])
        affine[:3, 3] = scan.affine[:3, 3] + scan.affine[:3, 0] * (scan.array.shape[2] - 1)
        images = [Image(np.ascontiguousarray(image.array[..., ::-1]), affine) for image in images]
    for _caption, pixels in report_pictures(*images, is_ct=True):
        columns = {}
        for value in (label_value("optic_nerve", "right"), label_value("eyeball", "left")):
            hue = np.array(label_rgb(value)) / max(label_rgb(value))
            bright = pixels.max(axis=-1, keepdims=True)
            match = (np.abs(pixels / np.maximum(bright, 1) - hue) < 0.03).all(axis=-1) & (bright[..., 0] > 60)
            columns[value] = np.nonzero(match)[1].mean() if match.any() else None
        nerve, eye = columns.values()
        assert eye is None or eye > pixels.shape[1] / 2
        assert nerve is None or nerve < pixels.shape[1] / 2
        assert nerve is not None or eye is not None


@pytest.mark.parametrize(("added", "is_ct"), [(0.0, True), (-40.0, False)])
def test_pictures_are_black_beyond_a_scan_that_ends_beside_the_orbits(toy_head, added, is_ct):
    """What lay beyond a small field of view was as grey as tissue, since 0 is the value of water or of the mean."""
    scan, labels = toy_head
    box = box_around(labels.array).grown(1)
    near = crop(scan, box)
    pixels = axial_picture(near.with_array(near.array + np.float32(added)), crop(labels, box), is_ct)
    assert pixels[:20].max() == 0


@pytest.mark.parametrize("padding", [-1000.0, -32768.0])
def test_pictures_of_an_mri_are_as_bright_with_padding_as_without(toy_head, padding):
    labels = toy_head[1]
    grey = np.random.default_rng(0).uniform(50, 800, labels.array.shape).astype(np.float32)
    behind = labels.grid.ras_from_ijk(np.argwhere(labels.array >= 0)[:, ::-1])[:, 1].reshape(grey.shape)
    beyond = behind < behind[labels.array > 0].min() - 2
    plain, padded = (axial_picture(labels.with_array(np.where(beyond, np.float32(value), grey)), labels, False)
                     for value in (grey[~beyond].min(), padding))
    np.testing.assert_array_equal(padded, plain)


def test_pdf_is_one_page_and_the_same_every_time():
    many = content_of([row(7.9, key, side) for key in ("medial_rectus", "lateral_rectus", "inferior_rectus")
                       for side in Side], [None] * 6, None, notices=[f"Notice {number}." for number in range(150)])
    pdf = report_pdf(many)
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    assert pdf == report_pdf(many)


def test_report_is_written_from_files(head, tmp_path, capsys):
    settings = tmp_path / "clinic.json"
    settings.write_text(json.dumps({"institution": "Eye Clinic", "address": "1 Street"}), encoding="utf-8")
    outputs = [tmp_path / "out" / "report.html", tmp_path / "out" / "report.pdf"]
    assert main(["report", str(head[2]), "--labels", str(head[3]), "-o", str(outputs[0]), "-o", str(outputs[1]),
                 "--normal", "mri-male", "--settings", str(settings), "--patient", "Patient=ABC", "--result",
                 "Activity=probability 62 %", "--write-findings", str(tmp_path / "findings.txt")]) == 0
    page = outputs[0].read_text(encoding="utf-8")
    for words in ("Eye Clinic", "ABC", "probability 62 %", "MRI", "Optic nerve"):
        assert words in page
    assert page.count("data:image/png;base64,") == 3
    assert "scan.nii" not in page, "names of files may name a patient"
    assert outputs[1].read_bytes().startswith(b"%PDF")
    assert (tmp_path / "findings.txt").read_text(encoding="utf-8").count("\n") >= 1


@pytest.mark.parametrize(("change", "arguments", "words"), [
    (lambda labels: labels.with_array(np.zeros_like(labels.array)), {}, "label map is empty"),
    (lambda labels: Image(labels.array[:-1], labels.affine), {}, "does not lie on the scan's grid"),
    (lambda labels: labels, {"normal": "ozgen-ct"}, "such values are not compared"),
    (lambda labels: labels, {"normal": "nowhere"}, "There is no normative table"),
    (lambda labels: labels, {"outputs": ["report.txt"]}, "written as .html or .pdf"),
    (lambda labels: labels, {"measures": "missing.json"}, "holds no measures"),
    (lambda labels: labels, {"settings": "missing.json"}, "settings .* cannot be read"),
])
def test_what_cannot_be_reported_is_told_and_nothing_is_written(head, tmp_path, change, arguments, words):
    labels = save_image(change(head[1]), tmp_path / "labels.nii.gz")
    output = str(tmp_path / "out" / "report.html")
    with pytest.raises(Problem, match=words):
        write_report(str(head[2]), str(labels), **{"outputs": [output], **arguments})
    assert not (tmp_path / "out").exists()


def test_a_label_map_in_the_place_of_the_scan_is_refused(head, tmp_path):
    labels = str(save_image(head[1], tmp_path / "labels.nii.gz"))
    with pytest.raises(Problem, match="holds labels, not a scan"):
        write_report(labels, labels, outputs=[str(tmp_path / "out" / "report.html")])
    assert not (tmp_path / "out").exists()


def change(first, second, band, name="volume", structure="inferior_rectus"):
    """A change as ``compare --json`` writes it."""
    rows = [Row(structure, Side.LEFT, name, Measured(value, 0.1)) for value in (first, second)]
    return Change(*rows, band).as_data()


def test_what_changed_since_an_earlier_scan_becomes_sentences_and_the_rest_is_counted():
    changes = [change(0.70, 0.91, 0.06), change(0.70, 0.72, 0.06), change(4.0, 4.1, 0.5, "greatest_diameter"),
               change(4.0, 4.9, None, "greatest_diameter")]
    told = comparison_sentences({"first": "2024-03-01", "second": "2024-06-01", "changes": changes})
    assert told == [
        "Scan of 2024-06-01 compared with that of 2024-03-01.",
        "Left inferior rectus muscle: volume increased from 0.70 to 0.91 ml (+0.21 ml, +30 %; variation of the "
        "measurement 0.06 ml).", "Other measures whose change is within the variation of the measurement: 2."]
    assert comparison_sentences({"changes": changes[1:]}) == [
        "No measure changed by more than the variation of the measurement; compared: 2."]
    assert comparison_sentences(None) == []
    with pytest.raises(Problem, match="Compare again"):
        comparison_sentences({"changes": [{"verdict": "increased"}]})


def test_the_command_takes_what_compare_wrote_and_tells_a_file_of_something_else(head, tmp_path, capsys):
    now = next(row.value for row in measure(head[1], head[0], True)
               if row.key == ("inferior_rectus", "left", "volume"))
    (tmp_path / "compare.json").write_text(json.dumps({"changes": [change(0.10, now, 0.06)]}), encoding="utf-8")
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    arguments = ["report", str(head[2]), "--labels", str(head[3]), "-o", str(tmp_path / "page.html"), "--comparison"]
    assert main([*arguments, str(tmp_path / "other.json")]) == 1
    assert "compare --json" in capsys.readouterr().err and not (tmp_path / "page.html").exists()
    assert main([*arguments, str(tmp_path / "compare.json")]) == 0
    assert f"volume increased from 0.10 to {now:.2f} ml" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_comparison_that_ends_with_another_scan_is_refused(head, tmp_path, capsys):
    """The report of the first scan told the changes of the second one, or of another patient."""
    (tmp_path / "compare.json").write_text(json.dumps({"changes": [change(0.70, 0.91, 0.06)]}), encoding="utf-8")
    assert main(["report", str(head[2]), "--labels", str(head[3]), "-o", str(tmp_path / "page.html"), "--comparison",
                 str(tmp_path / "compare.json")]) == 1
    said = capsys.readouterr().err
    assert "compare.json does not end with this scan" in said and "volume is 0.91 ml in it" in said
    assert not (tmp_path / "page.html").exists()


def test_the_technique_tells_sequence_fat_suppression_contrast_medium_and_plane():
    scan = Image(np.zeros((4, 8, 8), np.int16), np.array([[0.5, 0, 0, 0], [0, 0, 3.0, 0], [0, 0.5, 0, 0],
                                                         [0, 0, 0, 1.0]]))
    tags = {"Modality": "MR", "EchoTime": "80", "RepetitionTime": "3000", "SeriesDescription": "T2 SPIR cor",
            "ContrastBolusAgent": "Gd"}
    assert technique_words(scan, False, tags) == [
        "MRI", "T2", "fat suppressed", "echo time 80 ms, repetition time 3000 ms", "with contrast medium",
        "coronal slices", "voxels of 0.50 x 0.50 x 3.00 mm"]
    assert technique_words(Image(scan.array, np.eye(4)), True, {}) == ["CT", "voxels of 1.00 x 1.00 x 1.00 mm"]


#: A T1 at 1.5 T with 0.8 mm and 130 Hz for a pixel as acquired along the columns: 3.4 ppm are 217 Hz, or 1.67 pixels.
_SHIFTED = {"Modality": "MR", "EchoTime": "12", "RepetitionTime": "500", "SeriesDescription": "T1 tra",
            "MagneticFieldStrength": "1.5", "PixelBandwidth": "130", "InPlanePhaseEncodingDirection": "ROW",
            "AcquisitionMatrix": "250\\0\\0\\200", "PixelSpacing": "0.4\\0.5", "Rows": "500", "Columns": "400"}


@pytest.mark.parametrize(("changed", "millimetres"), [
    ({}, "1.3"), ({"AcquisitionMatrix": ""}, "0.7"), ({"InPlanePhaseEncodingDirection": "COL"}, "1.3"),
    ({"InPlanePhaseEncodingDirection": "COL", "AcquisitionMatrix": "0\\100\\200\\0"}, "3.3"),
    ({"ImagingFrequency": "127.7"}, "2.7"), ({"PixelBandwidth": "700"}, None), ({"PixelBandwidth": "0"}, None),
    ({"SeriesDescription": "T1 fs tra"}, None), ({"EchoTime": ""}, None),
    ({"EchoTime": "120", "RepetitionTime": "9000", "SeriesDescription": "FLAIR fs"}, None),
    ({"InPlanePhaseEncodingDirection": "OTHER"}, None),
    ({"PixelSpacing": ""}, None), ({"MagneticFieldStrength": "15000"}, None), ({"MagneticFieldStrength": ""}, None),
])
def test_the_technique_tells_how_far_chemical_shift_displaces_the_fat(changed, millimetres):
    words = technique_words(Image(np.zeros((4, 8, 8), np.int16), np.eye(4)), False, _SHIFTED | changed)
    wanted = [f"fat displaced by {millimetres} mm along the frequency direction (chemical shift)"]
    assert [word for word in words if "displaced" in word] == (wanted if millimetres else [])
    assert ("fat suppressed" in words) == ("fs" in changed.get("SeriesDescription", ""))


def test_a_series_holds_the_fields_that_tell_how_far_fat_is_displaced(tmp_path):
    write_series(tmp_path, np.array([[0.0, 0, 0], [0, 0, 2], [0, 0, 4]]), spacing=(0.5, 0.6), Modality="MR",
                 EchoTime="12", RepetitionTime="500", SeriesDescription="T1 tra", MagneticFieldStrength="1.5",
                 PixelBandwidth="130", InPlanePhaseEncodingDirection="ROW", AcquisitionMatrix=[4, 0, 0, 9])
    # Eight rows of 0.6 mm, acquired as four of 1.2 mm; 1.67 pixels
    assert fat_displacement(scan_fields(tmp_path)) == pytest.approx(3.4 * 1.5 * 42.577 / 130 * 1.2, abs=1e-3)


@pytest.mark.parametrize(("age", "told"), [(9, True), (0, True), (40, False), (None, False)])
def test_a_childs_measures_are_compared_with_those_of_adults_only_with_a_notice(head, tmp_path, age, told):
    """Without a table the volumes of a child were called too small without a word."""
    for normal in ("mri-male", None):
        write_report(str(head[2]), str(head[3]), [str(tmp_path / "page.html")], normal=normal, age=age)
        assert ("The patient is a child" in (tmp_path / "page.html").read_text(encoding="utf-8")) == told


def test_values_of_the_other_sex_are_told_in_the_report_and_by_measure(head, tmp_path, dicom_series_writer, capsys):
    for sex, told in (("F", True), ("M", False)):
        series = dicom_series_writer(head[0], tmp_path / sex, PatientSex=sex)
        write_report(str(series), str(head[3]), [str(tmp_path / "page.html")], normal="mri-male")
        words = "The patient is female; the normal values are of men"
        assert (words in (tmp_path / "page.html").read_text(encoding="utf-8")) == told
        assert main(["measure", str(series), "--labels", str(head[3]), "--normal", "mri-male"]) == 0
        assert (words in capsys.readouterr().err) == told


def test_the_signal_of_the_muscles_and_the_angle_at_the_nerve_stand_in_the_table():
    rows = [row(2.6, name="hottest_to_temporalis"), row(2.2, side=Side.LEFT, name="hottest_to_temporalis"),
            row(128.0, "eyeball", name="globe_tent_angle")]
    names = [str(line.name) for line in table_lines(rows, [None] * 3)]
    assert names == ["Angle of the globe's back (°)", "Hottest 10 mm² over temporal muscle"]


def test_missing_logo_is_told(tmp_path):
    (tmp_path / "clinic.json").write_text('{"logo": "none.png"}', encoding="utf-8")
    with pytest.raises(Problem, match=r"none\.png is not there"):
        read_header(tmp_path / "clinic.json")
