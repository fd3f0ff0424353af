"""``segment``: find white-matter lesions in a FLAIR scan."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, writes


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments to the command line."""
    parser = subparsers.add_parser(
        "segment", help="find white-matter lesions in a FLAIR scan",
        description="Find the white-matter lesions in a FLAIR, with or without the skull, tell their places and tick "
        "the published criteria. For research use only.")
    parser.add_argument("flair", type=Path, help="FLAIR: NIfTI, NRRD or MetaImage file, or folder of a DICOM series or "
                        "of a study, whose FLAIR is taken")
    parser.add_argument("--t1", type=Path, help="T1 of the same visit; registered if on another grid or the head moved")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="LESIONS",
                        help="lesion mask to write, e.g. lesions.nii.gz; it holds lesions only")
    parser.add_argument("--anatomy", type=Path, metavar="FILE", help="write the parts of the brain to FILE, too")
    parser.add_argument("--model", metavar="NAME_OR_FOLDER",
                        help="what finds the lesions: classical, or name or folder of a model package")
    parser.add_argument("--threshold", type=float, metavar="NUMBER",
                        help="least peak of a lesion: SD above the expected tissue for the classical method "
                             "(default: 2.75), or a probability, 0 to 1, for a network; lower finds more")
    parser.add_argument("--smallest", type=float, metavar="MM3", help="drop smaller lesions (default: 9 mm3)")
    parser.add_argument("--table", type=Path, metavar="CSV", help="write one row per lesion to CSV")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    privacy.add_option(parser)
    writes(parser, "output", "anatomy", "table")


def run(arguments: argparse.Namespace) -> int:
    """Segment the lesions, and print the totals, the regions and the criteria."""
    from NeuroDifferentialLib.commands.showing import show
    from NeuroDifferentialLib.lesions.inventory import DEFAULT_MODEL
    from NeuroDifferentialLib.pipeline import segment_file

    with TerminalProgress() as progress:
        report = segment_file(str(arguments.flair), str(arguments.output), arguments.t1 and str(arguments.t1),
                              arguments.anatomy and str(arguments.anatomy), progress=progress,
                              model=arguments.model or DEFAULT_MODEL,
                              threshold=arguments.threshold, smallest_mm3=arguments.smallest)
    show(report, arguments.table, arguments.json, arguments.with_paths)
    return SUCCESS
