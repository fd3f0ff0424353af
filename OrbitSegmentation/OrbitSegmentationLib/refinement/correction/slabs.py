"""The anatomy of the training slices: thin slabs of parametric heads in every direction, near the orbits.

No patient's data is needed. A slab holds the anatomy from which an image slice with its thickness is painted, and
that of the slices beside it, whose outlines serve as rough masks of an annotator who copies a slice.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from NeuroOrbitLib.files.safe import write_arrays
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.phantom.head.raster import rasterise_head
from NeuroOrbitLib.phantom.head.shape import HeadShape, random_head_shape

#: Width of a slab, its pixel size and the distance of its planes (mm).
WIDTH, PIXEL, PLANE_DISTANCE = 60.0, 0.3, 0.3
#: Number of planes that an image is painted from; offsets (mm) and pixel size (mm) of the neighbouring slices.
PLANES = 4
NEIGHBOR_OFFSETS = (-2.0, -1.0, 1.0, 2.0)
NEIGHBOR_PIXEL = 0.6
SLABS_PER_HEAD = 10
#: Corners (x, y, z; mm in the right-eye frame) of the box in which the middles of slabs lie.
_LOW, _HIGH = np.array([-12.0, -36.0, -14.0]), np.array([12.0, 4.0, 14.0])
_TILT_DEGREES = 12.0


@dataclass(frozen=True)
class Slabs:
    """The label values and tissue classes of many slabs, uint8.

    :param labels: label values, (slabs, planes, rows, columns).
    :param tissues: tissue classes, same shape.
    :param neighbor_labels: label values of the neighbouring slices on coarser pixels, (slabs, offsets, rows, columns).
    :param neighbor_tissues: tissue classes of the neighbouring slices, same shape.
    """

    labels: np.ndarray
    tissues: np.ndarray
    neighbor_labels: np.ndarray
    neighbor_tissues: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


_ARRAYS = ("labels", "tissues", "neighbor_labels", "neighbor_tissues")


def build_slabs(folder: Path, heads: int, seed: int, progress: Progress = silent) -> None:
    """Write the slabs of random heads, one ``.npz`` file per head; existing files are kept.

    :param folder: folder to write to.
    :param heads: number of heads.
    :param seed: seed of all heads.
    :param progress: receives the fraction done and a message.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(heads):
        target = folder / f"head_{number:03d}.npz"
        if not target.exists():
            _write(target, head_slabs(np.random.default_rng([seed, number])))
        progress((number + 1) / heads, f"Head {number + 1} of {heads}")


def load_slabs(folder: Path) -> Slabs:
    """Return all slabs in a folder that :func:`build_slabs` wrote."""
    heads = []
    for path in sorted(folder.glob("head_*.npz")):
        with np.load(path) as arrays:
            heads.append([arrays[name] for name in _ARRAYS])
    return Slabs(*(np.concatenate(parts) for parts in zip(*heads, strict=True)))


def head_slabs(rng: np.random.Generator) -> Slabs:
    """Return the slabs of one random head, which has thyroid eye disease with a probability of one half."""
    shape = random_head_shape(rng, severity=float(rng.beta(1.6, 2.2)) if rng.random() < 0.5 else 0.0)
    slabs = [_slab(shape, rng) for _ in range(SLABS_PER_HEAD)]
    return Slabs(*(np.stack(parts) for parts in zip(*slabs, strict=True)))


def random_axes(rng: np.random.Generator) -> np.ndarray:
    """Return unit vectors (3, 3): normal, rows and columns of a slice, mostly nearly axial, coronal or sagittal."""
    if rng.random() < 0.3:
        return np.linalg.qr(rng.standard_normal((3, 3)))[0].T
    axes = np.eye(3)[[(2, 1, 0), (1, 2, 0), (0, 2, 1)][int(rng.integers(3))], :]
    turned, _ = np.linalg.qr(np.eye(3) + np.tan(np.deg2rad(_TILT_DEGREES)) * 0.6 * rng.standard_normal((3, 3)))
    return axes @ (turned * np.sign(np.diag(turned)))


def _slab(shape: HeadShape, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    side = "RL"[int(rng.integers(2))]
    middle = shape.from_orbit(rng.uniform(_LOW, _HIGH) + np.array(shape.orbit(side).globe_center), side)
    axes = random_axes(rng)
    offsets = (np.arange(PLANES) - (PLANES - 1) / 2) * PLANE_DISTANCE
    fine = rasterise_head(shape, _points(middle, axes, offsets, PIXEL))
    beside = rasterise_head(shape, _points(middle, axes, np.array(NEIGHBOR_OFFSETS), NEIGHBOR_PIXEL))
    return (*fine, *beside)


def _points(middle: np.ndarray, axes: np.ndarray, offsets: np.ndarray, pixel: float) -> np.ndarray:
    """Return the positions of a slab's voxel centres in the head (mm), (offsets, rows, columns, 3)."""
    count = round(WIDTH / pixel)
    along = (np.arange(count) - (count - 1) / 2) * pixel
    normal, row, column = axes
    return (middle + offsets[:, None, None, None] * normal + along[:, None, None] * row
            + along[:, None] * column).astype(np.float32)


def _write(target: Path, slabs: Slabs) -> None:
    """Write the slabs of a head so that the file is either complete or absent."""
    write_arrays(target, **{name: getattr(slabs, name) for name in _ARRAYS})
