"""Check that a patient is one that the models are made for: an adult with active disease before the treatment."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.gate import Gate, GateQuestion, Limit, Remark
from NeuroOrbitLib.sentences import sentence as _

#: Smallest clinical activity score of active disease, and smallest age (years) of adults.
ACTIVE_FROM, ADULT_FROM = 3, 18

GATE = Gate(
    (Limit("age", ADULT_FROM, _("The patient is younger than {age} years; no child was in the study.").format(
        age=ADULT_FROM)),
     Limit("cas", ACTIVE_FROM, _("The clinical activity score is below {score}: the disease is inactive, and the "
                                 "models say nothing about inactive disease.").format(score=ACTIVE_FROM))),
    (GateQuestion("optic_neuropathy", _("Is there an optic neuropathy?"),
                  _("Optic neuropathy needs a different treatment at once; no such patient was in the study."),
                  "the patient has an optic neuropathy"),
     GateQuestion("treated", _("Has intravenous treatment already begun?"),
                  _("The treatment has begun: the models look at scans from before it."),
                  "intravenous treatment has already begun")),
    (Remark("earlier_steroids", 1.0,
            _("Glucocorticoids were given before this episode: the response is less certain.")),),
)
