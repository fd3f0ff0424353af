"""The statement on permitted use in every panel, report and result."""

from __future__ import annotations

from NeuroOrbitLib.sentences import sentence as _

RESEARCH_USE = _(
    "For research use only. Not for use in diagnostic procedures. Not cleared or approved by FDA, CE-marked or "
    "otherwise authorised as a medical device. Outputs are unvalidated on clinical data, were trained on synthetic "
    "phantoms unless stated, and must not guide treatment."
)
#: The same statement for records and files, which are always in English.
RESEARCH_USE_IN_RECORDS = str.__str__(RESEARCH_USE)
