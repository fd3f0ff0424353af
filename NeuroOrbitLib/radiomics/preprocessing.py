"""The preprocessing of PyRadiomics: normalisation, resampling, resegmentation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.files import itk_from_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.right_angles import at_right_angles
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.filters import Scan
from NeuroOrbitLib.radiomics.settings import Settings
from NeuroOrbitLib.sentences import sentence as _

_B_SPLINE = ("sitkBSpline", "sitkBSpline3", sitk.sitkBSpline)


@dataclass(frozen=True)
class Prepared:
    """The image and the mask from which the features of a region are computed.

    :param scan: the image after preprocessing.
    :param mask: the region's voxels, bool of the image's shape.
    """

    scan: Scan
    mask: np.ndarray


class Preparation:
    """The preprocessing of one scan, done once for all of its regions.

    The attribute ``labels`` is the segmentation on the grid of the preprocessed scan, whose axes are at right angles.
    """

    def __init__(self, image: Image, labels: Image, settings: Settings) -> None:
        """Normalise the scan if the settings say so, and resample a sheared scan and its labels to right angles.

        :param image: the scan.
        :param labels: segmentation on the scan's grid.
        :param settings: settings of the extraction.
        """
        self.settings = settings
        scan = _normalized(image, settings) if settings.normalize else image  # by its own voxels: shearing adds others
        self.labels, upright = at_right_angles(labels, scan)
        self.itk = itk_from_image(upright)
        self.whole = _scan_of(self.itk)
        self._coefficients: sitk.Image | None = None

    @property
    def shares_images(self) -> bool:
        """Whether all regions share the same image; otherwise each has its own part of it."""
        return not (self._resamples or self.settings.pre_crop)

    @property
    def _resamples(self) -> bool:
        return self.settings.resampled_pixel_spacing is not None and self.settings.interpolator is not None

    def prepared(self, mask: np.ndarray) -> Prepared:
        """Return the image and the mask from which a region's features are computed.

        :param mask: the region on the grid of :attr:`labels`, bool of its shape, not empty.
        :raises Problem: if the interpolator is not one of SimpleITK's.
        """
        if self.shares_images:
            return Prepared(self.whole, mask)
        if not self._resamples:
            return self._cropped(mask)
        spacing = self._target_spacing(mask)
        if np.allclose(self.itk.GetSpacing(), spacing):
            return self._cropped(mask)
        return self._resampled(mask, spacing)

    def _cropped(self, mask: np.ndarray) -> Prepared:
        box = box_around(mask).grown(self.settings.pad_distance).inside(mask.shape)
        return Prepared(Scan(self.whole.array[box.slices], self.whole.spacing), mask[box.slices])

    def _target_spacing(self, mask: np.ndarray) -> np.ndarray:
        """Return the wanted voxel size in mm (X, Y, Z); an axis along which the region has one voxel keeps its own."""
        own = np.array(self.itk.GetSpacing())
        wanted = np.array(self.settings.resampled_pixel_spacing, dtype=np.float64)
        keeps = (wanted == 0) | (np.array(box_around(mask).shape[::-1]) == 1)
        return np.where(keeps, own, wanted)

    def _resampled(self, mask: np.ndarray, spacing: np.ndarray) -> Prepared:
        """Return the region with a margin, on a grid of the wanted voxel size aligned with the scan's corner."""
        own, box, margin = np.array(self.itk.GetSpacing()), box_around(mask), self.settings.pad_distance
        ratio = own / spacing
        first = np.floor((np.array(box.start[::-1]) - 0.5) * ratio - margin)
        last = np.ceil((np.array(box.stop[::-1]) - 0.5) * ratio + margin)
        first = np.maximum(first, 0)
        last = np.minimum(last, np.ceil(np.array(self.itk.GetSize()) * ratio) - 1)
        start = np.array(0.5 * (spacing - own) / own) + first / ratio
        resampler = sitk.ResampleImageFilter()
        resampler.SetOutputSpacing(spacing.tolist())
        resampler.SetOutputDirection(self.itk.GetDirection())
        resampler.SetOutputOrigin(self.itk.TransformContinuousIndexToPhysicalPoint(start.tolist()))
        resampler.SetSize((last - first + 1).astype(int).tolist())
        image = self._interpolated(resampler)
        resampler.SetInterpolator(sitk.sitkNearestNeighbor)
        resampler.SetOutputPixelType(sitk.sitkUInt8)
        itk_mask = sitk.GetImageFromArray(mask.astype(np.uint8))
        itk_mask.CopyInformation(self.itk)
        return Prepared(_scan_of(image), sitk.GetArrayFromImage(resampler.Execute(itk_mask)) > 0)

    def _interpolated(self, resampler: sitk.ResampleImageFilter) -> sitk.Image:
        resampler.SetOutputPixelType(self.itk.GetPixelID())
        if self.settings.interpolator in _B_SPLINE and self.itk.GetPixelID() == sitk.sitkFloat64:
            if self._coefficients is None:  # of the whole image, which takes longer than the resampling
                self._coefficients = sitk.BSplineDecomposition(self.itk, 3)
            resampler.SetInterpolator(sitk.sitkBSplineResampler)
            return resampler.Execute(self._coefficients)
        resampler.SetInterpolator(_interpolator(self.settings.interpolator))
        return resampler.Execute(self.itk)


def resegmented(prepared: Prepared, settings: Settings) -> np.ndarray:
    """Return the mask without voxels whose values are outside of ``resegment_range``; unchanged without a range."""
    if settings.resegment_range is None:
        return prepared.mask
    values = prepared.scan.array[prepared.mask]
    limits = np.sort(np.asarray(settings.resegment_range, dtype=np.float64))
    if settings.resegment_mode == "relative":
        limits = limits * values.max()
    elif settings.resegment_mode == "sigma":
        limits = values.mean() + limits * values.std()
    kept = values >= limits[0]
    if len(limits) == 2:
        kept &= values <= limits[1]
    mask = prepared.mask.copy()
    mask[prepared.mask] = kept
    return mask


def _normalized(image: Image, settings: Settings) -> Image:
    found = sitk.Normalize(itk_from_image(image))
    array = sitk.GetArrayViewFromImage(found)
    if settings.remove_outliers is not None:
        array = np.clip(array, -settings.remove_outliers, settings.remove_outliers)
    return image.with_array(array * settings.normalize_scale)


def _scan_of(image: sitk.Image) -> Scan:
    return Scan(sitk.GetArrayFromImage(image), image.GetSpacing())


def _interpolator(name: str | int) -> int:
    found = getattr(sitk, name, None) if isinstance(name, str) else name
    if not isinstance(found, int):
        raise Problem(_("The interpolator {name!r} is not one of SimpleITK's. Use sitkBSpline or sitkLinear.").format(
            name=name))
    return found
