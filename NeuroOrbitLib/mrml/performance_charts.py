"""The performance of a classifier in its evaluation, as Slicer's plots."""

from __future__ import annotations

from collections.abc import Mapping

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml import charts, provenance

CHART_ATTRIBUTE = f"{provenance.PREFIX}.Chart"
_GREY = (0.6, 0.6, 0.6)
_CHANCE = charts.Curve("Diagonal", (0.0, 1.0), (0.0, 1.0), _GREY, line="dash")


def roc_chart(model: str, key: str, evaluation: Mapping[str, object]) -> slicer.vtkMRMLPlotChartNode:
    """Return the chart of a model's receiver operating characteristic; an existing chart of the scene is used again.

    :param model: title of the model.
    :param key: unique key of the evaluation, e.g. its hash.
    :param evaluation: plain data as in :func:`NeuroOrbitLib.evaluation.classification.curves.evaluation_document`.
    """
    roc = evaluation["roc"]
    title = _("{model}: AUC {auc}").format(model=model, auc=f"{roc['auc']:.2f}")
    axes = charts.Axes(title, _("1 - specificity"), _("Sensitivity"), legend=False)
    return _chart(f"roc {key}", axes, charts.Curve(_("ROC"), roc["false_positive_rate"], roc["true_positive_rate"]))


def reliability_chart(model: str, key: str, evaluation: Mapping[str, object]) -> slicer.vtkMRMLPlotChartNode:
    """Return the chart of the observed against the predicted share of positive cases; see :func:`roc_chart`."""
    found = evaluation["reliability"]
    title = _("{model}: calibration error {error}").format(model=model, error=f"{found['expected_error']:.2f}")
    axes = charts.Axes(title, _("Predicted probability"), _("Observed share"), legend=False)
    curve = charts.Curve(_("Reliability"), found["predicted"], found["observed"], marker="circle")
    return _chart(f"reliability {key}", axes, curve)


def _chart(key: str, axes: charts.Axes, curve: charts.Curve) -> slicer.vtkMRMLPlotChartNode:
    for chart in slicer.util.getNodesByClass("vtkMRMLPlotChartNode"):
        if chart.GetAttribute(CHART_ATTRIBUTE) == key and chart.GetTitle() == axes.title:
            return chart
    chart, *_others = charts.add_chart(axes.title, axes, [_CHANCE, curve])
    chart.SetAttribute(CHART_ATTRIBUTE, key)
    return chart
