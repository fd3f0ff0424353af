"""Command line of IVGCResponse: ``python -m IVGCResponseLib COMMAND --help``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from NeuroOrbitLib.command_line import main as run_command_line

COMMANDS = ("features",)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with ``argv`` (the process's own arguments by default) and return the exit status."""
    return run_command_line(
        "python -m IVGCResponseLib",
        "Radiomics features of the extraocular muscles, for the response to intravenous glucocorticoids.",
        "IVGCResponseLib.commands",
        COMMANDS,
        argv,
    )


if __name__ == "__main__":
    sys.exit(main())
