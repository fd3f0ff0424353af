"""Label permutation: the performance of a classifier when there is nothing to learn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from NeuroOrbitLib.evaluation.classification.roc import area_under_curve


def permuted_labels(labels: Sequence[int], patients: Sequence[str], seed: int = 0) -> np.ndarray:
    """Return labels permuted among patients with equal numbers of cases, so that each class keeps its size.

    The cases of a patient get the labels of one other patient in a random order, so that the structure of the cohort
    (e.g. pairs before and after treatment) is kept, but its relation to the images is lost.

    :param labels: label of each case.
    :param patients: patient of each case.
    :param seed: seed of the permutation.
    """
    rng = np.random.default_rng(seed)
    labels = np.asarray(labels)
    members: dict[str, list[int]] = {}
    for place, patient in enumerate(patients):
        members.setdefault(patient, []).append(place)
    permuted = np.empty_like(labels)
    for count in sorted({len(places) for places in members.values()}):
        alike = [places for places in members.values() if len(places) == count]
        for places, other in zip(alike, rng.permutation(len(alike)), strict=True):
            permuted[places] = rng.permutation(labels[alike[other]])
    return permuted


def permutation_p_value(labels: np.ndarray, scores: np.ndarray, patients: Sequence[str], permutations: int = 1000,
                        seed: int = 0) -> float:
    """Return the share of label permutations with at least the AUC of the true labels (p value).

    The scores are fixed; nothing is trained again.

    :param labels: truth of each case, 0 or 1.
    :param scores: score of each case.
    :param patients: patient of each case.
    :param permutations: number of permutations.
    :param seed: seed of the permutations.
    :raises Problem: if one of the classes has no case.
    """
    reached = area_under_curve(labels, scores)
    by_chance = [area_under_curve(permuted_labels(labels, patients, seed + number), scores)
                 for number in range(permutations)]
    return float((1 + np.sum(np.array(by_chance) >= reached)) / (1 + permutations))
