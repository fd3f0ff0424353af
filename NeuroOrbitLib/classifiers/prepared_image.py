"""The input of a classifier from one scan with its segmentation, and the scan it was made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.imaging.image import Image


@dataclass(frozen=True)
class PreparedImage:
    """The input of a classifier from one scan.

    :param image: z-scored grey values, float32 (slices, rows, columns), with their position in the patient.
    :param labels: label map on the same grid, uint8.
    :param corrected: the whole scan after bias correction, for measurements.
    :param scan_labels: label map on the grid of ``corrected``.
    :param scale: mean and SD of the grey values, from which the z-scores were computed.
    """

    image: Image
    labels: Image
    corrected: Image
    scan_labels: Image
    scale: tuple[float, float]

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays that a cohort stores: ``image`` (float16) and ``labels`` (uint8), of the same shape."""
        return {"image": self.image.array.astype(np.float16), "labels": self.labels.array}
