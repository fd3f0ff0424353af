"""Sources of the numbers that a configuration names, and the networks or learners that take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from NeuroOrbitLib.classifiers.nested import NestedChoice
from NeuroOrbitLib.classifiers.number_inputs import NumberInput
from NeuroOrbitLib.classifiers.tabular import LEARNERS, Learner, TabularEstimator
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.columns import beginning_of

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.classifiers.task import Estimator
    from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
    from NeuroOrbitLib.models.networks import Network

#: Default selection of features inside the fold: reproducible, different between classes, at most ten by LASSO.
SELECTION: Mapping[str, Mapping[str, Any]] = {
    "reproducibility": {"smallest": 0.75}, "difference": {"p": 0.05},
    "lasso": {"largest": 10, "rule": "min", "folds": 10},
}  # fmt: skip


class Source(Protocol):
    """A source of columns of a cohort, from which the options of a configuration choose."""

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the options."""

    @property
    def learners(self) -> tuple[Learner, ...]:
        """Learners that are compared if a configuration names none."""

    def input(self, options: Mapping[str, Any]) -> NumberInput:
        """Return the columns chosen by the options as the input of a network."""

    def candidates(self, name: str, options: Mapping[str, Any],
                   learners: Sequence[Learner]) -> tuple[TabularEstimator, ...]:
        """Return an estimator for every choice of columns and learner that the options leave open.

        :param name: name of the source, for the names of the estimators.
        :param options: options of a configuration.
        :param learners: learners to compare.
        """


@dataclass(frozen=True)
class NamedColumns:
    """Columns that are given by name.

    :param columns: returns the names of all columns.
    :param options: names of the options of a configuration: ``columns`` to take fewer, ``selection``.
    :param learners: learners that are compared if a configuration names none.
    """

    columns: Callable[[], Sequence[str]]
    options: tuple[str, ...] = ("columns", "selection")
    learners: tuple[Learner, ...] = ("logistic",)

    def input(self, options: Mapping[str, Any]) -> NumberInput:
        """Return the columns as the input of a network."""
        return NumberInput(tuple(options.get("columns") or self.columns()), options.get("selection", {}))

    def candidates(self, name: str, options: Mapping[str, Any],
                   learners: Sequence[Learner]) -> tuple[TabularEstimator, ...]:
        """Return an estimator on all columns for every learner."""
        return tuple(TabularEstimator(f"{name} {learner}", tuple(self.columns()), learner) for learner in learners)


@dataclass(frozen=True)
class RegionFeatures:
    """Radiomics features of regions that a configuration names.

    :param option: name of the configuration's option that chooses regions, e.g. ``"regions"``.
    :param region: region that a network takes if none is named.
    :param regions: regions that learners compare if none are named.
    :param check: refuses a region that does not exist by raising a Problem.
    :param learners: learners that are compared if a configuration names none.
    """

    option: str
    region: str
    regions: tuple[str, ...]
    check: Callable[[str], object]
    learners: tuple[Learner, ...] = LEARNERS

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the options."""
        return self.option, "selection"

    def input(self, options: Mapping[str, Any]) -> NumberInput:
        """Return a region's features as the input of a network."""
        region = options.get(self.option, self.region)
        self.check(region)
        return NumberInput((), options.get("selection", SELECTION), beginning_of(region))

    def candidates(self, name: str, options: Mapping[str, Any],
                   learners: Sequence[Learner]) -> tuple[TabularEstimator, ...]:
        """Return an estimator for every region and learner."""
        regions = options.get(self.option, self.regions)
        for region in regions:
            self.check(region)
        selection = options.get("selection", SELECTION)
        return tuple(TabularEstimator(f"{region} {learner}", (), learner, selection, beginning=beginning_of(region))
                     for region in regions for learner in learners)


def number_input(name: str, options: Mapping[str, Any], sources: Mapping[str, Source]) -> NumberInput:
    """Return a group of numbers that a network takes, as described by a configuration.

    :param name: name of the source.
    :param options: options of the source in the configuration.
    :param sources: sources that networks may take, by name.
    :raises Problem: for an unknown name, option or region.
    """
    if name not in sources or set(options) - set(sources[name].options):
        known = " and ".join(f"{each} ({', '.join(source.options)})" for each, source in sources.items())
        raise Problem(f"The numbers {name} with {', '.join(options) or 'no options'} are not known. Use {known}.")
    return sources[name].input(options)


def learner_of(kind: str, options: Mapping[str, Any], name: str, sources: Mapping[str, Source]) -> Estimator:
    """Return a learner on numbers alone, or a choice among several inside the training cases.

    :param kind: name of the source.
    :param options: options of the source, ``learners`` (a list to choose from), and ``folds`` of the choice.
    :param name: name of the choice in tables and file names.
    :param sources: sources by name.
    :raises Problem: for an unknown option or region.
    """
    region_options = {option for source in sources.values() for option in source.options} - {"columns"}
    known = [*sorted(region_options - {"selection"}), "learners", "folds", "selection"]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise Problem(f"{kind} has no option {unknown[0]}. Use {', '.join(known[:-1])} or {known[-1]}.")
    source = sources[kind]
    candidates = source.candidates(kind, options, options.get("learners", source.learners))
    if len(candidates) == 1:
        return candidates[0]
    return NestedChoice(name, candidates, int(options.get("folds", 5)))


def build_with_numbers(config: ClassifierConfig, sizes: Mapping[str, int], network: Network,
                       sources: Sequence[str]) -> nn.Module:
    """Return the network of a configuration with initial weights.

    :param config: configuration.
    :param sizes: number of selected numbers in each group, by name.
    :param network: registered network that the configuration names.
    :param sources: names of all groups that networks may take; the groups that a network takes are among its options.
    :raises Problem: when the network does not take the groups of the configuration.
    :raises ValueError: for options that the network cannot have.
    """
    counts = {name: sizes.get(name, 0) for name in sources if name in network.options}
    if set(sizes) - set(counts) or (counts and not sizes):
        raise Problem(f"The network {config.network} takes {' and '.join(counts) or 'no numbers'}, not "
                      f"{' and '.join(sizes) or 'an image alone'}. Correct the numbers in the configuration.")
    return network.build(**{**config.network_options, **counts})
