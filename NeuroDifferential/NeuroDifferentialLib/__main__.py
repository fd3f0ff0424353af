"""Command line of NeuroDifferential: ``python -m NeuroDifferentialLib COMMAND --help``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from NeuroDifferentialLib.commands import MODULE
from NeuroOrbitLib.classifiers.commands.verbs import task_commands
from NeuroOrbitLib.command_line import main as run_command_line

COMMANDS = ("segment", "measure", "compare", "export-dicom", "import-dicom", "classify", "explain", "cohort",
            "describe", "crossvalidate", "train", "evaluate", "networks", "train-lesions", "train-anatomy")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with ``argv`` (the process's own arguments by default) and return the exit status."""
    return run_command_line(
        "python -m NeuroDifferentialLib",
        "Find white-matter lesions in FLAIR MRI, measure, place and follow them, estimate NMOSD or MS; train and judge "
        "models that do so.",
        "NeuroDifferentialLib.commands",
        COMMANDS,
        argv,
        shared=task_commands(MODULE, "describe", "crossvalidate", "train", "evaluate"),
    )


if __name__ == "__main__":
    sys.exit(main())
