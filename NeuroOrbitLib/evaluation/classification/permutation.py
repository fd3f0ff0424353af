"""Label permutation: what a classifier reaches when there is nothing to learn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from NeuroOrbitLib.evaluation.classification.roc import area_under_curve


def permuted_labels(labels: Sequence[int], patients: Sequence[str], seed: int = 0) -> np.ndarray:
    """Labels handed out anew among patients with equally many cases; each class keeps its size.

    A patient's cases keep the labels of one other patient together, in a random order, so that the cohort's structure
    (pairs before and after treatment) stays while its relation to the images is lost.
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
    """How often scores order permuted labels as well as the true ones (fixed scores, nothing is trained anew)."""
    reached = area_under_curve(labels, scores)
    by_chance = [area_under_curve(permuted_labels(labels, patients, seed + number), scores)
                 for number in range(permutations)]
    return float((1 + np.sum(np.array(by_chance) >= reached)) / (1 + permutations))
