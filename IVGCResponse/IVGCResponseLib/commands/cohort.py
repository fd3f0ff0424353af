"""``cohort``: make a synthetic cohort, or prepare one of your own."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from NeuroOrbitLib.classifiers.commands.answering import add_engine
from NeuroOrbitLib.classifiers.commands.cohort import CohortCommand, add_scheduler

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.classifiers.region_study import RegionSettings
    from NeuroOrbitLib.jobs.progress import Progress


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lead", type=float, default=0.6, help="how much more the medial and lateral rectus say about "
                        "the response in synthetic patients, from 0 (all muscles alike) to 1 (these two alone; default "
                        "0.6)")
    parser.add_argument("--pixel", type=float, metavar="MM", help="edge of the synthetic scans' pixels; drawn from 0.5 "
                        "to 0.65 mm if not given, larger is faster")
    parser.add_argument("--label-maps", type=Path, metavar="DIR", help="real heads around the orbits of synthetic "
                        "patients: a folder of label maps in the SynthSeg convention (*.nii.gz)")
    parser.add_argument("--box", choices=("four_recti", "group", "masked"), default="four_recti", help="what the "
                        "volumes show: the box of all four recti (default), that of a group, or all masked but a group")
    parser.add_argument("--box-muscles", default="4_recti", metavar="GROUP", help="the group of --box: SR, IR, MR, LR, "
                        "MR+LR or 4_recti (default)")
    parser.add_argument("--profile", default="rdinet-660", help="radiomics features: rdinet-660 (default), full, a "
                        "file, or none")
    parser.add_argument("--pairs", action="store_true", help="radiomics of every pair of muscles, beside MR+LR")
    add_engine(parser)
    add_scheduler(parser)


def _settings(arguments: argparse.Namespace) -> RegionSettings:
    from IVGCResponseLib.muscle_groups import PAIRS
    from IVGCResponseLib.study import STUDY

    return STUDY.settings(arguments.box, arguments.box_muscles, arguments.profile, arguments.engine,
                          PAIRS if arguments.pairs else ())


def _synthetic(arguments: argparse.Namespace, progress: Progress) -> Cohort:
    from IVGCResponseLib.synthetic.cohort import make_cohort
    from IVGCResponseLib.synthetic.muscles import MuscleEffects
    from IVGCResponseLib.synthetic.plan import ResponseCohortPlan
    from NeuroOrbitLib.phantom.head.labelmaps import label_maps_in

    plan = ResponseCohortPlan(arguments.patients, arguments.seed, MuscleEffects(arguments.lead))
    return make_cohort(arguments.output, plan, _settings(arguments), arguments.scheduler, arguments.pixel,
                       progress, label_maps=label_maps_in(arguments.label_maps))


def _imported(arguments: argparse.Namespace, progress: Progress) -> tuple[Cohort, list[str], list[str]]:
    from IVGCResponseLib.cohort_table import import_cohort

    return import_cohort(arguments.table, arguments.output, _settings(arguments), scheduler=arguments.scheduler,
                         progress=progress)


def _summary(cohort: Cohort) -> Iterator[str]:
    kind = "synthetic patients" if cohort.is_synthetic else "patients"
    yield f"{len(cohort)} {kind}, {int(cohort.labels.sum())} responders, in {cohort.folder}"
    if cohort.is_synthetic:
        yield ("No classifier can exceed these AUC on average: image alone {ceiling_auc_image:.3f}, clinical features "
               "alone {ceiling_auc_clinical:.3f}, both {ceiling_auc:.3f}.".format(**cohort.facts))


_COMMAND = CohortCommand(
    "Without --table: make a synthetic cohort, by default of the size of Zhang et al. 2026, with its share of "
    "responders. With --table: read your scans, segment the orbits, check every row, and prepare the volumes and "
    "features that training needs.",
    "columns patient, image and response (responder, non-responder); if wanted case, labels (a segmentation of the "
    "orbits) and the clinical features",
    147, _add_options, _synthetic, _imported, _summary)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
