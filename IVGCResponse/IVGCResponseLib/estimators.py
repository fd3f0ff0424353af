"""The estimators of the response: networks, radiomics of a group of muscles, clinical features, the signal ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.muscle_groups import HORIZONTAL, STRATEGIES, values_of
from IVGCResponseLib.signal_ratio import LOWEST_COLUMN, ratio_column
from IVGCResponseLib.study import BOX
from NeuroOrbitLib.classifiers.sources import (
    NamedColumns,
    RegionFeatures,
    Source,
    build_with_numbers,
    learner_of,
    number_input,
)
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.columns import column_of

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.classifiers.network_estimator import NetworkEstimator
    from NeuroOrbitLib.classifiers.task import Estimator
    from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
    from NeuroOrbitLib.models.networks import Network

#: Radiomics feature with a muscle's volume.
VOLUME = "original_shape_MeshVolume"
#: Sources of numbers, which are also values of ``network`` in a configuration without a network.
RADIOMICS, CLINICAL, RATIO = "radiomics", "clinical", "signal_ratio"
#: Sources of the numbers that networks take beside the image, and of those for learners on numbers alone.
INPUTS: Mapping[str, Source] = {
    RADIOMICS: RegionFeatures("muscles", HORIZONTAL, STRATEGIES, values_of),
    CLINICAL: NamedColumns(lambda: [column.name for column in clinical_columns()]),
}  # fmt: skip
TABULAR: Mapping[str, Source] = {**INPUTS, RATIO: NamedColumns(lambda: [LOWEST_COLUMN])}


def estimator_of(config: ClassifierConfig, device: str = "cpu") -> Estimator:
    """Return the estimator that a configuration describes.

    :raises Problem: for groups of numbers or options that do not exist.
    """
    if config.network in TABULAR:
        return learner_of(config.network, config.network_options, config.name, TABULAR)
    return network_of(config, device)


def network_of(config: ClassifierConfig, device: str = "cpu") -> NetworkEstimator:
    """Return the network of a configuration with the module's augmentation and views."""
    from NeuroOrbitLib.classifiers.augmentation import augmented, views
    from NeuroOrbitLib.classifiers.network_estimator import NetworkEstimator

    numbers = {name: number_input(name, options, INPUTS) for name, options in config.numbers.items()}
    return NetworkEstimator(config, build_network, partial(augmented, edge=edge_of(config)), views, muscle_measures,
                            numbers=numbers, device=device)


def edge_of(config: ClassifierConfig) -> int:
    """Return the number of rows and columns to which the configuration's network averages volumes.

    :raises Problem: when the network does not exist.
    """
    return int({**registered(config.network).options, **config.network_options}.get("edge", BOX.edge))


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
    """Return the measurements (cases, measurements) that a network may learn in addition to the class.

    They are the signal of each muscle relative to the temporal muscles, and the logarithm of its volume if radiomics
    were measured.
    """
    known = set(cohort.columns)
    ratios = [name for name in map(ratio_column, STRATEGIES) if name in known]
    volumes = [name for name in (column_of(group, VOLUME) for group in STRATEGIES) if name in known]
    found = np.log(np.maximum(cohort.numbers(volumes, places), 1.0)) if volumes else np.empty((len(places), 0))
    return np.hstack([cohort.numbers(ratios, places), found])


def build_network(config: ClassifierConfig, sizes: Mapping[str, int]) -> nn.Module:
    """Return the configuration's network with fresh weights.

    :param config: the configuration.
    :param sizes: number of numbers in each group after selection.
    :raises Problem: when the network does not exist, or does not take the groups of the configuration.
    """
    try:
        return build_with_numbers(config, sizes, registered(config.network), tuple(INPUTS))
    except ValueError as error:
        raise Problem(f"{error} Learners on numbers alone are {', '.join(TABULAR)}.") from error
