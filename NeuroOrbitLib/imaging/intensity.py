"""Grey values: bias field, CT window and padding, normalisation, and recognition of CT."""

from __future__ import annotations

import itertools

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.imaging.boxes import Box, box_around, crop
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.sentences import sentence as _

AIR_HU = -1024
CT_WITHOUT_SIGN = _("The numbers of this CT are 1024 higher than Hounsfield units; they were taken as such.")
_N4_SPACING_MM = 6.0
_N4_SMALLEST_SIZE = 12
#: Largest number of iterations per level; the spline grid of the field becomes twice as fine from level to level.
_N4_ROUNDS = (50, 50, 30, 20)
_N4_LEVELS = len(_N4_ROUNDS)
_BACKGROUND_LEVEL = 0.1
#: Number of voxels from which the level of air is determined, and number of steps towards it.
_MOST_EXAMINED, _AIR_ROUNDS = 1_000_000, 5
#: Percentile of the darkest voxels, and largest share of the brightest ones that it has without an offset: the noise of
#: air is far below it.
_DARKEST_PERCENT, _LARGEST_DARKNESS = 0.1, 0.05


def correct_bias_field(
    image: Image, mask: np.ndarray | None = None, shrink: tuple[int, int, int] | None = None, levels: int = _N4_LEVELS
) -> Image:
    """Remove the bias field of an MR volume by N4 (Tustison 2010, doi:10.1109/TMI.2010.2046908).

    Since the field is smooth, it is estimated on a shrunk copy; its logarithm is interpolated to full resolution. The
    geometric mean of the foreground is kept. The field multiplies signals, so that negative air is first raised to 0,
    see :func:`without_negative_air`.

    :param mask: voxels (K, J, I) to estimate from; the foreground by default.
    :param shrink: number of voxels along I, J, K that make one voxel of the copy; by default such that these measure
        about 6 mm.
    :param levels: number of levels, 1 to 4; the spacing of the field's spline grid is 2 ** (1 - levels) of the volume's
        extent.
    :return: corrected image, ``float32``.
    """
    image = without_negative_air(image)
    field = bias_field(image, mask, shrink, levels)
    return image.with_array(image.array.astype(np.float32) / field)


def bias_field(
    image: Image, mask: np.ndarray | None = None, shrink: tuple[int, int, int] | None = None, levels: int = _N4_LEVELS
) -> np.ndarray:
    """Return the multiplicative bias field of an MR volume, with a geometric mean of 1 in the mask.

    Padding of whole planes at the edges is left out, since the splines of the field would become coarser by it.

    :param mask, shrink, levels: see :func:`correct_bias_field`.
    :return: bias field on the grid of ``image``, ``float32`` (K, J, I); 1 everywhere if the mask is empty.
    """
    # Relative to padding of -1000, air would count as foreground, and the edges of tissue would become negative.
    plain = without_padding(image)
    chosen = (foreground(plain.array) if mask is None else np.asarray(mask, dtype=bool)) & (plain.array > 0)
    if not chosen.any():
        return np.ones(chosen.shape, np.float32)
    box = _box_without_padding(plain.array)
    inner = _field_of_whole(crop(plain, box), chosen[box.slices], shrink, levels)
    return np.pad(inner, [(first, size - last) for first, last, size in
                          zip(box.start, box.stop, chosen.shape, strict=True)], mode="edge")


def _box_without_padding(array: np.ndarray) -> Box:
    """Return the box of an array (K, J, I) without the planes at its edges that hold the lowest value alone."""
    return box_around(array > array.min()) or Box((0, 0, 0), array.shape)


def _field_of_whole(
    image: Image, chosen: np.ndarray, shrink: tuple[int, int, int] | None, levels: int
) -> np.ndarray:
    """Return the bias field of a volume without padding, see :func:`bias_field`.

    :param chosen: voxels (K, J, I) to estimate from.
    """
    voxels = image.array.astype(np.float32)
    factors = [int(factor) for factor in shrink or _shrink_factors(image)]
    full = _plain_itk(voxels, image)
    small = sitk.BinShrink(full, factors)
    small_mask = sitk.BinShrink(_plain_itk(chosen.astype(np.float32), image), factors) > 0.5
    if not sitk.GetArrayViewFromImage(small_mask).any():
        return np.ones_like(voxels)
    log_field = _log_field(small, sitk.Cast(small_mask, sitk.sitkUInt8), levels)
    log_field = sitk.Resample(log_field, full, sitk.Transform(), sitk.sitkLinear, 0.0, sitk.sitkFloat32)
    values = _extended_to_edges(sitk.GetArrayFromImage(log_field), factors)
    return np.exp(values - values[chosen].mean(dtype=np.float64), dtype=np.float32)


def ct_window(array: np.ndarray, level: float, width: float) -> np.ndarray:
    """Map the HU window [level - width/2, level + width/2] linearly to [0, 1] and clip; return ``float32``."""
    low = np.float32(level - width / 2.0)
    return np.clip((array.astype(np.float32) - low) / np.float32(width), 0.0, 1.0)


def z_score(array: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Subtract the mean and divide by the SD of the voxels in ``mask`` (all by default); return ``float32``.

    A constant array gives zeros.
    """
    voxels = array.astype(np.float32)
    chosen = voxels if mask is None or not np.any(mask) else voxels[np.asarray(mask, dtype=bool)]
    spread = chosen.std(dtype=np.float64)
    if spread < 1e-12:
        return np.zeros_like(voxels)
    return (voxels - np.float32(chosen.mean(dtype=np.float64))) / np.float32(spread)


def robust_rescale(array: np.ndarray, low: float = 0.5, high: float = 99.5) -> np.ndarray:
    """Map two percentiles (0 to 100) of the foreground to 0 and 1 and clip; a constant array gives zeros.

    :return: ``float32`` array of the same shape.
    """
    start, stop = foreground_percentiles(array, (low, high))
    if stop - start < 1e-12:
        return np.zeros(array.shape, dtype=np.float32)
    return np.clip((array.astype(np.float32) - np.float32(start)) / np.float32(stop - start), 0.0, 1.0)


def foreground(array: np.ndarray) -> np.ndarray:
    """Return the mask (K, J, I) of the voxels that are not air or padding.

    These are brighter than a tenth of the way from the lowest value to the 99th percentile of the values above it. If
    there are negative values, the way begins at :func:`air_level` instead, because the lowest value is then an
    overshoot of interpolation, or noise. In a constant array all voxels are foreground.
    """
    lowest = array.min()
    above = array[array > lowest]
    if above.size == 0:
        return np.ones(array.shape, dtype=bool)
    start, bright = air_level(array) if lowest < 0 else float(lowest), float(np.percentile(above, 99.0))
    return array > start + _BACKGROUND_LEVEL * (bright - start)


def air_level(array: np.ndarray) -> float:
    """Return the grey value of the air in a volume with negative values, e.g. after interpolation or normalisation.

    This is the median of the voxels that are darker than a tenth of the way from it to the 99th percentile, starting
    from the first percentile. So a few overshoots are not taken for air, nor are the lowest values of noise.

    :param array: grey values; a million of them, evenly spread, are examined.
    """
    voxels = array.reshape(-1)[:: max(array.size // _MOST_EXAMINED, 1)]
    level, bright = (float(each) for each in np.percentile(voxels, (1.0, 99.0)))
    for _round in range(_AIR_ROUNDS):
        level = float(np.median(voxels[voxels <= level + _BACKGROUND_LEVEL * (bright - level)]))
    return level


def foreground_percentiles(array: np.ndarray, percentiles: tuple[float, ...]) -> list[float]:
    """Return percentiles (0 to 100) of the foreground voxels, independent of the air in the field of view."""
    return np.percentile(array[foreground(array)], percentiles).tolist()


def clean_ct_padding(array: np.ndarray) -> np.ndarray:
    """Set values below air (padding such as -2000, -3024 or an overflow) to -1024 HU; the voxel type is kept.

    An array without such values is returned itself.
    """
    if array.min() >= AIR_HU:
        return array
    return np.maximum(array, array.dtype.type(AIR_HU))


def sparse(array: np.ndarray) -> np.ndarray:
    """Return a view (K, J, I) of few voxels from the whole volume, as a sample of the distribution of grey values."""
    return array[:: max(array.shape[0] // 64, 1), ::2, ::2]


def looks_like_ct(image: Image) -> bool:
    """Return whether grey values are Hounsfield units, with or without air and padding in the field of view.

    Only CT has both: clearly negative values that lie beside each other (fat or air; noise in MRI may be negative, too,
    but lies next to any value) and, among voxels denser than lung, a large share between fat and soft tissue with some
    far above (bone). Means over neighbours are examined, since thin slices are noisy.
    """
    array = _with_neighbours(image.array)
    return _in_hounsfield_units(_inner_sparse(array), _local_means(array))


def _in_hounsfield_units(voxels: np.ndarray, means: np.ndarray) -> bool:
    """Return whether a sample of voxels is in Hounsfield units, see :func:`looks_like_ct`.

    :param voxels: sample of voxels (K, J, I).
    :param means: means over the 27 voxels around each of them, of the same shape.
    """
    inside = voxels >= AIR_HU
    # The lowest value may be padding and is left out.
    negative = (voxels < -40) & (means < -40) & (voxels > voxels.min()) & inside
    if np.count_nonzero(negative) < 0.01 * np.count_nonzero(inside) or not inside.any() or _negative_by_chance(means):
        return False
    known = means[inside]
    # In a CT that was cut to a window, air has the lower limit of the window and is no tissue.
    dense = known[known > max(-250.0, float(voxels.min()) + 1)]
    if dense.size < 0.005 * known.size:
        return False
    soft = np.count_nonzero((dense > -150) & (dense < 120)) / dense.size
    return bool(soft > 0.35 and np.percentile(dense, 99.5) > 150 and np.percentile(dense, 95) < 3000)


def _with_neighbours(array: np.ndarray) -> np.ndarray:
    """Return the array, with the outermost voxels repeated along axes of fewer than three voxels."""
    return np.pad(array, [(int(size < 3),) * 2 for size in array.shape], "edge") if min(array.shape) < 3 else array


def _inner_sparse(array: np.ndarray, shift: tuple[int, int, int] = (1, 1, 1)) -> np.ndarray:
    """Return a sparse sample of the voxels that have neighbours on all sides, as :func:`sparse` does; ``float32``.

    :param shift: position (K, J, I) of the returned voxel, each 0 to 2: 1 is the voxel itself, 0 and 2 its neighbours.
    """
    return sparse(array[tuple(slice(first, first + count - 2) for first, count in zip(shift, array.shape, strict=True))
                        ]).astype(np.float32)


def _local_means(array: np.ndarray) -> np.ndarray:
    """Return the means over the 27 voxels around each voxel of :func:`_inner_sparse`; values below air count as air."""
    total = np.float32(0)
    for shift in itertools.product(range(3), repeat=3):
        total = total + np.maximum(_inner_sparse(array, shift), np.float32(AIR_HU))
    return total / np.float32(27)


def without_padding(image: Image) -> Image:
    """Return the image with its padding set to the lowest other value; negative voxels are padding if all are equal.

    Scans that were resampled on the grid of another scan, or in whose corners nothing was measured, have -1000, -2000
    or -32768 there, which no other voxel has. An image without such a value is returned as it is, as is one whose only
    negative value is no whole number: the air of a scan without skull after normalisation.
    """
    array, negative = image.array, image.array < 0
    lowest = float(array.min())
    if not negative.any() or negative.all() or not lowest.is_integer() or (array[negative] != lowest).any():
        return image
    return image.with_array(np.where(negative, array[~negative].min(), array))


def without_negative_air(image: Image) -> Image:
    """Return an MR volume whose air is 0, if it is clearly negative, as after a normalisation to mean 0 and SD 1.

    Air has no signal in MRI, so that grey values and their ratios are those of tissue only above that of air. Padding
    (one negative value), overshoots of interpolation, noise around 0, and CT are left as they are.
    """
    if image.array.min() >= 0 or without_padding(image) is not image:
        return image
    air, bright = air_level(image.array), float(np.percentile(image.array, 99.0))
    if air > -_LARGEST_DARKNESS * (bright - air) or looks_like_ct(image):
        return image
    return image.with_array(np.maximum(image.array.astype(np.float32) - np.float32(air), 0.0))


def without_offset(image: Image) -> Image:
    """Return an MR volume whose air, or whose darkest voxels are 0, if a constant was added to all grey values.

    Like :func:`without_negative_air`, and for positive constants, too.
    """
    image = without_negative_air(image)
    darkest, brightest = (float(level) for level in np.percentile(image.array, (_DARKEST_PERCENT, 99.0)))
    if darkest <= _LARGEST_DARKNESS * brightest:
        return image
    return image.with_array(np.maximum(image.array.astype(np.float32) - darkest, 0.0))


def stored_without_sign(image: Image) -> bool:
    """Return whether the values of a CT are 1024 higher than HU, as scanners store them.

    No value is then below zero, and after subtracting 1024 they are those of a CT, with soft tissue, some fat, and
    hardly any between air and fat, where an MRI of such brightness has many.
    """
    if image.array.min() < 0:
        return False
    array = _with_neighbours(image.array)
    voxels = _inner_sparse(array) + np.float32(AIR_HU)
    between, fat, soft, dense = (np.count_nonzero((voxels > low) & (voxels < high)) for low, high in
                                 ((-850, -250), (-150, -50), (-10, 100), (-250, 300)))
    typical = between < 0.15 * dense and soft > 0.2 * dense and fat > 0.02 * dense
    return typical and _in_hounsfield_units(voxels, _local_means(array) + np.float32(AIR_HU))


def with_sign(image: Image) -> Image:
    """Return a CT that is :func:`stored_without_sign` in HU, ``float32``."""
    return image.with_array(image.array + np.float32(AIR_HU))


def _negative_by_chance(means: np.ndarray) -> bool:
    """Return whether negative means often have neighbours that are not negative, as in noise, unlike in fat or air."""
    inner, beside = means[..., 1:-1], means[..., 2:] + means[..., :-2]
    negative = inner < -40
    return np.count_nonzero(beside[negative] < -40) < 0.78 * np.count_nonzero(negative)


def _shrink_factors(image: Image) -> list[int]:
    """Return the factors (I, J, K) that shrink an image to voxels of about 6 mm, but at least a dozen along an axis."""
    wanted = [max(int(_N4_SPACING_MM / spacing + 0.25), 1) for spacing in image.spacing]
    sizes = reversed(image.array.shape)
    return [min(factor, max(size // _N4_SMALLEST_SIZE, 1)) for factor, size in zip(wanted, sizes, strict=True)]


def _plain_itk(voxels: np.ndarray, image: Image) -> sitk.Image:
    """Return an ITK image with only the voxel size set: the bias field does not depend on the patient's position."""
    itk_image = sitk.GetImageFromArray(np.ascontiguousarray(voxels))
    itk_image.SetSpacing(image.spacing)
    return itk_image


def _log_field(small: sitk.Image, small_mask: sitk.Image, levels: int) -> sitk.Image:
    corrector = sitk.N4BiasFieldCorrectionImageFilter()
    corrector.SetMaximumNumberOfIterations(_N4_ROUNDS[:levels])
    corrector.SetConvergenceThreshold(1e-3)
    positive = sitk.Maximum(small, float(np.finfo(np.float32).tiny) * 1e6)
    corrector.Execute(positive, small_mask)
    return corrector.GetLogBiasFieldAsImage(positive)


def _extended_to_edges(values: np.ndarray, factors: list[int]) -> np.ndarray:
    """Repeat the last estimated slice over the voxels that the shrunk copy left out at the far edges."""
    for axis, factor in zip((2, 1, 0), factors, strict=True):
        left_out = values.shape[axis] % factor
        if left_out:
            kept = np.moveaxis(values, axis, 0)
            kept[-left_out:] = kept[-left_out - 1]
    return values
