"""``crossvalidate``: train and judge a classifier in folds by patient, several times over."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.commands.crossvalidate import CrossvalidateCommand
from TAOActivityLib.commands import MODULE

_COMMAND = CrossvalidateCommand(MODULE)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
