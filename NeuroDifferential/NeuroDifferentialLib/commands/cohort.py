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
        description="Without --table: make a synthetic cohort, by default of the paper's size, with its share of "
        "NMOSD. With --table: read your FLAIR scans, find or take the lesions, check every row, and prepare the "
        "lesion images and tables that training needs. A cohort that was interrupted is continued.",
    )
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the cohort")
    parser.add_argument("--table", type=Path, metavar="CSV", help="your cohort: columns patient, image (the FLAIR) "
                        "and diagnosis (NMOSD, MS); if wanted case, t1, labels (a lesion mask of any tool), anatomy, "
                        "age, female, plane, scanner")
    parser.add_argument("--patients", type=int, default=88, help="synthetic patients (default 88)")
    parser.add_argument("--seed", type=int, default=0, help="of the synthetic cohort (default 0)")
    parser.add_argument("--masks", choices=("segmented", "drawn"), default="segmented", help="lesions as 'segment' "
                        "finds them in a simulated FLAIR (default), or as they were drawn, which is faster")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="local:N for N processes of this computer, or the "
                        "address of a Dask scheduler (tcp://...)")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Make or prepare the cohort."""
    with TerminalProgress() as progress:
        cohort = (_imported if arguments.table else _synthetic)(arguments, progress)
    if arguments.json:
        print_json({"folder": str(cohort.folder), "cases": len(cohort.cases), **cohort.facts})
        return SUCCESS
    kind = "synthetic patients" if cohort.is_synthetic else "patients"
    print(f"{len(cohort)} {kind}, {int(cohort.labels.sum())} with NMOSD, in {cohort.folder}")
    if cohort.is_synthetic:
        print("{mix_nmosd_like_ms:.1%} of the patients with NMOSD have the lesions of MS, {mix_ms_like_nmosd:.1%} the "
              "other way. No classifier can exceed an AUC of {ceiling_auc:.3f} and an accuracy of "
              "{ceiling_accuracy:.3f} on average; the AUC of this cohort's ceiling is "
              "{ceiling_auc_of_this_cohort:.3f}.".format(**cohort.facts))
    return SUCCESS


def _synthetic(arguments: argparse.Namespace, progress: TerminalProgress) -> Cohort:
    from NeuroDifferentialLib.differential.synthetic.cohort import make_cohort
    from NeuroDifferentialLib.differential.synthetic.plan import CohortPlan

    plan = CohortPlan(arguments.patients, arguments.seed)
    return make_cohort(arguments.output, plan, arguments.masks, arguments.scheduler, progress)


def _imported(arguments: argparse.Namespace, progress: TerminalProgress) -> Cohort:
    from NeuroDifferentialLib.differential.cohort_table import import_cohort

    cohort, problems = import_cohort(arguments.table, arguments.output, arguments.scheduler, progress)
    for line in problems:
        print(f"Left out: {line}", file=sys.stderr)
    return cohort
