"""Training samples: several structures of a slice of any contrast, each with a rough mask and the true one."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional
from scipy import ndimage
from torch import Tensor

from NeuroOrbitLib.phantom.scanner.randomised_image import synthesise
from NeuroOrbitLib.phantom.tissue import Tissue
from OrbitSegmentationLib.refinement.correction.network_input import PIXEL, network_input
from OrbitSegmentationLib.refinement.correction.rough_masks import rough_mask
from OrbitSegmentationLib.refinement.correction.slabs import NEIGHBOR_PIXEL, Slabs
from OrbitSegmentationLib.refinement.correction.slabs import PIXEL as SLAB_PIXEL

#: Pixels along each side of the painted slice, and of the patches that the network learns from.
SLICE_SIZE, PATCH_SIZE = 96, 64
#: Number of patches of each slice, each of one structure.
PATCHES = 8
_SMALLEST, _LARGEST = 14, 0.45
_EYEBALLS, _LENSES = (1, 2), (19, 20)
#: Label value of simulated lesions, which are no structure of the vocabulary.
_NO_TISSUE = 255
_SOFT_TISSUES = (Tissue.VITREOUS, Tissue.ORBITAL_FAT, Tissue.MEDIAL_RECTUS, Tissue.LACRIMAL_GLAND, Tissue.VEIN,
                 Tissue.OPTIC_NERVE, Tissue.GRAY_MATTER, Tissue.BONE)


class CorrectionSamples:
    """Samples from all slabs; each has a new random pose, contrast, choice of structures and rough masks."""

    def __init__(self, slabs: Slabs) -> None:
        self.slabs = slabs

    def __len__(self) -> int:
        return len(self.slabs)

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return network inputs (PATCHES, 3, rows, columns) and true masks (PATCHES, 1, rows, columns), 0..1."""
        pose = _random_pose(random)
        labels, tissues = (_posed(a[index], SLAB_PIXEL, pose, 2) for a in (self.slabs.labels, self.slabs.tissues))
        beside = [_posed(a[index], NEIGHBOR_PIXEL, pose, 1)
                  for a in (self.slabs.neighbor_labels, self.slabs.neighbor_tissues)]
        if random.random() < 0.3:
            _add_lesion(labels, tissues, random)
        image = _painted(tissues, random)
        patches = [_patch(image, labels, tissues, beside, random) for _ in range(PATCHES)]
        inputs, targets = zip(*patches, strict=True)
        return torch.from_numpy(np.stack(inputs)), torch.from_numpy(np.stack(targets))


def _random_pose(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a random in-plane matrix (with mirroring), shift (mm) and bend (2, knots, knots; mm)."""
    angle, scale = random.uniform(-np.pi, np.pi), np.exp(random.uniform(np.log(0.7), np.log(1.3)))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ (scale * (np.eye(2) + random.normal(0, 0.05, (2, 2)))) @ np.diag([1, random.choice([-1, 1])])
    return matrix, random.normal(0, 3.0, 2), random.normal(0, 1.2 * random.random(), (2, 6, 6))


def _posed(planes: np.ndarray, pixel: float, pose: tuple[np.ndarray, np.ndarray, np.ndarray],
           oversampling: int) -> np.ndarray:
    """Return planes (n, rows, columns) in a pose, on pixels ``oversampling`` times as fine as the slice's."""
    matrix, shift, bend = pose
    count = SLICE_SIZE * oversampling
    along = (np.arange(count) - (count - 1) / 2) * PIXEL / oversampling
    places = np.stack(np.meshgrid(along, along, indexing="ij"))
    moved = functional.interpolate(torch.from_numpy(bend)[None], size=(count, count), mode="bilinear",
                                   align_corners=True)[0].numpy()
    slab = np.tensordot(matrix, places, 1) + shift[:, None, None] + moved
    index = np.clip(np.rint(slab / pixel + (planes.shape[1] - 1) / 2).astype(int), 0, planes.shape[1] - 1)
    return planes[:, index[0], index[1]]


def _add_lesion(labels: np.ndarray, tissues: np.ndarray, random: np.random.Generator) -> None:
    """Add a structure that is not in the vocabulary, in place: a round or lobed patch of another tissue."""
    row, column = random.uniform(0.25, 0.75, 2) * labels.shape[1]
    rows, columns = np.ogrid[: labels.shape[1], : labels.shape[2]]
    stretch, size = np.exp(random.normal(0, 0.3)), random.uniform(1.5, 8.0) * 2 / PIXEL
    radius = np.hypot((rows - row) * stretch, (columns - column) / stretch)
    angle = np.arctan2(rows - row, columns - column)
    lobes = sum(random.normal(0, 0.15) * np.cos(n * angle + random.uniform(0, 6.3)) for n in (1, 2, 3, 4))
    inside = radius < size * (1 + lobes)
    tissues[:, inside] = int(random.choice(_SOFT_TISSUES))
    labels[:, inside] = _NO_TISSUE


def _painted(tissues: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the middle slice (rows, columns) of an image of random contrast."""
    # The noise that the painter adds needs three slices.
    padded = np.pad(tissues, ((1, 1), (0, 0), (0, 0)), mode="edge")
    planes = synthesise(torch.from_numpy(padded), PIXEL, random, len(Tissue))
    return planes[planes.shape[0] // 2].numpy()


def _patch(image: np.ndarray, labels: np.ndarray, tissues: np.ndarray, beside: list[np.ndarray],
           random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    fine, neighbors = _structure(labels[-2], tissues[-2], beside, random)
    share = fine.reshape(SLICE_SIZE, 2, SLICE_SIZE, 2).mean(axis=(1, 3), dtype=np.float32)
    window = _window(share > 0.5, random)
    truth = (share > 0.5)[window]
    rough = rough_mask(truth, image[window], PIXEL, [mask[window] for mask in neighbors], random)
    return network_input(image[window], rough), share[window][None]


def _structure(labels: np.ndarray, tissues: np.ndarray, beside: list[np.ndarray],
               random: np.random.Generator) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return one connected structure on the fine pixels, and its masks in the neighbouring slices.

    It is usually one of the vocabulary, otherwise any tissue, so that the network does not learn which structures
    exist.
    """
    known, choice = (labels, 0) if random.random() < 0.75 else (tissues, 1)
    neighbor = beside[choice]
    if choice == 0:
        known, neighbor = _whole_eyes(known, random), _whole_eyes(neighbor, random)
    for value in random.permutation(np.unique(known[48:-48, 48:-48])):
        if choice == 0 and (value == 0 or (value > 20 and value != _NO_TISSUE and random.random() < 0.8)):
            continue
        parts, count = ndimage.label(known == value)
        for part in random.permutation(count)[:3] + 1:
            mask = parts == part
            if _is_drawable(mask):
                return mask, [plane == value for plane in neighbor]
    return _disc(labels.shape, random), []


def _whole_eyes(labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the labels with each lens as part of its eyeball."""
    return np.where(np.isin(labels, _LENSES), labels - _LENSES[0] + _EYEBALLS[0], labels).astype(labels.dtype)


def _is_drawable(mask: np.ndarray) -> bool:
    """Return whether a mask is large enough to draw, small enough for a patch, and well inside the slice."""
    rows, columns = np.nonzero(mask)
    if len(rows) < 4 * _SMALLEST or len(rows) > 4 * _LARGEST * PATCH_SIZE**2:
        return False
    middle = np.array([rows.mean(), columns.mean()]) / 2
    return bool(np.all(np.abs(middle - SLICE_SIZE / 2) < SLICE_SIZE * 0.36))


def _disc(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Return a disc that the image does not show, from which the network learns to keep the drawing."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    row, column = random.uniform(0.35, 0.65, 2) * shape[0]
    return (rows - row) ** 2 + (columns - column) ** 2 < (float(random.uniform(3, 12)) * 2 / PIXEL / 2) ** 2


def _window(mask: np.ndarray, random: np.random.Generator) -> tuple[slice, slice]:
    """Return a patch around the structure, not exactly in its middle."""
    parts = []
    for places in np.nonzero(mask):
        middle = (places.min() + places.max()) / 2 + random.normal(0, 3) if len(places) else SLICE_SIZE / 2
        start = int(np.clip(middle - PATCH_SIZE / 2, 0, SLICE_SIZE - PATCH_SIZE))
        parts.append(slice(start, start + PATCH_SIZE))
    return parts[0], parts[1]
