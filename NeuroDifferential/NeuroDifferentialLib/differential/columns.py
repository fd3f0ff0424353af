"""Columns of a cohort of patients with NMOSD or MS, beside those of the lesion table."""

from __future__ import annotations

from NeuroDifferentialLib.differential.lesion_table import lesion_columns
from NeuroOrbitLib.classifiers.columns import Column

AGE, FEMALE, PLANE, SCANNER = "age", "female", "plane", "scanner"
#: Planes of acquisition, by their value in the table.
PLANES = ("axial", "sagittal", "coronal")


def patient_columns() -> tuple[Column, ...]:
    """Return the columns that describe patient and scan, which no classifier learns from."""
    return (
        Column(AGE, "Age", unit="years", low=0, high=120),
        Column(FEMALE, "Female", "yes_no"),
        Column(PLANE, "Plane of acquisition", "choice",
               choices={plane: float(value) for value, plane in enumerate(PLANES)}),
        Column(SCANNER, "Scanner or protocol", "integer", low=0,
               help="a number for each; classes should not differ in it"),
    )


def all_columns() -> tuple[Column, ...]:
    """Return every column of a cohort."""
    return (*patient_columns(), *lesion_columns())
