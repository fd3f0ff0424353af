"""The base class of the classifier modules' panels."""

from __future__ import annotations

from NeuroOrbitLib.mrml.chosen_result import ResultKind
from NeuroOrbitLib.mrml.classifier_results import RESULT_ATTRIBUTE, ClassifierResult
from NeuroOrbitLib.mrml.run_records import bring_along
from NeuroOrbitLib.mrml.tools import Tool, tool_of
from NeuroOrbitLib.widgets.analysis_panel import AnalysisPanel
from NeuroOrbitLib.widgets.answer_view import AnswerView
from NeuroOrbitLib.widgets.performance_view import PerformanceView


class ClassifierPanel(AnalysisPanel):
    """A panel whose results are tables of numbers in the parameter node's ``result``."""

    def resultKind(self) -> ResultKind:
        """Return the kind of the results: tables of numbers."""
        return ResultKind("result", "vtkMRMLTableNode", self.moduleName, RESULT_ATTRIBUTE)

    def addAnswer(self, view: AnswerView) -> None:
        """Add an answer and its model's performance to the panel, and let only results of this module be chosen."""
        ui = self.ui
        ui.resultSelector.addAttribute("vtkMRMLTableNode", RESULT_ATTRIBUTE, self.moduleName)
        self.answerView, self.performanceView = view, PerformanceView()
        ui.resultPlaceholder.layout().addWidget(self.answerView)
        ui.performancePlaceholder.layout().addWidget(self.performanceView)

    def showAnswer(self) -> ClassifierResult | None:
        """Show the chosen result with the performance of the chosen model, and return the result."""
        result = self.result()
        if result is not None and result.heat is not None:
            bring_along(result.heat, result.scan)
        self.answerView.set_result(result)
        self.performanceView.set_package(self.modelChooser.current_package(), result and result.record.get("model"))
        return result

    def result(self) -> ClassifierResult | None:
        """Return the chosen result."""
        node = self._parameterNode
        return ClassifierResult(node.result) if node and node.result else None

    def tool(self) -> Tool:
        """Return the model and the device that are to compute, as the user has chosen them."""
        return tool_of(self._parameterNode, self.modelChooser.folder())
