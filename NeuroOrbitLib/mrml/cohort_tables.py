"""Table 1 of a cohort as a table node."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml import tables

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.task_module import ModuleWords


def add_table_one(folder: Path, module: ModuleWords) -> slicer.vtkMRMLTableNode:
    """Add Table 1 of a prepared cohort to the scene: its columns, overall and by class, each with a suitable test.

    :param folder: folder of the cohort.
    :param module: words of the module whose task the cohort belongs to.
    :raises Problem: if the folder holds no prepared cohort.
    """
    from NeuroOrbitLib.classifiers.cohort import read_cohort
    from NeuroOrbitLib.classifiers.describe import describe_cohort, table_cells, table_header

    cohort, task = read_cohort(folder, module.cohort_command), module.task_module().TASK
    header = table_header(task.classes)
    rows = [dict(zip(header, cells, strict=True)) for cells in table_cells(describe_cohort(cohort, task.columns,
                                                                                          task.classes))]
    return tables.add_table(_("Table 1: {name}").format(name=folder.name),
                            [tables.Column(title, title) for title in header], rows)
