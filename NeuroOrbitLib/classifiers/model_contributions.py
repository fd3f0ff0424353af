"""What the inputs of a package contribute to its AUC on a cohort: image, radiomics, clinical features, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.classifiers.contributions import IMAGE, Contributions, Scores, contributions
from NeuroOrbitLib.classifiers.number_predictor import NumberPredictor
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.radiomics.columns import is_feature

if TYPE_CHECKING:
    from torch import Tensor

    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor
    from NeuroOrbitLib.classifiers.task_module import TaskModule
    from NeuroOrbitLib.models import ModelPackage

RADIOMICS, CLINICAL = "radiomics", "clinical"


def contributions_of(module: TaskModule, package: ModelPackage, cohort: Cohort, permutations: int = 10, seed: int = 0,
                     progress: Progress = silent) -> Contributions:
    """Return what the inputs of a package contribute.

    :param module: whose task the package is of.
    :param cohort: that the package has not learned from.
    :param permutations: of every left-out input.
    :raises Problem: when the cohort was prepared otherwise than the package's training.
    """
    module.check_fit(package, cohort)
    predictor, positive = module.predictor_of(package), module.TASK.positive
    columns = predictor.columns
    groups = {RADIOMICS: [place for place, name in enumerate(columns) if is_feature(name)],
              CLINICAL: [place for place, name in enumerate(columns) if not is_feature(name)]}
    known: dict[str, list[int]] = {name: places for name, places in groups.items() if places}
    if not isinstance(predictor, NumberPredictor):
        known = {IMAGE: [], **known}
    single = {columns[place]: place for place in groups[CLINICAL]}
    return contributions((cohort.labels == positive).astype(int), cohort.numbers(columns), known,
                         scores_of(predictor, cohort, positive), single, permutations, seed, progress)


def scores_of(predictor: NetworkPredictor | NumberPredictor, cohort: Cohort, positive: int = 1) -> Scores:
    """Return what answers for images and numbers in any combination; images go through the network once.

    :param positive: label of the class whose probability is returned.
    """
    if isinstance(predictor, NumberPredictor):
        return lambda order, values: predictor.of_numbers(values)[:, positive]
    import torch

    images, network = torch.from_numpy(cohort.arrays(predictor.image)), predictor.network
    with torch.inference_mode():
        maps = [torch.cat([network.features(part.float()) for part in view.split(16)])
                for view in predictor.views(images)]

    def scores(order: np.ndarray, values: np.ndarray) -> np.ndarray:
        numbers = _scaled(predictor, values)
        with torch.inference_mode():
            logits = [network.of_maps(each[order], numbers) if predictor.numbers else network.head(each[order])
                      for each in maps]
        return np.mean([torch.softmax(each, dim=1)[:, positive].numpy() for each in logits], axis=0)

    return scores


def _scaled(predictor: NetworkPredictor, values: np.ndarray) -> Tensor | None:
    """Numbers in the order of the predictor's columns as its network takes them, side by side."""
    import torch

    found, start = {}, 0
    for name, group in predictor.numbers.items():
        found[name] = torch.from_numpy(group.scaled(values[:, start:start + len(group)]))
        start += len(group)
    return predictor.network.numbers_of(found) if found else None
