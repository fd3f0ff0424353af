"""Why a model answers so about a segmented scan: heat on structures, and what each does to the probability."""

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

#: Largest change of the probability below which a signal is said not to matter.
IGNORED_BELOW = 0.01


@dataclass(frozen=True)
class StructureReasons:
    """The evidence for a class.

    :param heat: Grad-CAM of the last convolution in units of the logit, on the grid of the prepared image; all slices
        are alike where the network takes slices as channels. None where the model takes numbers alone.
    :param by_structure: mean heat of each structure, by the name of its label; empty without heat.
    :param ratio: mean heat inside the structures over that outside of them; NaN without heat.
    :param share: part of all heat that lies inside the structures; NaN without heat.
    :param falls: how much the probability falls when a structure of both sides gets the mean signal that it has in
        the training, its radiomics measured anew; by its key.
    :param image_fall: how much it falls when all structures get their mean signal in the image alone, and all numbers
        stay; NaN where the model takes the image or numbers alone.
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
        """Explain the answer about a scan.

        :param keys: of the structures that are looked at, both sides of each together.
        :param means: see :func:`NeuroOrbitLib.saliency.replacement.mean_signals`.
        :param seen: makes of stored images what the network takes.
        :param recalibration: by which the probability was changed.
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
        """Return the structure whose replacement lowers the probability most."""
        return max(self.falls, key=lambda key: self.falls[key])

    @property
    def ignores_signal(self) -> bool:
        """Return whether the model hardly looks at the signal of any structure."""
        return max(map(abs, self.falls.values())) < IGNORED_BELOW

    @property
    def ignores_image(self) -> bool:
        """Return whether the structures' signal matters by the numbers that are measured of it alone."""
        return abs(self.image_fall) < IGNORED_BELOW

    @property
    def notice(self) -> str:
        """Return a warning where the model hardly looks at the structures' signal, or at the image itself."""
        if self.ignores_signal:
            return _("The signal of no structure changes the probability by a percentage point: the model ignores the "
                     "image, or decides by other parts of it.")
        return _("The image itself hardly changes the probability (less than a percentage point): the structures speak "
                 "by the numbers that are measured of them, and the heat means little.") if self.ignores_image else ""

    def as_data(self, noun: str = "structure") -> dict[str, Any]:
        """Return plain data without the heat's voxels.

        :param noun: what the structures are called in the keys.
        """
        return {f"by_{noun}": self.by_structure, "ratio": self.ratio if np.isfinite(self.ratio) else None,
                "share": self.share if np.isfinite(self.share) else None,
                "falls": self.falls, "image_fall": self.image_fall if np.isfinite(self.image_fall) else None,
                f"leading_{noun}": self.leading, "notice": self.notice}


def structure_falls(asked: AskedScan, keys: tuple[str, ...], means: Mapping[str, float],
                    recalibration: Recalibration | None = None, progress: Progress = silent) -> dict[str, float]:
    """Return how much the calibrated probability falls when each structure gets its mean signal in the training.

    Parameters as for :meth:`StructureReasons.of`.
    """
    from NeuroOrbitLib.saliency.replacement import falls_without

    return falls_without(
        keys, asked.probability(recalibration),
        lambda key: asked.probability_replacing(structure(key).values, means, recalibration),
        lambda key: structure(key).name, progress)


def scan_heat(asked: AskedScan, seen: Callable[[Tensor], Tensor], network: nn.Module | None = None) -> np.ndarray:
    """Return Grad-CAM for the class with the scan's numbers put in, float32 of the stored image's shape.

    :param seen: makes of stored images what the network takes.
    :param network: that takes what the scan's model takes, to be looked at in its place.
    """
    from NeuroOrbitLib.classifiers.network_heat import case_heat

    return case_heat(asked.predictor, asked.image(), asked.numbers, seen, asked.positive, network)


def weights_matter(asked: AskedScan, seen: Callable[[Tensor], Tensor], stages: int = 4) -> list[float]:
    """Return how like the heat stays while weights are randomised, see :func:`.likeness_to_random`.

    :param seen: makes of stored images what the network takes. :param stages: of the randomisation.
    """
    from NeuroOrbitLib.classifiers.network_heat import likeness_to_random

    return likeness_to_random(asked.predictor.network, lambda other: scan_heat(asked, seen, other), stages)
