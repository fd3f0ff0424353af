"""Comparison of a patient's scans: the run, the table of changes, and the model of the growth of muscles."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.measurements.follow_up import Course, courses_of
from NeuroOrbitLib.measurements.rows import Row
from NeuroOrbitLib.mrml import folders, provenance, tables
from NeuroOrbitLib.mrml.belongings import give, own
from NeuroOrbitLib.mrml.growth_model import add_growth_model
from NeuroOrbitLib.mrml.measurement_table import measurements_of, rows_of, with_edits_of
from NeuroOrbitLib.mrml.measuring import expected_dice, has_sheath, mark_changes, why_not_measurable
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import (
    lies_where_it_was,
    movement,
    notices_about_segments,
    notices_told_at_start,
    record_of_run,
)
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, scan_of
from NeuroOrbitLib.mrml.segment_content import known_content
from NeuroOrbitLib.mrml.segment_masks import label_image
from NeuroOrbitLib.mrml.shown import show_instead
from NeuroOrbitLib.mrml.storage_check import whole_image
from NeuroOrbitLib.mrml.visits import date_of, differ, in_order, patient_of, why_not_comparable
from NeuroOrbitLib.mrml.volumes import world_from_ijk
from NeuroOrbitLib.problem import Problem

FUNCTION = "NeuroOrbitLib.measurements.follow_up_job:follow_up_files"
#: References from the segmentation to the table, and from the table to the model and the compared segmentations.
FOLLOW_UP_REFERENCE, GROWTH_REFERENCE = f"{provenance.PREFIX}.followUp", f"{provenance.PREFIX}.growth"
VISIT_REFERENCE = f"{provenance.PREFIX}.visit"
DATES_ATTRIBUTE = f"{provenance.PREFIX}.Dates"
#: Attribute with the state of all compared segmentations at that time, as JSON, in the order of the references to them.
COMPARED_ATTRIBUTE = f"{provenance.PREFIX}.ComparedContents"
#: Attribute of the model of the growth with the pose of the scan that it was moved to.
_POSE_ATTRIBUTE = f"{provenance.PREFIX}.PoseOfGrowth"
_CONTENT, _SHEATH, _DRAWN = "content", "sheath", "drawn"
_DATA = "data"


def other_visits(segmentation: slicer.vtkMRMLSegmentationNode | None) -> list[slicer.vtkMRMLSegmentationNode]:
    """Return the segmentations of other scans to compare a segmentation with, those of known other patients last."""
    if segmentation is None or why_not_measurable(segmentation):
        return []
    scan = scan_of(segmentation)
    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    others = [node for node in nodes if not why_not_measurable(node) and scan_of(node) is not scan]
    return sorted(others, key=lambda node: differ(patient_of(scan_of(node)), patient_of(scan)))


def start_follow_up(runner: JobRunner, segmentation: slicer.vtkMRMLSegmentationNode,
                    others: Sequence[slicer.vtkMRMLSegmentationNode], module: str) -> VolumeRun:
    """Start comparing a segmentation with segmentations of other scans of the patient.

    :param runner: runner of the worker process.
    :param segmentation: segmentation that the comparison will belong to.
    :param others: segmentations of other scans.
    :param module: name of the module, for the record.
    :raises Problem: if they cannot be compared: patients differ, dates are unknown or equal, or right and left are
        exchanged in one of them.
    """
    problem = why_not_comparable([segmentation, *others])
    if problem:
        raise Problem(problem)
    visits = in_order([segmentation, *others])
    for visit in visits:
        mark_changes(visit)  # moves values drawn by hand with a scan that was moved since
    scan = scan_of(segmentation)
    names = ["" if visit is segmentation else str(number) for number, visit in enumerate(visits)]
    images = {"labels": _labels_of(segmentation)}
    for name, visit in zip(names, visits, strict=True):
        if name:
            images[f"scan_{name}"] = whole_image(scan_of(visit))
            images[f"labels_{name}"] = _labels_of(visit)

    compared = [_compared_state(visit) for visit in visits]

    def insert(run: VolumeRun, answer: Mapping[str, object]) -> slicer.vtkMRMLTableNode:
        return _insert(run, answer, segmentation, visits, compared, module)

    dice = {name: expected_dice(visit) for name, visit in zip(names, visits, strict=True)}
    alone = [name for name, visit in zip(names, visits, strict=True) if not has_sheath(visit)]
    told = {"order": names, "expected_dice": dice, "without_sheath": alone}
    return VolumeRun(runner, FUNCTION, scan, told, insert, images,
                     [*visits, *map(scan_of, visits)])


def _labels_of(visit: slicer.vtkMRMLSegmentationNode) -> Image:
    from NeuroOrbitLib.measurements.labels import exchanged_sides

    labels = label_image(visit, scan_of(visit))
    if exchanged_sides(labels):
        raise Problem(_("Right and left are exchanged in '{name}': what is labelled right lies on the patient's left. "
                        "Correct its segments, then compare.").format(name=visit.GetName()))
    return labels


def follow_up_of(segmentation: slicer.vtkMRMLSegmentationNode | None) -> slicer.vtkMRMLTableNode | None:
    """Return the table of changes that belongs to a segmentation; ``None`` if it was not compared."""
    return own(segmentation, FOLLOW_UP_REFERENCE)


def growth_of(table: slicer.vtkMRMLTableNode | None) -> slicer.vtkMRMLModelNode | None:
    """Return the model of the growth of muscles; ``None`` if there is none."""
    return None if table is None else table.GetNodeReference(GROWTH_REFERENCE)


def bring_growth_along(table: slicer.vtkMRMLTableNode | None) -> None:
    """Move the model of the growth with the scan that it lies over, unless the user has put it under a transform."""
    model, scan = growth_of(table), scan_of(table)
    if model is None or scan is None or model.GetParentTransformNode() is not None:
        return
    record = provenance.record_of(model) or {}
    pose = model.GetAttribute(_POSE_ATTRIBUTE)
    if pose and "input" in record:
        record = {**record, "input": {**record["input"], "ijk_to_world": json.loads(pose)}}
    moved = movement(record, scan)
    if moved is not None and not lies_where_it_was(record, scan):
        model.ApplyTransformMatrix(slicer.util.vtkMatrixFromArray(moved))
        model.SetAttribute(_POSE_ATTRIBUTE, json.dumps(world_from_ijk(scan).tolist()))


def visits_in(table: slicer.vtkMRMLTableNode | None) -> list[slicer.vtkMRMLSegmentationNode]:
    """Return the segmentations that a table of changes compares and that are still in the scene."""
    return [visit for visit in visits_by_date(table) if visit is not None]


def visits_by_date(table: slicer.vtkMRMLTableNode | None) -> list[slicer.vtkMRMLSegmentationNode | None]:
    """Return the segmentation of each date of a table of changes; ``None`` for one that has left the scene.

    Tables of earlier versions refer to all of them in one role, where those after a removed one move up: none of them
    can be told from another then.
    """
    if table is None:
        return []
    count = len(dates_of(table))
    if table.GetNumberOfNodeReferences(VISIT_REFERENCE):
        is_whole = table.GetNumberOfNodeReferences(VISIT_REFERENCE) == count
        return [table.GetNthNodeReference(VISIT_REFERENCE, number) if is_whole else None for number in range(count)]
    return [table.GetNodeReference(_role(number)) for number in range(count)]


def _role(number: int) -> str:
    return f"{VISIT_REFERENCE}{number}"


def show_date(segmentation: slicer.vtkMRMLSegmentationNode) -> None:
    """Show a segmentation and hide those of the other dates that it was compared with, whichever module made them.

    Otherwise the outlines of another date could be mistaken for those of the scan that is shown.
    """
    others = [visit for visit in visits_in(follow_up_of(segmentation)) if visit is not segmentation]
    show_instead(segmentation, others)


def is_out_of_date(segmentation: slicer.vtkMRMLSegmentationNode | None) -> bool:
    """Return whether a segmentation or a date is known to have changed since they were compared."""
    table = follow_up_of(segmentation)
    return table is not None and _a_visit_changed(table)


def _compared_state(visit: slicer.vtkMRMLSegmentationNode) -> dict[str, object]:
    """Return everything that determines the measures of a segmentation: segments, sheath, and values drawn by hand."""
    drawn = {"/".join(map(str, row.row.key)): row.row.value for row in rows_of(measurements_of(visit)) if row.is_edited}
    return {_CONTENT: known_content(visit), _SHEATH: has_sheath(visit), _DRAWN: drawn}


def _a_visit_changed(table: slicer.vtkMRMLTableNode) -> bool:
    """Return whether the measures of a date in a table depend on something else now, or the date itself has changed.

    Tables of earlier versions know the segments alone, or nothing.
    """
    for (visit, before), date in zip(_compared(table), dates_of(table), strict=False):
        if visit is not None:
            now, scan = _compared_state(visit), scan_of(visit)
            is_redated = scan is not None and date_of(scan) is not None and date_of(scan).isoformat() != date
            if is_redated or before != (now if _CONTENT in before else now[_CONTENT]):
                return True
    return False


def _compared(table: slicer.vtkMRMLTableNode
              ) -> list[tuple[slicer.vtkMRMLSegmentationNode | None, Mapping[str, object]]]:
    """Return the segmentations that a table compares (``None`` if no longer in the scene) and their states then."""
    states = json.loads(table.GetAttribute(COMPARED_ATTRIBUTE) or "[]")
    return list(zip(visits_by_date(table), states, strict=False))


def dates_of(table: slicer.vtkMRMLTableNode) -> list[str]:
    """Return the dates that a table of changes compares, the earliest first, e.g. "2024-03-01"."""
    return json.loads(table.GetAttribute(DATES_ATTRIBUTE) or "[]")


def courses_in(table: slicer.vtkMRMLTableNode | None) -> list[Course]:
    """Return every measure over time; none if the table cannot be read, e.g. because another version wrote it."""
    if table is None:
        return []
    column = next((number for number in range(table.GetNumberOfColumns()) if table.GetColumnName(number) == _DATA), -1)
    cells = [table.GetCellText(row, column) for row in range(table.GetNumberOfRows())]
    try:
        return [Course.from_data(tables.data_of(cell)) for cell in cells]
    except ValueError:
        return []


def latest_comparison(segmentation: slicer.vtkMRMLSegmentationNode | None) -> dict[str, object] | None:
    """Return the comparison with an earlier scan for a report, as plain data.

    :return: ``first`` and ``second`` (the first date and that of the segmentation) and ``changes`` (of the main
        measures and of those that changed beyond noise); ``None`` if nothing was compared, the segmentation is of the
        first date, or a segmentation has changed since.
    """
    from NeuroOrbitLib.clinical_report.comparison import main_changes

    table = follow_up_of(segmentation)
    courses = courses_in(table)
    compared = [visit for visit, _content in _compared(table)] if courses else []
    number = compared.index(segmentation) if segmentation in compared else 0
    if not number or _a_visit_changed(table):
        return None
    dates = dates_of(table)
    # The report names the first date, with which measures that have no value there cannot be compared.
    changes = [course.changes[number - 1] for course in courses if not course.since]
    return {"first": dates[0], "second": dates[number],
            "changes": main_changes([change.as_data() for change in changes if change is not None])}


def remove_follow_up(segmentation: slicer.vtkMRMLSegmentationNode) -> None:
    """Remove an earlier comparison of a segmentation from the scene."""
    table = follow_up_of(segmentation)
    if table is not None:
        for node in (table.GetNodeReference(provenance.RECORD_REFERENCE), growth_of(table), table):
            if node is not None:
                slicer.mrmlScene.RemoveNode(node)


def _insert(run: VolumeRun, answer: Mapping[str, object], segmentation: slicer.vtkMRMLSegmentationNode,
            visits: Sequence[slicer.vtkMRMLSegmentationNode], compared: Sequence[Mapping[str, object]],
            module: str) -> slicer.vtkMRMLTableNode:
    courses = courses_of([_rows(visit, date["measures"]) for visit, date in zip(visits, answer["dates"], strict=True)])
    dates = [date_of(scan_of(visit)).isoformat() for visit in visits]
    name = _("{name} follow-up").format(name=segmentation.GetName())
    table = tables.add_table(name, _columns(dates), [_cells(course, dates) for course in courses])
    table.SetAttribute(DATES_ATTRIBUTE, json.dumps(dates))
    table.SetAttribute(COMPARED_ATTRIBUTE, json.dumps(compared))
    table.SetNodeReferenceID(SCAN_REFERENCE, run.snapshot.node.GetID())
    for number, visit in enumerate(visits):
        table.SetNodeReferenceID(_role(number), visit.GetID())
    made = [table]
    with np.load(str(answer["growth"])) as file:
        if file.files:
            made.append(add_growth_model(_("{name} growth").format(name=segmentation.GetName()), file))
            table.SetNodeReferenceID(GROWTH_REFERENCE, made[-1].GetID())
            made[-1].SetNodeReferenceID(SCAN_REFERENCE, run.snapshot.node.GetID())
    told = {key: value for key, value in answer.items() if key not in ("dates", "growth")}
    notices = [{"level": "warning", "text": text} for text in answer["notices"]]
    notices += notices_about_segments(visits) + notices_told_at_start(run)
    made.append(provenance.add_record(_("{name} record").format(name=name), record_of_run(
        run, {**told, "notices": notices, "dates": dates}, module), made))
    remove_follow_up(segmentation)
    give(segmentation, FOLLOW_UP_REFERENCE, table)
    folder = folders.folder_of(segmentation)
    if folder:
        folders.put_in_folder(folder, made)
    return table


def _rows(visit: slicer.vtkMRMLSegmentationNode, measures: Sequence[Mapping[str, object]]) -> list[Row]:
    """Return new measures, with the values that the user has edited kept."""
    rows = with_edits_of([Row.from_data(data) for data in measures], rows_of(measurements_of(visit)))
    return [row.row for row in rows]


def _columns(dates: Sequence[str]) -> list[tables.Column]:
    return [
        tables.Column("measure", _("Measure")),
        *(tables.Column(date, date, "", "", 4) for date in dates),
        tables.Column("change", _("Change"), "", _(
            "Value of the last date minus that of the first date that has one."), 4),
        tables.Column("percent", _("Change"), "%", _("In percent of the first value."), 1),
        tables.Column("band", _("May vary by"), "", _(
            "Largest difference to be expected without a change: twice the standard deviation between repeated scans, "
            "and at least 8 % of volumes."), 4),
        tables.Column("unit", _("Unit")),
        tables.Column("verdict", _("Verdict")),
        tables.Column(_DATA, _("Row"), "", _("Everything about the measure on all dates, as JSON.")),
    ]


def _cells(course: Course, dates: Sequence[str]) -> dict[str, object]:
    change = course.change
    values = {date: row.value for date, row in zip(dates, course.rows, strict=True) if row is not None}
    data = tables.cell_of(course.as_data())
    return {"measure": course.row.name, "unit": course.row.unit, _DATA: data, **values,
            **({"change": change.difference, "percent": change.percent, "band": change.band,
                "verdict": change.verdict} if change else {})}
