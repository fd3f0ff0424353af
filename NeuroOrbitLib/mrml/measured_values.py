"""Values of measures of the scene, for other modules."""

from __future__ import annotations

from collections.abc import Iterator

import slicer

from NeuroOrbitLib.measurements.rows import Row
from NeuroOrbitLib.mrml.measurement_table import is_measurement_table, rows_of
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.visits import tables_of_patient


def measured_values(scan: slicer.vtkMRMLScalarVolumeNode, structure: str, quantity: str) -> list[float]:
    """Return the values of a measure on both sides, from this scan or else from another scan of the patient.

    Other scans are only used if DICOM gives them the same patient identifier; the newest measures come first. Measures
    that are out of date are left out; values that the user has drawn are included.

    :param scan: the scan.
    :param structure: key of the structure.
    :param quantity: key of the quantity.
    :return: the known values, in the unit of the quantity; empty without any.
    """
    for rows in _measured(scan):
        found = [row.value for row in rows if (row.structure, row.quantity) == (structure, quantity)]
        if known := [value for value in found if value is not None]:
            return known
    return []


def _measured(scan: slicer.vtkMRMLScalarVolumeNode) -> Iterator[list[Row]]:
    """Yield the valid rows of each of the patient's tables of measures, those of the scan itself first."""
    tables = filter(is_measurement_table, tables_of_patient(scan))
    for table in sorted(tables, key=lambda table: scan_of(table) is not scan):
        yield [row.row for row in rows_of(table) if not row.is_out_of_date]
