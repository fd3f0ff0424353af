"""The shared views of a panel, with the texts of this module."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import qt
import slicer
from slicer.i18n import tr as _

from IVGCResponseLib import wording
from IVGCResponseLib.clinical import FEATURES, clinical_columns
from IVGCResponseLib.gate import GATE
from IVGCResponseLib.mrml.muscles import muscles_text
from IVGCResponseLib.mrml.parameters import IVGCResponseParameterNode
from IVGCResponseLib.mrml.patient_data import PATIENTS
from IVGCResponseLib.mrml.response_results import answer_of
from NeuroOrbitLib.classifiers.column_file import columns_kept
from NeuroOrbitLib.classifiers.wording import percent
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.explanation_run import ChangesOf
from NeuroOrbitLib.mrml.patient_data import PatientData
from NeuroOrbitLib.mrml.patient_results import has_lost_segmentation, is_outdated, latest_answer
from NeuroOrbitLib.mrml.segment_content import EditedSince
from NeuroOrbitLib.mrml.structure_tables import warmer_sides
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.visits import date_of
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.answer_view import AnswerView
from NeuroOrbitLib.widgets.explanation_view import ExplanationView
from NeuroOrbitLib.widgets.file_choice import choose_file
from NeuroOrbitLib.widgets.patient_form import PatientForm

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage


def response_view(ui: object, changes_of: ChangesOf) -> AnswerView:
    """Return the view of the answer and the model's input numbers.

    :param ui: widgets of the panel, with the field for a recalibration.
    :param changes_of: function that returns sentences on what has changed since an answer, such as the patient's data.
    """
    choose_file(ui.recalibrationButton, ui.recalibrationLineEdit, _("Recalibration of the command 'recalibrate'"),
                _("Recalibration (*.json)"))
    return AnswerView("responseView", answer_of, _(
        "The numbers that the model takes, and where they lie among those of its training:"), _(
        "Clinical features and radiomics of this patient, and the signal of the muscles over that of the temporal "
        "muscles."), changes_of=changes_of)


def reasons_view(ui: object) -> ExplanationView:
    """Return the view of the heat map and the table of the muscles; ``ui`` has the widgets that it controls."""
    return ExplanationView(ui, wording.method_text, _(
        "Nothing in the image speaks for a response by Grad-CAM: there is no heat to show."), _(
        "By how many percentage points the probability falls without each muscle, and the heat in it. Click a row to "
        "see the muscle in all views, on the side where it is warmer."),
        lambda explanation: warmer_sides(explanation["falls"], explanation["by_muscle"]))


def patient_form(changed: Callable[[], None]) -> PatientForm:
    """Return the form of the clinical features and the gate's questions; ``changed`` is called after each input."""
    return PatientForm(clinical_columns(), GATE, PATIENTS, ActivityHint(), changed)


def ask_about_patient(form: PatientForm, node: IVGCResponseParameterNode | None, package: ModelPackage | None) -> None:
    """Show the fields for the features that the chosen model was trained on, with the values of the scan's patient.

    If a package's list of features is damaged, the shipped features are shown; running the model reports the damage.
    """
    try:
        own = columns_kept(package)
    except Problem:
        own = {}
    with FEATURES.of(own):
        form.set_columns(clinical_columns())
        form.follow(node.inputVolume if node else None)


class ActivityHint:
    """Callable that returns a remark with TAOActivity's answer for a patient whose activity score is not known."""

    def __init__(self) -> None:
        self._edited_since = EditedSince(is_outdated)

    def __call__(self, scan: slicer.vtkMRMLScalarVolumeNode | None, data: PatientData) -> str:
        """Return the remark, which says whose scan the answer is of and whether it still holds; "" without one."""
        answer = latest_answer(scan, "TAOActivity", "probability") if "cas" not in data.clinical else None
        if answer is None:
            return ""
        told = _("TAOActivity gives a probability of {percent} for active disease of this patient.").format(
            percent=percent(float(answer.record["probability"])))
        advice = _("Type the clinical activity score: a model of the response is made for active disease.")
        return " ".join(filter(None, (told, _source_of(answer, scan), self._age_of(answer), advice)))

    def _age_of(self, answer: ClassifierResult) -> str:
        """Return a sentence if the answer does not rest on what there is now; "" if it does."""
        if has_lost_segmentation(answer):
            return _("The segmentation that this answer rests on is no longer in the scene.")
        if not answer.problem() and self._edited_since(answer, answer.table, answer.segmentation):
            return _("The scan or its segmentation was changed after this answer was computed.")
        return ""


def _source_of(answer: ClassifierResult, scan: slicer.vtkMRMLScalarVolumeNode) -> str:
    """Return a sentence on the scan of an answer; "" if it is ``scan``."""
    if answer.scan is scan:
        return ""
    day = date_of(answer.scan)
    if day is None:
        return _("It comes from '{name}', a scan whose date is not known.").format(name=answer.scan.GetName())
    return _("It comes from '{name}', the scan of {date}.").format(name=answer.scan.GetName(), date=day.isoformat())


def show_muscles(label: qt.QLabel, node: IVGCResponseParameterNode | None) -> None:
    """Show which muscles are segmented and how large they are, or what to do if there are none."""
    muscles = node.inputSegmentation if node else None
    label.text = muscles_text(muscles) or (
        _("Press the button to check the series and measure the muscles, or go on with step 2.") if muscles
        else _("Press the button: the series is checked and the muscles are segmented. Correct them in the Segment "
               "Editor or on the page Annotate of Orbit Segmentation."))


def show_predictive_values(label: qt.QLabel, result: ClassifierResult | None, share: float) -> None:
    """Show the predictive values of the decision where ``share`` percent of the patients respond."""
    label.visible = result is not None
    if result is not None:
        label.text = translated(wording.predictive_text(result.record, share / 100))
