"""``crossvalidate``: train and judge a model in folds by patient, several times over."""

from __future__ import annotations

from NeuroDifferentialLib.commands import MODULE
from NeuroOrbitLib.classifiers.commands.crossvalidate import CrossvalidateCommand

_COMMAND = CrossvalidateCommand(MODULE)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
