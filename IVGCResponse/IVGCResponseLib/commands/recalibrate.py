"""``recalibrate``: see :mod:`NeuroOrbitLib.classifiers.commands.recalibrate`."""

from __future__ import annotations

from IVGCResponseLib.commands import MODULE
from NeuroOrbitLib.classifiers.commands.recalibrate import RecalibrateCommand

_COMMAND = RecalibrateCommand(MODULE)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
