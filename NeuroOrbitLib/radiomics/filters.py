"""PyRadiomics' image types, computed only in the box of the regions, with the same values as on the whole image.

Properties of the whole image, such as its largest value or its repetition beyond its ends, are taken from the whole
image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.settings import Extraction, Settings
from NeuroOrbitLib.radiomics.wavelets import wavelet_images
from NeuroOrbitLib.sentences import sentence as _

_FEWEST_FOR_LOG = 4


@dataclass(frozen=True)
class Scan:
    """The image from which features are computed.

    :param array: voxels (K, J, I).
    :param spacing: voxel size in mm along I, J, K.
    """

    array: np.ndarray
    spacing: tuple[float, float, float]

    def itk(self, box: Box | None = None) -> sitk.Image:
        """Return the image, or a box of it, as an ITK image."""
        image = sitk.GetImageFromArray(np.ascontiguousarray(self.array if box is None else self.array[box.slices]))
        image.SetSpacing(self.spacing)
        return image


def derived_images(scan: Scan, box: Box, extraction: Extraction) -> Iterator[tuple[str, np.ndarray, Settings]]:
    """Yield name, voxels within ``box`` and settings of every derived image of an extraction.

    A Laplacian of Gaussian that is too wide for the scan is left out, as in PyRadiomics.

    :param scan: the image.
    :param box: box of the regions.
    :param extraction: image types and settings.
    :raises Problem: if a wavelet or a package for an image type is not available.
    """
    for kind in extraction.image_types:
        settings = extraction.settings_of(kind)
        for name, array in _IMAGES[kind](scan, box, settings):
            if name not in extraction.without_images:
                yield name, np.ascontiguousarray(_floating(array)), settings


def image_names(extraction: Extraction) -> list[str]:
    """Return the names of the derived images of an extraction."""
    found: list[str] = []
    for kind in extraction.image_types:
        settings = extraction.settings_of(kind)
        if kind == "LoG":
            found += [_log_name(sigma) for sigma in settings.sigma]
        elif kind == "Wavelet":
            found += _wavelet_names(settings).values()
        else:
            found.append("lbp-2D" if kind == "LBP2D" else kind.lower())
    return [name for name in found if name not in extraction.without_images]


def _floating(array: np.ndarray) -> np.ndarray:
    return array if array.dtype == np.float32 else array.astype(np.float64)


def _original(scan: Scan, box: Box, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    yield "original", scan.array[box.slices]


def _largest(scan: Scan) -> float:
    """Return the largest absolute value of the whole image."""
    return max(abs(float(scan.array.max())), abs(float(scan.array.min())))


def _square(scan: Scan, box: Box, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    with np.errstate(divide="ignore", invalid="ignore"):
        yield "square", (1 / np.sqrt(np.float64(_largest(scan))) * scan.array[box.slices].astype(np.float64)) ** 2


def _square_root(scan: Scan, box: Box, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    array = scan.array[box.slices].astype(np.float64)
    yield "squareroot", np.copysign(np.sqrt(np.abs(array) * _largest(scan)), array)


def _logarithm(scan: Scan, box: Box, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    largest = _largest(scan)
    array = scan.array[box.slices].astype(np.float64)
    with np.errstate(invalid="ignore"):
        yield "logarithm", np.copysign(np.log(np.abs(array) + 1), array) * (largest / np.log(np.float64(largest + 1)))


def _exponential(scan: Scan, box: Box, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    largest = np.float64(_largest(scan))
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.log(largest) / largest
        yield "exponential", np.exp(rate * np.ascontiguousarray(scan.array[box.slices].astype(np.float64)))


def _gradient(scan: Scan, box: Box, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    around = box.grown(1).inside(scan.array.shape)
    gradient = sitk.GradientMagnitude(scan.itk(around), settings.gradient_use_spacing)
    yield "gradient", sitk.GetArrayFromImage(gradient)[box.within(around)]


def _log_name(sigma: float) -> str:
    return f"log-sigma-{str(sigma).replace('.', '-')}-mm-3D"


def _laplacian_of_gaussian(scan: Scan, box: Box, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the Laplacians of Gaussians, computed on the whole image.

    The recursive filter reaches everywhere, and a small difference may change the grey level of a voxel.
    """
    size = np.array(scan.array.shape[::-1])
    for sigma in settings.sigma:
        if sigma > 0 and size.min() >= _FEWEST_FOR_LOG and (size >= np.ceil(sigma / np.array(scan.spacing)) + 1).all():
            image = sitk.LaplacianRecursiveGaussian(scan.itk(), sigma, True)
            yield _log_name(sigma), sitk.GetArrayFromImage(image)[box.slices]


def _wavelet_names(settings: Settings) -> dict[tuple[int, str], str]:
    """Return the name of each wavelet image by its level and letters."""
    letters = 2 if settings.force_2d else 3
    first, last = settings.start_level + 1, settings.start_level + settings.level
    names = {}
    for level in range(first, last + 1):
        prefix = "wavelet" if level == first else f"wavelet{level - settings.start_level}"
        for word in map("".join, product("LH", repeat=letters)):
            if "H" in word or level == last:
                names[level, word] = f"{prefix}-{word}"
    return names


def _wavelet(scan: Scan, box: Box, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    axes = tuple(axis for axis in (2, 1, 0) if not (settings.force_2d and axis == settings.force_2d_dimension))
    names = _wavelet_names(settings)
    levels = tuple(sorted({level for level, _ in names}))
    images = wavelet_images(scan.array, box, settings.wavelet, axes, levels)
    for key, name in names.items():
        yield name, images[key]


def _local_binary_pattern(scan: Scan, box: Box, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the local binary pattern, computed in whole planes, so that interpolation rounds as on the whole image."""
    try:
        from skimage.feature import local_binary_pattern
    except ImportError as error:
        raise Problem(_("The image type LBP2D needs the package scikit-image. Install it, or leave LBP2D out.")) \
            from error
    axis = settings.force_2d_dimension
    planes = scan.array.swapaxes(0, axis)
    patterns = np.zeros(planes.shape, dtype=scan.array.dtype)
    for index in range(box.start[axis], box.stop[axis]):
        patterns[index] = local_binary_pattern(planes[index], settings.lbp_samples, settings.lbp_radius,
                                               settings.lbp_method)
    yield "lbp-2D", patterns.swapaxes(0, axis)[box.slices]


_IMAGES: Mapping[str, Callable[[Scan, Box, Settings], Iterator[tuple[str, np.ndarray]]]] = {
    "Original": _original, "LoG": _laplacian_of_gaussian, "Wavelet": _wavelet, "Square": _square,
    "SquareRoot": _square_root, "Logarithm": _logarithm, "Exponential": _exponential, "Gradient": _gradient,
    "LBP2D": _local_binary_pattern,
}  # fmt: skip
