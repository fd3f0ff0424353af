"""``compare``: changes of the lesions between two visits."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, writes
from NeuroOrbitLib.number_text import with_change

COLUMNS = ("lesion", "change", "before_mm3", "after_mm3", "noise_mm3", "changed_mm3", "evidence_sd", "r_mm", "a_mm",
           "s_mm")


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments to the command line."""
    parser = subparsers.add_parser(
        "compare", help="find new, grown, shrunk and vanished lesions between two visits",
        description="Align the FLAIR scans of two visits of one patient and say which lesions are new, grown, shrunk, "
        "vanished and stable. For research use only.")
    parser.add_argument("first", type=Path, help="FLAIR of the earlier visit")
    parser.add_argument("second", type=Path, help="FLAIR of the later visit")
    for name, visit in (("first", "earlier"), ("second", "later")):
        parser.add_argument(f"--{name}-lesions", type=Path, metavar="MASK", help=f"lesions of the {visit} visit as "
                            "they were drawn or corrected, on its FLAIR's grid (default: found by the model)")
        parser.add_argument(f"--{name}-found", type=Path, metavar="MASK", help=f"what 'segment' had found in the "
                            f"{visit} visit before it was corrected, so that deletions are known; needed if it used a "
                            "T1 or another model (default: segmented again from the FLAIR alone)")
    parser.add_argument("-o", "--output", type=Path, metavar="CHANGE",
                        help="map of what changed to write: 1 new, 2 grown, 3 shrunk, 4 vanished; it lies half-way "
                             "between the visits")
    parser.add_argument("--flairs", type=Path, metavar="FOLDER", help="write both scans in the map's space to FOLDER")
    parser.add_argument("--model", metavar="NAME_OR_FOLDER",
                        help="what finds the lesions: classical, or name or folder of a model package")
    parser.add_argument("--table", type=Path, metavar="CSV", help="write one row per lesion to CSV")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    privacy.add_option(parser)
    writes(parser, "output", "table", "flairs/first.nii.gz", "flairs/second.nii.gz")


def run(arguments: argparse.Namespace) -> int:
    """Compare the visits, and print the volumes and the number of lesions of each kind."""
    from NeuroDifferentialLib.followup.compare import compare_files
    from NeuroDifferentialLib.lesions.inventory import DEFAULT_MODEL
    from NeuroOrbitLib.command_line import print_json
    from NeuroOrbitLib.files.safe import write_rows
    from NeuroOrbitLib.research_use import RESEARCH_USE

    with TerminalProgress() as progress:
        report = compare_files(str(arguments.first), str(arguments.second), arguments.output and str(arguments.output),
                               arguments.flairs and str(arguments.flairs), arguments.model or DEFAULT_MODEL, progress,
                               _texts(arguments.first_lesions, arguments.second_lesions),
                               _texts(arguments.first_found, arguments.second_found))
    for notice in report["notices"]:
        print(f"Note: {notice}", file=sys.stderr)
    if arguments.table:
        write_rows(arguments.table, COLUMNS, report["lesions"])
    if arguments.json:
        print_json({**(report if arguments.with_paths else privacy.without_paths(report)), "use": RESEARCH_USE})
        return SUCCESS
    before, after, change, noise = with_change(report["before_ml"], report["after_ml"], report["noise_ml"], 2)
    print(f"{before} ml at the first visit, {after} ml at the second: change {change} ml, noise +-{noise} ml.")
    print(", ".join(f"{report[name]} {name}" for name in ("new", "grown", "stable", "shrunk", "vanished")) + ".")
    print(f"\n{RESEARCH_USE}")
    return SUCCESS


def _texts(first: Path | None, second: Path | None) -> tuple[str | None, str | None]:
    return first and str(first), second and str(second)
