"""Table 1 chooses the test by the data, and what a user types about a patient is read or clearly refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from NeuroOrbitLib.classifiers.columns import Column
from NeuroOrbitLib.classifiers.describe import (
    CSV_NAME,
    HTML_NAME,
    compare_counts,
    describe_columns,
    write_description,
)
from NeuroOrbitLib.classifiers.task import ClassWords
from NeuroOrbitLib.classifiers.typed_values import column_of_heading, values_of_cells, values_of_words
from NeuroOrbitLib.files.tables import read_records
from NeuroOrbitLib.problem import Problem

CLASSES = (ClassWords("no", "no response"), ClassWords("yes", "response"))
AGE = Column("age", "Age", unit="years", low=18, high=100)
TRAB = Column("trab", "TSH receptor antibodies", unit="IU/L", low=0, high=100)
SMOKES = Column("smoking", "Current smoking", "yes_no")
STATUS = Column("status", "Thyroid status", "choice", choices={"eu": 0, "hypo": 1, "hyper": 2})


def test_the_test_follows_the_data():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 60)
    normal, skewed = rng.normal(45, 8, 120) + 3 * labels, rng.lognormal(1, 1.2, 120)
    smokes, status = (rng.random(120) < 0.4).astype(float), rng.integers(0, 3, 120).astype(float)
    normal[:7] = np.nan
    rows = {row.title: row for row in describe_columns(
        [AGE, TRAB, SMOKES, STATUS], np.stack([normal, skewed, smokes, status], axis=1), labels, 2)}
    age, trab = rows["Age (years)"], rows["TSH receptor antibodies (IU/L)"]
    assert (age.test, age.missing, trab.test) == ("t", 7, "Mann-Whitney")
    assert age.p == pytest.approx(stats.ttest_ind(normal[7:60], normal[60:], equal_var=False).pvalue)
    assert trab.p == pytest.approx(stats.mannwhitneyu(skewed[:60], skewed[60:]).pvalue)
    assert age.by_class[1] == f"{normal[60:].mean():.1f} ± {normal[60:].std(ddof=1):.1f}" and "to" in trab.overall
    assert rows["Current smoking"].test == "chi-square" and rows["Current smoking"].overall.startswith(
        f"{int(smokes.sum())} (")
    assert [title for title in rows if title.startswith("  ")] == ["  eu", "  hypo", "  hyper"]


def test_small_counts_get_exact_tests():
    assert compare_counts(np.array([[8, 2], [1, 5]])) == ("Fisher", pytest.approx(0.0350, abs=1e-4))
    test, p = compare_counts(np.array([[4, 0, 1], [0, 4, 1]]))
    assert test == "permuted chi-square" and p == pytest.approx(4 / 252, abs=0.005)
    assert compare_counts(np.array([[5, 0], [7, 0]]))[0] == ""


def test_a_median_or_mean_that_is_rounded_to_zero_has_no_sign():
    """The visual acuity (logMAR) of a good eye stood there as -0.0."""
    acuity = Column("bcva", "Visual acuity", low=-0.3)
    for values in ([-0.04, -0.03, -0.02], [-0.3, -0.04, 0.0]):
        row, = describe_columns([acuity], np.array([[value] for value in values * 2]), np.array([0, 0, 0, 1, 1, 1]), 2)
        assert "-0.0" not in " ".join((row.overall, *row.by_class))



def test_nothing_is_compared_where_a_class_has_no_values():
    row, = describe_columns([AGE], np.array([[40.0], [50.0], [np.nan]]), np.array([0, 0, 1]), 2)
    assert row.by_class == ("45.0 (42.5 to 47.5)", "-") and row.p_text == "" and row.missing == 1


def test_the_table_is_written_as_csv_and_page(tmp_path):
    rows = describe_columns([AGE, SMOKES], np.array([[40.0, 1], [50, 0], [60, 1], [70, 1]]), np.array([0, 0, 1, 1]), 2)
    write_description(tmp_path, "Cohort", rows, CLASSES, "Synthetic.")
    records = read_records(tmp_path / CSV_NAME)
    assert records[0][1] == ["Feature", "All", "No response", "Response", "Missing", "Test", "p"]
    assert records[2][1][:4] == ["Current smoking", "3 (75%)", "1 (50%)", "2 (100%)"]
    page = (tmp_path / HTML_NAME).read_text(encoding="utf-8")
    assert "Synthetic." in page and "3 (75%)" in page


def test_a_heading_in_another_unit_is_refused():
    assert column_of_heading("TRAb (IU/L)", [TRAB]) is TRAB and column_of_heading("scan", [TRAB]) is None
    for heading in ("trab (mIU/L)", "trab_(miu/l)", "TSH receptor antibodies [mIU/L]"):  # as typed, as tables name it
        with pytest.raises(Problem, match=r"(?i)states the unit mIU/L; TSH receptor antibodies is needed in IU/L"):
            column_of_heading(heading, [TRAB])
    assert column_of_heading("trab_(iu/l)", [TRAB]) is TRAB


def test_values_that_no_patient_has_are_refused():
    with pytest.raises(Problem, match=r"Age is 5, which no patient has in this unit\. Write a number in years from 18"):
        values_of_cells({"age": "5"}, [AGE])
    with pytest.raises(Problem, match="TSH receptor antibodies is 8100"):
        values_of_words(["trab=8100"], [AGE, TRAB])
    with pytest.raises(Problem, match="names are age, trab"):
        values_of_words(["height=180"], [AGE, TRAB])
    with pytest.raises(Problem, match="Two columns of the table mean Age"):
        values_of_cells({"age": "45", "Age (years)": "46"}, [AGE])
    found = values_of_words(["smoking=yes"], [AGE, SMOKES])
    assert found["smoking"] == 1.0 and np.isnan(found["age"])
