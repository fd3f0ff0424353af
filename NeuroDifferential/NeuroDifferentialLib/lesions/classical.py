"""The classical method: lesions as bright outliers of the tissues, grown level by level inside white matter.

Like AccuBrain's coarse-to-fine morphology and the lesion growth algorithm (Schmidt 2012,
doi:10.1016/j.neuroimage.2011.11.032), it takes bright outliers above grey matter after a classification of tissues in
FLAIR and T1. A level is a morphological reconstruction, from the seeds, of the belief above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.lesions.ordinary_structures import without_ordinary
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.pieces import chosen_pieces, maximum_by_label, mean_by_label
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

_TOUCHING = np.ones((3, 3, 3), dtype=bool)
_WHITE = (BrainPart.WHITE_MATTER, BrainPart.CORPUS_CALLOSUM, BrainPart.CEREBELLAR_WHITE_MATTER, BrainPart.BRAINSTEM)


@dataclass(frozen=True)
class ClassicalSettings:
    """The settings of the classical method, the same for all scans; beliefs are in SD of the expected tissue.

    :param seed: belief that a lesion must reach somewhere.
    :param lowest: belief down to which a lesion grows.
    :param share_of_peak: share of its own peak below which a lesion does not grow.
    :param step: distance of levels (SD).
    :param white_around: least share of white matter in a lesion's surroundings.
    :param white_around_large: the same share for lesions of 10 ml and more, with a transition from 3 ml on, as
        confluent lesions extend from the ventricles to the cortex.
    :param white_of_bright: reduction of the share for very bright lesions (:data:`_VERY_BRIGHT`), as no cortex is so
        bright.
    :param around_mm: extent (mm) of the surroundings.
    :param halo: belief from which on voxels around large lesions are their halo and no surroundings.
    :param place_weight: weight of the prior of position.
    :param smoothing_mm: smoothing (SD, mm) of the FLAIR within slices.
    :param above_grey: factor by which lesions are brighter than grey matter.
    :param smallest_mm3: volume (mm3) below which lesions are dropped.
    :param smallest_voxels: number of voxels below which lesions are dropped.
    """

    seed: float = 2.75
    lowest: float = 1.5
    share_of_peak: float = 0.36
    step: float = 0.5
    white_around: float = 0.8
    white_around_large: float = 0.6
    white_of_bright: float = 0.3
    around_mm: float = 2.0
    halo: float = 0.5
    place_weight: float = 0.5
    smoothing_mm: float = 0.6
    above_grey: float = 1.0
    smallest_mm3: float = 9.0
    smallest_voxels: int = 3


#: Weights of the parts in the prior of position: lesions are rarer below the tentorium and in deep grey matter.
_PLACE = {BrainPart.WHITE_MATTER: 1.0, BrainPart.CORPUS_CALLOSUM: 1.0, BrainPart.CEREBELLAR_WHITE_MATTER: 0.8,
          BrainPart.BRAINSTEM: 0.8, BrainPart.DEEP_GREY: 0.5}
#: Parts of the brain in which lesions are searched for.
LESION_PLACES = tuple(_PLACE)
_USUAL_PLACE, _RAREST_PLACE = 0.7, 0.02
_OWN_LEVEL = (BrainPart.BRAINSTEM, BrainPart.CEREBELLAR_WHITE_MATTER, BrainPart.CEREBELLAR_CORTEX,
              BrainPart.MEDIAL_TEMPORAL, BrainPart.DEEP_GREY)
_FEWEST_FOR_LEVEL = 50
_LOWER_WHITE = (BrainPart.BRAINSTEM, BrainPart.CEREBELLAR_WHITE_MATTER)
_SOLID = (BrainPart.WHITE_MATTER, BrainPart.CORTEX, BrainPart.DEEP_GREY, BrainPart.MEDIAL_TEMPORAL, *_LOWER_WHITE,
          BrainPart.CEREBELLAR_CORTEX)
#: Volumes (mm3) from which on lesions count as confluent, in part and entirely.
_CONFLUENT_MM3 = (3000.0, 10000.0)
#: Volumes (mm3) from which on a lesion's halo is excluded from its surroundings, in part and entirely.
_WITH_HALO_MM3 = (300.0, 3000.0)
#: Peaks of belief from which on a lesion counts as brighter than ordinary cortex, in part and entirely.
_VERY_BRIGHT = (4.0, 6.0)
#: Width (mm) of the area whose white matter, together with the prior in equal parts, gives the expected tissue.
_AREA_MM = 2.0


@dataclass(frozen=True)
class FoundLesions:
    """Lesions in the brain box of a scan.

    :param mask: lesions, bool (K, J, I).
    :param belief: probability-like belief in a lesion, 0 to 1, float32 (K, J, I).
    """

    mask: np.ndarray
    belief: np.ndarray


def find_lesions(scan: PreparedScan, settings: ClassicalSettings | None = None, belief: np.ndarray | None = None
                 ) -> FoundLesions:
    """Return the lesions that the classical method finds.

    :param scan: prepared scan.
    :param settings: settings of the method; the default ones if None.
    :param belief: belief from :func:`outlier_belief` with these settings if it is known.
    """
    settings = settings or ClassicalSettings()
    flair = smoothed_flair(scan, settings.smoothing_mm)
    belief = outlier_belief(scan, flair, settings.place_weight) if belief is None else belief
    grey = scan.anatomy.tissues[1].mean[0]
    eligible = scan.anatomy.mask & (flair > settings.above_grey * grey)
    mask = without_ordinary(_grown(scan, belief, eligible, settings), scan, belief)
    mask = without_small(mask, scan, settings)
    scaled = 1.0 / (1.0 + np.exp(np.clip(settings.seed - belief, -20, 20)))
    return FoundLesions(mask, np.where(scan.anatomy.mask, scaled, 0).astype(np.float32))


def usual_belief(scan: PreparedScan) -> np.ndarray:
    """Return the belief (K, J, I; SD) with the default smoothing and prior weight, see :func:`outlier_belief`."""
    usual = ClassicalSettings()
    return outlier_belief(scan, smoothed_flair(scan, usual.smoothing_mm), usual.place_weight)


def outlier_belief(scan: PreparedScan, flair: np.ndarray, place_weight: float) -> np.ndarray:
    """Return the brightness (SD) of each voxel above the expected tissue, corrected by the prior of position.

    :param scan: prepared scan.
    :param flair: smoothed FLAIR (K, J, I), see :func:`smoothed_flair`.
    :param place_weight: weight of the prior's logarithm.
    """
    white, grey = scan.anatomy.tissues[:2]
    around = ndimage.gaussian_filter(scan.anatomy.white, [_AREA_MM / step for step in scan.spacing])
    share = 0.5 * scan.priors[list(_WHITE)].sum(axis=0) + 0.5 * around
    of_white, of_grey = (float(np.sqrt(tissue.covariance[0, 0])) for tissue in (white, grey))
    expected = share * white.mean[0] + (1 - share) * grey.mean[0]
    spread = np.sqrt((share * of_white + (1 - share) * of_grey) ** 2
                     + share * (1 - share) * (white.mean[0] - grey.mean[0]) ** 2)
    expected, spread = _with_own_levels(scan, flair, expected, spread, of_white)
    place = sum(weight * scan.priors[part] for part, weight in _PLACE.items())
    return (flair - expected) / spread + place_weight * np.log(np.clip(place, _RAREST_PLACE, 1.0) / _USUAL_PLACE)


def _with_own_levels(scan: PreparedScan, flair: np.ndarray, expected: np.ndarray, spread: np.ndarray, least: float
                     ) -> tuple[np.ndarray, np.ndarray]:
    """Return expectation and spread, with own values in parts that are neither like white matter nor like cortex.

    Brainstem, cerebellum, deep grey matter and hippocampus are brighter or darker than other tissue of their kind, so
    that the median of the part itself is expected there.
    """
    own, level, width = (np.zeros_like(expected) for _ in range(3))
    solid = scan.anatomy.mask & (scan.anatomy.fluid < 0.5)
    for part in _OWN_LEVEL:
        prior = scan.priors[part]
        values = flair[solid & (prior > 0.5)]
        if len(values) < _FEWEST_FOR_LEVEL:
            continue
        middle = float(np.median(values))
        own += prior
        level += prior * middle
        width += prior * max(1.4826 * float(np.median(np.abs(values - middle))), least)
    return (1 - own) * expected + level, (1 - own) * spread + width


def smoothed_flair(scan: PreparedScan, width: float) -> np.ndarray:
    """Return the FLAIR (K, J, I) smoothed by a Gaussian of ``width`` mm (SD), except across slices of 2 mm or more."""
    sigma = [width / step if step < 2.0 else 0.0 for step in scan.spacing]
    return ndimage.gaussian_filter(scan.channels[0], sigma)


def _grown(scan: PreparedScan, belief: np.ndarray, eligible: np.ndarray, settings: ClassicalSettings) -> np.ndarray:
    """Return the union over levels of the components that contain a seed and are surrounded by white matter.

    A component that leaks into the cortex at a low level keeps the shape of its last level inside white matter.
    """
    result = np.zeros(eligible.shape, dtype=bool)
    white = surrounding_white(scan)
    if not (eligible & (belief > settings.seed)).any():
        return result
    highest = min(float(belief[eligible].max()), settings.seed + 5.0)
    for level in np.arange(highest, settings.lowest - 1e-6, -settings.step):
        above = eligible & (belief > level)
        pieces, count = ndimage.label(above, structure=_TOUCHING)
        if count == 0:
            continue
        peaks = maximum_by_label(belief, pieces, count)
        # The highest level is valid for a lesion of any brightness.
        wanted = (peaks > settings.seed) & (level >= np.minimum(settings.share_of_peak * peaks, highest))
        if wanted.any():
            share = white_around(scan, white, pieces, wanted, settings, belief >= settings.halo)
            volumes = np.bincount(pieces.ravel())[1:] * scan.flair.grid.voxel_volume
            wanted &= share >= white_needed(volumes, settings, peaks)
            result |= chosen_pieces(pieces, wanted)
    return result


def white_needed(volumes_mm3: np.ndarray, settings: ClassicalSettings, peaks: np.ndarray | float = 0.0) -> np.ndarray:
    """Return the least share of white matter that components of these volumes need in their surroundings, (N,).

    :param volumes_mm3: volumes (mm3) of the components, (N,).
    :param settings: settings of the method.
    :param peaks: peaks of belief of the components, (N,); unknown by default.
    """
    large = between(np.log(np.maximum(volumes_mm3, 1.0)), np.log(_CONFLUENT_MM3))
    return (settings.white_around - large * (settings.white_around - settings.white_around_large)
            - settings.white_of_bright * between(peaks, _VERY_BRIGHT))


def between(values: np.ndarray, limits: Sequence[float]) -> np.ndarray:
    """Return the position of values between two limits, 0 at the first to 1 at the second."""
    return np.clip((values - limits[0]) / (limits[1] - limits[0]), 0, 1)


def surrounding_white(scan: PreparedScan) -> np.ndarray:
    """Return the probability of white matter (K, J, I) for surroundings, including grey voxels of the brainstem."""
    lower = scan.priors[list(_LOWER_WHITE)].sum(axis=0) / np.maximum(scan.priors[list(_SOLID)].sum(axis=0), 0.05)
    return np.clip(scan.anatomy.white + scan.anatomy.grey * lower, 0, 1)


def white_around(scan: PreparedScan, white: np.ndarray, pieces: np.ndarray, wanted: np.ndarray,
                 settings: ClassicalSettings, halo: np.ndarray | None = None) -> np.ndarray:
    """Return the share of white matter in the surroundings of each wanted component, (components,).

    Ventricles are excluded, and so is a rim of one voxel around bright regions: edges are soft, and a voxel that is
    half lesion is as bright as grey matter. The halo of a large lesion is broad and looks like grey matter, too.

    :param scan: prepared scan.
    :param white: probability of white matter from :func:`surrounding_white`.
    :param pieces: number of each voxel's component, (K, J, I).
    :param wanted: components to compute, bool (components,).
    :param settings: settings of the method.
    :param halo: voxels to exclude around large components, bool (K, J, I); none by default.
    """
    labels = np.where(chosen_pieces(pieces, wanted), pieces, 0)
    reach = [2 * (max(1, round(settings.around_mm / step)) + 1) + 1 if step <= 2.5 else 1 for step in scan.spacing]
    near = ndimage.maximum_filter(labels, size=reach)
    rim = ndimage.maximum_filter(pieces > 0, size=[3 if step <= 2.5 else 1 for step in scan.spacing])
    ring = (near > 0) & ~rim & (scan.anatomy.parts != BrainPart.LATERAL_VENTRICLE)
    share = mean_by_label(white, near, ring, len(wanted))
    if halo is None:
        return share
    without_halo = mean_by_label(white, near, ring & ~halo, len(wanted))
    volumes = np.bincount(pieces.ravel())[1:] * scan.flair.grid.voxel_volume
    large = between(np.log(np.maximum(volumes, 1.0)), np.log(_WITH_HALO_MM3))
    return share + large * np.maximum(without_halo - share, 0)


def without_small(mask: np.ndarray, scan: PreparedScan, settings: ClassicalSettings) -> np.ndarray:
    """Return the mask (bool) without the components that are too small by the settings."""
    pieces, _count = ndimage.label(mask, structure=_TOUCHING)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    volume = scan.flair.grid.voxel_volume
    least = max(settings.smallest_voxels, int(np.ceil(settings.smallest_mm3 / volume - 1e-6)))
    return (sizes >= least)[pieces]


def settings_with(seed: float | None = None, smallest_mm3: float | None = None) -> ClassicalSettings:
    """Return the settings with another threshold (SD) or smallest lesion (mm3).

    :raises Problem: if one of them makes no sense.
    """
    settings = ClassicalSettings()
    if seed is not None:
        if not 1.0 <= seed <= 10.0:
            raise Problem(_("A threshold of {seed:g} SD makes no sense. Choose 1 to 10 (2.75 is usual).").format(
                seed=seed))
        settings = replace(settings, seed=seed, lowest=min(settings.lowest, seed))
    if smallest_mm3 is not None:
        if not smallest_mm3 >= 0:
            raise Problem(_("The smallest lesion is a volume in mm3, 0 or more."))
        settings = replace(settings, smallest_mm3=smallest_mm3)
    return settings
