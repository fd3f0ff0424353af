"""Real head label maps (SynthSeg convention) as tissue classes, with the positions of their orbits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.head.labelmaps import FLUID, OUTER_TISSUES, SOFT_TISSUE, VESSELS, WHITE_MATTER, find_eyes
from NeuroOrbitLib.phantom.tissue import Tissue
from OrbitSegmentationLib.orbit_frame import OrbitFrame

#: Tissue class in addition to those of the phantom: the label maps do not distinguish subcutaneous fat from muscle.
UNSPECIFIED_SOFT_TISSUE = 34
#: SD (voxels) of the smoothing of each label before labels are resampled.
_SMOOTHING = 0.7
#: Number of tissue classes, including the unspecified one.
TISSUE_COUNT = 35

_TISSUE_OF_LABEL = {**OUTER_TISSUES, SOFT_TISSUE: UNSPECIFIED_SOFT_TISSUE, **dict.fromkeys(VESSELS, Tissue.ARTERY)}


def tissue_of_label(value: int) -> int:
    """Return the tissue class of a SynthSeg label value; brain labels become grey matter, white matter or fluid."""
    if value in _TISSUE_OF_LABEL:
        return int(_TISSUE_OF_LABEL[value])
    if value in FLUID:
        return int(Tissue.CSF)
    return int(Tissue.WHITE_MATTER if value in WHITE_MATTER else Tissue.GRAY_MATTER)


def merged_brain(labels: np.ndarray) -> np.ndarray:
    """Return SynthSeg labels with only one value each for the brain's grey matter, white matter and fluid."""
    values = np.arange(int(labels.max()) + 1)
    brain = np.array([value not in _TISSUE_OF_LABEL for value in values])
    first_of_tissue = {tissue_of_label(value): value for value in values[brain][::-1]}
    table = np.where(brain, [first_of_tissue.get(tissue_of_label(value), value) for value in values], values)
    return table.astype(labels.dtype)[labels]


def tissues_from_labels(labels: np.ndarray) -> np.ndarray:
    """Return the tissue classes (uint8) of an array of SynthSeg label values, of the same shape."""
    table = np.array([tissue_of_label(value) for value in range(int(labels.max()) + 1)], dtype=np.uint8)
    return table[labels]


@dataclass(frozen=True)
class LabelledHead:
    """One head label map in RAS axis order with its two globes.

    :param name: name of the file without its ending.
    :param labels: SynthSeg label values, array axes (superior, anterior, right).
    :param frames: frames of the right and the left orbit.
    """

    name: str
    labels: Image
    frames: tuple[OrbitFrame, OrbitFrame]


def load_head(path: Path) -> LabelledHead:
    """Read a head label map.

    :raises Problem: if it cannot be read, or does not hold two eyeballs (label 506).
    """
    image = reorient_to_ras(load_image(path))
    labels = Image(np.asarray(image.array).astype(np.int16), image.affine)
    right, left = (OrbitFrame(tuple(eye.center), eye.side) for eye in find_eyes(labels))
    return LabelledHead(head_name(path), labels, (right, left))


def head_name(path: Path) -> str:
    """Return the name of a head label map, that of its file without its ending."""
    return path.name.split(".")[0]


def labels_around(head: LabelledHead, frame: OrbitFrame, spacing: float, low: tuple[float, ...],
                  high: tuple[float, ...]) -> np.ndarray:
    """Return the smoothed SynthSeg labels of a head around one of its orbits; those of the brain are merged.

    :param head: the head.
    :param frame: frame of the orbit.
    :param spacing: voxel size of the result, mm.
    :param low, high: corners (x, y, z) of the result's box in the orbit's frame, mm.
    :return: label values (K, J, I), int16.
    """
    grid = frame.grid(spacing, low, high)
    source = head.labels.grid.ijk_from_ras(grid.voxel_centers())[..., ::-1]
    coordinates = np.moveaxis(source, -1, 0)
    box = [slice(max(int(c.min()) - 3, 0), int(c.max()) + 4) for c in coordinates]
    offset = np.array([part.start for part in box]).reshape(3, 1, 1, 1)
    nearby = merged_brain(head.labels.array[tuple(box)])
    best, result = np.zeros(grid.shape, np.float32), np.zeros(grid.shape, np.int16)
    for value in np.unique(nearby):
        share = ndimage.gaussian_filter((nearby == value).astype(np.float32), _SMOOTHING)
        share = ndimage.map_coordinates(share, coordinates - offset, order=1, cval=float(value == 0))
        better = share > best
        best[better], result[better] = share[better], value
    return result
