"""Writing of segmented orbits and the chiasm into a label map on the scan's own grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.anatomy.structures import Side, label_value, mirror_label_array
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import Box, box_covering, crop, crop_grid
from NeuroOrbitLib.imaging.thin_slices import has_thick_slices
from OrbitSegmentationLib.any_contrast.blurred_face import BlurredFace
from OrbitSegmentationLib.any_contrast.chiasm import Chiasm
from OrbitSegmentationLib.any_contrast.confidence import ScanConfidence
from OrbitSegmentationLib.any_contrast.doubt_map import DoubtMap
from OrbitSegmentationLib.any_contrast.muscle_or_fat import MuscleOrFat
from OrbitSegmentationLib.any_contrast.sampling import channels_on_grid, shares_of_voxels
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit
from OrbitSegmentationLib.impossible_places import impossible_places
from OrbitSegmentationLib.postprocessing import take_gland_out_of_bone

#: Number of voxels that are processed at a time, so that scans with tiny voxels do not fill the memory.
_MOST_VOXELS = 1_000_000
#: Probability from which a voxel in thick slices of CT is labelled as muscle. At 0.5 muscles are drawn too thin; in
#: drawn CT of 3 and 5 mm, their volume is nearest to the truth with this value.
_LEAST_SHARE_IN_THICK_CT = 0.42
#: Exponent that turns the shares of labels in a thick voxel into probabilities of the labels, which are more extreme: a
#: voxel filled to six tenths by a label is almost sure to get it. In thick copies of Colin27 and in drawn scans, the
#: confidence then agrees with Dice within .02; with the shares themselves it was .06 lower.
_SURER_IN_THICK_SLICES = 1.5
_CHIASM = label_value("optic_chiasm")
#: Label values of the space between the structures: background and fat.
_FILLING = (0, *(label_value("orbital_fat", side) for side in Side))


@dataclass(frozen=True)
class WhatImageShows:
    """Evidence from the image in which an orbit was segmented: places that cannot hold a structure, muscle and fat.

    :param image: the whole scan; CT in HU.
    :param is_ct: whether the scan is a CT.
    :param empty_up_to: largest grey value of empty places, see
        :func:`~OrbitSegmentationLib.impossible_places.emptiness`.
    :param blurred: the blur in front of the orbit, if there is one.
    :param muscle_or_fat: levels of muscle and fat, if the image separates them.
    """

    image: Image
    is_ct: bool
    empty_up_to: float
    blurred: BlurredFace | None = None
    muscle_or_fat: MuscleOrFat | None = None

    def shares(self, channels: Tensor, orbit: Grid, grid: Grid) -> Tensor:
        """Return the classes' shares (C, K, J, I) of voxels of the scan according to the network and the image.

        :param channels: the network's probabilities (C, K, J, I) on the grid ``orbit``.
        :param orbit: grid of the network.
        :param grid: a part of the scan's own grid.
        """
        shares = shares_of_voxels(channels, orbit, grid)
        return shares if self.muscle_or_fat is None else self.muscle_or_fat.weighed(shares, grid)

    def forbidden(self, box: Box) -> np.ndarray:
        """Return a mask (K, J, I) of a box of the scan that is true where no structure can be."""
        part = crop(self.image, box)
        places = impossible_places(part, self.is_ct, self.empty_up_to)
        return places if self.blurred is None else places | self.blurred.covers(part.grid)


def labels_on_grid(orbit: SegmentedOrbit, labels: np.ndarray, grid: Grid, label_of_class: Sequence[int],
                   confidence: ScanConfidence | None = None, shown: WhatImageShows | None = None,
                   impossible: np.ndarray | None = None, doubt: DoubtMap | None = None) -> None:
    """Write an orbit's label values (right or left by its side) into a label map on the scan's grid, where it is empty.

    :param labels: label map (K, J, I) on ``grid``, changed in place.
    :param grid: the scan's own grid.
    :param label_of_class: right-eye label value of each class, 0 for classes that are not written.
    :param confidence: accumulator to which the network's confidence is added, except where no structure can be.
    :param shown: evidence from the image on ``grid``. Gland is not written where it shows bone, and the brightness of
        each voxel contributes to the decision between muscle and fat.
    :param impossible: mask (K, J, I) on ``grid``, set to true where no structure can be according to ``shown``. The
        caller removes these voxels once it is known which pieces belong together.
    :param doubt: map to which the probability that each voxel's label is wrong is added.
    """
    box = box_covering(grid, orbit.grid)
    if box is None:
        return
    values = class_values(orbit.frame.side, label_of_class)
    channels = torch.from_numpy(orbit.probabilities)
    thick = has_thick_slices(grid.spacing)
    least_share = _LEAST_SHARE_IN_THICK_CT if thick and shown is not None and shown.is_ct else 0.5
    shares = shares_of_voxels if shown is None else shown.shares
    forbidden = np.zeros(box.shape, dtype=bool) if shown is None else shown.forbidden(box)
    if impossible is not None:
        impossible[box.slices] |= forbidden
    for slab in _slabs(box):
        # Outside the orbit's box all channels are 0, and argmax takes the first one, the background.
        probabilities = shares(channels, orbit.grid, crop_grid(grid, slab))
        found = values[likely_classes(probabilities, values, least_share)]
        if shown is not None and shown.is_ct:
            take_gland_out_of_bone(found, shown.image.array[slab.slices])
        view = labels[slab.slices]
        np.copyto(view, found, where=view == 0)
        by_label = {} if confidence is doubt is None else _by_label(probabilities, values, thick)
        if doubt is not None:
            doubt.add(slab, found, {value: share for value, share in by_label.items() if value not in _FILLING})
        if confidence is not None:
            start = slab.start[0] - box.start[0]
            found[forbidden[start : start + slab.shape[0]]] = 0
            confidence.add(slab, found, by_label)


def is_structure(labels: np.ndarray) -> np.ndarray:
    """Return a mask (K, J, I) of the structures in a label map, without background and fat."""
    table = np.ones(256, dtype=bool)
    table[list(_FILLING)] = False
    return table[labels]


def likely_classes(probabilities: Tensor, values: np.ndarray, least_share: float = 0.5) -> np.ndarray:
    """Return each voxel's class: the most likely structure if structures are likely enough, else background or fat.

    Taking the most likely of all classes would make structures too large, since the probability of a voxel without a
    structure is divided between two classes.

    :param probabilities: probability of each class, (C, K, J, I).
    :param values: label value of each class.
    :param least_share: least probability of all structures together for one of them to be chosen, 0 to 1.
    :return: numbers of classes (K, J, I).
    """
    filling = torch.from_numpy(np.isin(values, _FILLING))
    odds = least_share / (1.0 - least_share)
    is_structure = probabilities[~filling].sum(dim=0) > odds * probabilities[filling].sum(dim=0)
    likeliest = [_likeliest(probabilities, numbers) for numbers in (filling.nonzero(), (~filling).nonzero())]
    return torch.where(is_structure, likeliest[1], likeliest[0]).numpy()


def _likeliest(probabilities: Tensor, numbers: Tensor) -> Tensor:
    """Return the most likely of some classes in each voxel; several times faster than ``argmax`` along channels."""
    first, *others = numbers.flatten().tolist()
    best, found = probabilities[first].clone(), torch.full(probabilities.shape[1:], first)
    for number in others:
        found.masked_fill_(probabilities[number] > best, number)
        torch.maximum(best, probabilities[number], out=best)
    return found


def chiasm_on_grid(chiasm: Chiasm, labels: np.ndarray, grid: Grid, confidence: ScanConfidence,
                   doubt: DoubtMap | None = None) -> None:
    """Write the chiasm's label value into a label map; parameters as for :func:`labels_on_grid`."""
    box = box_covering(grid, chiasm.grid)
    if box is None:
        return
    channel = torch.from_numpy(chiasm.probability)[None]
    for slab in _slabs(box):
        probability = channels_on_grid(channel, chiasm.grid, crop_grid(grid, slab), outside="zeros")[0].numpy()
        view = labels[slab.slices]
        found = np.where((probability > 0.5) & (view == 0), _CHIASM, 0).astype(labels.dtype)
        view += found
        confidence.add(slab, found, {_CHIASM: probability})
        if doubt is not None:
            doubt.add(slab, found, {_CHIASM: probability})


def class_values(side: Side, label_of_class: Sequence[int]) -> np.ndarray:
    """Return the label value of each class on one side, uint8 (C,)."""
    right = np.array(label_of_class, dtype=np.uint8)
    return right if side is Side.RIGHT else mirror_label_array(right)


def _slabs(box: Box) -> Iterator[Box]:
    """Divide a box into pieces of a few slices."""
    thickness = max(_MOST_VOXELS // (box.shape[1] * box.shape[2]), 1)
    for start in range(box.start[0], box.stop[0], thickness):
        yield Box((start, *box.start[1:]), (min(start + thickness, box.stop[0]), *box.stop[1:]))


def _by_label(probabilities: Tensor, values: np.ndarray, thick: bool) -> dict[int, np.ndarray]:
    """Return the probability (K, J, I) of each label value: the sum over its classes.

    :param thick: whether ``probabilities`` are shares of thick voxels.
    """
    shares = {int(value): probabilities[torch.from_numpy(values == value)].sum(dim=0).numpy()
              for value in np.unique(values[values > 0])}
    return {value: _chance(share) for value, share in shares.items()} if thick else shares


def _chance(share: np.ndarray) -> np.ndarray:
    """Return the probability that a label with this share of a thick voxel is the right one."""
    share = share.clip(0.0, 1.0)
    label, others = share**_SURER_IN_THICK_SLICES, (1.0 - share) ** _SURER_IN_THICK_SLICES
    return label / (label + others)
