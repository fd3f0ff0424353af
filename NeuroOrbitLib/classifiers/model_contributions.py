"""The contributions of a package's inputs (image, radiomics, clinical features) to its AUC on a cohort."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.classifiers.cohort import SYNTHETIC_CASES
from NeuroOrbitLib.classifiers.contributions import IMAGE, Contributions, Scores, contributions
from NeuroOrbitLib.classifiers.learned_cases import FACT, learned_cases
from NeuroOrbitLib.classifiers.number_predictor import NumberPredictor
from NeuroOrbitLib.evaluation.classification.evaluation import remarks
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.radiomics.columns import is_feature

if TYPE_CHECKING:
    from torch import Tensor

    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor
    from NeuroOrbitLib.classifiers.package_predictor import PackagePredictor
    from NeuroOrbitLib.classifiers.task_module import TaskModule
    from NeuroOrbitLib.models import ModelPackage

RADIOMICS, CLINICAL = "radiomics", "clinical"


def contributions_of(module: TaskModule, package: ModelPackage, cohort: Cohort, permutations: int = 10, seed: int = 0,
                     progress: Progress = silent) -> Contributions:
    """Return the contributions of a package's inputs.

    A remark says so if cases of the cohort are synthetic, or if the package was trained on them.

    :param module: task module that the package belongs to.
    :param package: model to examine.
    :param cohort: cohort that the package was not trained on.
    :param permutations: number of permutations of every left-out input.
    :param seed: seed of the permutations.
    :param progress: receives the fraction done and a message.
    :raises Problem: when the cohort was prepared differently from the package's training.
    """
    module.check_fit(package, cohort)
    predictor, positive = module.predictor_of(package), module.TASK.positive
    columns, known = predictor.columns, input_groups(predictor)
    single = {columns[place]: place for place in known.get(CLINICAL, ())}
    truth = (cohort.labels == positive).astype(int)
    found = contributions(truth, cohort.numbers(columns), known, scores_of(predictor, cohort, positive), single,
                          permutations, seed, progress)
    facts = {"cases": len(cohort), "positives": int(truth.sum()), SYNTHETIC_CASES: cohort.facts.get(SYNTHETIC_CASES),
             FACT: learned_cases(package, cohort) if cohort.has_images else None}
    told = ["All of these cases are synthetic: the numbers say nothing of patients."] if cohort.is_synthetic else []
    return replace(found, remarks=[*told, *remarks(facts)])


def input_groups(predictor: PackagePredictor) -> dict[str, list[int]]:
    """Return the groups of a model's inputs: for each, the positions of its numbers among the model's columns.

    The image is a group without numbers.
    """
    columns = predictor.columns
    groups = {RADIOMICS: [place for place, name in enumerate(columns) if is_feature(name)],
              CLINICAL: [place for place, name in enumerate(columns) if not is_feature(name)]}
    known: dict[str, list[int]] = {name: places for name, places in groups.items() if places}
    return known if isinstance(predictor, NumberPredictor) else {IMAGE: [], **known}


def scores_by(predictor: PackagePredictor, cohort: Cohort, kept: Collection[str], positive: int = 1,
              permutations: int = 10, seed: int = 0) -> np.ndarray:
    """Return a model's score of each case from only some of its inputs, (cases,).

    The other groups of inputs are permuted between cases and the probabilities averaged over the permutations, so that
    these inputs keep their distribution and lose their information.

    :param predictor: model to examine.
    :param cohort: cases to score.
    :param kept: names of the groups (:func:`input_groups`) that are not permuted.
    :param positive: label of the class whose probability is returned.
    :param permutations: number of permutations.
    :param seed: seed of the permutations.
    """
    rng, values, own = np.random.default_rng(seed), cohort.numbers(predictor.columns), np.arange(len(cohort))
    groups, scores = input_groups(predictor), scores_of(predictor, cohort, positive)
    left_out = [name for name in groups if name not in kept]
    found = []
    for _round in range(permutations if left_out else 1):
        orders, changed = {name: rng.permutation(len(cohort)) for name in left_out}, values.copy()
        for name in left_out:
            changed[:, groups[name]] = values[orders[name]][:, groups[name]]
        found.append(scores(orders.get(IMAGE, own), changed))
    return np.mean(found, axis=0)


def scores_of(predictor: NetworkPredictor | NumberPredictor, cohort: Cohort, positive: int = 1) -> Scores:
    """Return a function that scores images and numbers in any combination; the network sees each image only once.

    :param predictor: model to examine.
    :param cohort: cases whose images are scored.
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
    """Return the network's input for numbers in the order of the predictor's columns; None if it takes none."""
    import torch

    found, start = {}, 0
    for name, group in predictor.numbers.items():
        found[name] = torch.from_numpy(group.scaled(values[:, start:start + len(group)]))
        start += len(group)
    return predictor.network.numbers_of(found) if found else None
