"""The performance of the chosen classifier in its evaluation, with buttons to plot it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.charts import show_chart
from NeuroOrbitLib.mrml.performance_charts import reliability_chart, roc_chart
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.labels import push_button, wrapping_label

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage

_DOCUMENT = "evaluation"
Chart = Callable[[str, str, Mapping[str, object]], slicer.vtkMRMLPlotChartNode]


class PerformanceView(qt.QWidget):
    """Plots the ROC curve and the reliability of a model package, or says why that is not possible."""

    def __init__(self, parent: qt.QWidget | None = None) -> None:
        qt.QWidget.__init__(self, parent)
        self.objectName = "performanceView"
        self._package: ModelPackage | None = None
        self._evaluation: Mapping[str, object] | None = None
        self._text = ""
        self.text_label = wrapping_label("performanceLabel")
        self.roc_button = push_button("rocButton", _("Plot ROC curve"), _(
            "How well the model told the two classes apart in patients who were kept out of its training."),
            lambda: self._plot(roc_chart))
        self.reliability_button = push_button("reliabilityButton", _("Plot reliability"), _(
            "How often patients with a given probability were positive: of those with 80 %, about 80 in 100 should "
            "be."),
            lambda: self._plot(reliability_chart))
        layout, row = qt.QVBoxLayout(self), qt.QHBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text_label)
        row.addWidget(self.roc_button)
        row.addWidget(self.reliability_button)
        layout.addLayout(row)
        self.set_package(None)

    def set_package(self, package: ModelPackage | None, answered_by: Mapping[str, object] | None = None) -> None:
        """Offer the plots of a package; ``None`` offers none.

        :param package: the package that is chosen.
        :param answered_by: ``name``, ``version`` and ``sha256`` of the model that gave the answer that is shown;
            ``None`` without an answer. If it is another one, a sentence says so.
        """
        if package is None or package is not self._package:
            self._package = package
            self._evaluation, self._text = _evaluation_of(package)
        self.text_label.text = " ".join(filter(None, (self._text, _about_other(package, answered_by))))
        for button in (self.roc_button, self.reliability_button):
            button.visible = self._evaluation is not None

    def _plot(self, chart: Chart) -> None:
        evaluation = str(self._package.documents[_DOCUMENT]["sha256"])  # the weights may have been judged again
        show_chart(chart(self._package.title, evaluation, self._evaluation))


def _about_other(package: ModelPackage | None, answered_by: Mapping[str, object] | None) -> str:
    """Return a sentence if another model than the package gave the answer, whose evaluation is not shown; else ""."""
    facts = ("name", "version", "sha256")
    if package is None or not answered_by or all(answered_by[fact] == getattr(package, fact) for fact in facts):
        return ""
    return _("This is '{chosen}'; the answer that is shown was given by another model: {name} {version}.").format(
        chosen=package.title, name=answered_by["name"], version=answered_by["version"])


def _evaluation_of(package: ModelPackage | None) -> tuple[Mapping[str, object] | None, str]:
    """Return the evaluation in a package, and a sentence about it or about the reason why there is none."""
    if package is None:
        return None, ""
    try:
        found = package.document(_DOCUMENT)
    except Problem as problem:
        return None, str(problem)
    if found is None:
        return None, _("This model comes without an evaluation: there is nothing to plot.")
    kind = _("synthetic") if found.get("synthetic") else _("cross-validated")
    text = _("Judged on {cases} {kind} scans of {patients} patients: AUC {auc} ({low} to {high}).")
    roc, drawn = found["roc"], found.get("synthetic_cases")
    mixed = _("{drawn} of these scans are synthetic.").format(drawn=drawn) if drawn else ""
    told = text.format(cases=found["cases"], kind=kind, patients=found["patients"], auc=f"{roc['auc']:.2f}",
                       low=f"{roc['low']:.2f}", high=f"{roc['high']:.2f}")
    return found, f"{told} {mixed}".rstrip()
