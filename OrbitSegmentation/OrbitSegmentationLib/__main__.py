"""Command line of the orbit: ``python -m OrbitSegmentationLib COMMAND --help``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from NeuroOrbitLib.command_line import main as run_command_line

COMMANDS = ("segment", "batch", "evaluate", "measure", "compare", "report", "export-dicom", "import-dicom", "train",
            "phantom", "networks")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with ``argv`` (the process's own arguments by default) and return the exit status."""
    return run_command_line(
        "python -m OrbitSegmentationLib",
        "Segment and measure the orbits in CT and MRI, evaluate segmentations, train networks.",
        "OrbitSegmentationLib.commands",
        COMMANDS,
        argv,
    )


if __name__ == "__main__":
    sys.exit(main())
