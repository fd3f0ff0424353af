"""The regions for which features are computed, and cautions about unusual ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import label as connected_parts

from NeuroOrbitLib.anatomy.structures import LABEL_VALUES, segment_id
from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.radiomics.names import TEXTURE_CLASSES
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _

#: Number of voxels below which texture matrices have too few entries to be reproducible.
FEWEST_VOXELS = 64
_SPANNING = ("Length", "Diameter", "Elongation", "Flatness", "Sphericity")


@dataclass(frozen=True)
class Region:
    """A region of one or several labels.

    :param name: name of the region in the table.
    :param values: label values, whose voxels form one mask.
    """

    name: str
    values: tuple[int, ...]

    def mask(self, labels: np.ndarray) -> np.ndarray:
        """Return the mask of the region, bool of the labels' shape."""
        return labels == self.values[0] if len(self.values) == 1 else np.isin(labels, self.values)


@dataclass(frozen=True)
class Notes:
    """Cautions about an unusual region, in words; empty if there are none.

    :param texture: caution about texture features.
    :param shape: caution about shape features.
    :param spanning: caution about shape features that span separate parts of the region.
    """

    texture: str = ""
    shape: str = ""
    spanning: str = ""

    def about(self, feature_class: str, feature: str) -> str:
        """Return the cautions about a feature of a class; empty if there are none."""
        found = [self.texture] if feature_class in TEXTURE_CLASSES else []
        if feature_class == "shape":
            found = [self.shape, self.spanning if any(word in feature for word in _SPANNING) else ""]
        return "; ".join(filter(None, found))


def all_regions(labels: Image, names: Mapping[int, str] | None = None) -> list[Region]:
    """Return every label of a segmentation as a region, named by the vocabulary if it has all values, else by number.

    :param labels: label map.
    :param names: names of the values if they are not from the vocabulary; values without a unique name are named by
        their numbers.
    """
    values = [int(value) for value in np.unique(labels.array) if value != 0]
    if names is None:
        ours = all(value in LABEL_VALUES for value in values)
        names = {value: segment_id(value) for value in values} if ours else {}
    counts = Counter(names.values())
    return [Region(names[value] if counts[names.get(value)] == 1 else f"label_{value}", (value,)) for value in values]


def refusal(mask: np.ndarray, fewest_axes: int, fewest_voxels: int | None) -> str:
    """Return why no feature of a region can be computed; empty if they can.

    :param mask: the region, bool (K, J, I).
    :param fewest_axes: number of axes along which the region must have more than one voxel.
    :param fewest_voxels: number of voxels that the region must exceed; ``None`` for no such limit.
    """
    count = int(mask.sum())
    if count == 0:
        return _("The region is empty.")
    if count == 1:
        return _("The region is a single voxel.")
    axes = sum(size > 1 for size in box_around(mask).shape)
    if axes < fewest_axes:
        return _("The region extends along {axes} of the 3 axes only; at least {fewest_axes} are needed.").format(
            axes=axes, fewest_axes=fewest_axes)
    if fewest_voxels is not None and count <= fewest_voxels:
        return _("The region has {count} voxels; more than {fewest_voxels} are needed.").format(
            count=count, fewest_voxels=fewest_voxels)
    return ""


def notes_on(mask: np.ndarray) -> Notes:
    """Return cautions about a region, which must not be empty."""
    texture: list[str] = []
    shape: list[str] = []
    count = int(mask.sum())
    if count < FEWEST_VOXELS:
        texture.append(_("caution: the region has {count} voxels only (under {fewest_voxels})").format(
            count=count, fewest_voxels=FEWEST_VOXELS))
    if min(box_around(mask).shape) == 1:
        texture.append(_("caution: the region lies in one slice, texture is two-dimensional"))
        shape.append(_("caution: the region lies in one slice, its shape in 3D is that of one voxel's thickness"))
    _labels, parts = connected_parts(mask[box_around(mask).slices], np.ones((3, 3, 3)))
    spanning = _("caution: the region has {parts} separate parts, the value spans them").format(
        parts=parts) if parts > 1 else ""
    return Notes(joined(texture, "; "), joined(shape, "; "), spanning)


def combined(names: Sequence[str], regions: Sequence[Region], name: str) -> Region:
    """Return one region made of several, e.g. of the medial and lateral recti of both sides.

    :param names: names of the regions to join.
    :param regions: all regions.
    :param name: name of the new region.
    """
    values = tuple(value for region in regions if region.name in names for value in region.values)
    return Region(name, values)
