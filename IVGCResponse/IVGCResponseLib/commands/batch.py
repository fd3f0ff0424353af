"""``batch``: estimate the response of many patients, whose table or folder is given."""

from __future__ import annotations

from IVGCResponseLib.commands.classify import PATIENT
from NeuroOrbitLib.classifiers.commands.batch import BatchCommand

_COMMAND = BatchCommand(PATIENT)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
