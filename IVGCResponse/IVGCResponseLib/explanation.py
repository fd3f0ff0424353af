"""Why a response is expected: heat on the anatomy, and what each muscle contributes to the probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from IVGCResponseLib.answers import Asked
from IVGCResponseLib.muscle_groups import ALL_RECTI, values_of
from IVGCResponseLib.task import MUSCLE_MEANS, RESPONDER
from NeuroOrbitLib.anatomy.structures import RECTI, structure
from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor
from NeuroOrbitLib.classifiers.network_heat import case_heat, likeness_to_random
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.saliency.replacement import falls_without
from NeuroOrbitLib.saliency.structures import heat_places
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
    heat = heat_of(asked)
    places = heat_places(heat, asked.prepared.labels.array, values_of(ALL_RECTI))
    return Explanation(asked.prepared.image.with_array(heat), places.by_structure, places.ratio, places.share, falls)


def heat_of(asked: Asked, network: nn.Module | None = None) -> np.ndarray:
    """Return Grad-CAM for a response with the patient's numbers put in, float32 (32, 128, 128).

    :param network: that takes what the patient's model takes, to be looked at in its place.
    """
    from NeuroOrbitLib.classifiers.augmentation import seen

    return case_heat(asked.predictor, asked.image(), asked.numbers, seen, RESPONDER, network)


def weights_matter(asked: Asked, stages: int = 4) -> list[float]:
    """Return how like the heat stays while weights are randomised, see :func:`.likeness_to_random`."""
    return likeness_to_random(asked.predictor.network, lambda other: heat_of(asked, other), stages)


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
    return falls_without(
        RECTI, asked.probability(recalibration),
        lambda key: asked.probability_replacing(structure(key).values, means, recalibration),
        lambda key: structure(key).name, progress)
