"""The shared views of a panel with the words of this module."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _

from IVGCResponseLib import wording
from IVGCResponseLib.mrml.muscles import muscles_text
from IVGCResponseLib.mrml.parameters import IVGCResponseParameterNode
from IVGCResponseLib.mrml.response_results import answer_of
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.widgets.answer_view import AnswerView
from NeuroOrbitLib.widgets.explanation_view import ExplanationView


def response_view(ui: object) -> AnswerView:
    """The answer with the table of numbers that the model takes; ``ui`` has the field of its recalibration."""
    choose_file(ui.recalibrationButton, ui.recalibrationLineEdit)
    return AnswerView("responseView", answer_of, _(
        "The numbers that the model takes, and where they lie among those of its training:"), _(
        "Clinical features and radiomics of this patient, and the signal of the muscles over that of the temporal "
        "muscles."))


def reasons_view(ui: object) -> ExplanationView:
    """The heat with the table of the muscles; ``ui`` has the parts that it drives."""
    return ExplanationView(ui, wording.method_text, _(
        "Nothing in the image speaks for a response by Grad-CAM: there is no heat to show."), _(
        "How much the probability falls without each muscle, and the heat in it."))


def choose_file(button: qt.QToolButton, line: qt.QLineEdit) -> None:
    """Let a button choose the recalibration file of a line."""

    def on_clicked(_checked: bool = False) -> None:
        path = qt.QFileDialog.getOpenFileName(button, _("Recalibration of the command 'recalibrate'"), "",
                                              _("Recalibration (*.json)"))
        if path:
            line.text = path

    button.connect("clicked(bool)", on_clicked)


def show_muscles(label: qt.QLabel, node: IVGCResponseParameterNode | None) -> None:
    """Say which muscles there are and how large they are, or what to do."""
    muscles = node.inputSegmentation if node else None
    label.text = muscles_text(muscles) or (
        _("Press the button to check the series and measure the muscles, or go on with step 2.") if muscles
        else _("Press the button: the series is checked and the muscles are segmented. Correct them in the Segment "
               "Editor or on the page Annotate of Orbit Segmentation."))


def show_predictive_values(label: qt.QLabel, result: ClassifierResult | None, percent: float) -> None:
    """Say what the decision means where ``percent`` of the patients respond."""
    label.visible = result is not None
    if result is not None:
        label.text = translated(wording.predictive_text(result.record, percent / 100))
