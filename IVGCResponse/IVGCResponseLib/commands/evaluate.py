"""``evaluate``: judge a model on a cohort, or probabilities that any classifier wrote down before."""

from __future__ import annotations

from IVGCResponseLib.commands import MODULE
from NeuroOrbitLib.classifiers.commands.evaluate import EvaluateCommand

_COMMAND = EvaluateCommand(MODULE)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
