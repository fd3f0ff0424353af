"""What is known of a patient already: from DICOM, TAOActivity and measurements, and values in other units."""

from __future__ import annotations

import pytest

from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.prefilled import converted, from_activity, from_dicom, from_measurements, prefilled
from NeuroOrbitLib.problem import Problem

COLUMNS = clinical_columns()
BY_NAME = {column.name: column for column in COLUMNS}


@pytest.mark.parametrize(("tags", "age", "sex"), [
    ({"PatientAge": "047Y", "PatientSex": "F"}, 47, 0),
    ({"PatientBirthDate": "19700602", "StudyDate": "20240601", "PatientSex": "M "}, 53, 1),
    ({"PatientAge": "018M"}, 1, None),
    ({"PatientAge": "old", "PatientBirthDate": "1970", "PatientSex": "O"}, None, None),
])
def test_age_and_sex_come_from_dicom(tags, age, sex):
    found = from_dicom(tags)
    assert [found[name].value if name in found else None for name in ("age", "sex")] == [age, sex]
    assert all(each.source == "DICOM" for each in found.values())


def test_sources_are_joined_and_what_no_patient_has_is_left_out():
    found = prefilled(COLUMNS, from_dicom({"PatientAge": "005Y", "PatientSex": "F"}), from_activity(4),
                      from_measurements([19.04, None]))
    assert {name: each.value for name, each in found.items()} == {"sex": 0.0, "cas": 4.0, "exophthalmos": 19.0}
    assert from_activity(None) == {} == from_activity(2.5) and from_measurements([float("nan"), None]) == {}


@pytest.mark.parametrize(("name", "value", "unit", "expected"), [
    ("trab", 8500.0, "mIU/L", 8.5), ("trab", 8.5, "IU/L", 8.5), ("iop", 2.0, "kPa", 15.00124),
    ("ted_duration", 1.5, "years", 18.0), ("exophthalmos", 2.1, "cm", 21.0),
])
def test_values_are_converted_to_the_column_s_unit(name, value, unit, expected):
    assert converted(BY_NAME[name], value, unit) == pytest.approx(expected)


def test_a_unit_that_cannot_be_converted_is_told():
    with pytest.raises(Problem, match="TSH receptor antibodies cannot be converted from %"):
        converted(BY_NAME["trab"], 40.0, "%")
    with pytest.raises(Problem, match="cannot be converted from kg"):
        converted(BY_NAME["cas"], 4.0, "kg")
