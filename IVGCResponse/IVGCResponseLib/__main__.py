"""Command line of IVGCResponse: ``python -m IVGCResponseLib COMMAND --help``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from IVGCResponseLib.clinical import FEATURES
from IVGCResponseLib.commands import MODULE
from NeuroOrbitLib.classifiers.commands.own_columns import WithOwnColumns
from NeuroOrbitLib.classifiers.commands.verbs import task_commands
from NeuroOrbitLib.command_line import main as run_command_line

COMMANDS = ("classify", "explain", "batch", "features", "cohort", "describe", "train", "crossvalidate", "evaluate",
            "compare", "recalibrate", "contributions")
_SCHEMA = ("clinical features of your own (names, kinds, units, ranges, words) in place of the sixteen shipped ones; "
           "begin with a copy of IVGCResponseLib/clinical_features.json, and give the file to cohort; the cohort and "
           "the models that learn from it keep the list")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with ``argv`` (the process's own arguments by default) and return the exit status."""
    return run_command_line(
        "python -m IVGCResponseLib",
        "Estimate from coronal T2 MRI and clinical features who will respond to intravenous glucocorticoids; train "
        "and judge the models that do so.",
        "IVGCResponseLib.commands",
        COMMANDS,
        argv,
        shared=task_commands(MODULE, "describe", "train", "crossvalidate", "evaluate", "compare", "recalibrate",
                             "contributions"),
        extend=lambda command: WithOwnColumns(command, FEATURES, _SCHEMA),
    )


if __name__ == "__main__":
    sys.exit(main())
