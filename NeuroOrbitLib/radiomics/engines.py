"""The two engines: PyRadiomics where it imports, and our own. Both get a region in its box and return its features."""

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
    """What computes features."""

    name: str
    version: str

    def shape(self, mask: np.ndarray, spacing: np.ndarray, settings: Settings) -> dict[str, float]:
        """Shape features of a region in its box (K, J, I); ``spacing`` in mm in array order."""

    def features(self, classes: Collection[str], values: np.ndarray, mask: np.ndarray, spacing: np.ndarray,
                 settings: Settings) -> dict[str, dict[str, float]]:
        """Features of the named classes, by class, of a region's values in its box."""


class OwnEngine:
    """NumPy and SciPy alone."""

    name = "own"
    version = __version__

    def shape(self, mask: np.ndarray, spacing: np.ndarray, settings: Settings) -> dict[str, float]:
        """See :class:`Engine`."""
        from NeuroOrbitLib.radiomics.own.shape import shape

        return shape(mask, spacing, settings.ibsi)

    def features(self, classes: Collection[str], values: np.ndarray, mask: np.ndarray, spacing: np.ndarray,
                 settings: Settings) -> dict[str, dict[str, float]]:
        """See :class:`Engine`."""
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
    """PyRadiomics' feature classes."""

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
        """See :class:`Engine`.

        :raises Problem: as :meth:`features` does.
        """
        _check_definitions(settings)
        return _numbers(self._shape(_itk(mask.astype(np.uint8), spacing), _itk(mask.astype(np.uint8), spacing)))

    def features(self, classes: Collection[str], values: np.ndarray, mask: np.ndarray, spacing: np.ndarray,
                 settings: Settings) -> dict[str, dict[str, float]]:
        """See :class:`Engine`.

        :raises Problem: if IBSI's definitions are wanted, which PyRadiomics does not have.
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
    """The engine of this name; "auto" is PyRadiomics where it imports, else our own.

    :raises Problem: if there is none of this name, or PyRadiomics is wanted and cannot be imported.
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
    """Planes of each axis to keep so that parts far from each other come closer, but do not become neighbours.

    PyRadiomics goes through the whole box, which for muscles of both sides is mostly what lies between them.
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
    """A feature class of PyRadiomics that gets the grey levels instead of computing them anew for every class."""

    class WithLevels(kind):
        """See above."""

        def _applyBinning(self, matrix: np.ndarray) -> np.ndarray:
            self.coefficients["grayLevels"] = np.flatnonzero(np.bincount(levels[self.maskArray]))
            self.coefficients["Ng"] = int(self.coefficients["grayLevels"][-1])
            return levels.copy()

    WithLevels.__module__ = kind.__module__  # PyRadiomics names its log by it
    return WithLevels


def _itk(array: np.ndarray, spacing: np.ndarray) -> object:
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(np.ascontiguousarray(array))
    image.SetSpacing([float(mm) for mm in spacing[::-1]])
    return image


def _numbers(calculator: object) -> dict[str, float]:
    with np.errstate(all="ignore"):
        return {name: float(np.real(value)) for name, value in calculator.execute().items()}
