"""The regions that features are computed for, and what is unusual about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import label as connected_parts

from NeuroOrbitLib.anatomy.structures import LABEL_VALUES, segment_id
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.radiomics.boxes import Box
from NeuroOrbitLib.radiomics.names import TEXTURE_CLASSES
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _

#: Below this number of voxels texture matrices have too few entries to be reproducible.
FEWEST_VOXELS = 64
_SPANNING = ("Length", "Diameter", "Elongation", "Flatness", "Sphericity")


@dataclass(frozen=True)
class Region:
    """One or several labels together.

    :param name: what the table calls it.
    :param values: its label values; several are one mask.
    """

    name: str
    values: tuple[int, ...]

    def mask(self, labels: np.ndarray) -> np.ndarray:
        """Where the region is, booleans of the labels' shape."""
        return labels == self.values[0] if len(self.values) == 1 else np.isin(labels, self.values)


@dataclass(frozen=True)
class Notes:
    """What is unusual about a region, in words; empty where nothing is."""

    texture: str = ""
    shape: str = ""
    spanning: str = ""

    def about(self, feature_class: str, feature: str) -> str:
        """What to keep in mind about a feature."""
        found = [self.texture] if feature_class in TEXTURE_CLASSES else []
        if feature_class == "shape":
            found = [self.shape, self.spanning if any(word in feature for word in _SPANNING) else ""]
        return "; ".join(filter(None, found))


def all_regions(labels: Image, names: Mapping[int, str] | None = None) -> list[Region]:
    """Every label of a segmentation: with its name if all values are of our vocabulary, else by its number.

    :param names: what the values are called where they are not the vocabulary's; those without a name of their own are
        called by their numbers.
    """
    values = [int(value) for value in np.unique(labels.array) if value != 0]
    if names is None:
        ours = all(value in LABEL_VALUES for value in values)
        names = {value: segment_id(value) for value in values} if ours else {}
    counts = Counter(names.values())
    return [Region(names[value] if counts[names.get(value)] == 1 else f"label_{value}", (value,)) for value in values]


def refusal(mask: np.ndarray, fewest_axes: int, fewest_voxels: int | None) -> str:
    """Why no feature of a region can be computed; empty if they can.

    :param fewest_axes: axes along which it must have more than one voxel.
    :param fewest_voxels: it must have more voxels than this.
    """
    count = int(mask.sum())
    if count == 0:
        return _("The region is empty.")
    if count == 1:
        return _("The region is a single voxel.")
    axes = sum(size > 1 for size in Box.of(mask).shape)
    if axes < fewest_axes:
        return _("The region extends along {axes} of the 3 axes only; at least {fewest_axes} are needed.").format(
            axes=axes, fewest_axes=fewest_axes)
    if fewest_voxels is not None and count <= fewest_voxels:
        return _("The region has {count} voxels; more than {fewest_voxels} are needed.").format(
            count=count, fewest_voxels=fewest_voxels)
    return ""


def notes_on(mask: np.ndarray) -> Notes:
    """What is unusual about a region that is not empty."""
    texture: list[str] = []
    shape: list[str] = []
    count = int(mask.sum())
    if count < FEWEST_VOXELS:
        texture.append(_("caution: the region has {count} voxels only (under {fewest_voxels})").format(
            count=count, fewest_voxels=FEWEST_VOXELS))
    if min(Box.of(mask).shape) == 1:
        texture.append(_("caution: the region lies in one slice, texture is two-dimensional"))
        shape.append(_("caution: the region lies in one slice, its shape in 3D is that of one voxel's thickness"))
    _labels, parts = connected_parts(mask[Box.of(mask).slices], np.ones((3, 3, 3)))
    spanning = _("caution: the region has {parts} separate parts, the value spans them").format(
        parts=parts) if parts > 1 else ""
    return Notes(joined(texture, "; "), joined(shape, "; "), spanning)


def combined(names: Sequence[str], regions: Sequence[Region], name: str) -> Region:
    """One region of several, e.g. the medial and the lateral recti of both sides."""
    values = tuple(value for region in regions if region.name in names for value in region.values)
    return Region(name, values)
