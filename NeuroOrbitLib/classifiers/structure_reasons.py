"""Explanation of a model's answer about a segmented scan: heat on structures, and their effect on the probability."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.classifiers.asked_scan import AskedScan
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from typing import Self

    from torch import Tensor, nn

    from NeuroOrbitLib.classifiers.recalibration import Recalibration

#: Change of the probability below which a signal counts as irrelevant.
IGNORED_BELOW = 0.01


@dataclass(frozen=True)
class StructureReasons:
    """The evidence for a class.

    :param heat: Grad-CAM of the last convolution in units of the logit, on the grid of the prepared image; equal in all
        slices if the network takes slices as channels. None if the model takes numbers alone.
    :param by_structure: mean heat of each structure, by the name of its label; empty without heat.
    :param ratio: mean heat inside the structures divided by the mean outside of them; NaN without heat.
    :param share: share of all heat that is inside the structures; NaN without heat.
    :param falls: decrease of the probability when a structure of both sides is given its mean signal in the training
        and its radiomics and signal ratios are measured again; by the structure's key.
    :param image_fall: decrease of the probability when all structures are given their mean signal in the image alone
        and all numbers stay; NaN if the model takes the image or numbers alone.
    """

    heat: Image | None
    by_structure: dict[str, float]
    ratio: float
    share: float
    falls: dict[str, float]
    image_fall: float = float("nan")

    @classmethod
    def of(cls, asked: AskedScan, keys: tuple[str, ...], means: Mapping[str, float],
           seen: Callable[[Tensor], Tensor], recalibration: Recalibration | None = None,
           progress: Progress = silent) -> Self:
        """Return the explanation of the answer about a scan.

        :param asked: the scan together with the model.
        :param keys: keys of the structures to examine, both sides of each together.
        :param means: mean signals in the training, see :func:`NeuroOrbitLib.saliency.replacement.mean_signals`.
        :param seen: turns stored images into the network's input.
        :param recalibration: fit to one's own patients that changed the probability.
        :param progress: receives the fraction done and a message.
        """
        from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor
        from NeuroOrbitLib.saliency.structures import heat_places

        falls = structure_falls(asked, keys, means, recalibration, progress)
        if not isinstance(asked.predictor, NetworkPredictor):
            return cls(None, {}, float("nan"), float("nan"), falls)
        heat, values = scan_heat(asked, seen), tuple(value for key in keys for value in structure(key).values)
        places = heat_places(heat, asked.prepared.labels.array, values)
        by_image = float("nan") if not asked.predictor.columns else asked.probability(recalibration) - (
            asked.with_image_signal(asked.replacing(values, means)).probability(recalibration))
        return cls(asked.prepared.image.with_array(heat), places.by_structure, places.ratio, places.share, falls,
                   by_image)

    @property
    def leading(self) -> str:
        """Key of the structure whose replacement lowers the probability most."""
        return max(self.falls, key=lambda key: self.falls[key])

    @property
    def ignores_signal(self) -> bool:
        """Whether the signal of no structure matters to the model."""
        return max(map(abs, self.falls.values())) < IGNORED_BELOW

    @property
    def ignores_image(self) -> bool:
        """Whether the structures' signal affects the model only through the numbers that are measured from it."""
        return abs(self.image_fall) < IGNORED_BELOW

    @property
    def notice(self) -> str:
        """Warning if the model hardly uses the structures' signal, or the image itself; otherwise empty."""
        if self.ignores_signal:
            return _("The signal of no structure changes the probability by a percentage point: the model ignores the "
                     "image, or decides by other parts of it.")
        return _("The image itself hardly changes the probability (less than a percentage point): the structures act "
                 "through the numbers that are measured in them, and the heat means "
                 "little.") if self.ignores_image else ""

    def as_data(self, noun: str = "structure") -> dict[str, Any]:
        """Return plain data without the heat's voxels; no structure leads if the signal of none matters.

        :param noun: name for a structure in the keys.
        """
        return {f"by_{noun}": self.by_structure, "ratio": self.ratio if np.isfinite(self.ratio) else None,
                "share": self.share if np.isfinite(self.share) else None,
                "falls": self.falls, "image_fall": self.image_fall if np.isfinite(self.image_fall) else None,
                f"leading_{noun}": None if self.ignores_signal else self.leading, "notice": self.notice}


def structure_falls(asked: AskedScan, keys: tuple[str, ...], means: Mapping[str, float],
                    recalibration: Recalibration | None = None, progress: Progress = silent) -> dict[str, float]:
    """Return the decrease of the probability when each structure is given its mean signal in the training, by key.

    The parameters are those of :meth:`StructureReasons.of`.
    """
    from NeuroOrbitLib.saliency.replacement import falls_without

    return falls_without(
        keys, asked.probability(recalibration),
        lambda key: asked.probability_replacing(structure(key).values, means, recalibration),
        lambda key: structure(key).name, progress)


def scan_heat(asked: AskedScan, seen: Callable[[Tensor], Tensor], network: nn.Module | None = None) -> np.ndarray:
    """Return Grad-CAM for the class with the scan's numbers, float32, shape of the stored image.

    :param asked: the scan together with the model.
    :param seen: turns stored images into the network's input.
    :param network: network with the same inputs to explain instead of the model's.
    """
    from NeuroOrbitLib.classifiers.network_heat import case_heat

    return case_heat(asked.predictor, asked.image(), asked.numbers, seen, asked.positive, network)


def weights_matter(asked: AskedScan, seen: Callable[[Tensor], Tensor], stages: int = 4) -> list[float]:
    """Return the similarity of the heat to itself while weights are randomised, see :func:`.likeness_to_random`.

    :param asked: the scan together with the model, which must be a network.
    :param seen: turns stored images into the network's input.
    :param stages: number of stages of the randomisation.
    """
    from NeuroOrbitLib.classifiers.network_heat import likeness_to_random

    return likeness_to_random(asked.predictor.network, lambda other: scan_heat(asked, seen, other), stages)
