"""Slicer's Grow from Seeds as a function of arrays, with the class and the cropping of the effect.

The class is ``vtkImageGrowCutSegment`` (fast grow-cut, Zhu et al.), Slicer's own from ``slicer-core``. Newer releases
of Slicer call ``vtkITKGrowCut``, the same method, which is not in that package.
"""

from __future__ import annotations

import numpy as np

from Testing.Demo.rendering import choose_render_window

#: Share of its size by which the box around all seeds is enlarged, at least by three voxels.
GROWTH = 0.2
LEAST_MARGIN = 3
FOREGROUND, BACKGROUND = 1, 2


class GrowFromSeeds:
    """Keeps its state between calls as the effect does, so that added seeds cost less."""

    def __init__(self, image: np.ndarray) -> None:
        choose_render_window()
        import slicer

        self._new_filter = slicer.vtkImageGrowCutSegment
        scale = 2000.0 / max(float(np.ptp(image)), 1.0) if np.ptp(image) < 500 else 1.0
        self._image = np.round(image * scale).astype(np.int16)
        self._box: tuple[slice, ...] | None = None
        self._filter = None

    def solve(self, foreground: np.ndarray, background: np.ndarray) -> np.ndarray:
        """Return the voxels (K, J, I) that the foreground seeds reach before the background seeds do."""
        seeds = np.where(foreground, FOREGROUND, np.where(background, BACKGROUND, 0)).astype(np.uint8)
        box = _box(seeds)
        if box != self._box:
            self._box, self._filter = box, self._new_filter()
            self._filter.SetIntensityVolume(_vtk_image(self._image[box]))
            self._filter.SetDistancePenalty(0.0)
        self._filter.SetSeedLabelVolume(_vtk_image(seeds[box]))
        self._filter.Update()
        result = np.zeros(seeds.shape, bool)
        result[box] = _array(self._filter.GetOutput(), seeds[box].shape) == FOREGROUND
        return result


def _box(seeds: np.ndarray) -> tuple[slice, ...]:
    places = np.argwhere(seeds)
    low, high = places.min(axis=0), places.max(axis=0)
    margin = np.maximum(LEAST_MARGIN, (GROWTH * (high - low)).astype(int))
    return tuple(slice(max(int(a), 0), int(b) + 1) for a, b in zip(low - margin, high + margin, strict=True))


def _vtk_image(array: np.ndarray):
    import slicer
    from vtk.util.numpy_support import numpy_to_vtk

    image = slicer.vtkOrientedImageData()
    image.SetDimensions(*array.shape[::-1])
    image.GetPointData().SetScalars(numpy_to_vtk(array.ravel(), deep=True))
    return image


def _array(image, shape: tuple[int, ...]) -> np.ndarray:
    from vtk.util.numpy_support import vtk_to_numpy

    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(shape)
