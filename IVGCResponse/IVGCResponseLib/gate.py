"""Whether a patient is one that the models were made for: an adult with active disease before the treatment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _

#: Clinical activity score from which on the disease is active, and age from which on a patient is an adult.
ACTIVE_FROM, ADULT_FROM = 3, 18
OPTIC_NEUROPATHY, TREATED = "optic_neuropathy", "treated"


@dataclass(frozen=True)
class GateQuestion:
    """What is asked before anything is estimated, because no clinical feature tells it.

    :param key: of the answer.
    :param text: for people, answered by yes or no.
    :param reason: why a yes closes the gate.
    """

    key: str
    text: str
    reason: str


QUESTIONS = (
    GateQuestion(OPTIC_NEUROPATHY, _("Is there an optic neuropathy?"),
                 _("Optic neuropathy is treated at once and otherwise; no such patient was in the study.")),
    GateQuestion(TREATED, _("Has intravenous treatment already begun?"),
                 _("The treatment has begun: the models look at scans from before it.")),
)


def gate_reasons(clinical: Mapping[str, float], answers: Mapping[str, bool] | None = None) -> list[str]:
    """Return why a patient is not what the models were made for, in sentences; what is not known closes nothing.

    :param clinical: value of each clinical feature, NaN where missing; ``age`` may be below an adult's here.
    :param answers: to :data:`QUESTIONS` by key.
    """
    reasons = []
    if clinical.get("age", math.nan) < ADULT_FROM:
        reasons.append(_("The patient is younger than {age} years; no child was in the study.").format(age=ADULT_FROM))
    if clinical.get("cas", math.nan) < ACTIVE_FROM:
        reasons.append(_("The clinical activity score is below {score}: the disease is inactive, and the models say "
                         "nothing about inactive disease.").format(score=ACTIVE_FROM))
    given = answers or {}
    return [*reasons, *(question.reason for question in QUESTIONS if given.get(question.key))]


def pass_gate(clinical: Mapping[str, float], answers: Mapping[str, bool] | None = None, anyway: bool = False) -> \
        list[str]:
    """Return the reasons as notices, where the user wants an estimate all the same.

    :param anyway: whether the user does.
    :raises Problem: saying why nothing is estimated, where the gate is closed.
    """
    reasons = gate_reasons(clinical, answers)
    if reasons and not anyway:
        raise Problem(_("Not what the model was made for. {reasons} Nothing is estimated unless you ask for it all "
                        "the same.").format(reasons=joined(reasons)))
    notices = [_("Not what the model was made for: {reason}").format(reason=reason) for reason in reasons]
    if clinical.get("earlier_steroids") == 1.0:
        notices.append(_("Glucocorticoids were given before this episode: the response is less certain."))
    return notices
