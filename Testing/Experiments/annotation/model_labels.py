"""The default model's outlines of a scan, from which an annotator may start."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models import find_package
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL


class ModelLabels:
    """Label values of a whole scan, which are made on first use.

    :param image: the scan.
    """

    def __init__(self, image: Image) -> None:
        self._image, self._package = image, find_package(DEFAULT_MODEL)
        self.name = f"{self._package.name} {self._package.version} {self._package.sha256[:12]}"

    @cached_property
    def array(self) -> np.ndarray:
        """Label values on the scan's grid, uint8."""
        from OrbitSegmentationLib.pipeline import segment_image

        return segment_image(self._image, self._package).labels.array
