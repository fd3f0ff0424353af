"""Radiomics features, and Table 1 of a cohort, as table nodes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml import folders, provenance, tables
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import record_of_run
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE


def insert_features(run: VolumeRun, answer: Mapping[str, object], module: str) -> slicer.vtkMRMLTableNode:
    """Bring a table of radiomics features into the scene, with a sentence on each."""
    name = _("{name} - radiomics").format(name=run.snapshot.node.GetName())
    columns = [
        tables.Column("region", _("Region")), tables.Column("name", _("Feature")),
        tables.Column("value", _("Value"), "", "", 6), tables.Column("unit", _("Unit")),
        tables.Column("meaning", _("Meaning")), tables.Column(tables.REMARK, _("Remark")),
    ]
    table = tables.add_table(name, columns, answer["rows"])
    table.SetNodeReferenceID(SCAN_REFERENCE, run.snapshot.node.GetID())
    told = {key: value for key, value in answer.items() if key != "rows"}
    record = provenance.add_record(_("{name}, record").format(name=name), record_of_run(run, told, module), [table])
    folders.put_in_folder(folders.create_run_folder(run.snapshot.node, name), [table, record])
    return table


def add_table_one(folder: Path) -> slicer.vtkMRMLTableNode:
    """Add Table 1 of a prepared cohort: its features, overall and by class, with the test that suits each.

    :raises Problem: when the folder holds no prepared cohort.
    """
    from IVGCResponseLib.commands import MODULE
    from IVGCResponseLib.task import TASK
    from NeuroOrbitLib.classifiers.cohort import read_cohort
    from NeuroOrbitLib.classifiers.describe import describe_cohort, table_cells, table_header

    cohort = read_cohort(folder, MODULE.cohort_command)
    header = table_header(TASK.classes)
    rows = [dict(zip(header, cells, strict=True)) for cells in table_cells(describe_cohort(cohort, TASK.columns,
                                                                                          TASK.classes))]
    return tables.add_table(_("Table 1: {name}").format(name=folder.name),
                            [tables.Column(title, title) for title in header], rows)
