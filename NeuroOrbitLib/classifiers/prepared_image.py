"""What a classifier sees of one scan with its segmentation, and the scan behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.imaging.image import Image


@dataclass(frozen=True)
class PreparedImage:
    """What a classifier sees of one scan.

    :param image: z-scored grey values, float32 (slices, rows, columns), at their place in the patient.
    :param labels: label map on the same grid, uint8.
    :param corrected: the whole scan after bias correction, for measurements.
    :param scan_labels: label map on the grid of ``corrected``.
    :param scale: mean and SD of the grey values that made the z-scores.
    """

    image: Image
    labels: Image
    corrected: Image
    scan_labels: Image
    scale: tuple[float, float]

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a cohort keeps of it: ``image`` float16 and ``labels`` uint8, of the image's shape each."""
        return {"image": self.image.array.astype(np.float16), "labels": self.labels.array}
