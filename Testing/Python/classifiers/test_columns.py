"""What may stand in a cohort's table, and what is said about everything else."""

from __future__ import annotations

import math

import pytest

from NeuroOrbitLib.classifiers.columns import Column, columns_from_data
from NeuroOrbitLib.problem import Problem

AGE = Column("age", "Age", "integer", "years", 18, 110)
TRAB = Column("trab", "TSH receptor antibodies", unit="IU/L", low=0, high=400, may_be_missing=False)
STATUS = Column("thyroid", "Thyroid status", "choice", choices={"euthyroid": 0, "hyperthyroid": 1})
SMOKER = Column("smoking", "Smoking", "yes_no")


@pytest.mark.parametrize(("column", "text", "value"), [
    (AGE, "52", 52), (TRAB, "8,1", 8.1), (TRAB, " 15.9 ", 15.9), (STATUS, "Euthyroid", 0), (SMOKER, "No", 0),
    (SMOKER, "TRUE", 1), (Column("size", "Size", unit="mm3", low=0, high=9000), "1.125", 1.125),
])
def test_a_cell_is_read_and_written_back(column, text, value):
    assert column.read(text) == value and column.read(column.write(value)) == value


def test_an_empty_cell_is_missing_where_it_may_be():
    assert math.isnan(AGE.read("")) and math.isnan(AGE.read("n/a")) and AGE.write(float("nan")) == ""
    with pytest.raises(Problem, match="TSH receptor antibodies is missing"):
        TRAB.read(" ")


@pytest.mark.parametrize(("column", "text", "said"), [
    (AGE, "5", "Age is 5, which no patient has in this unit. Write a whole number in years from 18 to 110."),
    (AGE, "52.5", "Age is '52.5'"),
    (AGE, "inf", "Age is 'inf'"),
    (TRAB, "8100", "which no patient has in this unit"),
    (TRAB, "high", "Write a number in IU/L from 0 to 400."),
    (STATUS, "well", "Write euthyroid or hyperthyroid."),
    (SMOKER, "sometimes", "Write yes or no."),
])
def test_what_a_cell_cannot_hold_is_explained(column, text, said):
    with pytest.raises(Problem) as raised:
        column.read(text)
    assert said in str(raised.value)


CONVERTED = Column("trab", "TRAb", unit="IU/L", units={"mIU/L": 0.001}, low=0, high=100)


@pytest.mark.parametrize("text", ["12,000 mIU/L", "1.200 mIU/L"])
def test_a_mark_before_three_digits_that_may_part_thousands_is_refused(text):
    """12,000 mIU/L are 12 IU/L to the one and 0.012 IU/L to the other."""
    with pytest.raises(Problem, match=r"TRAb is '1.*thousands or decimals"):
        CONVERTED.read(text)


@pytest.mark.parametrize(("text", "value"), [
    ("12000 mIU/L", 12.0), ("12,5 mIU/L", 0.0125), ("8,125", 8.125), ("0,125", 0.125), ("1,2345 mIU/L", 0.001234)])
def test_decimals_that_cannot_be_thousands_are_read(text, value):
    assert CONVERTED.read(text) == pytest.approx(value, abs=1e-6)


def test_columns_come_from_a_file_of_plain_data():
    data = [{"name": "age", "title": "Age", "kind": "integer", "unit": "years"}]
    assert columns_from_data(data)[0].heading == "Age (years)"
    with pytest.raises(Problem, match="needs a name and a title"):
        columns_from_data([{"name": "age"}])
    with pytest.raises(Problem, match="of the kind 'date'"):
        columns_from_data([{**data[0], "kind": "date"}])
    with pytest.raises(Problem, match="Two columns have the name age"):
        columns_from_data(data * 2)


@pytest.mark.parametrize(("fields", "said"), [
    ({"low": "0"}, "low and high are numbers"), ({"low": 5, "high": 1}, "low is larger than high"),
    ({"unit": "mg/L", "units": {"mg/dL": "10"}}, "give a number to each word"),
    ({"unit": "mg/L", "units": {"mg/dL": -10}}, "greater than 0"),
    ({"kind": "choice"}, "two words at least"), ({"kind": "choice", "choices": ["a", "b"]}, "give a number to each"),
    ({"kind": "choice", "choices": {"mild": 0, "Mild": 1}}, "differ in more than capital letters"),
    ({"kind": "choice", "choices": {"none": 0, "NA": 1}}, "'na' means that the value is not known"),
    ({"may_be_missing": "no"}, "true or false"), ({"name": "T3:T4"}, "no colon"), ({"title": 7}, "are texts")])
def test_a_list_of_features_of_one_s_own_is_checked_before_it_is_used(fields, said):
    """They were accepted: some ended in a traceback, "no" was taken for yes, and the choice NA was never read."""
    with pytest.raises(Problem) as raised:
        columns_from_data([{"name": "age", "title": "Age"}, {"name": "crp", "title": "CRP", **fields}])
    assert str(raised.value).startswith("Column 2 (") and said in str(raised.value)
