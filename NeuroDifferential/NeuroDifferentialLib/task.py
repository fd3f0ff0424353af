"""NMOSD or MS as a classification task: classes, columns, estimators, packages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroDifferentialLib.differential.cacciaguerra import CacciaguerraCriteria
from NeuroDifferentialLib.differential.columns import all_columns
from NeuroDifferentialLib.differential.estimators import (
    CRITERIA,
    INPUT,
    INPUTS,
    LOAD,
    START,
    TABLE,
    estimator_of,
    tabular_of,
)
from NeuroDifferentialLib.differential.inventory import CLASS_NAMES, PACKAGE_KIND
from NeuroOrbitLib.classifiers.task import ClassWords, Task
from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.classifiers.novelty import Novelty
    from NeuroOrbitLib.classifiers.package_predictor import PackagePredictor
    from NeuroOrbitLib.classifiers.packing import PackageWords
    from NeuroOrbitLib.classifiers.task import Estimator
    from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
    from NeuroOrbitLib.models import ModelPackage

__all__ = ["CONFIGS", "TASK", "baselines", "check_fit", "documents", "estimator_of", "novelty_scores", "package_words",
           "predictor_of"]

#: Version of the packages that this code trains, increased after every change to network, training or cohort.
VERSION = "0.4.0"
NMOSD = 1
CONFIGS = Path(__file__).parent / "differential" / "configs"

TASK = Task(
    PACKAGE_KIND,
    "NMOSD or MS by the lesions of the brain",
    (ClassWords(CLASS_NAMES[0], "multiple sclerosis", ("0", "multiple sclerosis")),
     ClassWords(CLASS_NAMES[1], "neuromyelitis optica spectrum disorder", ("1", "nmo", "neuromyelitis optica"))),
    NMOSD,
    all_columns(),
)


def predictor_of(package: ModelPackage, device: str = "cpu") -> PackagePredictor:
    """Return the package's network or learner on the lesion table, ready to predict.

    :param package: model package.
    :param device: device that computes, "cpu" or "cuda".
    :raises ModelProblem: when the package does not distinguish NMOSD from MS.
    """
    from NeuroDifferentialLib.differential.augmentation import views
    from NeuroDifferentialLib.differential.inventory import DIFFERENTIAL_MODEL
    from NeuroDifferentialLib.differential.networks.registry import load
    from NeuroOrbitLib.classifiers.package_predictor import predictor_of_package

    return predictor_of_package(package, DIFFERENTIAL_MODEL, load, views, device, input_of(package))


def input_of(package: ModelPackage) -> str:
    """Return the name of the array that the package's network takes; drawn lesions are replaced by lesions found."""
    name = str(package.facts.settings.get(INPUT, INPUTS[0]))
    return INPUTS[0] if name == "true_lesions" else name


def baselines(cohort: Cohort) -> list[Estimator]:
    """Return the estimators that a network must surpass: learners on the lesion table, lesion volume, and criteria."""
    return [tabular_of(TABLE, "logistic", "lesion table, logistic regression"),
            tabular_of(TABLE, "forest", "lesion table, random forest"),
            tabular_of(LOAD, "logistic", "total lesion volume"), CacciaguerraCriteria()]


def package_words(config: ClassifierConfig, cohort: Cohort) -> PackageWords:
    """Return the statements of a package that is trained on the cohort.

    :param config: configuration of the training.
    :param cohort: training cohort.
    :raises Problem: for the published criteria, which are not trained.
    """
    from NeuroDifferentialLib.differential.networks.pretrained import start_sha256
    from NeuroDifferentialLib.differential.networks.registry import PAPER, find
    from NeuroOrbitLib.classifiers.packing import PackageWords

    if config.network == CRITERIA:
        raise Problem("Published criteria learn nothing and need no package. Judge them with crossvalidate instead.")
    of_numbers = config.network in (TABLE, LOAD)
    text = ("Logistic regression or random forest on the lesion table: counts and volumes by region, shapes and "
            "directions of the lesions." if of_numbers else f"{find(config.network).title}. {PAPER}.")
    start = config.network_options.get(START)
    settings = {INPUT: config.network_options.get(INPUT, INPUTS[0]), "masks": cohort.facts.get("masks", "own"),
                **({"start_sha256": start_sha256(start)} if start else {})}
    return PackageWords(VERSION, "MRI, FLAIR of the brain", text, settings, "with NMOSD")


def documents(predictor: PackagePredictor, cohort: Cohort) -> dict[str, Any]:
    """Return the documents of a package: the reference with which later patients are compared."""
    from NeuroDifferentialLib.differential.familiarity import FAMILIARITY
    from NeuroOrbitLib.classifiers.familiarity import DOCUMENT

    return {DOCUMENT: FAMILIARITY.document(predictor, cohort)}


def check_fit(package: ModelPackage, cohort: Cohort) -> None:
    """Refuse a cohort without the images that the package's network takes.

    :param package: model package.
    :param cohort: prepared cohort.
    :raises Problem: when the first case lacks them.
    """
    if len(cohort):
        cohort.array(input_of(package), 0)


def novelty_scores(package: ModelPackage, cohort: Cohort, device: str = "cpu") -> list[Novelty] | None:
    """Return how unusual each case is for the package, or None if it contains no reference."""
    from NeuroDifferentialLib.differential.familiarity import FAMILIARITY

    return FAMILIARITY.of_cohort(package, predictor_of(package, device), cohort)
