"""``describe``: compare the classes of a cohort (Table 1)."""

from __future__ import annotations

from NeuroDifferentialLib.commands import MODULE
from NeuroOrbitLib.classifiers.commands.describe import DescribeCommand

_COMMAND = DescribeCommand(MODULE)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
