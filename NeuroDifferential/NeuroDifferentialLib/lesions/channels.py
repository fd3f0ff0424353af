"""Input channels of the lesion network: brightness, tissues and position of every voxel, in comparable units.

All channels are multiples of white matter's brightness, standard deviations, probabilities or millimetres, so that
neither the resolution nor the scanner's scale matters.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.anatomy.tissues import GREY, WHITE
from NeuroDifferentialLib.lesions.classical import usual_belief
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroOrbitLib.anatomy.brain import BrainPart

#: Parts, or groups of parts, whose prior probability is a channel.
_PLACES = ((BrainPart.WHITE_MATTER,), (BrainPart.CORPUS_CALLOSUM,), (BrainPart.CORTEX,), (BrainPart.LATERAL_VENTRICLE,),
           (BrainPart.BRAINSTEM, BrainPart.CEREBELLAR_WHITE_MATTER), (BrainPart.DEEP_GREY, BrainPart.MEDIAL_TEMPORAL))
#: Order of the channels of :func:`channels`.
FLAIR, BELIEF, MASK, T1, HAS_T1, CHANNEL_COUNT = 0, 1, 2, 3, 4, 8 + len(_PLACES)
#: Range of each channel (FLAIR, belief, T1) and largest distance; values beyond are clipped.
_FLAIR_RANGE, _BELIEF_RANGE, _T1_RANGE, _FARTHEST_MM = (0.0, 2.5), (-4.0, 12.0), (-2.0, 2.0), 25.0


def channels(scan: PreparedScan, belief: np.ndarray | None = None) -> np.ndarray:
    """Return the input channels of a scan, uint8 (channels, K, J, I).

    0 and 255 are the ends of each channel's range: FLAIR in multiples of white matter (0 to 2.5), belief of the
    classical method (-4 to 12 SD), brain, T1 between grey (0) and white matter (1), whether there is a T1, distance to
    the lateral ventricles (0 to 25 mm), probabilities of white matter and fluid, and prior probabilities of the parts.

    :param scan: prepared scan.
    :param belief: belief from :func:`~NeuroDifferentialLib.lesions.classical.usual_belief` if it is known.
    """
    belief = usual_belief(scan) if belief is None else belief
    return np.stack([np.rint(255 * np.clip(channel, 0, 1)).astype(np.uint8) for channel in _scaled(scan, belief)])


def shown_belief(seen: np.ndarray) -> np.ndarray:
    """Return the belief of the classical method (K, J, I; SD) from the input channels, see :func:`channels`."""
    low, high = _BELIEF_RANGE
    return low + seen[BELIEF] * np.float32((high - low) / 255)


def _scaled(scan: PreparedScan, belief: np.ndarray) -> Iterator[np.ndarray]:
    white, grey = (scan.anatomy.tissues[index].mean for index in (WHITE, GREY))
    mask = scan.anatomy.mask
    yield _from_range(scan.channels[0] / white[0], _FLAIR_RANGE) * mask
    yield _from_range(belief, _BELIEF_RANGE) * mask
    yield mask
    has_t1 = len(scan.channels) > 1
    level = (scan.channels[1] - grey[1]) / max(float(white[1] - grey[1]), 1e-3) if has_t1 else np.zeros(mask.shape)
    yield _from_range(level, _T1_RANGE) * mask if has_t1 else level
    yield np.full(mask.shape, has_t1)
    yield _distance(scan.anatomy.parts == BrainPart.LATERAL_VENTRICLE, scan) / _FARTHEST_MM
    yield scan.anatomy.white
    yield scan.anatomy.fluid
    for parts in _PLACES:
        yield scan.priors[list(parts)].sum(axis=0)


def _from_range(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    return (values - limits[0]) / (limits[1] - limits[0])


def _distance(mask: np.ndarray, scan: PreparedScan) -> np.ndarray:
    if not mask.any():
        return np.full(mask.shape, _FARTHEST_MM, np.float32)
    return ndimage.distance_transform_edt(~mask, scan.spacing).astype(np.float32)
