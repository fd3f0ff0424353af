"""``evaluate``: judge a model on a cohort, or a table of probabilities."""

from __future__ import annotations

from NeuroDifferentialLib.commands import MODULE
from NeuroOrbitLib.classifiers.commands.evaluate import EvaluateCommand

_COMMAND = EvaluateCommand(MODULE)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
