"""Activity of thyroid eye disease as a classification task: its classes, the columns of its cohort, its estimators."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.classifiers.columns import Column
from NeuroOrbitLib.classifiers.task import ClassWords, Task
from NeuroOrbitLib.problem import Problem
from TAOActivityLib.inventory import ACTIVE, ACTIVITY_MODEL, PACKAGE_KIND

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.classifiers.network_estimator import NetworkEstimator, NetworkPredictor
    from NeuroOrbitLib.classifiers.novelty import Novelty
    from NeuroOrbitLib.classifiers.packing import PackageWords
    from NeuroOrbitLib.classifiers.tabular import TabularEstimator
    from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
    from NeuroOrbitLib.measurements.signal_ratio import SignalRatios
    from NeuroOrbitLib.models import ModelPackage
    from TAOActivityLib.preparation import Prepared

#: Version of the packages that this code trains, raised after every change to network, training or synthetic cohort.
VERSION = "0.2.0"
#: Score of a case for which only the label is known.
UNKNOWN_SCORE = -1
CONFIGS = Path(__file__).parent / "configs"

TASK = Task(
    PACKAGE_KIND,
    "Activity of thyroid-associated ophthalmopathy",
    (ClassWords("inactive", "inactive disease", ("0", "no")), ClassWords("active", "active disease", ("1", "yes"))),
    ACTIVE,
    (Column("score", "Clinical activity score", "integer", low=UNKNOWN_SCORE, high=7),
     Column("brain_ratio", "Highest ratio of a rectus to the brain"),
     Column("temporalis_ratio", "Highest ratio of a rectus to the temporal muscle"),
     Column("t2", "True T2 of the most inflamed muscle in a synthetic scan", unit="ms")),
)


def estimator_of(config: ClassifierConfig, device: str = "cpu") -> NetworkEstimator:
    """Return the network of a configuration with the module's augmentation and views."""
    from NeuroOrbitLib.classifiers.network_estimator import NetworkEstimator
    from TAOActivityLib.augmentation import augmented, views
    from TAOActivityLib.muscle_signals import muscle_signals

    return NetworkEstimator(config, build_network, augmented, views, muscle_signals, device=device)


def build_network(config: ClassifierConfig, sizes: Mapping[str, int]) -> nn.Module:
    """Return the configuration's network with fresh weights; it sees images only."""
    from TAOActivityLib.networks.registry import find

    return find(config.network).build(**config.network_options)


def predictor_of(package: ModelPackage, device: str = "cpu") -> NetworkPredictor:
    """Return the package's network, ready to classify.

    :raises ModelProblem: when the package is not a classifier of activity.
    """
    from NeuroOrbitLib.classifiers.package_predictor import predictor_of_package
    from TAOActivityLib.augmentation import views
    from TAOActivityLib.networks.registry import load

    return predictor_of_package(package, ACTIVITY_MODEL, load, views, device)


def baselines(cohort: Cohort) -> list[TabularEstimator]:
    """Return the semiquantitative measures that a network must beat: the highest signal ratio of any rectus."""
    from NeuroOrbitLib.classifiers.tabular import TabularEstimator

    known = {"signal ratio to brain": "brain_ratio", "signal ratio to temporalis": "temporalis_ratio"}
    return [TabularEstimator(title, (column,)) for title, column in known.items()
            if np.isfinite(cohort.numbers([column])).any()]


def package_words(config: ClassifierConfig, cohort: Cohort) -> PackageWords:
    """Return the description of a package trained on the cohort."""
    from NeuroOrbitLib.classifiers.packing import PackageWords
    from TAOActivityLib.networks.registry import find

    entry = find(config.network)
    return PackageWords(VERSION, "MRI, axial fat-suppressed T2", f"{entry.title}. {entry.paper}.",
                        {"region": cohort.facts.get("region", "both")}, "active")


def documents(predictor: NetworkPredictor, cohort: Cohort) -> dict[str, Any]:
    """Return the documents of a package with the data that later scans are compared with."""
    from NeuroOrbitLib.classifiers.familiarity import DOCUMENT
    from TAOActivityLib.familiarity import FAMILIARITY

    return {DOCUMENT: FAMILIARITY.document(predictor, cohort)}


def check_fit(package: ModelPackage, cohort: Cohort) -> None:
    """Refuse a cohort whose crops show other orbits than the package was trained with.

    :raises Problem: when they do.
    """
    region, known = cohort.facts.get("region", "both"), package.facts.settings.get("region", "both")
    if region != known:
        raise Problem(f"The model {package.name} looks at crops of {known}, the cohort shows {region}. Prepare the "
                      f"cohort with --region {known}.")


def novelty_scores(package: ModelPackage, cohort: Cohort, device: str = "cpu") -> list[Novelty] | None:
    """Return how unusual the package finds each case; ``None`` if the package cannot tell."""
    from TAOActivityLib.familiarity import FAMILIARITY

    return FAMILIARITY.of_cohort(package, predictor_of(package, device), cohort)


def numbers_of(score: float, ratios: SignalRatios | None = None, t2: float = float("nan")) -> dict[str, float]:
    """Return the numbers of a scan in the columns of the task, NaN where not known.

    :param score: clinical activity score; :data:`UNKNOWN_SCORE` if only the label is known.
    :param ratios: signal ratios of the scan.
    :param t2: true T2 (ms) of the most inflamed muscle in a synthetic scan.
    """
    brain, temporalis = (ratios.highest(name) if ratios else float("nan") for name in ("brain", "temporalis"))
    return {"score": float(score), "brain_ratio": brain, "temporalis_ratio": temporalis, "t2": t2}


def arrays_of(prepared: Prepared) -> dict[str, np.ndarray]:
    """Return the arrays of a prepared scan for a cohort: image (float16) and labels (uint8), both (5, 164, 164)."""
    return {"image": prepared.image.array.astype(np.float16), "labels": prepared.labels.array}
