"""What need not be typed about a patient: age and sex from DICOM, the worse side of a measurement."""

from __future__ import annotations

import pytest

from NeuroOrbitLib.classifiers.prefilled import from_both_sides, from_dicom


@pytest.mark.parametrize(("tags", "age", "sex"), [
    ({"PatientAge": "047Y", "PatientSex": "F"}, 47, 0),
    ({"PatientBirthDate": "19700602", "StudyDate": "20240601", "PatientSex": "M "}, 53, 1),
    ({"PatientAge": "018M"}, 1, None),
    ({"PatientAge": "000Y", "PatientBirthDate": "19700301", "StudyDate": "20240229"}, 53, None),
    ({"PatientAge": "999Y", "PatientBirthDate": "20100301", "StudyDate": "20240229"}, 13, None),
    ({"PatientAge": "999Y"}, None, None), ({"PatientAge": "000Y"}, None, None), ({"PatientAge": "006M"}, 0, None),
    ({"PatientAge": "old", "PatientBirthDate": "1970", "PatientSex": "O"}, None, None),
])
def test_age_and_sex_come_from_dicom(tags, age, sex):
    found = from_dicom(tags)
    assert [found[name].value if name in found else None for name in ("age", "sex")] == [age, sex]
    assert all(each.source == "DICOM" for each in found.values())


def test_the_worse_side_counts_and_an_unknown_one_does_not():
    assert from_both_sides("width", [3.04, None])["width"].value == 3.0
    assert from_both_sides("width", [float("nan"), None]) == {}
