"""The two engines, PyRadiomics and our own: both get a region in its box and return its features."""

from __future__ import annotations

import logging
from collections.abc import Collection
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

import numpy as np

from NeuroOrbitLib import __version__
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.own.region import region_levels
from NeuroOrbitLib.radiomics.settings import Settings
from NeuroOrbitLib.sentences import sentence as _

ENGINES = ("auto", "pyradiomics", "own")


class Engine(Protocol):
    """Interface of an engine that computes features."""

    name: str
    version: str

    def shape(self, mask: np.ndarray, spacing: np.ndarray, settings: Settings) -> dict[str, float]:
        """Return the shape features of a region by name.

        :param mask: the region in its box, bool (K, J, I).
        :param spacing: voxel size in mm along K, J, I.
        :param settings: settings of the extraction.
        """

    def features(self, classes: Collection[str], values: np.ndarray, mask: np.ndarray, spacing: np.ndarray,
                 settings: Settings) -> dict[str, dict[str, float]]:
        """Return the features of a region by class and name.

        :param classes: names of the classes, without "shape".
        :param values: values of the image in the region's box, (K, J, I).
        :param mask: the region in its box, bool (K, J, I).
        :param spacing: voxel size in mm along K, J, I.
        :param settings: settings of the extraction.
        """


class OwnEngine:
    """Our own engine, which only needs NumPy and SciPy."""

    name = "own"
    version = __version__

    def shape(self, mask: np.ndarray, spacing: np.ndarray, settings: Settings) -> dict[str, float]:
        """Return the shape features of a region by name; see :class:`Engine`."""
        from NeuroOrbitLib.radiomics.own.shape import shape

        return shape(mask, spacing, settings.ibsi)

    def features(self, classes: Collection[str], values: np.ndarray, mask: np.ndarray, spacing: np.ndarray,
                 settings: Settings) -> dict[str, dict[str, float]]:
        """Return the features of a region by class and name; see :class:`Engine`."""
        from NeuroOrbitLib.radiomics.own.cooccurrence import glcm
        from NeuroOrbitLib.radiomics.own.dependences import gldm
        from NeuroOrbitLib.radiomics.own.first_order import first_order
        from NeuroOrbitLib.radiomics.own.runs import glrlm
        from NeuroOrbitLib.radiomics.own.tone_differences import ngtdm
        from NeuroOrbitLib.radiomics.own.zones import glszm

        texture = {"glcm": glcm, "glrlm": glrlm, "glszm": glszm, "gldm": gldm, "ngtdm": ngtdm}
        region = region_levels(values, mask, spacing, settings)
        found = {name: compute(region) for name, compute in texture.items() if name in classes}
        if "firstorder" in classes:
            found["firstorder"] = first_order(values[mask], region, settings)
        return found


class PyRadiomicsEngine:
    """The feature classes of PyRadiomics."""

    name = "pyradiomics"

    def __init__(self) -> None:
        """Import PyRadiomics.

        :raises ImportError: if it cannot be imported.
        """
        from radiomics import firstorder, glcm, gldm, glrlm, glszm, ngtdm, shape

        logging.getLogger("radiomics").setLevel(logging.CRITICAL)
        self.version = _installed("pyradiomics")
        self._shape = shape.RadiomicsShape
        self._classes = {
            "firstorder": firstorder.RadiomicsFirstOrder, "glcm": glcm.RadiomicsGLCM, "glrlm": glrlm.RadiomicsGLRLM,
            "glszm": glszm.RadiomicsGLSZM, "gldm": gldm.RadiomicsGLDM, "ngtdm": ngtdm.RadiomicsNGTDM,
        }  # fmt: skip

    def shape(self, mask: np.ndarray, spacing: np.ndarray, settings: Settings) -> dict[str, float]:
        """Return the shape features of a region by name; see :class:`Engine`.

        :raises Problem: if the definitions of IBSI are wanted, which PyRadiomics does not have.
        """
        _check_definitions(settings)
        return _numbers(self._shape(_itk(mask.astype(np.uint8), spacing), _itk(mask.astype(np.uint8), spacing)))

    def features(self, classes: Collection[str], values: np.ndarray, mask: np.ndarray, spacing: np.ndarray,
                 settings: Settings) -> dict[str, dict[str, float]]:
        """Return the features of a region by class and name; see :class:`Engine`.

        :raises Problem: if the definitions of IBSI are wanted, which PyRadiomics does not have.
        """
        _check_definitions(settings)
        found = region_levels(values, mask, spacing, settings)
        levels = found.box.astype(int)
        if found.near.ahead.any(axis=1).all():  # else whether a direction counts depends on voxels far away
            kept = np.ix_(*_without_gaps(mask, max(settings.distances)))
            values, mask, levels = values[kept], mask[kept], levels[kept]
        image, region, keys = _itk(values, spacing), _itk(mask.astype(np.uint8), spacing), settings.as_keys()
        return {name: _numbers(_with_levels(kind, levels)(image, region, **keys))
                for name, kind in self._classes.items() if name in classes}


def choose_engine(name: str) -> Engine:
    """Return the engine with this name; "auto" is PyRadiomics if it can be imported, else our own engine.

    :raises Problem: if there is no engine with this name, or PyRadiomics is wanted and cannot be imported.
    """
    if name not in ENGINES:
        raise Problem(_("There is no radiomics engine {name!r}. Choose {engines}.").format(name=name, engines=ENGINES))
    if name == "own":
        return OwnEngine()
    try:
        return PyRadiomicsEngine()
    except ImportError as error:
        if name == "auto":
            return OwnEngine()
        raise Problem(_("PyRadiomics is not installed here. In Slicer install the extension SlicerRadiomics, or use "
                        "--engine own: its values are the same.")) from error


def _check_definitions(settings: Settings) -> None:
    if settings.ibsi:
        raise Problem(_("PyRadiomics does not have IBSI's definitions. Use --engine own with this profile."))


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        import radiomics

        return str(radiomics.__version__)


def _without_gaps(mask: np.ndarray, distance: int) -> list[np.ndarray]:
    """Return the planes of each axis to keep, so that distant parts come closer without becoming neighbours.

    PyRadiomics processes the whole box, which for muscles of both sides is mostly empty space between them.
    """
    kept = []
    for axis in range(3):
        full = mask.any(axis=tuple(other for other in range(3) if other != axis))
        near = full.copy()
        for step in range(1, distance + 1):  # the planes after each part
            near[step:] |= full[:-step]
        kept.append(np.flatnonzero(near))
    return kept


def _with_levels(kind: type, levels: np.ndarray) -> type:
    """Return a feature class of PyRadiomics that gets the grey levels, instead of computing them for every class."""

    class WithLevels(kind):
        """The feature class with the given grey levels."""

        def _applyBinning(self, matrix: np.ndarray) -> np.ndarray:
            self.coefficients["grayLevels"] = np.flatnonzero(np.bincount(levels[self.maskArray]))
            self.coefficients["Ng"] = int(self.coefficients["grayLevels"][-1])
            return levels.copy()

    WithLevels.__module__ = kind.__module__  # PyRadiomics names its logger after it
    return WithLevels


def _itk(array: np.ndarray, spacing: np.ndarray) -> object:
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(np.ascontiguousarray(array))
    image.SetSpacing([float(mm) for mm in spacing[::-1]])
    return image


def _numbers(calculator: object) -> dict[str, float]:
    with np.errstate(all="ignore"):
        return {name: float(np.real(value)) for name, value in calculator.execute().items()}
