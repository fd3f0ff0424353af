"""Curves as native plots: tables, series and a chart that are part of the scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import slicer

from NeuroOrbitLib.mrml import tables

_TITLE_SIZE = 15


@dataclass(frozen=True)
class Curve:
    """One curve of a chart.

    :param name: name in the legend.
    :param x: abscissae of the points; NaN interrupts the line.
    :param y: ordinates, as many as abscissae.
    :param color: red, green and blue, 0 to 1.
    :param marker: symbol at every point, "circle" or "square"; "" for none.
    :param line: style of the line: "solid", or "dash" or "dash-dot" for lines of comparison.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    color: tuple[float, float, float] = (0.12, 0.44, 0.62)
    marker: Literal["", "circle", "square"] = ""
    line: Literal["solid", "dash", "dash-dot"] = "solid"


@dataclass(frozen=True)
class Axes:
    """Title, axes and legend of a chart.

    :param title: title of the chart.
    :param x, y: titles of the axes.
    :param x_range, y_range: first and last value of the axes; 0 to 1 by default, for shares.
    :param legend: whether the chart has a legend with the names of the curves.
    """

    title: str
    x: str
    y: str
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)
    legend: bool = True


def add_chart(name: str, axes: Axes, curves: Sequence[Curve]) -> list[slicer.vtkMRMLNode]:
    """Add a chart to the scene and return its nodes: the chart first, then the series and tables of its curves."""
    chart = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotChartNode", slicer.mrmlScene.GenerateUniqueName(name))
    chart.SetTitle(axes.title)
    chart.SetXAxisTitle(axes.x)
    chart.SetYAxisTitle(axes.y)
    chart.SetTitleFontSize(_TITLE_SIZE)
    chart.SetLegendVisibility(axes.legend)
    chart.SetGridVisibility(True)
    chart.SetXAxisRangeAuto(False)
    chart.SetYAxisRangeAuto(False)
    chart.SetXAxisRange(*axes.x_range)
    chart.SetYAxisRange(*axes.y_range)
    made = [node for curve in curves for node in _add_curve(f"{name}: {curve.name}", axes, curve)]
    for series in made[::2]:
        chart.AddAndObservePlotSeriesNodeID(series.GetID())
    return [chart, *made]


def _add_curve(name: str, axes: Axes, curve: Curve) -> list[slicer.vtkMRMLNode]:
    columns = [tables.Column("x", axes.x, decimals=4), tables.Column("y", axes.y, decimals=4)]
    rows: list[Mapping[str, object]] = [{"x": x, "y": y} for x, y in zip(curve.x, curve.y, strict=True)]
    table = tables.add_table(name, columns, rows)
    series = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", curve.name)
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName("x")
    series.SetYColumnName("y")
    series.SetPlotType(series.PlotTypeScatter)
    series.SetMarkerStyle({"": series.MarkerStyleNone, "circle": series.MarkerStyleCircle,
                           "square": series.MarkerStyleSquare}[curve.marker])
    series.SetLineStyle({"solid": series.LineStyleSolid, "dash": series.LineStyleDash,
                         "dash-dot": series.LineStyleDashDot}[curve.line])
    series.SetColor(*curve.color)
    return [series, table]


def show_chart(chart: slicer.vtkMRMLPlotChartNode) -> None:
    """Show a chart in the layout; the layout changes to one with slices, 3D and a plot if it has no plot."""
    slicer.modules.plots.logic().ShowChartInLayout(chart)
