"""``cohort``: make a synthetic cohort, or prepare one of your own."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from NeuroOrbitLib.classifiers.commands.cohort import CohortCommand, add_scheduler

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.jobs.progress import Progress


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--masks", choices=("segmented", "drawn"), default="segmented", help="lesions as 'segment' "
                        "finds them in a simulated FLAIR (default), or as they were drawn, which is faster")
    add_scheduler(parser)


def _synthetic(arguments: argparse.Namespace, progress: Progress) -> Cohort:
    from NeuroDifferentialLib.differential.synthetic.cohort import make_cohort
    from NeuroDifferentialLib.differential.synthetic.plan import DifferentialCohortPlan

    plan = DifferentialCohortPlan(arguments.patients, arguments.seed)
    return make_cohort(arguments.output, plan, arguments.masks, arguments.scheduler, progress)


def _imported(arguments: argparse.Namespace, progress: Progress) -> tuple[Cohort, list[str], list[str]]:
    from NeuroDifferentialLib.differential.cohort_table import import_cohort

    return import_cohort(arguments.table, arguments.output, arguments.scheduler, progress)


def _summary(cohort: Cohort) -> Iterator[str]:
    kind = "synthetic patients" if cohort.is_synthetic else "patients"
    yield f"{len(cohort)} {kind}, {int(cohort.labels.sum())} with NMOSD, in {cohort.folder}"
    if cohort.is_synthetic:
        yield ("{mix_nmosd_like_ms:.1%} of the patients with NMOSD have the lesions of MS, {mix_ms_like_nmosd:.1%} the "
               "other way. No classifier can exceed an AUC of {ceiling_auc:.3f} and an accuracy of "
               "{ceiling_accuracy:.3f} on average; the AUC of this cohort's ceiling is "
               "{ceiling_auc_of_this_cohort:.3f}.".format(**cohort.facts))


_COMMAND = CohortCommand(
    "Without --table: make a synthetic cohort, by default of the paper's size, with its share of NMOSD. With --table: "
    "read your FLAIR scans, find or take the lesions, check every row, and prepare the lesion images and tables that "
    "training needs.",
    "columns patient, image (the FLAIR) and diagnosis (NMOSD, MS); if wanted case, t1, labels (a lesion mask of any "
    "tool), anatomy, age, female, plane, scanner",
    88, _add_options, _synthetic, _imported, _summary, may_differ=("masks",))
add_parser, run = _COMMAND.add_parser, _COMMAND.run
