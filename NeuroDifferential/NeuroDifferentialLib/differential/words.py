"""Texts that accompany every estimate; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping

from NeuroOrbitLib.sentences import sentence as _

#: What every estimate ignores.
BRAIN_ONLY = _("Brain MRI only: ignores cord, optic nerve and serology.")
#: Lesions that are found differ from drawn ones: small ones are missed, bright cortex is taken for lesions.
LEARNED_FROM_DRAWN = _("The model has learned from lesions as they were drawn; of those that the program finds it "
                       "tells little. Correct the lesions before you read the probability.")
#: Of a model that has learned from lesions found in simulated scans as well.
LEARNED_FROM_SIMULATED = _("The model tells little where small lesions were missed. Look through the lesions and "
                           "correct them before you read the probability.")
NO_LESIONS = _("No lesions were found. Without lesions there is nothing to estimate NMOSD or MS from.")


def about_training(masks: str) -> str:
    """Return what must be said of a model by the lesions that it has learned from, empty for a cohort's own masks.

    :param masks: the package's setting ``masks``: "drawn", "segmented" (found in simulated scans), both, or "own".
    """
    if masks == "drawn":
        return LEARNED_FROM_DRAWN
    return LEARNED_FROM_SIMULATED if "drawn" in masks or "segmented" in masks else ""


def decision_text(record: Mapping[str, object]) -> str:
    """Return what a case is called at the threshold, by the record of its answer."""
    return {"NMOSD": _("NMOSD"), "MS": _("MS")}.get(str(record["decision"]), str(record["decision"]))
