"""Every way to learn the response: networks, radiomics of a group of muscles, clinical features, the signal ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.muscle_groups import STRATEGIES, values_of
from IVGCResponseLib.preparation import EDGE
from IVGCResponseLib.signal_ratio import LOWEST_COLUMN, ratio_column
from NeuroOrbitLib.classifiers.nested import NestedChoice
from NeuroOrbitLib.classifiers.number_inputs import NumberInput
from NeuroOrbitLib.classifiers.tabular import LEARNERS, Learner, TabularEstimator
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.columns import beginning_of, column_of

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.classifiers.network_estimator import NetworkEstimator
    from NeuroOrbitLib.classifiers.task import Estimator
    from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
    from NeuroOrbitLib.models.networks import Network

#: Selection of features inside the fold: reproducible, different between the classes, at most ten by LASSO.
SELECTION: Mapping[str, Mapping[str, Any]] = {
    "reproducibility": {"smallest": 0.75}, "difference": {"p": 0.05},
    "lasso": {"largest": 10, "rule": "min", "folds": 10},
}  # fmt: skip
#: Feature that tells a muscle's size.
VOLUME = "original_shape_MeshVolume"
#: Value of ``network`` in a configuration that is no network: learners on radiomics, clinical features, signal ratio.
RADIOMICS, CLINICAL, RATIO = "radiomics", "clinical", "signal_ratio"
TABULAR = (RADIOMICS, CLINICAL, RATIO)


def estimator_of(config: ClassifierConfig, device: str = "cpu") -> Estimator:
    """Return what a configuration describes.

    :raises Problem: for groups of numbers or options that do not exist.
    """
    if config.network in TABULAR:
        return tabular_of(config.network, config.network_options, config.name)
    return network_of(config, device)


def network_of(config: ClassifierConfig, device: str = "cpu") -> NetworkEstimator:
    """Return the network of a configuration with the module's augmentation and views."""
    from IVGCResponseLib.augmentation import augmented, views
    from NeuroOrbitLib.classifiers.network_estimator import NetworkEstimator

    numbers = {name: number_input(name, options) for name, options in config.numbers.items()}
    return NetworkEstimator(config, build_network, partial(augmented, edge=edge_of(config)), views, muscle_measures,
                            numbers=numbers, device=device)


def edge_of(config: ClassifierConfig) -> int:
    """Return how many rows and columns the configuration's network averages volumes to.

    :raises Problem: when the network does not exist.
    """
    return int({**registered(config.network).options, **config.network_options}.get("edge", EDGE))


def registered(name: str) -> Network:
    """Return a network by name.

    :raises Problem: when it does not exist.
    """
    from IVGCResponseLib.networks.registry import find

    try:
        return find(name)
    except ValueError as error:
        raise Problem(f"{error} Learners on numbers alone are {', '.join(TABULAR)}.") from error


def muscle_measures(cohort: Cohort, places: Sequence[int]) -> np.ndarray:
    """Return what a network may learn to read off the image beside the class: the signal of each muscle relative to the
    temporal muscles, and the logarithm of its volume where radiomics were measured; (cases, measurements).
    """
    known = set(cohort.columns)
    ratios = [name for name in map(ratio_column, STRATEGIES) if name in known]
    volumes = [name for name in (column_of(group, VOLUME) for group in STRATEGIES) if name in known]
    found = np.log(np.maximum(cohort.numbers(volumes, places), 1.0)) if volumes else np.empty((len(places), 0))
    return np.hstack([cohort.numbers(ratios, places), found])


def build_network(config: ClassifierConfig, sizes: Mapping[str, int]) -> nn.Module:
    """Return the configuration's network with fresh weights.

    :param sizes: how many numbers each group has after selection.
    :raises Problem: when the network does not exist, or does not take the groups of the configuration.
    """
    network = registered(config.network)
    try:
        counts = {name: sizes.get(name, 0) for name in (RADIOMICS, CLINICAL) if name in network.options}
        if set(sizes) - set(counts) or (counts and not sizes):
            raise Problem(f"The network {config.network} takes {' and '.join(counts) or 'no numbers'}, not "
                          f"{' and '.join(sizes) or 'an image alone'}. Mend the configuration's numbers.")
        return network.build(**{**config.network_options, **counts})
    except ValueError as error:
        raise Problem(f"{error} Learners on numbers alone are {', '.join(TABULAR)}.") from error


def number_input(name: str, options: Mapping[str, Any]) -> NumberInput:
    """Return a group of numbers as a configuration describes it.

    :param name: ``"radiomics"`` or ``"clinical"``.
    :param options: ``muscles`` (a group of muscles) and ``selection`` of radiomics; ``columns`` of clinical features,
        all by default, and ``selection``.
    :raises Problem: for another name, group or option.
    """
    known = {RADIOMICS: {"muscles", "selection"}, CLINICAL: {"columns", "selection"}}
    if name not in known or set(options) - known[name]:
        raise Problem(f"The numbers {name} with {', '.join(options) or 'no options'} are not known. Use radiomics "
                      "(muscles, selection) and clinical (columns, selection).")
    if name == CLINICAL:
        columns = options.get("columns") or [column.name for column in clinical_columns()]
        return NumberInput(tuple(columns), options.get("selection", {}))
    muscles = options.get("muscles", "MR+LR")
    values_of(muscles)  # refuses a group that does not exist
    return NumberInput((), options.get("selection", SELECTION), beginning_of(muscles))


def tabular_of(kind: str, options: Mapping[str, Any], name: str) -> Estimator:
    """Return a learner on numbers alone.

    :param kind: ``"radiomics"``, ``"clinical"`` or ``"signal_ratio"``.
    :param options: ``muscles`` and ``learners``: lists to choose from inside the training cases; ``folds`` of the
        choice; ``selection`` of radiomics features.
    """
    unknown = sorted(set(options) - {"muscles", "learners", "folds", "selection"})
    if unknown:
        raise Problem(f"{kind} has no option {unknown[0]}. Use muscles, learners, folds or selection.")
    learners = options.get("learners", LEARNERS if kind == RADIOMICS else ("logistic",))
    if kind == RADIOMICS:
        candidates = radiomics_candidates(options.get("muscles", STRATEGIES), learners,
                                          options.get("selection", SELECTION))
    else:
        columns = tuple(column.name for column in clinical_columns()) if kind == CLINICAL else (LOWEST_COLUMN,)
        candidates = tuple(TabularEstimator(f"{kind} {learner}", columns, learner) for learner in learners)
    if len(candidates) == 1:
        return candidates[0]
    return NestedChoice(name, candidates, int(options.get("folds", 5)))


def radiomics_candidates(muscles: Sequence[str] = STRATEGIES, learners: Sequence[Learner] = LEARNERS,
                         selection: Mapping[str, Mapping[str, Any]] = SELECTION) -> tuple[TabularEstimator, ...]:
    """Return a pipeline for every group of muscles and learner, as the paper compared them."""
    for group in muscles:
        values_of(group)
    return tuple(TabularEstimator(f"{group} {learner}", (), learner, selection, beginning=beginning_of(group))
                 for group in muscles for learner in learners)
