"""The wording of an answer, the same in the panel and in the report."""

from __future__ import annotations

from IVGCResponseLib.clinical import FEATURES
from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.classifiers import wording
from NeuroOrbitLib.classifiers.wording import Record, percent
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _


def decision_text(record: Record) -> str:
    """Return the word for the decision at the threshold."""
    return _("Responder") if record["decision"] == "responder" else _("Non-responder")


def answer_lines(record: Record) -> list[tuple[str, str]]:
    """Return the lines of an answer, as (heading, text)."""
    probability = _("{percent} for a response to intravenous glucocorticoids").format(
        percent=percent(record["probability_of_response"]))
    return [(_("Probability"), probability), *limit_lines(record)]


def limit_lines(record: Record) -> list[tuple[str, str]]:
    """Return lines about the reliability of the probability, as (heading, text)."""
    words = _("responder") if record["decision"] == "responder" else _("non-responder")
    with FEATURES.of(record):
        return [*wording.limit_lines(record, words), *wording.missing_lines(record, FEATURES.titles())]


def predictive_text(record: Record, prevalence: float) -> str:
    """Return the meaning of the decision at a prevalence of responders.

    :param record: record of the result.
    :param prevalence: share of responders among the patients, above 0 and below 1.
    """
    return wording.predictive_text(record, record["probability_of_response"], prevalence, _(
        "Of 100 patients called responders {positive} respond (PPV); of 100 called non-responders {negative} do not "
        "(NPV). Sensitivity {sensitivity}, specificity {specificity}."))


def method_text(explanation: Record) -> str:
    """Return sentences about how an explanation was made, and what it says about the muscles."""
    leading = explanation["leading_muscle"]
    falls = _("Fall of the probability in percentage points when a muscle of both sides gets the mean signal of the "
              "training.")
    if leading:
        falls = _("Fall of the probability in percentage points when a muscle of both sides gets the mean signal of "
                  "the training; the leading one is the {muscle}.").format(muscle=structure(str(leading)).name)
    parts = [falls, explanation.get("notice") or ""]
    if explanation.get("heat_file") is not None or explanation["by_muscle"]:
        parts.insert(0, _("Heat: Grad-CAM of the last convolution, a coarse view of where the network's last features "
                          "speak for a response."))
        if explanation.get("share") is not None:
            parts.append(_("{percent} of the heat lies inside the recti.").format(
                percent=percent(explanation["share"])))
    return joined(part for part in parts if part)
