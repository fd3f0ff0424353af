"""A chart without a display: vtkMRMLPlotChartNode drawn by vtkChartXY. No Qt in here."""
from __future__ import annotations

import math
from typing import Any

import slicer
import vtk

_LINE_TYPES = {
    slicer.vtkMRMLPlotSeriesNode.LineStyleNone: vtk.vtkPen.NO_PEN,
    slicer.vtkMRMLPlotSeriesNode.LineStyleSolid: vtk.vtkPen.SOLID_LINE,
    slicer.vtkMRMLPlotSeriesNode.LineStyleDash: vtk.vtkPen.DASH_LINE,
    slicer.vtkMRMLPlotSeriesNode.LineStyleDot: vtk.vtkPen.DOT_LINE,
    slicer.vtkMRMLPlotSeriesNode.LineStyleDashDot: vtk.vtkPen.DASH_DOT_LINE,
    slicer.vtkMRMLPlotSeriesNode.LineStyleDashDotDot: vtk.vtkPen.DASH_DOT_DOT_LINE,
}
_MARKERS = {
    slicer.vtkMRMLPlotSeriesNode.MarkerStyleNone: vtk.vtkPlotPoints.NONE,
    slicer.vtkMRMLPlotSeriesNode.MarkerStyleCross: vtk.vtkPlotPoints.CROSS,
    slicer.vtkMRMLPlotSeriesNode.MarkerStylePlus: vtk.vtkPlotPoints.PLUS,
    slicer.vtkMRMLPlotSeriesNode.MarkerStyleSquare: vtk.vtkPlotPoints.SQUARE,
    slicer.vtkMRMLPlotSeriesNode.MarkerStyleCircle: vtk.vtkPlotPoints.CIRCLE,
    slicer.vtkMRMLPlotSeriesNode.MarkerStyleDiamond: vtk.vtkPlotPoints.DIAMOND,
}
_BAR_TYPES = (slicer.vtkMRMLPlotSeriesNode.PlotTypeBar, slicer.vtkMRMLPlotSeriesNode.PlotTypeScatterBar)
_UNPLOTTABLE = (vtk.VTK_STRING, vtk.VTK_BIT)
_X_AXES = (vtk.vtkAxis.BOTTOM, vtk.vtkAxis.TOP)


class OffscreenPlotView:
    """Chart, context scene and render window."""

    def __init__(self) -> None:
        self.context_view = vtk.vtkContextView()
        self.render_window = self.context_view.GetRenderWindow()
        self.render_window.SetMultiSamples(0)
        self.render_window.ShowWindowOff()
        self.render_window.SetOffScreenRendering(1)
        self.renderer = self.context_view.GetRenderer()
        self.renderer.SetBackground(1.0, 1.0, 1.0)
        self.chart = vtk.vtkChartXY()
        self.context_view.GetScene().AddItem(self.chart)
        self.chart.GetBackgroundBrush().SetColor(255, 253, 246, 255)

    def show(self, chart_node: Any) -> None:
        """Draw the chart node (vtkMRMLPlotChartNode), or nothing when it is None."""
        self.chart.ClearPlots()
        if chart_node is not None:
            for index in range(chart_node.GetNumberOfPlotSeriesNodes()):
                self._add_series(chart_node.GetNthPlotSeriesNode(index))
            self._show_texts(chart_node)
            for axis_id in range(4):
                _show_axis(self.chart.GetAxis(axis_id), chart_node, axis_id in _X_AXES)
            self.chart.RecalculateBounds()
        self.context_view.GetScene().SetDirty(True)

    def _add_series(self, series: Any) -> None:
        table = series.GetTableNode().GetTable() if series is not None and series.GetTableNode() else None
        if table is None or not _is_plottable(table, series.GetYColumnName()):
            return
        if series.IsXColumnRequired() and not _is_plottable(table, series.GetXColumnName()):
            return
        is_bar = series.GetPlotType() in _BAR_TYPES
        plot = self.chart.AddPlot(vtk.vtkChart.BAR if is_bar else vtk.vtkChart.LINE)
        plot.SetUseIndexForXSeries(not series.IsXColumnRequired())
        plot.SetInputData(table, series.GetXColumnName() if series.IsXColumnRequired() else series.GetYColumnName(),
                          series.GetYColumnName())
        plot.SetLabel(series.GetName() or series.GetYColumnName())
        plot.SetColorF(*series.GetColor())
        plot.SetOpacity(series.GetOpacity())
        plot.SetWidth(series.GetLineWidth())
        plot.GetPen().SetOpacityF(series.GetOpacity())
        plot.GetPen().SetLineType(vtk.vtkPen.SOLID_LINE if is_bar else _LINE_TYPES[series.GetLineStyle()])
        if not is_bar:
            plot.SetMarkerSize(series.GetMarkerSize())
            plot.SetMarkerStyle(_MARKERS[series.GetMarkerStyle()])

    def _show_texts(self, chart_node: Any) -> None:
        title = self.chart.GetTitleProperties()
        title.SetFontFamilyAsString(chart_node.GetFontType() or "Arial")
        title.SetFontSize(chart_node.GetTitleFontSize())
        self.chart.SetTitle((chart_node.GetTitle() or "") if chart_node.GetTitleVisibility() else "")
        self.chart.SetShowLegend(bool(chart_node.GetLegendVisibility()))
        self.chart.GetLegend().GetLabelProperties().SetFontSize(chart_node.GetLegendFontSize())


def _is_plottable(table: Any, column_name: str) -> bool:
    column = table.GetColumnByName(column_name) if column_name else None
    return column is not None and column.GetDataType() not in _UNPLOTTABLE


def _show_axis(axis: Any, chart_node: Any, is_x: bool) -> None:
    name = "XAxis" if is_x else "YAxis"

    def setting(suffix: str) -> Any:
        return getattr(chart_node, f"Get{name}{suffix}")()

    axis.SetTitle((setting("Title") or "") if setting("TitleVisibility") else "")
    axis.GetTitleProperties().SetFontSize(chart_node.GetAxisTitleFontSize())
    axis.GetLabelProperties().SetFontSize(chart_node.GetAxisLabelFontSize())
    axis.SetGridVisible(bool(chart_node.GetGridVisibility()))
    axis.SetLogScale(bool(setting("LogScale")))
    axis.SetUnscaledMinimumLimit(0.0 if setting("LogScale") else -math.inf)
    if setting("RangeAuto"):
        axis.SetBehavior(vtk.vtkAxis.AUTO)
    else:
        axis.SetBehavior(vtk.vtkAxis.FIXED)
        axis.SetUnscaledRange(*setting("Range"))
    axis.Update()
