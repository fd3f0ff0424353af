"""Grey values of muscles in a scan and in the maps that were acquired with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.measurements.outlines import Outline
from NeuroOrbitLib.measurements.rows import Measured
from NeuroOrbitLib.measurements.signal import named, ratios, signal_measures
from NeuroOrbitLib.measurements.signal_ratio import corrected_for_ratios, reference_signals
from NeuroOrbitLib.sentences import sentence as _

#: Least share of a voxel that must come from voxels of a map with a number.
_MOSTLY_KNOWN = 0.5


class MuscleSignals:
    """Measures the grey values of the muscles of one scan.

    :param labels: label map in the vocabulary's values, any axis order.
    :param scan: grey values on the same grid, or ``None``.
    :param is_ct: whether they are Hounsfield units.
    :param maps: acquired maps by their names in :data:`~NeuroOrbitLib.measurements.signal.MAPS`, on any grid.
    :param rotation: (3, 3), rows are the head's axes in RAS.
    """

    def __init__(self, labels: Image, scan: Image | None, is_ct: bool, maps: Mapping[str, Image],
                 rotation: np.ndarray) -> None:
        self.labels, self.scan, self.is_ct, self.rotation = labels, scan, is_ct, rotation
        self._own_maps = dict(maps)
        self.maps = {name: _on_grid(image, labels.grid) for name, image in self._own_maps.items()}

    def measures(self, outline: Outline) -> dict[str, Measured]:
        """Return grey values of a muscle in the scan and its maps, and in MRI their ratios to healthy tissue."""
        box, mask, affine = outline.box, outline.mask, self._affine_of(outline.box.start)
        found = {}
        if self.scan is not None:
            found |= signal_measures(self.scan.array[box.slices], mask, affine)
        if self._corrected is not None:
            found |= ratios(signal_measures(self._corrected.array[box.slices], mask, affine), self._references)
        for name, image in self.maps.items():
            measures = named(signal_measures(image.array[box.slices], mask, affine), name)
            missing = Measured.missing(_("the map does not cover the structure."))
            found |= measures if self._covers(name, mask, affine) else dict.fromkeys(measures, missing)
        return found

    def _covers(self, name: str, mask: np.ndarray, affine: np.ndarray) -> bool:
        """Return whether all voxels of a structure lie within a map's field of view."""
        own = self._own_maps[name].grid
        ijk = own.ijk_from_ras(Grid(mask.shape, affine).ras_from_ijk(np.argwhere(mask)[:, ::-1].astype(float)))
        return bool(((ijk >= -0.5) & (ijk <= np.array(own.shape[::-1]) - 0.5)).all())

    @cached_property
    def _corrected(self) -> Image | None:
        """The MRI after bias correction; ``None`` for CT."""
        from NeuroOrbitLib.imaging.geometry import restore_orientation

        if self.scan is None or self.is_ct:
            return None
        return restore_orientation(corrected_for_ratios(self.scan), self.scan.grid)

    @cached_property
    def _references(self) -> dict[str, float]:
        return reference_signals(self._corrected, self.labels, self.rotation)

    def _affine_of(self, start: tuple[int, int, int]) -> np.ndarray:
        affine = self.labels.affine.copy()
        affine[:3, 3] = self.labels.grid.ras_from_ijk(np.array(start[::-1]))
        return affine


def _on_grid(image: Image, grid: Grid) -> Image:
    """Return a map on another grid; voxels that hold no number do not spread, as smoothing would let them."""
    from NeuroOrbitLib.imaging.resampling import resample

    if image.grid.same_as(grid, 0.05):
        return image
    known = np.isfinite(image.array)
    if known.all():
        return resample(image, grid, "linear", antialias=True)
    values, share = (resample(image.with_array(array.astype(np.float32)), grid, "linear", antialias=True).array
                     for array in (np.where(known, image.array, 0), known))
    return Image(np.where(share > _MOSTLY_KNOWN, values / np.maximum(share, _MOSTLY_KNOWN), np.nan), grid.affine)
