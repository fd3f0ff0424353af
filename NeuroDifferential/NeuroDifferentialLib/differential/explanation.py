"""Explanation of an answer: each lesion's effect against lesions of the same volume, and Grad-CAM of both views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroDifferentialLib.differential.asking import AskWithout, asks_images, asks_tables
from NeuroDifferentialLib.differential.patient import Patient
from NeuroOrbitLib.classifiers.answer import calibrated_probability
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.models import ModelPackage

#: Number of pieces of other lesions with which a lesion is compared.
MATCHES = 4


@dataclass(frozen=True)
class LesionEffect:
    """The effect of one lesion on the answer.

    :param number: number of the lesion.
    :param change: probability of NMOSD with the lesion minus that without it; above 0 the lesion favours NMOSD.
    :param matched: mean change when the same volume of other lesions is removed; NaN if there is not enough of them.
    """

    number: int
    change: float
    matched: float

    @property
    def beyond_volume(self) -> float:
        """Change that is not explained by the lesion's volume."""
        return self.change - (self.matched if np.isfinite(self.matched) else 0.0)

    def as_data(self) -> dict[str, Any]:
        """Return the effect as plain data."""
        return {"lesion": self.number, "change": round(self.change, 5),
                "matched": round(self.matched, 5) if np.isfinite(self.matched) else None,
                "beyond_volume": round(self.beyond_volume, 5)}


@dataclass(frozen=True)
class Explanation:
    """The evidence for NMOSD and for MS.

    :param effects: effects of all lesions, the largest change beyond the volume first.
    :param heat: Grad-CAM for NMOSD in units of the logit, on the lesion image's grid, at coarse resolution. None for
        learners on the lesion table, which take no image.
    :param random_agreement: rank correlation of the lesions' changes with the changes in the same network with random
        weights, which should be near 0; NaN with fewer than four lesions, and for learners on the lesion table.
    """

    effects: tuple[LesionEffect, ...]
    heat: Image | None
    random_agreement: float

    def as_data(self) -> dict[str, Any]:
        """Return plain data without the heat's voxels."""
        agreement = round(self.random_agreement, 3) if np.isfinite(self.random_agreement) else None
        return {"lesions": [effect.as_data() for effect in self.effects], "agreement_with_random_weights": agreement}


def explain(patient: Patient, package: ModelPackage, device: str = "cpu", progress: Progress = silent) -> Explanation:
    """Return the explanation of the answer about a patient with lesions.

    :param patient: patient with measured lesions.
    :param package: model package that gave the answer.
    :param device: device that computes, "cpu" or "cuda".
    :param progress: receives the fraction done and a message.
    """
    from NeuroDifferentialLib.task import input_of, predictor_of
    from NeuroOrbitLib.classifiers.number_predictor import is_of_numbers
    from NeuroOrbitLib.saliency.sanity import randomised_copy

    predictor, image = predictor_of(package, device), patient.array(input_of(package))

    def effects_of(ask: AskWithout, matches: int, start: float, end: float) -> list[LesionEffect]:
        return lesion_effects(ask, image, patient.lesions.numbers, lambda raw: calibrated_probability(package, raw)[0],
                              matches, progress=part(progress, start, end))

    if is_of_numbers(package):
        return Explanation(ranked(effects_of(asks_tables(predictor, patient), MATCHES, 0.0, 1.0)), None, float("nan"))
    effects = effects_of(asks_images(predictor, image), MATCHES, 0.0, 0.6)
    random = replace(predictor, network=randomised_copy(predictor.network))
    others = effects_of(asks_images(random, image), 0, 0.6, 0.9)
    heat = Image(both_views_heat(predictor.network, image), patient.lesions.image.affine)
    return Explanation(ranked(effects), heat, _agreement(effects, others))


def ranked(effects: list[LesionEffect]) -> tuple[LesionEffect, ...]:
    """Return the effects ordered by the size of their change beyond the lesion's volume, the largest first."""
    return tuple(sorted(effects, key=lambda each: -abs(each.beyond_volume)))


def lesion_effects(ask: AskWithout, image: np.ndarray, numbers: np.ndarray,
                   probability: Callable[[float], float] = float, matches: int = MATCHES, seed: int = 0,
                   progress: Progress = silent) -> list[LesionEffect]:
    """Return the effect of each lesion on the probability of NMOSD, in the order of the lesions' numbers.

    :param ask: returns raw probabilities without pieces of the lesions.
    :param image: stored lesion image, uint8 (100, 100, 100).
    :param numbers: number of each voxel's lesion, same shape; 0 outside of lesions.
    :param probability: returns the displayed probability for a raw one.
    :param matches: number of pieces of other lesions with the same volume with which a lesion is compared.
    :param seed: seed of the choice of these pieces.
    :param progress: receives the fraction done and a message.
    """
    rng = np.random.default_rng(seed)
    known = [int(number) for number in np.unique(numbers) if number]
    with_all = probability(ask([np.zeros(image.shape, bool)])[0])
    effects = []
    for place, number in enumerate(known):
        progress(place / len(known), _("Leaving out lesion {place} of {count}").format(
            place=place + 1, count=len(known)))
        pieces = [numbers == number, *matched_pieces(image, numbers, number, matches, rng)]
        after = [probability(raw) for raw in ask(pieces)]
        matched = float(np.mean([with_all - each for each in after[1:]])) if after[1:] else float("nan")
        effects.append(LesionEffect(number, with_all - after[0], matched))
    return effects


def matched_pieces(image: np.ndarray, numbers: np.ndarray, number: int, count: int, rng: np.random.Generator
                   ) -> list[np.ndarray]:
    """Return ``count`` compact pieces (masks) of the other lesions, each with the volume of lesion ``number``.

    There are none if the other lesions together are smaller.
    """
    others = np.argwhere((numbers > 0) & (numbers != number))
    amounts = image[tuple(others.T)].astype(float)
    wanted = float(image[numbers == number].sum())
    if not len(others) or amounts.sum() < wanted:
        return []
    pieces = []
    for _piece in range(count):
        order = np.argsort(((others - others[rng.integers(len(others))]) ** 2).sum(axis=1), kind="stable")
        taken = order[:int(np.searchsorted(np.cumsum(amounts[order]), wanted)) + 1]
        piece = np.zeros(image.shape, dtype=bool)
        piece[tuple(others[taken].T)] = True
        pieces.append(piece)
    return pieces


def both_views_heat(network: nn.Module, image: np.ndarray) -> np.ndarray:
    """Return Grad-CAM for NMOSD, float32 (100, 100, 100): the geometric mean of the heat of the two views.

    Networks in three dimensions have one heat map, from their last convolution.
    """
    import torch

    from NeuroDifferentialLib.differential.networks.resnet import WithChannel
    from NeuroDifferentialLib.task import NMOSD
    from NeuroOrbitLib.saliency.gradcam import grad_cam

    stored = torch.from_numpy(np.ascontiguousarray(image)).float()
    if not hasattr(network.features, "compression"):
        return grad_cam(WithChannel(network), stored[None], NMOSD)
    axial, coronal = (grad_cam(network, stored, NMOSD, f"features.compression.{view}.0") for view in
                      ("axial", "coronal"))
    return np.sqrt(axial[None, :, :] * coronal[:, None, :]).astype(np.float32)


def _agreement(effects: list[LesionEffect], others: list[LesionEffect]) -> float:
    from NeuroOrbitLib.saliency.sanity import rank_correlation

    if len(effects) < 4:
        return float("nan")
    return float(rank_correlation(*(np.array([each.change for each in found]) for found in (effects, others))))


def effects_image(patient: Patient, explanation: Explanation) -> Image:
    """Return an image of each lesion's change beyond its volume, on the FLAIR's grid, float32; 0 outside of lesions."""
    numbers = patient.report.numbers
    table = np.zeros(int(numbers.array.max()) + 1, np.float32)
    for effect in explanation.effects:
        table[effect.number] = effect.beyond_volume
    return numbers.with_array(table[numbers.array])
