"""What is said with every estimate; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping

from NeuroOrbitLib.sentences import sentence as _

#: What every estimate ignores.
BRAIN_ONLY = _("Brain MRI only: ignores cord, optic nerve and serology.")
#: Lesions that are found differ from drawn ones: small ones are missed, bright cortex is taken for lesions.
LEARNED_FROM_DRAWN = _("The model has learned from lesions as they were drawn; of those that the program finds it "
                       "tells little. Correct the lesions before you read the probability.")
NO_LESIONS = _("No lesions were found. Without lesions there is nothing to estimate NMOSD or MS from.")


def decision_text(record: Mapping[str, object]) -> str:
    """Return what a case is called at the threshold, by the record of its answer."""
    return {"NMOSD": _("NMOSD"), "MS": _("MS")}.get(str(record["decision"]), str(record["decision"]))
