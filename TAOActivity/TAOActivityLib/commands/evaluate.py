"""``evaluate``: judge a model on a cohort, or probabilities that any classifier wrote down before."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.commands.evaluate import EvaluateCommand
from TAOActivityLib.commands import MODULE

_COMMAND = EvaluateCommand(MODULE)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
