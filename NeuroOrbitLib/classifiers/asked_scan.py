"""A segmented scan together with the model that is asked about it, as it is and with changed signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.classifiers.asked import AskedCase
from NeuroOrbitLib.classifiers.prepared_image import PreparedImage
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.radiomics.columns import is_feature

if TYPE_CHECKING:
    from typing import Self

    from NeuroOrbitLib.classifiers.recalibration import Recalibration


@dataclass(frozen=True, kw_only=True)
class AskedScan(AskedCase):
    """A scan and its segmentation together with a model of image and numbers.

    :param prepared: input of the network.
    :param grey: scan before bias correction, on the grid of ``prepared.corrected``; radiomics are computed from it.
    """

    prepared: PreparedImage
    grey: Image

    def image(self) -> np.ndarray:
        """Return the volume as cohorts store it."""
        return self.prepared.arrays()["image"]

    def radiomics(self, grey: Image) -> dict[str, float]:
        """Return the radiomics features that the model takes, by column; NaN where one cannot be computed.

        :param grey: image to measure, on the grid of :attr:`grey`.
        """
        columns = tuple(name for name in self.predictor.columns if is_feature(name))
        found = self.measured(grey, columns) if columns else {}
        return {name: found.get(name, float("nan")) for name in columns}

    def measured(self, grey: Image, columns: tuple[str, ...]) -> Mapping[str, float]:
        """Return the radiomics features, by column, of all regions that ``columns`` name.

        The result may contain further features of these regions.

        :param columns: names of the features that are needed.
        """
        raise NotImplementedError

    def prepared_again(self, corrected: Image) -> PreparedImage:
        """Return the network's input for another signal, on the intensity scale of :attr:`prepared`.

        :param corrected: the signal after bias correction, on the grid of ``prepared.corrected``.
        """
        raise NotImplementedError

    def with_signal(self, factor: np.ndarray) -> Self:
        """Return the same patient with another signal, prepared on the same scale and with radiomics measured again.

        :param factor: factor on the grey value of each voxel of the scan and the corrected scan, shape of their grid.
        """
        grey = self.grey.with_array((self.grey.array * factor).astype(np.float32))
        return replace(self.with_image_signal(factor), grey=grey, numbers={**self.numbers, **self.radiomics(grey)})

    def with_image_signal(self, factor: np.ndarray) -> Self:
        """Return the same patient with another signal in the image alone; all numbers stay.

        :param factor: factor on each voxel, as in :meth:`with_signal`.
        """
        corrected = self.prepared.corrected
        changed = self.prepared_again(corrected.with_array((corrected.array * factor).astype(np.float32)))
        return replace(self, prepared=changed)

    def probability_replacing(self, values: tuple[int, ...], means: Mapping[str, float],
                              recalibration: Recalibration | None = None) -> float:
        """Return the probability if structures had their mean signal in the training.

        :param values: label values of the structures.
        :param means: mean signals in the training, see :func:`NeuroOrbitLib.saliency.replacement.mean_signals`.
        :param recalibration: fit to one's own patients, which changes the probability.
        """
        return self.with_signal(self.replacing(values, means)).probability(recalibration)

    def replacing(self, values: tuple[int, ...], means: Mapping[str, float]) -> np.ndarray:
        """Return the factor on every voxel of the scan that changes structures to their mean signal in the training.

        The parameters are those of :meth:`probability_replacing`.
        """
        from NeuroOrbitLib.saliency.replacement import signal_factor

        prepared = self.prepared
        return signal_factor(prepared.corrected.array, prepared.scan_labels.array, values, means, prepared.scale)
