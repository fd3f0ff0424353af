"""``cohort``: make a synthetic cohort, or prepare one of your own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "cohort",
        help="make a synthetic cohort, or prepare your own",
        description="Without --table: make a synthetic cohort of thyroid eye disease, by default of the size of Lin et "
        "al. 2021. With --table: read your scans, find the orbits, check every row, and prepare the crops that "
        "training needs. A cohort that was interrupted is continued.",
    )
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the cohort")
    parser.add_argument("--table", type=Path, metavar="CSV", help="your cohort: columns patient, image and one of "
                        "label (active, inactive), cas (0 to 7) or the seven items of the clinical activity score; "
                        "if wanted case and labels (a segmentation of the orbits)")
    parser.add_argument("--region", choices=("both", "right", "left"), default="both", help="orbits in the crop")
    parser.add_argument("--patients", type=int, default=108, help="synthetic patients (default 108)")
    parser.add_argument("--scans", type=int, default=160, help="synthetic scans, one or two a patient (default 160)")
    parser.add_argument("--active", type=int, default=50, help="synthetic scans called active (default 50)")
    parser.add_argument("--seed", type=int, default=0, help="of the synthetic cohort (default 0)")
    parser.add_argument("--workers", type=int, default=0, help="processes (default: one per processor core)")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Make or prepare the cohort."""
    with TerminalProgress() as progress:
        cohort = _imported(arguments, progress) if arguments.table else _synthetic(arguments, progress)
    if arguments.json:
        print_json({"folder": str(cohort.folder), "cases": len(cohort.cases), **cohort.facts})
        return SUCCESS
    kind = "synthetic scans" if cohort.is_synthetic else "scans"
    print(f"{len(cohort.cases)} {kind} of {len(set(cohort.patients))} patients, {int(cohort.labels.sum())} active, "
          f"in {cohort.folder}")
    if cohort.is_synthetic:
        print(f"No classifier of these images can exceed an AUC of about {cohort.facts['ceiling_auc']:.3f}: "
              f"{cohort.facts['label_noise']:.0%} of the labels disagree with the inflammation.")
    return SUCCESS


def _synthetic(arguments: argparse.Namespace, progress: TerminalProgress) -> Cohort:
    from TAOActivityLib.synthetic.cohort import make_cohort
    from TAOActivityLib.synthetic.plan import CohortPlan

    plan = CohortPlan(arguments.patients, arguments.scans, arguments.active, arguments.seed)
    return make_cohort(arguments.output, plan, arguments.workers, arguments.region, progress)


def _imported(arguments: argparse.Namespace, progress: TerminalProgress) -> Cohort:
    from TAOActivityLib.cohort_table import import_cohort

    cohort, problems = import_cohort(arguments.table, arguments.output, arguments.region, progress=progress)
    for line in problems:
        print(f"Left out: {line}", file=sys.stderr)
    return cohort
