"""The learned method: network and classical belief combined, grown from certain seeds, limited to white matter.

The network has learned shapes and positions, but only from simulated scans; bright outliers of the tissues are the same
in every scanner. Their combination is better than either one. The network decides alone where it is certain: about
bright lesions in cortex, deep grey matter and along ventricles, where the classical method does not search, and about
large bright bands around ventricles, which come with age and are not lesions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.lesions import networks
from NeuroDifferentialLib.lesions.channels import MASK, channels, shown_belief
from NeuroDifferentialLib.lesions.classical import (
    ClassicalSettings,
    FoundLesions,
    between,
    surrounding_white,
    usual_belief,
    white_around,
    without_small,
)
from NeuroDifferentialLib.lesions.classical import find_lesions as find_classically
from NeuroDifferentialLib.lesions.ordinary_structures import places_of, without_ordinary
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroDifferentialLib.lesions.slices import slice_inputs
from NeuroDifferentialLib.slices.answers import slicewise
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.pieces import chosen_pieces, maximum_by_label
from NeuroOrbitLib.models.package import ModelPackage

if TYPE_CHECKING:
    from torch import nn

_TOUCHING = np.ones((3, 3, 3), dtype=bool)
#: Volumes (mm3) from which on a lesion needs less white matter around it, and needs the least.
_LARGE_MM3 = (100.0, 1000.0)
#: Probability at the border of the network's own lesions, and parts in which its own lesions are not accepted.
_LIKELY, _BEYOND_TISSUE = 0.5, (BrainPart.OUTSIDE, BrainPart.CSF, BrainPart.LATERAL_VENTRICLE)


@dataclass(frozen=True)
class LearnedSettings:
    """Settings for deriving lesions from probabilities, chosen on five patients and 23 drawn ones.

    :param classical_share: share of the classical method in the probability, 0 to 1; the rest is the network's.
    :param seed: probability that at least one voxel of a lesion must have.
    :param lowest: probability down to which a lesion extends.
    :param white: least share of white matter in the surroundings of a lesion.
    :param white_large: the same share for the largest lesions, with a transition over :data:`_LARGE_MM3`, as pieces of
        cortex and plexus that look like lesions are small.
    :param around_mm: extent (mm) of the surroundings.
    :param smallest_mm3: volume (mm3) below which lesions are dropped.
    :param smallest_voxels: number of voxels below which lesions are dropped.
    :param sure: network's own probability from which on its lesions inside the brain are accepted.
    :param sure_belief: belief (SD) that these lesions must reach.
    :param sure_white: least share of white matter in their surroundings.
    :param doubt: network's own probability that at least one voxel of a large lesion must have.
    """

    classical_share: float = 0.5
    seed: float = 0.6
    lowest: float = 0.35
    white: float = 0.5
    white_large: float = 0.2
    around_mm: float = 2.0
    smallest_mm3: float = 9.0
    smallest_voxels: int = 3
    sure: float = 0.95
    sure_belief: float = 4.0
    sure_white: float = 0.1
    doubt: float = 0.5

    @property
    def surroundings(self) -> ClassicalSettings:
        """The equivalent settings for the classical method's measures of surroundings and size."""
        return ClassicalSettings(around_mm=self.around_mm, smallest_mm3=self.smallest_mm3,
                                 smallest_voxels=self.smallest_voxels)


def seen_probabilities(seen: np.ndarray, spacing: tuple[float, float, float], network: nn.Module) -> np.ndarray:
    """Return the network's probability of lesion (K, J, I), float32: the mean over the planes of :func:`.planes`.

    :param seen: channels from :func:`~NeuroDifferentialLib.lesions.channels.channels`, uint8 (channels, K, J, I).
    :param spacing: voxel size (mm) along K, J, I.
    :param network: lesion network, in evaluation mode.
    """
    mask = seen[MASK] > 0
    found = slicewise(lambda axis, place: slice_inputs(seen, axis, place, spacing), mask, spacing, network,
                      lambda odds: odds.sigmoid())
    return np.where(mask, found[0], 0)


def fused(probability: np.ndarray, classical: FoundLesions, settings: LearnedSettings) -> np.ndarray:
    """Return one probability (K, J, I), float32, from the network's probability and the classical method's result.

    The classical result is the mean of its belief and its lesion mask, so that the network's probability may be lower
    inside those lesions and must be higher outside.
    """
    share, answer = settings.classical_share, 0.5 * (classical.belief + classical.mask)
    return ((1 - share) * probability + share * answer).astype(np.float32)


def grown_lesions(probability: np.ndarray, scan: PreparedScan, settings: LearnedSettings) -> np.ndarray:
    """Return the lesions, bool (K, J, I): components above the lower probability with a seed in white matter."""
    above = probability > settings.lowest
    pieces, count = ndimage.label(above, structure=_TOUCHING)
    if not count:
        return above
    wanted = maximum_by_label(probability, pieces, count) > settings.seed
    needed = settings.white - between(np.log(_volumes(pieces, count, scan)), np.log(_LARGE_MM3)) * (
        settings.white - settings.white_large)
    wanted &= white_around(scan, surrounding_white(scan), pieces, wanted, settings.surroundings) >= needed
    return without_small(chosen_pieces(pieces, wanted), scan, settings.surroundings)


def sure_lesions(own: np.ndarray, belief: np.ndarray, scan: PreparedScan, settings: LearnedSettings) -> np.ndarray:
    """Return the lesions, bool (K, J, I), of which the network is certain, anywhere in the brain.

    At the edge of the brain, where it mistakes skull and fat for lesions, above all in thick slices, they are not
    accepted.

    :param own: the network's own probability, (K, J, I).
    :param belief: belief of the classical method (SD), (K, J, I).
    :param scan: prepared scan.
    :param settings: settings of the method.
    """
    above = own > _LIKELY
    pieces, count = ndimage.label(above, structure=_TOUCHING)
    if not count:
        return above
    wanted = maximum_by_label(own, pieces, count) > settings.sure
    wanted &= maximum_by_label(belief, pieces, count) >= settings.sure_belief
    wanted &= ~np.isin(places_of(pieces, np.arange(1, count + 1), scan.priors), _BEYOND_TISSUE)
    wanted &= white_around(scan, surrounding_white(scan), pieces, wanted, settings.surroundings) >= settings.sure_white
    return without_small(chosen_pieces(pieces, wanted), scan, settings.surroundings)


def without_doubtful(mask: np.ndarray, own: np.ndarray, scan: PreparedScan, settings: LearnedSettings) -> np.ndarray:
    """Return the lesions, bool (K, J, I), without large ones in which the network's own probability is low everywhere.

    :param mask: lesions, bool (K, J, I).
    :param own: the network's own probability, (K, J, I).
    :param scan: prepared scan.
    :param settings: settings of the method.
    """
    pieces, count = ndimage.label(mask, structure=_TOUCHING)
    if not count:
        return mask
    doubtful = maximum_by_label(own, pieces, count) < settings.doubt
    doubtful &= _volumes(pieces, count, scan) >= _LARGE_MM3[0]
    return chosen_pieces(pieces, ~doubtful)


def _volumes(pieces: np.ndarray, count: int, scan: PreparedScan) -> np.ndarray:
    """Return the volume (mm3) of each component, (count,)."""
    return np.bincount(pieces.ravel(), minlength=count + 1)[1:] * scan.flair.grid.voxel_volume


def find_lesions(scan: PreparedScan, package: ModelPackage, settings: LearnedSettings | None = None) -> FoundLesions:
    """Return the lesions that the network of a package finds, in combination with the classical method.

    :param scan: prepared scan.
    :param package: model package with a lesion network.
    :param settings: settings of the method; those of the package if None.
    """
    settings, belief = settings or LearnedSettings(**package.facts.settings), usual_belief(scan)
    seen = channels(scan, belief)
    own = seen_probabilities(seen, scan.spacing, networks.load(package, "cpu"))
    probability = fused(own, find_classically(scan, belief=belief), settings)
    return FoundLesions(lesions_of(probability, own, shown_belief(seen), scan, settings), probability)


def lesions_of(probability: np.ndarray, own: np.ndarray, belief: np.ndarray, scan: PreparedScan,
               settings: LearnedSettings) -> np.ndarray:
    """Return the lesions, bool (K, J, I), of a scan.

    :param probability: combined probability from :func:`fused`.
    :param own: the network's own probability.
    :param belief: belief of the classical method (SD).
    :param scan: prepared scan.
    :param settings: settings of the method.
    """
    mask = grown_lesions(probability, scan, settings) | sure_lesions(own, belief, scan, settings)
    return without_doubtful(without_ordinary(mask, scan, belief), own, scan, settings)
