"""How well a classifier did when it was judged, as native plots."""

from __future__ import annotations

from collections.abc import Mapping

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml import charts, provenance

CHART_ATTRIBUTE = f"{provenance.PREFIX}.Chart"
_GREY = (0.6, 0.6, 0.6)
_CHANCE = charts.Curve("Diagonal", (0.0, 1.0), (0.0, 1.0), _GREY, dashed=True)


def roc_chart(model: str, key: str, evaluation: Mapping[str, object]) -> slicer.vtkMRMLPlotChartNode:
    """Receiver operating characteristic of a model; a chart that is in the scene already is used again.

    :param model: title for people; :param key: what tells the model from others, e.g. its hash.
    :param evaluation: see :func:`NeuroOrbitLib.evaluation.curves.evaluation_document`.
    """
    roc = evaluation["roc"]
    axes = charts.Axes(_("ROC of {model}").format(model=model), _("1 - specificity"), _("Sensitivity"))
    name = _("AUC {auc}").format(auc=f"{roc['auc']:.2f}")
    curve = charts.Curve(name, roc["false_positive_rate"], roc["true_positive_rate"])
    return _chart(f"roc {key}", axes, curve)


def reliability_chart(model: str, key: str, evaluation: Mapping[str, object]) -> slicer.vtkMRMLPlotChartNode:
    """Observed against predicted share of positive cases; parameters as for :func:`roc_chart`."""
    found = evaluation["reliability"]
    axes = charts.Axes(_("Reliability of {model}").format(model=model), _("Predicted probability"),
                       _("Observed share"))
    name = _("Calibration error {error}").format(error=f"{found['expected_error']:.2f}")
    return _chart(f"reliability {key}", axes, charts.Curve(name, found["predicted"], found["observed"], dots=True))


def _chart(key: str, axes: charts.Axes, curve: charts.Curve) -> slicer.vtkMRMLPlotChartNode:
    for chart in slicer.util.getNodesByClass("vtkMRMLPlotChartNode"):
        if chart.GetAttribute(CHART_ATTRIBUTE) == key:
            return chart
    chart, *_others = charts.add_chart(axes.title, axes, [_CHANCE, curve])
    chart.SetAttribute(CHART_ATTRIBUTE, key)
    return chart
