"""``cohort``: make a synthetic cohort, or prepare one of your own."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from NeuroOrbitLib.classifiers.commands.cohort import CohortCommand

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.jobs.progress import Progress


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--region", choices=("both", "right", "left"), default="both", help="orbits in the crop")
    parser.add_argument("--scans", type=int, default=160, help="synthetic scans, one or two a patient (default 160)")
    parser.add_argument("--active", type=int, default=50, help="synthetic scans called active (default 50)")
    parser.add_argument("--workers", type=int, default=0, help="processes (default: one per processor core)")


def _synthetic(arguments: argparse.Namespace, progress: Progress) -> Cohort:
    from TAOActivityLib.synthetic.cohort import make_cohort
    from TAOActivityLib.synthetic.plan import ActivityCohortPlan

    plan = ActivityCohortPlan(arguments.patients, arguments.scans, arguments.active, arguments.seed)
    return make_cohort(arguments.output, plan, arguments.workers, arguments.region, progress)


def _imported(arguments: argparse.Namespace, progress: Progress) -> tuple[Cohort, list[str], list[str]]:
    from TAOActivityLib.cohort_table import import_cohort

    return import_cohort(arguments.table, arguments.output, arguments.region, progress=progress)


def _summary(cohort: Cohort) -> Iterator[str]:
    kind = "synthetic scans" if cohort.is_synthetic else "scans"
    yield (f"{len(cohort.cases)} {kind} of {len(set(cohort.patients))} patients, {int(cohort.labels.sum())} active, "
           f"in {cohort.folder}")
    if cohort.is_synthetic:
        yield (f"No classifier of these images can exceed an AUC of about {cohort.facts['ceiling_auc']:.3f}: "
               f"{cohort.facts['label_noise']:.0%} of the labels disagree with the inflammation.")


_COMMAND = CohortCommand(
    "Without --table: make a synthetic cohort of thyroid eye disease, by default of the size of Lin et al. 2021. With "
    "--table: read your scans, find the orbits, check every row, and prepare the crops that training needs.",
    "columns patient, image and one of label (active, inactive), cas (0 to 7) or the seven items of the clinical "
    "activity score; if wanted case and labels (a segmentation of the orbits)",
    108, _add_options, _synthetic, _imported, _summary)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
