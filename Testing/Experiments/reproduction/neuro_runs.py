"""Runs the reproduction of the study on NMOSD and MS step by step; finished steps are kept and not repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from NeuroDifferentialLib import task
from NeuroDifferentialLib.differential.columns import PLANE, SCANNER
from NeuroDifferentialLib.differential.estimators import INPUT
from NeuroDifferentialLib.differential.inventory import DIFFERENTIAL_MODEL
from NeuroDifferentialLib.differential.synthetic.cohort import Masks, make_cohort
from NeuroDifferentialLib.differential.synthetic.plan import DifferentialCohortPlan
from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan
from NeuroOrbitLib.classifiers.describe import describe_cohort, table_cells, table_header
from NeuroOrbitLib.classifiers.judging import judge_by_crossvalidation, judge_by_split, judge_package, out_of_fold
from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.jobs.progress import Progress, part
from NeuroOrbitLib.models import ModelPackage
from Testing.Experiments.reproduction.neuro_complexity import measured
from Testing.Experiments.reproduction.neuro_curves import followed
from Testing.Experiments.reproduction.neuro_lesions import judge_explanations
from Testing.Experiments.reproduction.neuro_plan import BASELINES, PACKAGES, Judged, Scale
from Testing.Experiments.reproduction.results import kept

#: Share of the time that the cohorts take.
_COHORTS = 0.5
Step = Callable[[Progress], dict[str, Any]]


@dataclass(frozen=True)
class Cohorts:
    """The synthetic cohorts.

    :param study: cohort of the cross-validations: lesions found in a FLAIR, or drawn ones at the quick scale.
    :param drawn: the same patients with their lesions as drawn.
    :param found: patients whose lesions are found in a FLAIR.
    :param twins: the same patients with their lesions as drawn.
    :param fresh: patients for the packages, whose lesions are found in a FLAIR, as those of a real patient are.
    """

    study: Cohort
    drawn: Cohort
    found: Cohort
    twins: Cohort
    fresh: Cohort


def run_all(scale: Scale, folder: Path, device: str, progress: Progress) -> None:
    """Run every step; its result is then in ``folder``."""
    cohorts = make_cohorts(scale, folder, part(progress, 0.0, _COHORTS))
    steps = steps_of(scale, cohorts, folder, device)
    for number, (name, step) in enumerate(steps.items()):
        share = part(progress, *(_COHORTS + (1 - _COHORTS) * place / len(steps) for place in (number, number + 1)))
        share(0.0, name)
        about = [package for package in shipped() if name.endswith(f"-{package.name}")]
        kept(folder / name / "evaluation.json", lambda step=step, share=share: step(share), *about)
    progress(1.0, "Done")


def make_cohorts(scale: Scale, folder: Path, progress: Progress) -> Cohorts:
    """Make the cohorts, or their missing cases; patients of several cohorts are drawn once."""
    made: dict[tuple[DifferentialCohortPlan, Masks], Cohort] = {}

    def cohort(plan: DifferentialCohortPlan, masks: Masks, start: float, end: float) -> Cohort:
        if (plan, masks) not in made:
            made[plan, masks] = make_cohort(folder / f"cohort-{plan.seed}-{masks}", plan, masks,
                                            progress=part(progress, start, end))
        return made[plan, masks]

    drawn = cohort(scale.study, "drawn", 0.0, 0.2)
    found = cohort(scale.found, "segmented", 0.2, 0.5)
    twins, fresh = cohort(scale.found, "drawn", 0.5, 0.55), cohort(scale.fresh, "segmented", 0.55, 1.0)
    return Cohorts(found if scale.finds else drawn, drawn, found, twins, fresh)


def steps_of(scale: Scale, cohorts: Cohorts, folder: Path, device: str) -> Mapping[str, Step]:
    """Return every step after the cohorts by the name of its folder, quick steps first."""
    steps: dict[str, Step] = {"table-1": lambda progress: table_1(cohorts)}
    for name in BASELINES:
        steps[name] = _judging(scale.baseline(name), cohorts.study, folder / name, device)
    for package in shipped():
        steps |= _package_steps(package, scale, cohorts, folder)
    for key in scale.complexity:
        steps[f"complexity-{key}"] = lambda progress, key=key: measured(key)
    steps["noise"] = lambda progress: noise(scale, cohorts.study, folder / "noise", device, progress)
    for each in scale.networks:
        steps[each.key] = _judging(each.config(), cohorts.study, folder / each.key, device, each)
    if scale.finds:
        steps |= _second_row(scale, cohorts, folder, device)
    for key, epochs in scale.curves:
        steps[f"curves-{key}"] = lambda progress, key=key, epochs=epochs: followed(
            cohorts.study, scale.network(key), folder / f"curves-{key}", epochs, device, progress)
    return steps


def shipped() -> list[ModelPackage]:
    """Return the extension's packages that are installed."""
    return [package for package in DIFFERENTIAL_MODEL.inventory("").packages if package.name in PACKAGES]


def table_1(cohorts: Cohorts) -> dict[str, Any]:
    """Return the comparison of the classes in the study, and by plane and scanner if there are scans."""
    return {"study": _compared(cohorts.study), "scans": _compared(cohorts.found, (PLANE, SCANNER))}


def crossvalidated(cohort: Cohort, config: ClassifierConfig, folder: Path, device: str, progress: Progress,
                   permutation: int | None = None) -> dict[str, Any]:
    """Return the evaluation of a configuration by its folds and repeats."""
    return judge_by_crossvalidation(task.TASK, cohort, task.estimator_of(config, device), folder,
                                    Plan(config.folds, config.repeats, config.seed, permutation=permutation),
                                    config.title, config.threshold, progress=progress)


def first_fold(cohort: Cohort, config: ClassifierConfig, folder: Path, device: str, progress: Progress
               ) -> dict[str, Any]:
    """Return the evaluation of a configuration by its first fold alone."""
    fold = Plan(config.folds, 1, config.seed).dealt(cohort)[0]
    held = replace(cohort, facts={**cohort.facts, "test_cases": [cohort.names[place] for place in fold.held_out]})
    return judge_by_split(task.TASK, held, task.estimator_of(config, device), folder,
                          Plan(config.folds, seed=config.seed), config.title, config.threshold, progress=progress)


def noise(scale: Scale, cohort: Cohort, folder: Path, device: str, progress: Progress) -> dict[str, Any]:
    """Return the AUC on permuted labels of the lesion table, and of the compact network if requested."""
    estimator = task.estimator_of(scale.baseline("table-logistic"))
    table = []
    for seed in range(1, scale.permutations + 1):
        progress(0.3 * seed / scale.permutations, "Permuting labels")
        found = out_of_fold(cohort, estimator, folder / "none", Plan(seed=seed, permutation=seed))
        table.append(area_under_curve(found.labels, found.probabilities))
    network = []
    for seed in range(1, scale.network_permutations + 1):
        config = replace(scale.network("two_view_compact"), repeats=1)
        judged = crossvalidated(cohort, config, folder / str(seed), device, part(progress, 0.3, 1.0), seed)
        network.append(judged["repeats"][0]["auc"])
    return {"table": table, "network": network}


def _judging(config: ClassifierConfig, cohort: Cohort, folder: Path, device: str, each: Judged | None = None) -> Step:
    judge = first_fold if each is not None and each.one_fold else crossvalidated
    return lambda progress: judge(cohort, config, folder, device, progress)


def _second_row(scale: Scale, cohorts: Cohorts, folder: Path, device: str) -> dict[str, Step]:
    """Return the same patients with their lesions as drawn, and with the FLAIR inside of the lesions."""
    name, config = "two_view_compact", scale.network("two_view_compact")
    flair = replace(config, network_options={**config.network_options, INPUT: "flair"})
    return {f"drawn-{name}": _judging(config, cohorts.drawn, folder / f"drawn-{name}", device),
            "drawn-table-logistic": _judging(scale.baseline("table-logistic"), cohorts.drawn,
                                             folder / "drawn-table-logistic", device),
            f"flair-{name}": _judging(flair, cohorts.study, folder / f"flair-{name}", device)}


def _package_steps(package: ModelPackage, scale: Scale, cohorts: Cohorts, folder: Path) -> dict[str, Step]:
    name = package.name
    judged = {"package": cohorts.fresh, "drawn-masks": cohorts.twins, "found-masks": cohorts.found}
    steps: dict[str, Step] = {
        f"{kind}-{name}": lambda progress, kind=kind, cohort=cohort: judge_package(
            task, package, cohort, folder / f"{kind}-{name}") for kind, cohort in judged.items()}
    steps[f"lesions-{name}"] = lambda progress: judge_explanations(package, scale.fresh, scale.explained, cohorts.study,
                                                                   progress)
    return steps


def _compared(cohort: Cohort, names: tuple[str, ...] | None = None) -> dict[str, list[list[str]] | list[str]]:
    columns = [column for column in task.TASK.columns if names is None or column.name in names]
    rows = describe_cohort(cohort, columns, task.TASK.classes)
    return {"header": table_header(task.TASK.classes), "rows": table_cells(rows)}
