"""``train``: train a network on a whole cohort and write a model package."""

from __future__ import annotations

from NeuroDifferentialLib.commands import MODULE
from NeuroOrbitLib.classifiers.commands.train import TrainCommand

_COMMAND = TrainCommand(MODULE)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
