"""Changed patches: connected regions in which one visit is brighter than the other, as in lesions."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.followup.seen_visit import SeenVisit
from NeuroDifferentialLib.followup.subtraction import Subtraction
from NeuroDifferentialLib.lesions.classical import ClassicalSettings, white_needed
from NeuroOrbitLib.imaging.pieces import chosen_pieces, maximum_by_label, mean_by_label

TOUCHING = np.ones((3, 3, 3), dtype=bool)
#: Evidence (SD) that a patch must reach somewhere, which chance alone reaches once in several brains, and evidence
#: down to which a patch extends.
_SEED_SD, _LOWEST_SD = 4.5, 3.0
#: Share of the largest difference within so many voxels at which a patch ends, as for lesions.
_EDGE_SHARE, _EDGE_REACH = ClassicalSettings().share_of_peak, 3
#: Brightness (SD above the expected tissue) of a patch in the brighter visit: everywhere, and at least somewhere.
_BRIGHTER_SD, _BRIGHTEST_SD = 1.0, 1.5
#: Largest probability of fluid: of a voxel in the brighter visit, and of a patch's mean in the darker one.
_FLUID, _WAS_FLUID = 0.5, 0.3
SMALLEST_MM3 = 9.0
_SMALLEST_VOXELS = 3
#: Inner and outer distance (voxels) of the ring that surrounds a patch.
_RING = (1, 4)


def changed_patches(subtraction: Subtraction, bright: SeenVisit, dark: SeenVisit, voxel_mm3: float
                    ) -> tuple[np.ndarray, int]:
    """Return the patches in which one visit has more lesion than the other, numbered from 1, and their number.

    :param subtraction: bright visit minus dark visit.
    :param bright: visit with more lesion.
    :param dark: visit with less lesion.
    :param voxel_mm3: volume (mm3) of a voxel.
    """
    height = ndimage.maximum_filter(subtraction.difference, 2 * _EDGE_REACH + 1)
    differs = (subtraction.evidence > _LOWEST_SD) & (subtraction.difference > _EDGE_SHARE * height)
    is_bright = (bright.mask | (bright.belief > _BRIGHTER_SD)) & (bright.fluid < _FLUID)
    above = differs & is_bright & ~dark.mask
    pieces, count = ndimage.label(above, structure=TOUCHING)
    if not count:
        return pieces, 0
    sizes = np.bincount(pieces.ravel())[1:]
    belief = np.where(bright.mask, np.maximum(bright.belief, _BRIGHTEST_SD), bright.belief)
    peaks = maximum_by_label(belief, pieces, count)
    wanted = (sizes >= max(SMALLEST_MM3 / voxel_mm3, _SMALLEST_VOXELS)) & (
        maximum_by_label(subtraction.evidence, pieces, count) > _SEED_SD) & (
        peaks >= _BRIGHTEST_SD) & (
        mean_by_label(dark.fluid, pieces, above, count) < _WAS_FLUID)
    # As in a single scan, a component beside the cortex is a lesion if it is brighter than any cortex.
    needed = white_needed(sizes * voxel_mm3, ClassicalSettings(), peaks)
    boxes = ndimage.find_objects(pieces)
    for index in np.flatnonzero(wanted):
        wanted[index] = _share_around(pieces, index + 1, boxes[index], bright, dark) >= needed[index]
    return ndimage.label(chosen_pieces(pieces, wanted), structure=TOUCHING)


def _share_around(pieces: np.ndarray, number: int, box: tuple[slice, ...], bright: SeenVisit, dark: SeenVisit) -> float:
    """Return the share of lesion-bearing tissue in a patch's surroundings, without ventricles and other lesions.

    Veins, sinuses and the brain's surface change as well, but they are surrounded by fluid, cortex and skull.
    """
    wide = tuple(slice(max(part.start - _RING[1], 0), part.stop + _RING[1]) for part in box)
    own = pieces[wide] == number
    near, far = (ndimage.binary_dilation(own, iterations=steps) for steps in _RING)
    ring = far & ~near & ~(bright.mask | dark.mask)[wide] & (np.maximum(bright.ventricle, dark.ventricle)[wide] < 0.5)
    return float(np.maximum(bright.lesion_tissue, dark.lesion_tissue)[wide][ring].mean()) if ring.any() else 0.0
