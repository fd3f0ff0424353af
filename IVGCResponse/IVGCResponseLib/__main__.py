"""Command line of IVGCResponse: ``python -m IVGCResponseLib COMMAND --help``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from IVGCResponseLib.commands.own_features import WithOwnFeatures
from NeuroOrbitLib.command_line import main as run_command_line

COMMANDS = ("classify", "explain", "features", "cohort", "describe", "train", "crossvalidate", "evaluate", "compare",
            "recalibrate", "contributions")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with ``argv`` (the process's own arguments by default) and return the exit status."""
    return run_command_line(
        "python -m IVGCResponseLib",
        "Estimate from coronal T2 MRI and clinical features who will respond to intravenous glucocorticoids; train "
        "and judge the models that do so.",
        "IVGCResponseLib.commands",
        COMMANDS,
        argv,
        WithOwnFeatures,
    )


if __name__ == "__main__":
    sys.exit(main())
