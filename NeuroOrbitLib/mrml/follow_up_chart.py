"""Plots of a measure over time."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.anatomy.structures import Side, structure
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.follow_up import Course
from NeuroOrbitLib.measurements.rows import HEAD
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.mrml.charts import Axes, Curve, add_chart
from NeuroOrbitLib.mrml.folders import folder_of, put_in_folder
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, scan_of
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.sentences import capitalized

#: Node references from the table of changes to its chart, and from the chart to its series and tables.
CHART_REFERENCE, PART_REFERENCE = f"{provenance.PREFIX}.chart", f"{provenance.PREFIX}.chartPart"
#: Margins of the axes as fractions of the data's extent, so that no point lies on the frame or under the legend, which
#: is at the top.
_MARGIN, _HEADROOM = 0.05, 0.5
_DAYS_PER_MONTH = 30.4375


class _Look(NamedTuple):
    """Style of the curve of a side; sides can be distinguished without colours and where curves overlap."""

    color: tuple[float, float, float]
    marker: Literal["circle", "square"]
    line: Literal["dash", "dash-dot"]


_LOOKS = {Side.RIGHT: _Look((0.80, 0.36, 0.05), "circle", "dash"),
          Side.LEFT: _Look((0.12, 0.44, 0.62), "square", "dash-dot"), None: _Look((0.3, 0.3, 0.3), "circle", "dash")}


def course_chart(table: slicer.vtkMRMLTableNode, courses: Sequence[Course],
                 dates: Sequence[str]) -> slicer.vtkMRMLPlotChartNode:
    """Add a chart of one measure over time, which replaces the previous chart of the table of changes.

    :param table: the table of changes.
    :param courses: courses of one structure and quantity, for the right and the left side or for the head.
    :param dates: dates such as "2024-03-01", the earliest first.
    """
    row = courses[0].row
    kind = quantity(row.quantity)
    of = _("Head") if row.structure == HEAD else translated(capitalized(structure(row.structure).name))
    months = _months(dates)
    curves = [curve for course in courses for curve in _curves(course, months)]
    axes = Axes(f"{of}: {translated(kind.name)}", _("Months since {date}").format(date=dates[0]),
                kind.unit or _("Ratio"), _wide([month for curve in curves for month in curve.x], _MARGIN, _MARGIN),
                _wide([value for curve in curves for value in curve.y], _MARGIN, _HEADROOM))
    remove_chart(table)
    chart, *parts = add_chart(axes.title, axes, curves)
    for part in parts:
        chart.AddNodeReferenceID(PART_REFERENCE, part.GetID())
    table.SetNodeReferenceID(CHART_REFERENCE, chart.GetID())
    scan = scan_of(table)
    if scan is not None:  # so that it is only shown with this scan
        chart.SetAttribute(provenance.MODULE_ATTRIBUTE, table.GetAttribute(provenance.MODULE_ATTRIBUTE))
        chart.SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())
    folder = folder_of(table)
    if folder:
        put_in_folder(folder, [chart, *parts])
    return chart


def remove_chart(table: slicer.vtkMRMLTableNode) -> None:
    """Remove the chart of a table of changes, with its series and tables."""
    chart = table.GetNodeReference(CHART_REFERENCE)
    if chart is not None:
        count = chart.GetNumberOfNodeReferences(PART_REFERENCE)
        for node in [*(chart.GetNthNodeReference(PART_REFERENCE, number) for number in range(count)), chart]:
            if node is not None:
                slicer.mrmlScene.RemoveNode(node)


def _curves(course: Course, months: Sequence[float]) -> list[Curve]:
    """Return the curve of the values, and the two lines between which values do not differ from the first one."""
    row = course.row
    name = translated(capitalized(row.side.word)) if row.side else _("Both sides")
    known = [(month, row.value) for month, row in zip(months, course.rows, strict=True) if row is not None]
    look = _LOOKS[row.side]
    curves = [Curve(name, *zip(*known, strict=True), look.color, look.marker)]
    if course.change is not None and course.change.band is not None:
        first, band = course.change.first.value, course.change.band
        words = _("{name}: no change up to ± {band}").format(
            name=name, band=f"{band:.{quantity(row.quantity).decimals}f} {row.unit}".rstrip())
        start, end = known[0][0], known[-1][0]
        curves.append(Curve(words, (start, end, math.nan, start, end),
                            (first + band, first + band, math.nan, first - band, first - band), look.color,
                            line=look.line))
    return curves


def _wide(numbers: Sequence[float], below: float, above: float) -> tuple[float, float]:
    """Return the range of an axis: that of the numbers, with margins below and above as fractions of their extent."""
    found = [number for number in numbers if not math.isnan(number)]
    extent = max(found) - min(found) or 1.0
    return min(found) - below * extent, max(found) + above * extent


def _months(dates: Sequence[str]) -> list[float]:
    days = [datetime.date.fromisoformat(date) for date in dates]
    return [(day - days[0]).days / _DAYS_PER_MONTH for day in days]
