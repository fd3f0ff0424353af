"""A measure over time as a native plot."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.anatomy.structures import Side, structure
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.follow_up import Course
from NeuroOrbitLib.measurements.rows import HEAD
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.mrml.charts import Axes, Curve, add_chart
from NeuroOrbitLib.mrml.folders import folder_of, put_in_folder
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.sentences import capitalized

#: From the table of changes to its chart, and from the chart to what it is made of.
CHART_REFERENCE, PART_REFERENCE = f"{provenance.PREFIX}.chart", f"{provenance.PREFIX}.chartPart"
_COLORS = {Side.RIGHT: (0.80, 0.36, 0.05), Side.LEFT: (0.12, 0.44, 0.62), None: (0.3, 0.3, 0.3)}
_DAYS_PER_MONTH = 30.4375


def course_chart(table: slicer.vtkMRMLTableNode, courses: Sequence[Course],
                 dates: Sequence[str]) -> slicer.vtkMRMLPlotChartNode:
    """Return a chart of one measure over time, in the place of the one that the table of changes had before.

    :param courses: of one structure and quantity: of the right and the left side, or of the head.
    :param dates: days such as "2024-03-01", the earliest first.
    """
    row = courses[0].row
    kind = quantity(row.quantity)
    of = _("Head") if row.structure == HEAD else translated(capitalized(structure(row.structure).name))
    axes = Axes(f"{of}: {kind.name}", _("Months since {date}").format(date=dates[0]), kind.unit or _("Ratio"),
                shares=False)
    months = _months(dates)
    curves = [curve for course in courses for curve in _curves(course, months)]
    remove_chart(table)
    chart, *parts = add_chart(axes.title, axes, curves)
    for part in parts:
        chart.AddNodeReferenceID(PART_REFERENCE, part.GetID())
    table.SetNodeReferenceID(CHART_REFERENCE, chart.GetID())
    folder = folder_of(table)
    if folder:
        put_in_folder(folder, [chart, *parts])
    return chart


def remove_chart(table: slicer.vtkMRMLTableNode) -> None:
    """Remove the chart that a table of changes has, with its series and tables."""
    chart = table.GetNodeReference(CHART_REFERENCE)
    if chart is not None:
        count = chart.GetNumberOfNodeReferences(PART_REFERENCE)
        for node in [*(chart.GetNthNodeReference(PART_REFERENCE, number) for number in range(count)), chart]:
            if node is not None:
                slicer.mrmlScene.RemoveNode(node)


def _curves(course: Course, months: Sequence[float]) -> list[Curve]:
    """The values, and a dashed frame: what lies in it may be the first value measured again."""
    side = course.row.side
    name = translated(capitalized(side.word)) if side else _("Both sides")
    known = [(month, row.value) for month, row in zip(months, course.rows, strict=True) if row is not None]
    curves = [Curve(name, *zip(*known, strict=True), color=_COLORS[side], dots=True)]
    if course.change is not None and course.change.band is not None:
        start, end, band = course.change.first.value, months[-1], course.change.band
        curves.append(Curve(_("{name}: may vary").format(name=name), (0.0, end, end, 0.0, 0.0), (
            start + band, start + band, start - band, start - band, start + band), _COLORS[side], dashed=True))
    return curves


def _months(dates: Sequence[str]) -> list[float]:
    days = [datetime.date.fromisoformat(date) for date in dates]
    return [(day - days[0]).days / _DAYS_PER_MONTH for day in days]
