"""Why a response is expected: heat on the anatomy, and what each muscle contributes to the probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from IVGCResponseLib.answers import Asked
from IVGCResponseLib.muscle_groups import ALL_RECTI, values_of
from IVGCResponseLib.task import MUSCLE_MEANS, RESPONDER
from NeuroOrbitLib.anatomy.structures import RECTI, label_name, structure
from NeuroOrbitLib.classifiers.answer import calibrated_probability
from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.saliency.structures import heat_ratio, mean_heat
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.classifiers.recalibration import Recalibration
    from NeuroOrbitLib.models import ModelPackage

#: Largest fall of the probability below which the muscles' signal is said not to matter.
IGNORED_BELOW = 0.01


@dataclass(frozen=True)
class Explanation:
    """What speaks for a response.

    :param heat: Grad-CAM of the last convolution in units of the logit, on the grid of the prepared image; all slices
        are alike where the network takes slices as channels. None where the model takes numbers alone.
    :param by_muscle: mean heat of each rectus, by name; empty without heat.
    :param ratio: mean heat inside the recti over that outside of them; NaN without heat.
    :param share: part of all heat that lies inside the recti; NaN without heat.
    :param falls: how much the probability falls when a rectus of both sides gets the mean signal that it has in the
        training, its radiomics measured anew; by key of the muscle.
    """

    heat: Image | None
    by_muscle: dict[str, float]
    ratio: float
    share: float
    falls: dict[str, float]

    @property
    def leading_muscle(self) -> str:
        """Return the rectus whose replacement lowers the probability most."""
        return max(self.falls, key=lambda key: self.falls[key])

    @property
    def notice(self) -> str:
        """Return a warning where the model hardly looks at the muscles' signal, else an empty text."""
        if max(map(abs, self.falls.values())) >= IGNORED_BELOW:
            return ""
        return _("The signal of no muscle changes the probability by a percentage point: the model ignores the image, "
                 "or decides by other parts of it.")

    def as_data(self) -> dict[str, Any]:
        """Return plain data without the heat's voxels."""
        return {"by_muscle": self.by_muscle, "ratio": self.ratio if np.isfinite(self.ratio) else None,
                "share": self.share if np.isfinite(self.share) else None,
                "falls": self.falls, "leading_muscle": self.leading_muscle, "notice": self.notice}


def explain(package: ModelPackage, asked: Asked, progress: Progress = silent,
            recalibration: Recalibration | None = None) -> Explanation:
    """Explain the answer about a patient.

    :param recalibration: by which the probability was changed.
    :raises Problem: when the package does not say what the muscles' mean signal is.
    """
    falls = muscle_falls(package, asked, progress, recalibration)
    if not isinstance(asked.predictor, NetworkPredictor):
        return Explanation(None, {}, float("nan"), float("nan"), falls)
    heat = gradient_heat(asked)
    labels = asked.prepared.labels.array
    recti = values_of(ALL_RECTI)
    inside = np.isin(labels, recti)
    names = {label_name(value): found for value, found in mean_heat(heat, labels, recti).items()}
    total = float(heat.sum(dtype=np.float64))
    share = float(heat[inside].sum(dtype=np.float64)) / total if total > 0 else float("nan")
    return Explanation(asked.prepared.image.with_array(heat), names, heat_ratio(heat, inside, ~inside), share, falls)


def weights_matter(asked: Asked, stages: int = 4) -> list[float]:
    """Return how like the heat stays to itself while more and more of the network's weights are randomised.

    Adebayo et al. 2018: rank correlations from the head down; heat that stays alike does not come from what was
    learned.

    :param stages: how often it is measured.
    """
    from NeuroOrbitLib.saliency.sanity import randomisation_check

    network = asked.predictor.network
    found = randomisation_check(network, lambda other: heat_of(other, asked), stages)
    return [float(step.correlation) for step in found]


def gradient_heat(asked: Asked) -> np.ndarray:
    """Return Grad-CAM for a response with the patient's numbers put in, float32 (32, 128, 128)."""
    return heat_of(asked.predictor.network, asked)


def heat_of(network: nn.Module, asked: Asked) -> np.ndarray:
    """Return Grad-CAM of a network that takes what the patient's model takes, float32 (32, 128, 128)."""
    import torch

    from IVGCResponseLib.augmentation import seen
    from NeuroOrbitLib.classifiers.networks.with_numbers import OfOnePatient, WithNumbers
    from NeuroOrbitLib.saliency.gradcam import grad_cam

    if isinstance(network, WithNumbers):
        scaled = {name: torch.from_numpy(asked.predictor.numbers[name].scaled(values))
                  for name, values in asked.predictor.groups_of(asked.numbers).items()}
        network = OfOnePatient(network, network.numbers_of(scaled)).eval()
    image = seen(torch.from_numpy(asked.image()))
    volumetric = any(isinstance(module, torch.nn.Conv3d) for module in network.modules())
    found = grad_cam(network, image[None] if volumetric else image, RESPONDER)
    return np.ascontiguousarray(np.broadcast_to(found, image.shape), dtype=np.float32)


def muscle_falls(package: ModelPackage, asked: Asked, progress: Progress = silent,
                 recalibration: Recalibration | None = None) -> dict[str, float]:
    """Return how much the calibrated probability falls when the signal of each rectus is that of the training's mean.

    :param recalibration: to one's own patients, by which the probability is changed.
    :raises Problem: when the package does not state those means.
    """
    means = package.document(MUSCLE_MEANS)
    if means is None:
        raise Problem(_("The model {name} does not state the mean signal of the muscles. Train it again.").format(
            name=package.name))

    def told(patient: Asked) -> float:
        probability, _calibrated = calibrated_probability(package, patient.raw())
        return recalibration.probability(probability) if recalibration else probability

    before = told(asked)
    falls = {}
    for number, key in enumerate(RECTI):
        progress(number / len(RECTI), _("Replacing the {name}").format(name=structure(key).name))
        falls[key] = before - told(asked.with_signal(replacing(asked, key, means)))
    return falls


def replacing(asked: Asked, muscle: str, means: dict[str, float]) -> np.ndarray:
    """Return the factor on every voxel of the scan that brings a rectus of both sides to its mean in the training.

    The muscle's own pattern is kept out, too: every voxel gets the same signal.
    """
    mean, sd = asked.prepared.scale
    corrected = asked.prepared.corrected.array
    factor = np.ones(corrected.shape, dtype=np.float32)
    for value in structure(muscle).values:
        inside = asked.prepared.scan_labels.array == value
        factor[inside] = max(means[str(value)] * sd + mean, 0.0) / np.maximum(corrected[inside], 1e-6)
    return factor
