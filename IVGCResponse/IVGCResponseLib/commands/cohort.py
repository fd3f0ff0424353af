"""``cohort``: make a synthetic cohort, or prepare one of your own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json

if TYPE_CHECKING:
    from IVGCResponseLib.cases import CaseSettings
    from NeuroOrbitLib.classifiers.cohort import Cohort


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "cohort",
        help="make a synthetic cohort, or prepare your own",
        description="Without --table: make a synthetic cohort, by default of the size of Zhang et al. 2026, with its "
        "share of responders. With --table: read your scans, segment the orbits, check every row, and prepare the "
        "volumes and features that training needs. A cohort that was interrupted is continued.",
    )
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the cohort")
    parser.add_argument("--table", type=Path, metavar="CSV", help="your cohort: columns patient, image and response "
                        "(responder, non-responder); if wanted case, labels (a segmentation of the orbits) and the "
                        "clinical features")
    parser.add_argument("--patients", type=int, default=147, help="synthetic patients (default 147)")
    parser.add_argument("--seed", type=int, default=0, help="of the synthetic cohort (default 0)")
    parser.add_argument("--lead", type=float, default=0.6, help="how much more medial and lateral rectus tell in "
                        "synthetic patients: 0 all muscles alike, 1 those two alone (default 0.6)")
    parser.add_argument("--pixel", type=float, metavar="MM", help="edge of the synthetic scans' pixels; 0.5 to 0.65 mm "
                        "by chance if not given, larger is faster")
    parser.add_argument("--box", choices=("four_recti", "group", "masked"), default="four_recti", help="what the "
                        "volumes show: the box of all four recti (default), that of a group, or all masked but a group")
    parser.add_argument("--box-muscles", default="4_recti", metavar="GROUP", help="the group of --box: SR, IR, MR, LR, "
                        "MR+LR or 4_recti (default)")
    parser.add_argument("--profile", default="rdinet-660", help="radiomics features: rdinet-660 (default), full, a "
                        "file, or none")
    parser.add_argument("--pairs", action="store_true", help="radiomics of every pair of muscles, beside MR+LR")
    parser.add_argument("--engine", choices=("auto", "pyradiomics", "own"), default="auto", help="of the radiomics "
                        "features")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="local:N for N processes of this computer, or the "
                        "address of a Dask scheduler (tcp://...)")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Make or prepare the cohort."""
    from IVGCResponseLib.cases import CaseSettings
    from IVGCResponseLib.muscle_groups import values_of

    values_of(arguments.box_muscles)  # refuses a group that does not exist before anything is made
    settings = CaseSettings(arguments.box, arguments.box_muscles, arguments.profile, arguments.engine,
                            arguments.pairs)
    with TerminalProgress() as progress:
        make = _imported if arguments.table else _synthetic
        cohort = make(arguments, settings, progress)
    if arguments.json:
        print_json({"folder": str(cohort.folder), "cases": len(cohort.cases), **cohort.facts})
        return SUCCESS
    kind = "synthetic patients" if cohort.is_synthetic else "patients"
    print(f"{len(cohort)} {kind}, {int(cohort.labels.sum())} responders, in {cohort.folder}")
    if cohort.is_synthetic:
        print("No classifier can exceed these AUC on average: image alone {ceiling_auc_image:.3f}, clinical features "
              "alone {ceiling_auc_clinical:.3f}, both {ceiling_auc:.3f}.".format(**cohort.facts))
    return SUCCESS


def _synthetic(arguments: argparse.Namespace, settings: CaseSettings, progress: TerminalProgress) -> Cohort:
    from IVGCResponseLib.synthetic.cohort import make_cohort
    from IVGCResponseLib.synthetic.muscles import MuscleEffects
    from IVGCResponseLib.synthetic.plan import CohortPlan

    plan = CohortPlan(arguments.patients, arguments.seed, MuscleEffects(arguments.lead))
    return make_cohort(arguments.output, plan, settings, arguments.scheduler, arguments.pixel, progress)


def _imported(arguments: argparse.Namespace, settings: CaseSettings, progress: TerminalProgress) -> Cohort:
    from IVGCResponseLib.cohort_table import import_cohort

    cohort, problems = import_cohort(arguments.table, arguments.output, settings, scheduler=arguments.scheduler,
                                     progress=progress)
    for line in problems:
        print(f"Left out: {line}", file=sys.stderr)
    return cohort
