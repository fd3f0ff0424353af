"""Networks as estimators, for images alone or for images and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.number_inputs import FittedNumbers, NumberInput
from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from torch import Tensor, nn

    from NeuroOrbitLib.training.batches import Inputs

#: Returns a network for a configuration; ``sizes`` states how many numbers each group has after selection.
Build = Callable[[ClassifierConfig, Mapping[str, int]], "nn.Module"]
#: Yields the views of stored images over which the prediction is averaged.
Views = Callable[["Tensor"], "Iterable[Tensor]"]
#: Returns measurements of the training images, (cases, measurements), for :mod:`NeuroOrbitLib.classifiers.second_task`.
Measure = Callable[[Cohort, Sequence[int]], np.ndarray]
#: Settings of a configuration that do not change what is fitted: a finished training is used with others, too.
_NOT_FITTED = ("name", "title", "threshold", "repeats")


def one_view(images: Tensor) -> Iterable[Tensor]:
    """Return one view: the images as they are stored, as floats."""
    return (images.float(),)


def unchanged(image: Tensor, random: np.random.Generator, strength: float = 0.0) -> Tensor:
    """Return the image as it is stored: no augmentation."""
    return image


@dataclass(frozen=True)
class NetworkEstimator:
    """A network and its training. Its functions are module-level functions, so that worker processes can import them.

    :param config: network, schedule, folds, threshold.
    :param build: returns the network.
    :param augment: ``augment(image, random, strength=...)`` returns the network's training input for a stored image.
    :param views: yields the views of stored images over which the prediction is averaged.
    :param measure: returns measurements for the second task; None without a second task.
    :param image: name of the cohort's array with the images.
    :param numbers: groups of numbers that the network takes beside the image; the network is then called with a mapping
        of ``image`` and the groups' names, with one tensor otherwise.
    :param device: device that computes, "cpu" or "cuda"; not part of the settings.
    """

    config: ClassifierConfig
    build: Build
    augment: Callable[..., Tensor] = unchanged
    views: Views = one_view
    measure: Measure | None = None
    image: str = "image"
    numbers: Mapping[str, NumberInput] = field(default_factory=dict)
    device: str = "cpu"

    @property
    def name(self) -> str:
        """Name of the configuration."""
        return self.config.name

    def settings(self) -> dict[str, Any]:
        """Return plain data that identifies what is fitted."""
        kept = {name: value for name, value in self.config.as_dict().items() if name not in _NOT_FITTED}
        groups = {name: group.settings() for name, group in self.numbers.items()}
        return {**kept, **({"numbers": groups} if groups else {})}

    def fit(self, cohort: Cohort, places: Sequence[int], folder: Path, seed: int,
            progress: Progress = silent) -> NetworkPredictor:
        """Train on the cases at ``places``, or continue from the checkpoint in ``folder``.

        :raises Problem: when the configuration has no schedule.
        """
        import torch

        from NeuroOrbitLib.classifiers.network_training import LabelledImages, train_classifier
        from NeuroOrbitLib.training.checkpoint import seed_everything

        if self.config.schedule is None:
            raise Problem(f"The network {self.config.network} needs a schedule in its configuration.")
        fitted = {name: group.fit(cohort, places, seed) for name, group in self.numbers.items()}
        seed_everything(seed)
        network = self.build(self.config, {name: len(group) for name, group in fitted.items()}).to(self.device)
        measured = self.measure(cohort, places) if self.measure and self.config.second_task else None
        numbers = {name: torch.from_numpy(group.of(cohort, places)) for name, group in fitted.items()}
        samples = LabelledImages(torch.from_numpy(cohort.arrays(self.image, places)), cohort.labels[list(places)],
                                 partial(self.augment, strength=self.config.augmentation), measured, numbers,
                                 self.image)
        network = train_classifier(network, samples, self.config.schedule, folder, seed, progress,
                                   self.config.second_task)
        return NetworkPredictor(network, self.views, self.image, fitted, folder)


@dataclass(frozen=True)
class NetworkPredictor:
    """A trained network.

    :param network: network in evaluation mode.
    :param views: yields the views of stored images over which the prediction is averaged.
    :param image: name of the cohort's array with the images.
    :param numbers: scaling of each group of numbers.
    :param folder: folder of the training; None for the network of a package.
    """

    network: nn.Module
    views: Views
    image: str = "image"
    numbers: Mapping[str, FittedNumbers] = field(default_factory=dict)
    folder: Path | None = None

    def probabilities(self, cohort: Cohort, places: Sequence[int]) -> np.ndarray:
        """Return the probability of each class, (cases, classes)."""
        values = {name: cohort.numbers(group.columns, places) for name, group in self.numbers.items()}
        return self.of_arrays(cohort.arrays(self.image, places), values)

    def of_arrays(self, images: np.ndarray | Tensor, numbers: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
        """Return the probability of each class, (cases, classes): the mean over all views of the images.

        :param images: images as stored, (cases, channels, *spatial).
        :param numbers: numbers of each group, (cases, columns), unscaled, NaN where missing.
        """
        import torch

        from NeuroOrbitLib.classifiers.network_training import class_probabilities

        stored = torch.as_tensor(images)
        groups = {name: torch.from_numpy(group.scaled((numbers or {})[name])) for name, group in self.numbers.items()}
        return np.mean([class_probabilities(self.network, self._inputs(view, groups)) for view in self.views(stored)],
                       axis=0)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of all numbers that the network takes."""
        return tuple(name for group in self.numbers.values() for name in group.columns)

    def of_case(self, image: np.ndarray, numbers: Mapping[str, float]) -> np.ndarray:
        """Return the probability of each class for one case, (classes,).

        :param image: image as stored, (channels, *spatial).
        :param numbers: numbers of the case by column, NaN where missing; those not in :attr:`columns` are ignored.
        """
        return self.of_arrays(image[None], self.groups_of(numbers))[0]

    def groups_of(self, numbers: Mapping[str, float]) -> dict[str, np.ndarray]:
        """Return the numbers of one case in the form that :meth:`of_arrays` takes, (1, columns) for each group."""
        return {name: np.array([[numbers[column] for column in group.columns]])
                for name, group in self.numbers.items()}

    def record(self) -> dict[str, Any]:
        """Return what a fold records beside its predictions: the loss curve, and the selected numbers.

        The checkpoint of the training is removed.
        """
        from NeuroOrbitLib.classifiers.network_training import loss_curve
        from NeuroOrbitLib.training.checkpoint import remove_checkpoint
        from NeuroOrbitLib.training.trainer import CHECKPOINT_NAME

        if self.folder is None:
            return {}
        remove_checkpoint(self.folder / CHECKPOINT_NAME)  # up to hundreds of megabytes for every fold
        selected = {name: list(group.columns) for name, group in self.numbers.items()}
        return {"loss": loss_curve(self.folder), **({"selected": selected} if selected else {})}

    def _inputs(self, view: Tensor, groups: Mapping[str, Tensor]) -> Inputs:
        return {self.image: view, **groups} if groups else view
