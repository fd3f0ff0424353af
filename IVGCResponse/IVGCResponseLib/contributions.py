"""What image, radiomics and clinical features contribute to a package's AUC on a cohort, and each clinical feature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from IVGCResponseLib.radiomics_columns import is_feature
from IVGCResponseLib.task import RESPONDER, check_fit, predictor_of
from NeuroOrbitLib.classifiers.contributions import IMAGE, Contributions, Scores, contributions
from NeuroOrbitLib.classifiers.number_predictor import NumberPredictor
from NeuroOrbitLib.jobs.progress import Progress, silent

if TYPE_CHECKING:
    from torch import Tensor

    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor
    from NeuroOrbitLib.models import ModelPackage

RADIOMICS, CLINICAL = "radiomics", "clinical"


def contributions_of(package: ModelPackage, cohort: Cohort, permutations: int = 10, seed: int = 0,
                     progress: Progress = silent) -> Contributions:
    """Return what the inputs of a package contribute.

    :param cohort: that the package has not learned from.
    :param permutations: of every left-out input.
    :raises Problem: when the cohort was prepared otherwise than the package's training.
    """
    check_fit(package, cohort)
    predictor = predictor_of(package)
    columns = predictor.columns
    groups = {RADIOMICS: [place for place, name in enumerate(columns) if is_feature(name)],
              CLINICAL: [place for place, name in enumerate(columns) if not is_feature(name)]}
    known: dict[str, list[int]] = {name: places for name, places in groups.items() if places}
    if not isinstance(predictor, NumberPredictor):
        known = {IMAGE: [], **known}
    single = {columns[place]: place for place in groups[CLINICAL]}
    return contributions((cohort.labels == RESPONDER).astype(int), cohort.numbers(columns), known,
                         scores_of(predictor, cohort), single, permutations, seed, progress)


def scores_of(predictor: NetworkPredictor | NumberPredictor, cohort: Cohort) -> Scores:
    """Return what answers for images and numbers in any combination; images go through the network once."""
    if isinstance(predictor, NumberPredictor):
        return lambda order, values: predictor.of_numbers(values)[:, RESPONDER]
    import torch

    images, network = torch.from_numpy(cohort.arrays(predictor.image)), predictor.network
    with torch.inference_mode():
        maps = [torch.cat([network.features(part.float()) for part in view.split(16)])
                for view in predictor.views(images)]

    def scores(order: np.ndarray, values: np.ndarray) -> np.ndarray:
        numbers = scaled(predictor, values)
        with torch.inference_mode():
            logits = [network.of_maps(each[order], numbers) if predictor.numbers else network.head(each[order])
                      for each in maps]
        return np.mean([torch.softmax(each, dim=1)[:, RESPONDER].numpy() for each in logits], axis=0)

    return scores


def scaled(predictor: NetworkPredictor, values: np.ndarray) -> Tensor | None:
    """Return numbers in the order of the predictor's columns as its network takes them, side by side."""
    import torch

    found, start = {}, 0
    for name, group in predictor.numbers.items():
        found[name] = torch.from_numpy(group.scaled(values[:, start:start + len(group)]))
        start += len(group)
    return predictor.network.numbers_of(found) if found else None


def titles() -> Mapping[str, str]:
    """Return the titles of the clinical features by column."""
    from IVGCResponseLib.clinical import clinical_columns

    return {column.name: column.title for column in clinical_columns()}
