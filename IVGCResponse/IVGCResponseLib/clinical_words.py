"""The texts of the shipped clinical features, for translators; a test compares them with the file."""

from __future__ import annotations

from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _

TEXTS: tuple[Sentence, ...] = (
    _("Age"),
    _("Age at the scan."),
    _("Male sex"),
    _("Yes for a man, no for a woman."),
    _("Current smoking"),
    _("Whether the patient smokes now."),
    _("Duration of eye disease"),
    _("From the first symptom of the eyes to the scan."),
    _("Duration of thyroid disease"),
    _("From the diagnosis of the thyroid disease to the scan."),
    _("Thyroid status"),
    _("At the scan; in the order of distance from the best response."),
    _("euthyroid"),
    _("hypothyroid"),
    _("hyperthyroid"),
    _("Earlier radioiodine or thyroid surgery"),
    _("Whether the thyroid was treated by radioiodine or surgery before."),
    _("Earlier glucocorticoids"),
    _("Whether glucocorticoids were given for the eyes before, by mouth or vein."),
    _("TSH receptor antibodies"),
    _("TRAb in serum; 1 IU/L is 1000 mIU/L."),
    _("Clinical activity score"),
    _("Seven signs, one point each; three or more mean active disease."),
    _("Exophthalmos, worse eye"),
    _("By exophthalmometer; from the rim of the orbit to the cornea."),
    _("Lid retraction, worse eye"),
    _("How much wider than normal the lid fissure is."),
    _("Diplopia (Gorman)"),
    _("None, when tired, at extremes of gaze, or always."),
    _("none"),
    _("intermittent"),
    _("inconstant"),
    _("constant"),
    _("Intraocular pressure, worse eye"),
    _("In primary gaze."),
    _("Best corrected visual acuity, worse eye"),
    _("0 is 20/20 or decimal 1.0; larger is worse."),
    _("Restricted eye movements"),
    _("Whether the movement of either eye is restricted."),
)
