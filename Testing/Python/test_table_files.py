"""Tables are read as spreadsheets write them, patients are one under any spelling, names stay in their folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from NeuroOrbitLib.files.tables import number_in, read_table_file, require_columns
from NeuroOrbitLib.imaging.file_names import file_name_key, safe_file_name
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.folds import check_no_leak
from NeuroOrbitLib.training.patients import merged_spellings, one_spelling_each, patient_key, possible_visits
from Testing.Attack.table_damage import (
    DOUBTFUL,
    HOSTILE_NAMES,
    ONE_PATIENT,
    TWO_PATIENTS,
    damaged,
    respelled,
    written,
)

ROWS = (("patient", "image", "note"), ("Müller", "a b.nii.gz", "x; y, z"), ("P2", "ü.nii", 'two\n"lines"'))


@pytest.mark.parametrize("seed", range(60))
def test_every_way_to_write_a_table_gives_the_same_cells(tmp_path, seed):
    table = written(ROWS, seed)
    path = tmp_path / "table.csv"
    path.write_bytes(table.content)
    found = read_table_file(path)
    cells = [[row.cells[name].replace("\r\n", "\n") for name in ROWS[0]] for row in found.rows]
    assert cells == [list(row) for row in ROWS[1:]], table.how
    assert found.columns == ROWS[0]


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_table_is_refused_with_the_line(tmp_path, seed):
    table = damaged(b"patient,image\np1,a\np2,b\np3,c\n", seed)
    path = tmp_path / "table.csv"
    path.write_bytes(table.content)
    with pytest.raises(Problem, match=r"line \d+: |workbook"):
        read_table_file(path)


def test_the_line_of_a_row_counts_empty_rows_and_lines_in_quotation_marks(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('sep=;\nname;note\n\n"a";"one\ntwo"\nb;3\n', encoding="utf-8")
    assert [(row.line, row.cells["name"]) for row in read_table_file(path).rows] == [(4, "a"), (6, "b")]


def test_missing_columns_are_named_with_those_that_are_there(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("Name;Image\na;b\n", encoding="utf-8")
    with pytest.raises(Problem, match=r"lacks the column patient.*it has name, image"):
        require_columns(path, read_table_file(path), ("patient", "image"))


def test_numbers_may_have_a_decimal_comma_but_not_two_marks():
    assert number_in("0,85") == number_in("0.85") == 0.85
    for text in ("1.234,5", "1,234,5", ""):
        with pytest.raises(ValueError):
            number_in(text)


@pytest.mark.parametrize(("first", "second"), ONE_PATIENT)
def test_one_patient_under_two_spellings_is_one(first, second):
    assert len(set(one_spelling_each([first, second]))) == 1
    assert len(merged_spellings([first, second])) == 1
    assert one_spelling_each([first, second]) == one_spelling_each([second, first])
    with pytest.raises(Problem, match="both trained on and held out"):
        check_no_leak([first], [second])


@pytest.mark.parametrize(("first", "second"), DOUBTFUL)
def test_spellings_nobody_can_tell_apart_are_refused_with_both(first, second):
    with pytest.raises(Problem) as caught:
        one_spelling_each([first, "other", second])
    assert repr(first) in str(caught.value) and repr(second) in str(caught.value)


@pytest.mark.parametrize(("first", "second"), TWO_PATIENTS)
def test_two_patients_stay_two(first, second):
    assert len(set(one_spelling_each([first, second]))) == 2


@pytest.mark.parametrize("names", [("P01_T1", "P01_T2"), ("12-ses-01", "12-ses-02"), ("MRN 7 pre", "mrn7_post"),
                                   ("sub-03_v1_left", "sub-03_v2_right", "sub-03")])
def test_names_that_may_be_visits_of_one_patient_are_told_once(names):
    (line,) = possible_visits(["P02", *names, "P03_T1", names[0]])
    assert line.startswith(f"{', '.join(names)} count as different patients")


@pytest.mark.parametrize("names", [("P01", "P02"), ("case_1", "case_2"), ("01_1", "01_2"), ("Anna", "Ben"),
                                   tuple(f"C1_P{number:03d}" for number in range(40))])
def test_usual_names_of_patients_are_not_taken_for_visits(names):
    assert possible_visits(names) == []


@pytest.mark.parametrize("seed", range(40))
def test_respelled_identifiers_have_one_key(seed):
    for identifier in ("Sub-12", "Ågren 3", "MRN_0042"):
        assert patient_key(respelled(identifier, seed)) == patient_key(identifier)


@pytest.mark.parametrize("text", HOSTILE_NAMES)
def test_no_name_leads_out_of_its_folder_or_cannot_be_written(tmp_path, text):
    name = safe_file_name(text)
    path = tmp_path / f"{name}_labels.nii.gz"
    assert path.resolve().parent == tmp_path.resolve() and Path(name).name == name
    path.write_bytes(b"")
    assert not name.endswith((".", " ")) and name.split(".")[0].upper() not in ("CON", "NUL", "COM1", "LPT9")
    assert safe_file_name(name) == name


def test_usual_names_are_kept_and_names_equal_to_a_file_system_have_one_key():
    assert safe_file_name("phantom-001_ct-fast.v2") == "phantom-001_ct-fast.v2"
    assert file_name_key("Mu\u0308ller") == file_name_key("MÜLLER")
