"""``describe``: Table 1 of a cohort."""

from __future__ import annotations

from IVGCResponseLib.commands import MODULE
from NeuroOrbitLib.classifiers.commands.describe import DescribeCommand

_COMMAND = DescribeCommand(MODULE)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
