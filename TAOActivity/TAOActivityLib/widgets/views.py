"""The shared views of a panel, with the texts of this module."""

from __future__ import annotations

from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.classifier_results import hottest_first
from NeuroOrbitLib.mrml.explanation_run import ChangesOf
from NeuroOrbitLib.widgets.answer_view import AnswerView
from NeuroOrbitLib.widgets.explanation_view import ExplanationView
from TAOActivityLib import wording
from TAOActivityLib.mrml.activity_results import answer_of, show_muscle
from TAOActivityLib.mrml.choices import Method
from TAOActivityLib.mrml.parameters import TAOActivityParameterNode


def activity_view(changes_of: ChangesOf) -> AnswerView:
    """Return the view of the answer, with the table of signal ratios.

    :param changes_of: function that returns sentences on what has changed since an answer, such as the crop.
    """
    return AnswerView("activityView", answer_of, _(
        "Signal of each muscle over that of brain and of temporal muscle, with the published cut-offs of active "
        "disease:"), _("Signal of each muscle over that of a tissue that the disease spares. Click a row to see the "
                       "muscle in all views."), show_muscle, changes_of=changes_of)


def heat_view(ui: object) -> ExplanationView:
    """Return the view of the heat, with the table of the muscles; ``ui`` has the widgets that it manages."""
    return ExplanationView(ui, wording.method_text, _(
        "Nothing in this crop speaks for active disease by this method: there is no heat to show."), _(
        "Mean heat of each muscle, the hottest first. Click a row to see the muscle in all views."),
        lambda explanation: hottest_first(explanation["by_muscle"]))


def enable_occlusion(ui: object, node: TAOActivityParameterNode | None) -> None:
    """Enable the settings of occlusion if it is the chosen method."""
    for widget in (ui.patchSpinBox, ui.strideSpinBox, ui.fillComboBox, ui.eachSliceCheckBox):
        widget.enabled = bool(node) and node.method is Method.OCCLUSION
