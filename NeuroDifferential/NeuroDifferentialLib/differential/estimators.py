"""All estimators of NMOSD or MS: networks on the lesion image, learners on the lesion table, published criteria."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroDifferentialLib.differential.cacciaguerra import CacciaguerraCriteria
from NeuroDifferentialLib.differential.lesion_table import VOLUME, lesion_columns, lesion_measurements
from NeuroOrbitLib.classifiers.network_estimator import NetworkEstimator
from NeuroOrbitLib.classifiers.tabular import Learner, TabularEstimator
from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.classifiers.task import Estimator
    from NeuroOrbitLib.classifiers.training_config import ClassifierConfig

#: Arrays that a network may take: lesions as found, lesions as drawn (synthetic cohorts), FLAIR inside lesions.
INPUTS = ("lesions", "true_lesions", "flair")
#: Values of ``network`` in a configuration that denote no network.
TABLE, LOAD, CRITERIA = "lesion_table", "lesion_volume", "cacciaguerra"
#: Options of a configuration that concern a network's training and are no arguments of the network.
INPUT, START = "input", "start"


@dataclass(frozen=True)
class LesionNetwork(NetworkEstimator):
    """Estimator that trains a network on the lesion image.

    :param start_sha256: SHA-256 of the file of initial weights of its stages; empty if they are random.
    """

    start_sha256: str = ""

    def settings(self) -> dict[str, Any]:
        """Return plain data that identifies what is fitted."""
        start = {"start_sha256": self.start_sha256} if self.start_sha256 else {}
        return {**super().settings(), INPUT: self.image, **start}


def estimator_of(config: ClassifierConfig, device: str = "cpu") -> Estimator:
    """Return the estimator that a configuration describes.

    :param config: configuration.
    :param device: device that trains a network, "cpu" or "cuda".
    :raises Problem: for an unknown network, learner, input or option.
    """
    if config.network == CRITERIA:
        return CacciaguerraCriteria(config.name)
    if config.network in (TABLE, LOAD):
        return tabular_of(config.network, config.network_options.get("learner", "logistic"), config.name)
    return network_of(config, device)


def network_of(config: ClassifierConfig, device: str = "cpu") -> LesionNetwork:
    """Return the network of a configuration with the paper's augmentation; its second task is the lesion table.

    Its options may contain an ``input`` (one of :data:`INPUTS`) and a ``start``, a file of initial weights.
    """
    from NeuroDifferentialLib.differential.augmentation import augmented, views
    from NeuroDifferentialLib.differential.networks.pretrained import start_sha256

    image, start = config.network_options.get(INPUT, INPUTS[0]), config.network_options.get(START)
    if image not in INPUTS:
        raise Problem(f"A network's input is {' or '.join(INPUTS)}, not {image!r}.")
    build = partial(build_network, start=str(Path(start).absolute())) if start else build_network
    return LesionNetwork(without_training_options(config), build, augmented, views, lesion_measurements, image,
                         device=device, start_sha256=start_sha256(start) if start else "")


def without_training_options(config: ClassifierConfig) -> ClassifierConfig:
    """Return the configuration with only those options that are arguments of the network."""
    kept = {name: value for name, value in config.network_options.items() if name not in (INPUT, START)}
    return replace(config, network_options=kept)


def build_network(config: ClassifierConfig, sizes: Mapping[str, int], start: str = "") -> nn.Module:
    """Return the network of a configuration with random weights, or with the weights of a file in its stages.

    :param config: configuration, see :func:`without_training_options`.
    :param sizes: must be empty, as these networks take no numbers.
    :param start: file of initial weights, see
        :func:`NeuroDifferentialLib.differential.networks.pretrained.start_from`; empty for none.
    :raises Problem: for an unknown network or option, or a file that does not fit.
    """
    from NeuroDifferentialLib.differential.networks.pretrained import start_from
    from NeuroDifferentialLib.differential.networks.registry import find

    if sizes:
        raise Problem("These networks take the lesion image alone. Remove numbers from the configuration.")
    try:
        network = find(config.network).build(**config.network_options)
    except (ValueError, TypeError, KeyError) as error:
        raise Problem(f"{error} Ways without a network are {TABLE}, {LOAD} and {CRITERIA}.") from error
    if start:
        start_from(network, start)
    return network


def tabular_of(kind: str, learner: Learner, name: str) -> TabularEstimator:
    """Return a learner on numbers alone.

    :param kind: :data:`TABLE` for the whole lesion table, :data:`LOAD` for the total lesion volume.
    :param learner: ``"logistic"``, ``"svm"`` or ``"forest"``.
    :param name: name of the estimator.
    """
    columns = (VOLUME,) if kind == LOAD else tuple(column.name for column in lesion_columns())
    # Two dozen correlated numbers of 70 patients need a stronger penalty than the default.
    options = {"C": 0.03} if learner == "logistic" and kind == TABLE else {}
    return TabularEstimator(name, columns, learner, options=options, logarithms=True)
