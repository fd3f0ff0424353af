"""``measure``: table, places and criteria of a lesion mask from any tool."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.command_line import SUCCESS, writes


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments to the command line."""
    parser = subparsers.add_parser(
        "measure", help="measure and place the lesions of a mask, tick the criteria",
        description="Split, measure and place the lesions of a mask, tick the published criteria. For research use "
        "only.")
    parser.add_argument("lesions", type=Path, help="lesion mask of 'segment' or of any other tool")
    parser.add_argument("--anatomy", required=True, type=Path, help="the file that 'segment --anatomy' wrote")
    parser.add_argument("--numbers", type=Path, metavar="FILE", help="write the number of each lesion to FILE")
    parser.add_argument("--table", type=Path, metavar="CSV", help="write one row per lesion to CSV")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    privacy.add_option(parser)
    writes(parser, "numbers", "table")


def run(arguments: argparse.Namespace) -> int:
    """Measure the lesions, and print the totals, the regions and the criteria."""
    from NeuroDifferentialLib.commands.showing import show
    from NeuroDifferentialLib.pipeline import measure_files

    report = measure_files(str(arguments.lesions), str(arguments.anatomy),
                           arguments.numbers and str(arguments.numbers))
    show(report, arguments.table, arguments.json, arguments.with_paths)
    return SUCCESS
