"""Simulation of the rough masks that hurried annotators draw, from a true mask."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage
from skimage.segmentation import slic

from OrbitSegmentationLib.refinement.correction.distance import signed_distance

#: Overlap (Dice) up to which a mask is not accepted as a rough mask of the structure.
_WORST_OVERLAP = 0.4
_TRIES = 4
_WAYS: tuple[tuple[str, float], ...] = (
    ("wobbly", 0.30), ("brushed", 0.15), ("superpixels", 0.20), ("moved", 0.13), ("copied", 0.12), ("exact", 0.10),
)


def rough_mask(truth: np.ndarray, image: np.ndarray, pixel: float, neighbors: list[np.ndarray],
               rng: np.random.Generator) -> np.ndarray:
    """Return a mask as a hurried annotator might draw it, with a Dice of more than 0.4 with the true one.

    :param truth: true mask, bool (rows, columns), not empty.
    :param image: intensities of the slice (rows, columns), whose edges simulated superpixels follow.
    :param pixel: pixel size (mm).
    :param neighbors: true masks of the structure in neighbouring slices, which annotators may copy; may be empty.
    :param rng: random generator.
    """
    names, shares = zip(*_WAYS, strict=True)
    for _ in range(_TRIES):
        way = str(rng.choice(names, p=shares))
        copied = [mask for mask in neighbors if overlap(mask, truth) > _WORST_OVERLAP]
        if way == "copied" and copied:
            mask = copied[int(rng.integers(len(copied)))]
        else:
            mask = _DRAW.get(way, wobbly)(truth, image, pixel, rng)
        mask = _spoiled(mask, truth, image, pixel, rng) if way != "exact" else on_voxels(mask, pixel, rng)
        if overlap(mask, truth) > _WORST_OVERLAP and not mask.all():
            return mask
    return truth.copy()


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Dice coefficient of two masks; 0 when both are empty."""
    total = int(first.sum()) + int(second.sum())
    return 2 * int((first & second).sum()) / total if total else 0.0


def wobbly(truth: np.ndarray, _image: np.ndarray, pixel: float, rng: np.random.Generator) -> np.ndarray:
    """Return a mask that is too wide in some places and too narrow in others (over- and underfilled)."""
    thickness = max(float(signed_distance(truth, (pixel, pixel)).max()), pixel)
    amount = min(float(rng.uniform(0.2, 1.6)), 0.9 * thickness)
    offset = float(np.clip(rng.normal(0, 0.9), -0.6 * thickness, 2.5))
    return signed_distance(truth, (pixel, pixel)) + offset + amount * smooth_noise(truth.shape, rng) > 0


def brushed(truth: np.ndarray, _image: np.ndarray, pixel: float, rng: np.random.Generator) -> np.ndarray:
    """Return dabs of a round brush along the structure, which leave some corners empty and partly spill over."""
    distance = signed_distance(truth, (pixel, pixel))
    radius = float(rng.uniform(0.6, 1.25)) * max(float(distance.max()), 1.5 * pixel)
    radius = min(radius, float(rng.uniform(1.0, 6.0)))
    places = np.argwhere(distance > min(0.5 * radius, 0.7 * float(distance.max())))
    dabs = np.ones(truth.shape, bool)
    chosen = places[rng.integers(len(places), size=int(rng.integers(4, 30)))]
    chosen = chosen + np.rint(rng.normal(0, 0.3 / pixel, chosen.shape)).astype(int)
    dabs[tuple(np.clip(chosen, 0, np.array(truth.shape) - 1).T)] = False
    return ndimage.distance_transform_edt(dabs) * pixel <= radius


def superpixels(truth: np.ndarray, image: np.ndarray, pixel: float, rng: np.random.Generator) -> np.ndarray:
    """Return whole regions of the image that lie mostly inside the structure."""
    width = float(np.exp(rng.uniform(np.log(1.5), np.log(5.0))))
    count = max(int(np.prod(truth.shape) * pixel**2 / width**2), 4)
    low, high = np.percentile(image, (1, 99))
    scaled = np.clip((image - low) / max(high - low, 1e-6), 0, 1)
    regions = slic(scaled, count, compactness=float(np.exp(rng.uniform(np.log(0.03), np.log(0.4)))), max_num_iter=5,
                   channel_axis=None, start_label=0)
    share = ndimage.mean(truth, regions, np.arange(int(regions.max()) + 1))
    return (share + rng.normal(0, 0.08, len(share)) > float(rng.uniform(0.35, 0.65)))[regions]


def moved(truth: np.ndarray, image: np.ndarray, pixel: float, rng: np.random.Generator) -> np.ndarray:
    """Return the structure at a wrong position, as if copied from another scan or series."""
    steps = np.clip(rng.normal(0, 1.2, 2), -3, 3) / pixel
    mask = ndimage.shift(truth.astype(np.float32), steps, order=1) > 0.5
    return wobbly(mask, image, pixel, rng) if mask.any() and rng.random() < 0.5 else mask


def smooth_noise(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return a smooth random field of about unit SD, with waves as long as a tenth to a third of the slice."""
    knots = int(rng.integers(4, 12))
    return ndimage.zoom(rng.standard_normal((knots, knots)), [n / knots for n in shape], order=1, grid_mode=True,
                        mode="nearest")


def on_voxels(mask: np.ndarray, pixel: float, rng: np.random.Generator) -> np.ndarray:
    """Return the mask as stored on coarser voxels, sometimes on elongated ones (as in a reformatted slice)."""
    sizes = rng.uniform(0.5, 1.3) * np.array([1.0, 1.0 if rng.random() < 0.75 else rng.uniform(1.5, 3.0)])
    index = []
    for size, count in zip(rng.permutation(sizes) / pixel, mask.shape, strict=True):
        size, phase = max(size, 1.0), rng.random()
        middles = (np.floor(np.arange(count) / size + phase) - phase + 0.5) * size
        index.append(np.clip(middles.astype(int), 0, count - 1))
    return mask[np.ix_(*index)]


def _exact(truth: np.ndarray, _image: np.ndarray, _pixel: float, _rng: np.random.Generator) -> np.ndarray:
    return truth


_DRAW: dict[str, Callable[[np.ndarray, np.ndarray, float, np.random.Generator], np.ndarray]] = {
    "wobbly": wobbly, "brushed": brushed, "superpixels": superpixels, "moved": moved, "exact": _exact,
}


def _spoiled(mask: np.ndarray, truth: np.ndarray, image: np.ndarray, pixel: float,
             rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.25:
        mask = mask | _leak(truth, image, pixel, rng)
    if rng.random() < 0.15:
        mask = mask & ~_blob(truth, pixel, rng)
    if rng.random() < 0.3:
        mask = ndimage.gaussian_filter(mask.astype(np.float32), float(rng.uniform(0.3, 1.2)) / pixel) > 0.5
    return on_voxels(mask, pixel, rng) if rng.random() < 0.7 else mask


def _leak(truth: np.ndarray, image: np.ndarray, pixel: float, rng: np.random.Generator) -> np.ndarray:
    """Return a lobe beyond the border, half of the time only where the image looks like the structure."""
    lobe = _blob(truth, pixel, rng) | _blob(truth, pixel, rng)
    if rng.random() < 0.5:
        inside = image[truth]
        lobe &= np.abs(image - np.median(inside)) < 2 * inside.std() + 1e-3
    return lobe


def _blob(truth: np.ndarray, pixel: float, rng: np.random.Generator) -> np.ndarray:
    """Return a disc around a random point of the border."""
    border = np.argwhere(truth & ~ndimage.binary_erosion(truth))
    row, column = border[int(rng.integers(len(border)))]
    rows, columns = np.ogrid[: truth.shape[0], : truth.shape[1]]
    return (rows - row) ** 2 + (columns - column) ** 2 < (float(rng.uniform(0.8, 3.0)) / pixel) ** 2
