"""Exclusion of bright structures that are no lesions: choroid plexus, septum, ventricle lining, brainstem tracts."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.pieces import chosen_pieces, maximum_by_label, mean_by_label, minimum_by_label

_TOUCHING = np.ones((3, 3, 3), dtype=bool)
#: Choroid plexus, septum and fornix are suspended in the ventricles: parts, and least share of fluid around them.
_HANGING_IN_FLUID, _FLUID_AROUND = (BrainPart.LATERAL_VENTRICLE, BrainPart.CORPUS_CALLOSUM), 0.35
#: Least belief (SD) of a lesion in the brainstem, which is uneven by its tracts, its nuclei and flow.
_SEED_IN_BRAINSTEM = 4.0
#: Caps and lining of the ventricles come with age. They are faint (SD) and pencil-thin: all but a twentieth is within
#: 3 mm of the ventricle, or half a slice more in thick slices; and they begin within 2 mm of the ventricle.
_SEED_IN_LINING, _LINING_MM, _BEYOND_LINING, _BESIDE_MM = 6.0, 3.0, 0.05, 2.0


def without_ordinary(mask: np.ndarray, scan: PreparedScan, belief: np.ndarray) -> np.ndarray:
    """Return the lesions (bool, K, J, I) without components that are ordinary structures of the brain.

    :param mask: lesions, bool (K, J, I).
    :param scan: prepared scan.
    :param belief: belief from :func:`~NeuroDifferentialLib.lesions.classical.outlier_belief`, (K, J, I).
    """
    pieces, count = ndimage.label(mask, structure=_TOUCHING)
    if not count:
        return mask
    numbers = np.arange(1, count + 1)
    place = places_of(pieces, numbers, scan.priors)
    hanging = np.isin(place, _HANGING_IN_FLUID) & (_fluid_around(pieces, count, scan) >= _FLUID_AROUND)
    peaks = maximum_by_label(belief, pieces, count)
    faint = (place == BrainPart.BRAINSTEM) & (peaks < _SEED_IN_BRAINSTEM)
    lining = (peaks < _SEED_IN_LINING) & _is_pencil_thin(pieces, numbers, scan)
    return chosen_pieces(pieces, ~(hanging | faint | lining))


def _is_pencil_thin(pieces: np.ndarray, numbers: np.ndarray, scan: PreparedScan) -> np.ndarray:
    """Return whether each component is along a lateral ventricle and stays close to it, bool (components,)."""
    ventricles = scan.anatomy.parts == BrainPart.LATERAL_VENTRICLE
    if not ventricles.any():
        return np.zeros(len(numbers), dtype=bool)
    away = ndimage.distance_transform_edt(~ventricles, scan.spacing)
    beyond = (away > _LINING_MM + max(scan.spacing) / 2).astype(np.float32)
    beside = minimum_by_label(away, pieces, len(numbers)) < _BESIDE_MM
    return beside & (mean_by_label(beyond, pieces, pieces > 0, len(numbers)) < _BEYOND_LINING)


def places_of(pieces: np.ndarray, numbers: np.ndarray, priors: np.ndarray) -> np.ndarray:
    """Return the part in which each component most probably is, :class:`BrainPart` values (components,).

    :param pieces: number of each voxel's component, (K, J, I).
    :param numbers: numbers of the components, 1 to their count.
    :param priors: prior probability of each part, (parts, K, J, I).
    """
    inside = pieces > 0
    sums = [np.bincount(pieces[inside], weights=prior[inside], minlength=len(numbers) + 1)[1:] for prior in priors]
    return np.argmax(sums, axis=0)


def _fluid_around(pieces: np.ndarray, count: int, scan: PreparedScan) -> np.ndarray:
    """Return the share of fluid within two voxels of each component, (components,); within slices if they are thick."""
    near = ndimage.maximum_filter(pieces, size=[5 if step <= 2.5 else 1 for step in scan.spacing])
    ring = (near > 0) & (pieces == 0)
    return mean_by_label(scan.anatomy.fluid, near, ring, count)
