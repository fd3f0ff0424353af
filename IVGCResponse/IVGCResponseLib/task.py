"""Response to intravenous glucocorticoids as a classification task: classes, columns, estimators, packages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IVGCResponseLib.clinical import FEATURES, clinical_columns
from IVGCResponseLib.estimators import CLINICAL, RATIO, TABULAR, estimator_of
from IVGCResponseLib.inventory import CLASS_NAMES, PACKAGE_KIND
from IVGCResponseLib.muscle_groups import ALL_RECTI, values_of
from IVGCResponseLib.signal_ratio import LOWEST_COLUMN
from IVGCResponseLib.study import STUDY
from NeuroOrbitLib.classifiers.column_file import FileColumns
from NeuroOrbitLib.classifiers.columns import Column
from NeuroOrbitLib.classifiers.preparation import preparation_of, require_same_meaning, require_same_preparation
from NeuroOrbitLib.classifiers.sources import learner_of
from NeuroOrbitLib.classifiers.task import ClassWords, Task
from NeuroOrbitLib.sentences import sentence as _

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

#: Version of the packages that this code trains, raised after every change to network, training or synthetic cohort.
VERSION = "0.2.0"
RESPONDER = 1
CONFIGS = Path(__file__).parent / "configs"
#: First sentence of the card of every package that was trained only on synthetic patients.
DEMONSTRATION = ("A demonstration model: it has learned from synthetic patients alone and says nothing about real "
                 "ones.")
#: Document of a package: mean z-score of every rectus in the training images, for the explanation by muscle.
MUSCLE_MEANS = "muscle_means"

TASK = Task(
    PACKAGE_KIND,
    "Response to intravenous glucocorticoids",
    (ClassWords(CLASS_NAMES[0], _("no response"), ("0", "no", "non-responder", "nonresponder", "nr")),
     ClassWords(CLASS_NAMES[1], _("response"), ("1", "yes", "r"))),
    RESPONDER,
    FileColumns(FEATURES, Column(LOWEST_COLUMN, _("Lowest signal ratio of the recti to the temporal muscles"))),
)


def predictor_of(package: ModelPackage, device: str = "cpu") -> PackagePredictor:
    """Return the package's network or learner on numbers, ready to estimate.

    :raises ModelProblem: when the package does not estimate the response.
    """
    from IVGCResponseLib.inventory import RESPONSE_MODEL
    from IVGCResponseLib.networks.registry import load
    from NeuroOrbitLib.classifiers.augmentation import views
    from NeuroOrbitLib.classifiers.package_predictor import predictor_of_package

    return predictor_of_package(package, RESPONSE_MODEL, load, views, device)


def baselines(cohort: Cohort) -> list[Estimator]:
    """Return the estimators that a network must beat: the signal ratio, and the clinical features alone."""
    ratio = np.isfinite(cohort.numbers([LOWEST_COLUMN])).any() if LOWEST_COLUMN in cohort.columns else False
    clinical = [column.name for column in clinical_columns() if column.name in cohort.columns]
    known = bool(clinical) and np.isfinite(cohort.numbers(clinical)).any()
    return [learner_of(kind, {}, kind, TABULAR) for kind, there in ((RATIO, ratio), (CLINICAL, known)) if there]


def package_words(config: ClassifierConfig, cohort: Cohort) -> PackageWords:
    """Return the description of a package trained on the cohort.

    :raises ValueError: for a network that does not exist.
    """
    from IVGCResponseLib.networks.registry import PAPER, find
    from NeuroOrbitLib.classifiers.packing import PackageWords

    changed = ", ".join(f"{name} {value}" for name, value in config.network_options.items())
    title = config.title if config.network in TABULAR else (
        find(config.network).title + (f"; with {changed}" if changed else ""))
    demonstration = f"{DEMONSTRATION} " if cohort.is_synthetic else ""
    return PackageWords(VERSION, "MRI, coronal T2", f"{demonstration}{title}. {PAPER}.",
                        preparation_of(cohort.facts, STUDY.preparation), "responders")


def documents(predictor: PackagePredictor, cohort: Cohort) -> dict[str, Any]:
    """Return a package's data for comparison with later scans, and the signals that replace muscles in explanations."""
    from IVGCResponseLib.familiarity import FAMILIARITY
    from NeuroOrbitLib.classifiers import distribution
    from NeuroOrbitLib.classifiers.familiarity import DOCUMENT
    from NeuroOrbitLib.saliency.replacement import mean_signals

    labels = [cohort.array("labels", place) for place in range(len(cohort))]
    return {DOCUMENT: FAMILIARITY.document(predictor, cohort),
            MUSCLE_MEANS: mean_signals(cohort.arrays("image"), labels, values_of(ALL_RECTI)),
            distribution.DOCUMENT: distribution.distribution_document(cohort, predictor.columns),
            **FEATURES.document()}


def check_fit(package: ModelPackage, cohort: Cohort) -> None:
    """Refuse a cohort that was prepared differently from the package's training cohort.

    :raises Problem: when its images were cropped differently, other features were computed, or clinical features are
        in other units or words.
    """
    taken = predictor_of(package).columns
    require_same_preparation(package, cohort, STUDY.preparation, taken)
    require_same_meaning(package, cohort, FEATURES, taken)


def novelty_scores(package: ModelPackage, cohort: Cohort, device: str = "cpu") -> list[Novelty] | None:
    """Return how unusual the package finds each case; ``None`` if the package cannot tell."""
    from IVGCResponseLib.familiarity import FAMILIARITY

    return FAMILIARITY.of_cohort(package, predictor_of(package, device), cohort)
