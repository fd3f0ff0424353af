"""``batch``: many scans segmented and measured in one go."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import FAILURE, SUCCESS, TerminalProgress, print_json
from NeuroOrbitLib.research_use import RESEARCH_USE


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "batch",
        help="segment and measure many scans",
        description="Segment and measure all scans below a folder (NIfTI, NRRD, DICOM trees of many patients; of each "
        "study the series that shows the orbits best), or those that a table lists. A scan that cannot be used never "
        "stops the others. See docs/batch.md.",
    )
    parser.add_argument("source", type=Path, metavar="FOLDER|TABLE.csv",
                        help="folder with scans, or table with the column 'scan'")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the results")
    parser.add_argument("--resume", action="store_true", help="go on with a batch that was interrupted")
    parser.add_argument("--scheduler", metavar="local:N|tcp://HOST:PORT",
                        help="N processes of this machine, or a Dask cluster (default: one scan after the other)")
    parser.add_argument("--model", help="name or folder of a model package (default: the one for any contrast)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
    parser.add_argument("--views", type=int, choices=range(1, 33), metavar="N",
                        help="views of each orbit, see 'segment'")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Segment and measure the scans, and print how many succeeded."""
    from OrbitSegmentationLib.batch.run import run_batch
    from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL

    with TerminalProgress() as progress:
        result = run_batch(str(arguments.source), str(arguments.output), arguments.resume, arguments.scheduler,
                           arguments.model or DEFAULT_MODEL, arguments.device, arguments.views, progress=progress)
    status = FAILURE if result["failed"] else SUCCESS
    if arguments.json:
        print_json({name: value for name, value in result.items() if name != "sentences"})
        return status
    print(f"{result['scans'] - result['failed']} of {result['scans']} scans segmented. Look at "
          f"{arguments.output / 'index.html'} first.")
    if result["noticed"]:
        print(f"Warning: scans with notices: {result['noticed']}. Read notices.csv before you use table.csv.",
              file=sys.stderr)
    if result["failed"]:
        print(f"Warning: {result['failed']} could not be done; failures.csv says why.", file=sys.stderr)
    print(RESEARCH_USE)
    return status
