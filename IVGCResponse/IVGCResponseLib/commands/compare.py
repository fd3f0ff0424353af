"""``compare``: see :mod:`NeuroOrbitLib.classifiers.commands.compare`."""

from __future__ import annotations

from IVGCResponseLib.commands import MODULE
from NeuroOrbitLib.classifiers.commands.compare import CompareCommand

_COMMAND = CompareCommand(MODULE)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
