"""Checks that refuse volumes which no pipeline can use, and repair the few defects that are safe to repair."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.image import Grid, Image, sizes_without_noise
from NeuroOrbitLib.imaging.memory import available_memory
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

SMALLEST_VOXEL_COUNT = 3
SMALLEST_EXTENT_MM = 10.0
SPACING_RANGE_MM = (0.02, 20.0)
LARGEST_UNUSABLE_FRACTION = 0.5
#: Largest number of values of a label map: somewhat more than one of the orbit has; no scan has so few.
MOST_LABELS = 32
_LOOKED_AT = 100_000
ORIENTATION_UNKNOWN = (_("The file does not say how the patient lies in it: right and left are a guess. Check the "
                         "sides, or convert the scan again from the original DICOM files."))
VOXEL_SIZE_UNKNOWN = (_("The file does not say how large its voxels are: 1 mm was taken. Do not trust volumes and "
                        "distances; convert the scan again from the original DICOM files."))
# Peak memory of the pipelines: the input, one float32 copy, one result and its working copy (bytes per input voxel).
WORKING_BYTES_PER_VOXEL = 16


class ImageProblem(Problem):
    """An image that cannot be used; the message says what is wrong with it and what to do."""


def check_volume(image: Image) -> Image:
    """Return ``image`` ready for computing, or raise a problem that says why it cannot be used.

    If at most half of the voxels are NaN, infinite or too large for single precision, they get the lowest usable value
    of the volume (background); booleans become ``uint8``. All other values are unchanged.

    :raises ImageProblem: if the voxel type is wrong, the geometry is impossible, the volume is too small, empty or
        constant, most of its voxels are NaN or infinite, or it does not fit into memory.
    """
    _check_geometry(image.grid)
    _check_size(image.grid)
    _check_memory(image.grid)
    repaired = with_numbers(image)
    if repaired.array.min() == repaired.array.max():
        raise ImageProblem(
            _("All voxels of the image have the same value ({flat:g}): there is nothing to see in it. Choose "
              "another volume, or check how this one was exported.").format(flat=repaired.array.flat[0])
        )
    return repaired


def check_grey_values(image: Image) -> Image:
    """Return ``image``, or raise a problem if it holds labels instead of the grey values of a scan.

    A label map that is loaded as a volume is easily chosen instead of the scan, and a network finds eyes in it.

    :raises ImageProblem: if there are at most :data:`MOST_LABELS` different values, all of them non-negative integers.
    """
    array = image.array
    if _are_labels(array.flat[::max(array.size // _LOOKED_AT, 1)]):
        values = np.unique(array)
        if _are_labels(values):
            raise ImageProblem(_("The image has only {count} different values, all of them whole numbers: it holds "
                                 "labels, not a scan. Choose the scan that they were drawn on.").format(
                count=len(values)))
    return image


def _are_labels(values: np.ndarray) -> bool:
    return len(np.unique(values)) <= MOST_LABELS and bool(np.all((values >= 0) & (values % 1 == 0)))


def volume_notes(image: Image) -> list[str]:
    """Return the defects of a volume that can still be used, in sentences for the user."""
    from NeuroOrbitLib.imaging.cut_window import cut_top_notes  # brings SimpleITK

    unusable = unusable_fraction(image.array)
    told = [_("{unusable:.1%} of the voxels are not numbers (NaN or infinite); they are treated as "
              "background.").format(unusable=unusable)] if unusable > 0 else []
    return told + cut_top_notes(image)


def resolution_notes(image: Image) -> list[str]:
    """Return what the voxel size means for the result, in sentences for the user; empty for common voxel sizes.

    Slices of 3 mm are common in clinics. The sentences say what can be expected of a scan; they cast no doubt on its
    result.
    """
    spacing = sizes_without_noise(image.spacing)
    if max(spacing) <= 4 * min(spacing) and max(spacing) <= 4.0:
        return []
    size = " x ".join(f"{value:.2g}" for value in spacing)
    return [_("The voxels are large or very elongated ({size} mm): thin structures may be missed.").format(size=size)]


def unusable_fraction(array: np.ndarray) -> float:
    """Return the fraction of voxels that are NaN, infinite or too large for single precision (0 for integers)."""
    if not np.issubdtype(array.dtype, np.floating):
        return 0.0
    return float(1.0 - np.count_nonzero(_usable(array)) / max(array.size, 1))


def estimated_memory(grid: Grid) -> int:
    """Return the peak memory of a pipeline for a volume on ``grid``, in bytes, without that of the network."""
    return int(np.prod(grid.shape, dtype=np.int64)) * WORKING_BYTES_PER_VOXEL


def _check_geometry(grid: Grid) -> None:
    if not np.all(np.isfinite(grid.affine)) or grid.voxel_volume < 1e-9:
        raise ImageProblem(
            _("The image's position in space is not valid (its axes are missing or collapse onto each other). "
              "Convert it again from the original DICOM files.")
        )
    low, high = SPACING_RANGE_MM
    if min(grid.spacing) < low or max(grid.spacing) > high:
        size = " x ".join(f"{value:.4g}" for value in grid.spacing)
        raise ImageProblem(
            _("The voxel size {size} mm is not that of a scan of the head (expected {low:g} to {high:g} mm). The "
              "file may use other length units: correct its spacing, or convert it again from DICOM.").format(
            size=size, low=low, high=high)
        )


def _check_size(grid: Grid) -> None:
    if 0 in grid.shape:
        raise ImageProblem(_("The image has no voxels. Choose another volume."))
    count = " x ".join(str(number) for number in reversed(grid.shape))
    if min(grid.shape) < SMALLEST_VOXEL_COUNT:
        raise ImageProblem(
            _("The image has {count} voxels: at least {smallest_voxel_count} in every direction are needed. Load "
              "the whole series as one volume instead of a single slice.").format(
            count=count, smallest_voxel_count=SMALLEST_VOXEL_COUNT)
        )
    extent = [number * size for number, size in zip(reversed(grid.shape), grid.spacing, strict=True)]
    if min(extent) < SMALLEST_EXTENT_MM:
        size = " x ".join(f"{value:.1f}" for value in extent)
        raise ImageProblem(_("The image covers only {size} mm: too little to hold an orbit. Choose a larger "
                             "volume.").format(size=size))


def _check_memory(grid: Grid) -> None:
    free, needed = available_memory(), estimated_memory(grid)
    if free is not None and needed > free:
        raise ImageProblem(
            _("The image needs about {needed:.1f} GiB of memory, and {free:.1f} GiB are free. Crop it to the head "
              "or the orbits (Crop Volume), or close other programs.").format(
            needed=needed / 2 ** 30, free=free / 2 ** 30)
        )


def with_numbers(image: Image) -> Image:
    """Return the image with a usable number in every voxel, see :func:`check_volume`.

    :raises ImageProblem: if the voxel type is wrong, or most voxels are NaN or infinite.
    """
    array = image.array
    if array.dtype == np.bool_:
        return image.with_array(array.astype(np.uint8))
    if array.dtype.kind not in "iuf":
        raise ImageProblem(
            _("The voxels are of type {dtype}, not one number each. Choose a scalar volume (grey values).").format(
            dtype=array.dtype)
        )
    unusable = unusable_fraction(array)
    if unusable > LARGEST_UNUSABLE_FRACTION:
        raise ImageProblem(
            _("{unusable:.0%} of the voxels are not numbers (NaN or infinite). Export or convert the image "
              "again.").format(unusable=unusable)
        )
    if unusable == 0:
        return image
    usable = _usable(array)
    return image.with_array(np.where(usable, array, array[usable].min()).astype(array.dtype))


def _usable(array: np.ndarray) -> np.ndarray:
    """Return the mask of the voxels that are finite in single precision, in which everything is computed."""
    with np.errstate(over="ignore"):
        return np.isfinite(array.astype(np.float32, copy=False))
