"""What every panel, report and result says about how it may be used."""

from __future__ import annotations

from NeuroOrbitLib.sentences import sentence as _

RESEARCH_USE = _(
    "For research use only. Not for use in diagnostic procedures. Not cleared or approved by FDA, CE-marked or "
    "otherwise authorised as a medical device. Outputs are unvalidated on clinical data, were trained on synthetic "
    "phantoms unless stated, and must not guide treatment."
)
#: The same for records and files, which are in English wherever they were written.
RESEARCH_USE_IN_RECORDS = str.__str__(RESEARCH_USE)
