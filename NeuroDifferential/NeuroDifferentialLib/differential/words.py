"""Texts that accompany every estimate; this module imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping

from NeuroOrbitLib.sentences import sentence as _

#: Findings that every estimate ignores.
BRAIN_ONLY = _("Brain MRI only: ignores cord, optic nerve and serology.")
#: Notice for a model trained on drawn lesions, as segmentation misses small ones and takes bright cortex for lesions.
LEARNED_FROM_DRAWN = _("The model was trained on lesions as they were drawn and is unreliable on those that the "
                       "program finds. Correct the lesions before you read the probability.")
#: Notice for a model that was also trained on lesions found in simulated scans.
LEARNED_FROM_SIMULATED = _("The model is unreliable where small lesions were missed. Look through the lesions and "
                           "correct them before you read the probability.")
NO_LESIONS = _("No lesions were found. Without lesions there is nothing to estimate NMOSD or MS from.")


def about_training(masks: str) -> str:
    """Return the notice on the lesions that a model was trained on; empty for a cohort's own masks.

    :param masks: the package's setting ``masks``: "drawn", "segmented" (found in simulated scans), both, or "own".
    """
    if masks == "drawn":
        return LEARNED_FROM_DRAWN
    return LEARNED_FROM_SIMULATED if "drawn" in masks or "segmented" in masks else ""


def decision_text(record: Mapping[str, object]) -> str:
    """Return the displayed decision at the threshold, from the record of an answer."""
    return {"NMOSD": _("NMOSD"), "MS": _("MS")}.get(str(record["decision"]), str(record["decision"]))
