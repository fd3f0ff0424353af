"""``export-dicom``: write lesions as DICOM objects into the patient's study."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress
from NeuroOrbitLib.dicom.export_options import add_export_options, export_arguments, say_what_was_written


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments to the command line."""
    parser = subparsers.add_parser(
        "export-dicom", help="write lesions and their measures as DICOM",
        description="Measure and place the lesions of a mask, and write them as DICOM segmentation, a segment for each "
        "region, with their measures as structured report (TID 1500), into the study of the FLAIR. If the series "
        "lacks fields, a message lists them before anything is written. See docs/dicom.md. For research use only.")
    parser.add_argument("series", type=Path, help="folder of the DICOM series of the FLAIR, or of a study, whose FLAIR "
                        "is taken")
    parser.add_argument("--lesions", required=True, type=Path, help="lesion mask of 'segment' or of any other tool on "
                        "the FLAIR's grid")
    parser.add_argument("--anatomy", required=True, type=Path, help="the file that 'segment --anatomy' wrote")
    add_export_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Export the lesions and print what was written."""
    from NeuroDifferentialLib.dicom.export import export_lesions

    with TerminalProgress() as progress:
        result = export_lesions(str(arguments.series), str(arguments.lesions), str(arguments.anatomy),
                                progress=progress, **export_arguments(arguments))
    say_what_was_written(result, arguments)
    return SUCCESS
