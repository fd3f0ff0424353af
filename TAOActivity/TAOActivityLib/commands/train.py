"""``train``: train a classifier on a whole cohort and write a model package."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.commands.train import TrainCommand
from TAOActivityLib.commands import MODULE

_COMMAND = TrainCommand(MODULE)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
