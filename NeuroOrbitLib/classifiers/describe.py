"""Table 1 of a cohort: every column overall and by class, with the test that suits the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.classifiers.class_differences import looks_normal
from NeuroOrbitLib.classifiers.columns import Column
from NeuroOrbitLib.classifiers.task import ClassWords
from NeuroOrbitLib.evaluation.reports.page import Page
from NeuroOrbitLib.files.safe import write_rows
from NeuroOrbitLib.number_text import fixed
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort

CSV_NAME, HTML_NAME = "table_one.csv", "table_one.html"
#: Expected count of a cell below which the chi-square distribution does not hold (Cochran 1954).
SMALLEST_EXPECTED = 5.0
_PERMUTATIONS = 10_000


@dataclass(frozen=True)
class DescribedRow:
    """One row of the table.

    :param title: title of the column with its unit; for the row of one word of a column, that word.
    :param overall: mean and SD, median and quartiles, or count and share, of all cases; empty for the head of a column
        whose words follow in rows.
    :param by_class: the same values for each class.
    :param missing: number of cases without a value.
    :param test: name of the test that compared the classes; empty where nothing was compared.
    :param p: p value of the test, NaN where nothing was compared.
    """

    title: str
    overall: str
    by_class: tuple[str, ...]
    missing: int = 0
    test: str = ""
    p: float = float("nan")

    @property
    def p_text(self) -> str:
        """Return the p value as journals print it, or an empty text for NaN."""
        if not np.isfinite(self.p):
            return ""
        return "<0.001" if self.p < 0.001 else f"{self.p:.3f}"


def describe_columns(columns: Sequence[Column], values: np.ndarray, labels: np.ndarray, classes: int) -> list[
        DescribedRow]:
    """Return the rows of Table 1.

    A number that looks normally distributed in every class is given as mean ± SD and compared by Welch's t-test
    (analysis of variance for three or more classes); other numbers as median (quartiles) and by the Mann-Whitney test
    (the Kruskal-Wallis test). Words are counted and compared by the chi-square test; if an expected count is below
    five, by Fisher's exact test for a two-by-two table, otherwise by the chi-square statistic of 10 000 permutations.

    :param columns: columns to describe.
    :param values: values of the cases, (cases, columns), NaN where missing.
    :param labels: class of each case, (cases,).
    :param classes: number of classes.
    """
    rows: list[DescribedRow] = []
    for place, column in enumerate(columns):
        found = np.asarray(values, dtype=float)[:, place]
        known = np.isfinite(found)
        parts = [found[known & (labels == label)] for label in range(classes)]
        describe = _words if column.kind in ("choice", "yes_no") else _number
        rows += describe(column, found[known], parts, int((~known).sum()))
    return rows


def describe_cohort(cohort: Cohort, columns: Sequence[Column], classes: Sequence[ClassWords]) -> list[DescribedRow]:
    """Return Table 1 of the columns that a cohort has; its first row is the number of cases.

    :param cohort: cohort to describe.
    :param columns: columns of the task.
    :param classes: words of each class, in the order of the labels.
    :raises Problem: when the cohort has none of the columns.
    """
    present = [column for column in columns if column.name in cohort.columns]
    if not present:
        raise Problem(_("The cohort {folder} has none of the columns that could be described.").format(
            folder=cohort.folder))
    counts = tuple(str(int((cohort.labels == label).sum())) for label in range(len(classes)))
    values = cohort.numbers([column.name for column in present])
    return [DescribedRow("Cases", str(len(cohort)), counts),
            *describe_columns(present, values, cohort.labels, len(classes))]


def table_header(classes: Sequence[ClassWords]) -> list[str]:
    """Return the headings of the table."""
    return ["Feature", "All", *(each.name.capitalize() for each in classes), "Missing", "Test", "p"]


def table_cells(rows: Sequence[DescribedRow]) -> list[list[str]]:
    """Return the cells of the table as text."""
    return [[row.title, row.overall, *row.by_class, str(row.missing) if row.missing else "", row.test, row.p_text]
            for row in rows]


def write_description(folder: Path, title: str, rows: Sequence[DescribedRow], classes: Sequence[ClassWords],
                      notice: str = "") -> None:
    """Write the table as CSV and as one HTML page into ``folder``.

    :param folder: folder to write to.
    :param title: title of the page.
    :param rows: rows of the table.
    :param classes: words of each class, in the order of the labels.
    :param notice: sentence at the head of the page, e.g. that the cohort is synthetic.
    """
    header, cells = table_header(classes), table_cells(rows)
    write_rows(folder / CSV_NAME, header, cells)
    page = Page(title, notice)
    page.table(header, cells, "Mean ± SD or median (quartiles); counts with the share of known values. The p values "
               "are not corrected for the number of comparisons.")
    page.write(folder / HTML_NAME)


def _number(column: Column, known: np.ndarray, parts: Sequence[np.ndarray], missing: int) -> list[DescribedRow]:
    normal = bool(all(len(part) > 0 and looks_normal(part[:, None])[0] for part in parts))
    write = _mean if normal else _median
    test, p = _compare_numbers(parts, normal)
    return [DescribedRow(column.heading, write(known), tuple(write(part) for part in parts), missing, test, p)]


def _compare_numbers(parts: Sequence[np.ndarray], normal: bool) -> tuple[str, float]:
    from scipy import stats

    if min(map(len, parts)) < 2 or np.ptp(np.concatenate(parts)) == 0:
        return "", float("nan")
    if len(parts) == 2:
        return ("t", float(stats.ttest_ind(*parts, equal_var=False).pvalue)) if normal else (
            "Mann-Whitney", float(stats.mannwhitneyu(*parts).pvalue))
    return ("ANOVA", float(stats.f_oneway(*parts).pvalue)) if normal else (
        "Kruskal-Wallis", float(stats.kruskal(*parts).pvalue))


def _words(column: Column, known: np.ndarray, parts: Sequence[np.ndarray], missing: int) -> list[DescribedRow]:
    """Return one row for a column of yes or no, and for other words a head row and one row for each word."""
    words = {"no": 0.0, "yes": 1.0} if column.kind == "yes_no" else dict(column.choices)
    table = np.array([[int((part == value).sum()) for value in words.values()] for part in parts])
    test, p = compare_counts(table)
    if column.kind == "yes_no":
        return [DescribedRow(column.heading, _count(known, 1.0), tuple(_count(part, 1.0) for part in parts), missing,
                             test, p)]
    head = DescribedRow(column.heading, "", ("",) * len(parts), missing, test, p)
    return [head, *(DescribedRow(f"  {word}", _count(known, value), tuple(_count(part, value) for part in parts))
                    for word, value in words.items())]


def compare_counts(table: np.ndarray) -> tuple[str, float]:
    """Return the name of the test that compares the classes, and its p value; "" and NaN if nothing can be compared.

    :param table: counts, (classes, words).
    """
    from scipy import stats

    kept = np.asarray(table)[:, np.sum(table, axis=0) > 0]
    if kept.shape[1] < 2 or (kept.sum(axis=1) == 0).any():
        return "", float("nan")
    found: Any = stats.chi2_contingency(kept, correction=False)
    if found.expected_freq.min() >= SMALLEST_EXPECTED:
        return "chi-square", float(found.pvalue)
    if kept.shape == (2, 2):
        return "Fisher", float(stats.fisher_exact(kept).pvalue)
    return "permuted chi-square", _permuted_p(kept, float(found.statistic), found.expected_freq)


def _permuted_p(table: np.ndarray, statistic: float, expected: np.ndarray) -> float:
    """Return the p value: the share of random tables with the same margins that differ as much from expectation."""
    from scipy.stats import random_table

    drawn = random_table(table.sum(axis=1), table.sum(axis=0), seed=0).rvs(_PERMUTATIONS)
    others = ((drawn - expected) ** 2 / expected).sum(axis=(1, 2))
    return float((1 + np.sum(others >= statistic - 1e-9)) / (1 + _PERMUTATIONS))


def _mean(values: np.ndarray) -> str:
    return f"{fixed(values.mean(), 1)} ± {values.std(ddof=1):.1f}" if len(values) > 1 else _median(values)


def _median(values: np.ndarray) -> str:
    if not len(values):
        return "-"
    low, middle, high = np.percentile(values, (25, 50, 75))
    return f"{fixed(middle, 1)} ({fixed(low, 1)} to {fixed(high, 1)})"


def _count(values: np.ndarray, value: float) -> str:
    count = int((values == value).sum())
    return f"{count} ({count / len(values):.0%})" if len(values) else "-"
