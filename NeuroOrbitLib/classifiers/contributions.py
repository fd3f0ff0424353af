"""The contributions of a finished model's inputs to its AUC on a cohort.

They are measured in two ways: exact Shapley values over groups of inputs (image, radiomics, clinical features), where
a group that is left out is permuted between cases, so that it keeps its distribution and loses its information; and
the decrease of the AUC when one number is permuted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.evaluation.classification.figures import as_png, as_svg, contribution_figure
from NeuroOrbitLib.evaluation.classification.importance import Importance, permutation_importance
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.evaluation.classification.shapley import shapley_values
from NeuroOrbitLib.files.safe import write_bytes, write_json, write_rows
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.number_text import fixed

IMAGE = "image"
#: Returns the model's score of each case ``n``, (cases,), for the image of case ``order[n]`` and row ``n`` of numbers.
Scores = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Contributions:
    """The contributions of a model's inputs.

    :param auc: AUC of the model with all inputs.
    :param groups: Shapley value of each group of inputs; their sum is ``auc`` minus the AUC without any input, which is
        about 0.5.
    :param numbers: permutation importance of single numbers, the largest first.
    :param remarks: sentences that must accompany the values.
    """

    auc: float
    groups: Mapping[str, float]
    numbers: Sequence[Importance]
    remarks: Sequence[str] = ()

    def as_data(self) -> dict[str, Any]:
        """Return the contributions as plain data."""
        return {"auc": self.auc, "groups": dict(self.groups), "numbers": [asdict(each) for each in self.numbers],
                "remarks": list(self.remarks)}

    def write(self, folder: Path, titles: Mapping[str, str] | None = None) -> None:
        """Write ``contributions.json``, ``contributions.csv`` and the figures (PNG, SVG).

        :param folder: folder to write to; made if it does not exist.
        :param titles: titles of the numbers by name, for the figures.
        """
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "contributions.json", self.as_data())
        write_rows(folder / "contributions.csv", ["input", "fall_of_auc", "sd", "low", "high"],
                   [[each.name, fixed(each.mean, 5), f"{each.sd:.5f}", fixed(each.low, 5), fixed(each.high, 5)]
                    for each in self.numbers])
        drawn = {"contributions_groups": contribution_figure(self.groups, "Shapley value (AUC)")}
        if self.numbers:
            named = {(titles or {}).get(each.name, each.name): each for each in self.numbers}
            drawn["contributions_numbers"] = contribution_figure(
                {name: each.mean for name, each in named.items()}, "Fall of the AUC when permuted",
                {name: (each.low, each.high) for name, each in named.items()})
        for name, figure in drawn.items():
            write_bytes(folder / f"{name}.png", as_png(figure))
            write_bytes(folder / f"{name}.svg", as_svg(figure))


def contributions(labels: np.ndarray, values: np.ndarray, groups: Mapping[str, Sequence[int]], scores: Scores,
                  single: Mapping[str, int], permutations: int = 10, seed: int = 0,
                  progress: Progress = silent) -> Contributions:
    """Return the contributions of a model's inputs.

    :param labels: 1 for positive cases, (cases,).
    :param values: all numbers that the model takes, (cases, numbers).
    :param groups: positions of the numbers of each group; the group :data:`IMAGE` is the image and has none.
    :param scores: returns the model's score of each case.
    :param single: position of each number whose own importance is measured, by name.
    :param permutations: number of permutations of each coalition of inputs and of each number.
    :param seed: seed of the permutations.
    :param progress: receives the fraction done and a message.
    """
    rng = np.random.default_rng(seed)
    own = np.arange(len(labels))
    orders = [{name: rng.permutation(len(labels)) for name in groups} for _ in range(permutations)]
    asked = [0]

    def reached(chosen: frozenset[str]) -> float:
        part(progress, 0.0, 0.5)(asked[0] / 2 ** len(groups), "Leaving out inputs")
        asked[0] += 1
        drawn = orders if len(chosen) < len(groups) else orders[:1]
        return float(np.mean([area_under_curve(labels, without(set(groups) - chosen, order)) for order in drawn]))

    def without(left_out: set[str], order: Mapping[str, np.ndarray]) -> np.ndarray:
        changed = values.copy()
        for name in left_out - {IMAGE}:
            changed[:, list(groups[name])] = values[order[name]][:, list(groups[name])]
        return scores(order[IMAGE] if IMAGE in left_out else own, changed)

    shares = shapley_values(list(groups), reached)
    places = list(single.values())

    def of_single(changed: np.ndarray) -> np.ndarray:
        whole = values.copy()
        whole[:, places] = changed
        return scores(own, whole)

    numbers = permutation_importance(labels, values[:, places], list(single), of_single, permutations, seed,
                                     part(progress, 0.5, 1.0)) if places else []
    return Contributions(area_under_curve(labels, scores(own, values)), shares, numbers)
