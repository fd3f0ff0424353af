"""Parameters of PyRadiomics as dataclasses; files use the keys of PyRadiomics."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.names import CLASSES, IMAGE_TYPES
from NeuroOrbitLib.sentences import sentence as _

#: Field of :class:`Settings` by its key in PyRadiomics.
KEYS = {
    "normalize": "normalize", "normalizeScale": "normalize_scale", "removeOutliers": "remove_outliers",
    "resampledPixelSpacing": "resampled_pixel_spacing", "interpolator": "interpolator", "preCrop": "pre_crop",
    "padDistance": "pad_distance", "resegmentRange": "resegment_range", "resegmentMode": "resegment_mode",
    "resegmentShape": "resegment_shape", "binWidth": "bin_width", "binCount": "bin_count", "distances": "distances",
    "force2D": "force_2d", "force2Ddimension": "force_2d_dimension", "voxelArrayShift": "voxel_array_shift",
    "symmetricalGLCM": "symmetrical_glcm", "weightingNorm": "weighting_norm", "gldm_a": "gldm_a",
    "minimumROIDimensions": "minimum_roi_dimensions", "minimumROISize": "minimum_roi_size", "sigma": "sigma",
    "wavelet": "wavelet", "start_level": "start_level", "level": "level",
    "gradientUseSpacing": "gradient_use_spacing", "lbp2DRadius": "lbp_radius", "lbp2DSamples": "lbp_samples",
    "lbp2DMethod": "lbp_method",
}  # fmt: skip
#: Keys for how PyRadiomics reads its input; here the caller provides the labels, the grid and the record.
IGNORED = ("label", "label_channel", "additionalInfo", "correctMask", "geometryTolerance", "enableCExtensions")
WEIGHTING_NORMS = ("manhattan", "euclidean", "infinity", "no_weighting")


@dataclass(frozen=True)
class Settings:
    """PyRadiomics' settings with its defaults (docs of PyRadiomics 3.0.1, "Customizing the extraction").

    :param normalize: whether the whole image is brought to mean 0 and standard deviation ``normalize_scale``.
    :param remove_outliers: number of standard deviations to which values are clipped (with ``normalize``).
    :param resampled_pixel_spacing: voxel size in mm (X, Y, Z) after resampling; 0 keeps the size along an axis.
    :param bin_width: width of grey levels, in the image's unit; ignored if ``bin_count`` is given.
    :param bin_count: number of grey levels.
    :param distances: distances between neighbours in voxels (GLCM, GLDM, NGTDM).
    :param force_2d: whether to compute only within the planes across array axis ``force_2d_dimension`` (K, J, I).
    :param ibsi: whether to use the definitions of the Image Biomarker Standardisation Initiative where PyRadiomics
        deviates from them: excess kurtosis, grey levels counted from the region's smallest value, axes of the sample
        covariance, and no voxel without neighbours in the NGTDM.
    :raises Problem: if a value is not allowed.
    """

    normalize: bool = False
    normalize_scale: float = 1
    remove_outliers: float | None = None
    resampled_pixel_spacing: tuple[float, float, float] | None = None
    interpolator: str | int | None = "sitkBSpline"
    pre_crop: bool = False
    pad_distance: int = 5
    resegment_range: tuple[float, ...] | None = None
    resegment_mode: str = "absolute"
    resegment_shape: bool = False
    bin_width: float = 25
    bin_count: int | None = None
    distances: tuple[int, ...] = (1,)
    force_2d: bool = False
    force_2d_dimension: int = 0
    voxel_array_shift: float = 0
    symmetrical_glcm: bool = True
    weighting_norm: str | None = None
    gldm_a: float = 0
    minimum_roi_dimensions: int = 2
    minimum_roi_size: int | None = None
    sigma: tuple[float, ...] = ()
    wavelet: str = "coif1"
    start_level: int = 0
    level: int = 1
    gradient_use_spacing: bool = True
    lbp_radius: float = 1
    lbp_samples: int = 8
    lbp_method: str = "uniform"
    ibsi: bool = False

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, list):
                object.__setattr__(self, name, tuple(value))
        _check(self)

    def changed(self, keys: Mapping[str, Any]) -> Settings:
        """Return these settings with other values for some keys of PyRadiomics.

        :raises Problem: if a key is unknown, or a value is not allowed.
        """
        unknown = sorted(set(keys) - set(KEYS) - set(IGNORED))
        if unknown:
            raise Problem(_("The radiomics setting {unknown!r} is not known here. Known are {keys}.").format(
                unknown=unknown[0], keys=KEYS))
        return dataclasses.replace(self, **{KEYS[key]: value for key, value in keys.items() if key in KEYS})

    def as_keys(self) -> dict[str, Any]:
        """Return the values by their keys in PyRadiomics, without those that are not set."""
        values = {key: getattr(self, name) for key, name in KEYS.items()}
        return {key: list(value) if isinstance(value, tuple) else value
                for key, value in values.items() if value is not None}


@dataclass(frozen=True)
class Extraction:
    """One pass over a scan: its settings, image types and feature classes.

    :param settings: general settings.
    :param image_types: special settings of each image type, by its name in PyRadiomics.
    :param feature_classes: names of the features of each class, by its name; an empty list means all.
    :param without_images: names of derived images to leave out, e.g. "wavelet-HHH".
    :raises Problem: if an image type, class, feature or setting is unknown or not allowed.
    """

    settings: Settings = field(default_factory=Settings)
    image_types: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"Original": {}})
    feature_classes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict.fromkeys(CLASSES, ()))
    without_images: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for kind in self.image_types:
            if kind not in IMAGE_TYPES:
                raise Problem(_("The image type {kind!r} cannot be computed. Choose among {image_types}.").format(
                    kind=kind, image_types=IMAGE_TYPES))
            self.settings_of(kind)
        for name, features in self.feature_classes.items():
            if name not in CLASSES:
                raise Problem(_("The feature class {name!r} is not known. Choose among {classes}.").format(
                    name=name, classes=CLASSES))
            missing = sorted(set(features) - set(CLASSES[name]))
            if missing:
                raise Problem(_("The class {name} has no feature {missing!r}. It has {classes}.").format(
                    name=name, missing=missing[0], classes=CLASSES[name]))

    def settings_of(self, image_type: str) -> Settings:
        """Return the settings of an image type: the general ones, overridden by its own."""
        return self.settings.changed(self.image_types[image_type])

    def wanted(self, feature_class: str) -> tuple[str, ...]:
        """Return the names of the wanted features of a class; empty if the class is not wanted."""
        if feature_class not in self.feature_classes:
            return ()
        return tuple(self.feature_classes[feature_class]) or CLASSES[feature_class]

    @classmethod
    def from_parameters(cls, data: Mapping[str, Any]) -> Extraction:
        """Return the extraction from the content of a parameter file of PyRadiomics.

        :param data: the entries ``setting``, ``imageType`` and ``featureClass`` of PyRadiomics, and two of this
            product: ``withoutImages`` (a list) and ``definitions`` ("pyradiomics" or "ibsi"); all optional.
        :raises Problem: if an entry is unknown, or a value is not allowed.
        """
        known = ("setting", "imageType", "featureClass", "withoutImages", "definitions")
        unknown = sorted(set(data) - set(known))
        if unknown:
            raise Problem(_("{unknown!r} is no part of radiomics parameters. Its parts are {known}.").format(
                unknown=unknown[0], known=known))
        ibsi = _definitions(data.get("definitions", "pyradiomics"))
        settings = Settings(ibsi=ibsi).changed(data.get("setting") or {})
        images = {kind: dict(own or {}) for kind, own in (data.get("imageType") or {"Original": {}}).items()}
        classes = data.get("featureClass") or dict.fromkeys(CLASSES)
        return cls(settings, images, {name: tuple(found or ()) for name, found in classes.items()},
                   tuple(data.get("withoutImages") or ()))

    def as_parameters(self) -> dict[str, Any]:
        """Return the content of a parameter file, the inverse of :meth:`from_parameters`."""
        found = {
            "setting": self.settings.as_keys(),
            "imageType": {kind: dict(own) for kind, own in self.image_types.items()},
            "featureClass": {name: list(features) for name, features in self.feature_classes.items()},
        }
        if self.without_images:
            found["withoutImages"] = list(self.without_images)
        return {**found, "definitions": "ibsi"} if self.settings.ibsi else found


def _definitions(name: str) -> bool:
    if name not in ("pyradiomics", "ibsi"):
        raise Problem(_("definitions is 'pyradiomics' or 'ibsi', not {name!r}.").format(name=name))
    return name == "ibsi"


def _check(settings: Settings) -> None:
    numbers = {"bin_width": settings.bin_width, "normalize_scale": settings.normalize_scale}
    for name, value in numbers.items():
        if not _is_number(value) or value <= 0:
            raise Problem(_("The radiomics setting {key} is a number above 0, not {value}.").format(
                key=_key(name), value=repr(value)))
    counts = [("bin_count", settings.bin_count), ("level", settings.level)]
    for name, value in [*counts, *(("distances", distance) for distance in settings.distances)]:
        if value is not None and (not isinstance(value, int) or value < 1):
            raise Problem(_("The radiomics setting {key} needs whole numbers from 1 on, not {value}.").format(
                key=_key(name), value=repr(value)))
    if settings.weighting_norm is not None and settings.weighting_norm not in WEIGHTING_NORMS:
        raise Problem(_("weightingNorm is one of {weighting_norms}, not {weighting_norm}.").format(
            weighting_norms=WEIGHTING_NORMS, weighting_norm=repr(settings.weighting_norm)))
    if settings.resegment_mode not in ("absolute", "relative", "sigma"):
        raise Problem(_("resegmentMode is absolute, relative or sigma, not {resegment_mode}.").format(
            resegment_mode=repr(settings.resegment_mode)))
    if settings.force_2d_dimension not in (0, 1, 2):
        raise Problem(_("force2Ddimension is 0, 1 or 2, not {force_2d_dimension}.").format(
            force_2d_dimension=repr(settings.force_2d_dimension)))
    spacing = settings.resampled_pixel_spacing
    if spacing is not None and (len(spacing) != 3 or any(not _is_number(mm) or mm < 0 for mm in spacing)):
        raise Problem(_("resampledPixelSpacing is three sizes in mm (X, Y, Z), not {spacing}.").format(
            spacing=repr(spacing)))
    if settings.resegment_range is not None and len(settings.resegment_range) not in (1, 2):
        raise Problem(_("resegmentRange is one or two numbers."))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _key(field_name: str) -> str:
    return next(key for key, name in KEYS.items() if name == field_name)
