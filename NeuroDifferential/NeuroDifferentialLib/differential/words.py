"""What is said with every estimate; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping

from NeuroOrbitLib.sentences import sentence as _

#: What every estimate ignores.
BRAIN_ONLY = _("Brain MRI only: ignores cord, optic nerve and serology.")
NO_LESIONS = _("No lesions were found. Without lesions there is nothing to estimate NMOSD or MS from.")


def decision_text(record: Mapping[str, object]) -> str:
    """Return what a case is called at the threshold, by the record of its answer."""
    return {"NMOSD": _("NMOSD"), "MS": _("MS")}.get(str(record["decision"]), str(record["decision"]))
