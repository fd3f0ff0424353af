"""Command line of TAOActivity: ``python -m TAOActivityLib COMMAND --help``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from NeuroOrbitLib.classifiers.commands.verbs import task_commands
from NeuroOrbitLib.command_line import main as run_command_line
from TAOActivityLib.commands import MODULE

COMMANDS = ("classify", "explain", "cohort", "train", "crossvalidate", "evaluate")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with ``argv`` (the process's own arguments by default) and return the exit status."""
    return run_command_line(
        "python -m TAOActivityLib",
        "Estimate whether thyroid-associated ophthalmopathy is active from fat-suppressed T2 MRI; train and judge the "
        "classifiers that do so.",
        "TAOActivityLib.commands",
        COMMANDS,
        argv,
        shared=task_commands(MODULE, "train", "crossvalidate", "evaluate"),
    )


if __name__ == "__main__":
    sys.exit(main())
