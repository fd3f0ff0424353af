"""What is known of a patient already, from DICOM and measurements, and values in other units."""

from __future__ import annotations

import pytest

from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.gate import GATE
from NeuroOrbitLib.classifiers.columns import columns_from_data
from NeuroOrbitLib.classifiers.prefilled import from_both_sides, from_dicom, prefilled
from NeuroOrbitLib.problem import Problem

COLUMNS = clinical_columns()
BY_NAME = {column.name: column for column in COLUMNS}


def test_sources_are_joined_and_what_no_patient_has_is_left_out():
    found = prefilled(COLUMNS, COLUMNS, from_dicom({"PatientAge": "130Y", "PatientSex": "F"}),
                      from_both_sides("exophthalmos", [19.04, None]))
    assert {name: each.value for name, each in found.items()} == {"sex": 0.0, "exophthalmos": 19.0}
    assert from_both_sides("exophthalmos", [float("nan"), None]) == {}


def test_the_age_of_a_child_is_filled_in_so_that_the_gate_can_speak():
    found = prefilled(COLUMNS, COLUMNS, from_dicom({"PatientAge": "005Y"}))
    assert found["age"].value == 5.0 and "younger than 18 years" in GATE.reasons({"age": found["age"].value})[0]


def test_a_feature_of_one_s_own_is_not_filled_in_with_what_means_something_else():
    """A list with female = 1 made a woman of every man, and the age in months was that in years."""
    own = columns_from_data([
        {"name": "sex", "title": "Sex", "kind": "choice", "choices": {"male": 0, "female": 1}},
        {"name": "age", "title": "Age", "unit": "months"},
        {"name": "exophthalmos", "title": "Proptosis", "kind": "number", "unit": "mm"}])
    known = from_dicom({"PatientAge": "045Y", "PatientSex": "M"}), from_both_sides("exophthalmos", [21.0, 19.0])
    assert {name: each.value for name, each in prefilled(own, COLUMNS, *known).items()} == {"exophthalmos": 21.0}
    years = columns_from_data([{"name": "age", "title": "Alter", "kind": "integer", "unit": "years"}])
    assert prefilled(years, COLUMNS, *known)["age"].value == 45.0


@pytest.mark.parametrize(("name", "text", "expected"), [
    ("trab", "8500 mIU/L", 8.5), ("trab", "8,5 IU/L", 8.5), ("trab", "8.5", 8.5), ("trab", "8500MIU/l", 8.5),
    ("iop", "2 kPa", 15.00124), ("ted_duration", "1.5 years", 18.0), ("exophthalmos", "2.1 cm", 21.0),
    ("age", "600 months", 50.0), ("bcva", "-0.1 logMAR", -0.1),
])
def test_a_number_with_another_unit_behind_it_is_converted(name, text, expected):
    assert BY_NAME[name].read(text) == pytest.approx(expected)


@pytest.mark.parametrize(("name", "text", "told"), [
    ("trab", "40 %", "TSH receptor antibodies cannot be converted from %. Write a number in IU/L"),
    ("trab", "3 mg/dl", "cannot be converted from mg/dl"), ("trab", "3 mg/dl", "U/L, mIU/L, mU/L, IU/mL, mIU/mL"),
    ("cas", "4 kg", "Clinical activity score is '4 kg'"), ("trab", "8500", "no patient has in this unit"),
    ("trab", "8500000 mIU/L", "is 8500000 mIU/L, which no patient has"),
])
def test_a_unit_that_cannot_be_converted_is_told(name, text, told):
    with pytest.raises(Problem, match=told):
        BY_NAME[name].read(text)
