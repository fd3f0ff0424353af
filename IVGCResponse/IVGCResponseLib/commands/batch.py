"""``batch``: estimate the response of many patients in a table or folder."""

from __future__ import annotations

from IVGCResponseLib.commands.classify import PATIENT
from NeuroOrbitLib.classifiers.commands.batch import BatchCommand

_COMMAND = BatchCommand(PATIENT)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
