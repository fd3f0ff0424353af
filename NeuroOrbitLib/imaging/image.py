"""The image type of the product: voxels together with their position in the patient."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Grid:
    """Position of voxels in the patient: array shape and affine.

    :param shape: number of voxels in array order (K, J, I); the last axis is the fastest in memory.
    :param affine: 4x4 matrix from voxel index (I, J, K, 1) to patient RAS millimetres.
    """

    shape: tuple[int, int, int]
    affine: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))
        object.__setattr__(self, "affine", np.asarray(self.affine, dtype=np.float64).reshape(4, 4))

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Grid:
        """Return the grid from the plain data that :meth:`as_data` returned."""
        return cls(tuple(data["shape"]), np.array(data["affine"]))

    def as_data(self) -> dict[str, Any]:
        """Return plain data: ``affine`` (4 x 4, IJK to RAS mm) and ``shape`` (K, J, I)."""
        return {"affine": self.affine.tolist(), "shape": list(self.shape)}

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Voxel size in mm along I, J, K."""
        return tuple(np.linalg.norm(self.affine[:3, :3], axis=0).tolist())

    @property
    def key(self) -> tuple:
        """Hashable key that is equal for grids with voxels at the same places (to 0.01 um)."""
        return self.shape, tuple(np.round(self.affine, 5).ravel().tolist())

    @property
    def voxel_volume(self) -> float:
        """Volume of one voxel in mm3, also for sheared affines."""
        return float(abs(np.linalg.det(self.affine[:3, :3])))

    @property
    def center(self) -> np.ndarray:
        """Centre of the grid in RAS mm, shape (3,)."""
        return self.ras_from_ijk((np.array(self.shape[::-1]) - 1) / 2.0)

    def ras_from_ijk(self, ijk: np.ndarray) -> np.ndarray:
        """Return the patient RAS mm of voxel indices; both have shape (..., 3), indices in the order I, J, K."""
        return np.asarray(ijk, dtype=np.float64) @ self.affine[:3, :3].T + self.affine[:3, 3]

    def voxel_centers(self) -> np.ndarray:
        """Return the positions of all voxels in RAS mm, (K, J, I, 3)."""
        kji = np.stack(np.meshgrid(*[np.arange(count) for count in self.shape], indexing="ij"), axis=-1)
        return self.ras_from_ijk(kji[..., ::-1])

    def ijk_from_ras(self, ras: np.ndarray) -> np.ndarray:
        """Return the continuous voxel indices (I, J, K) of points in RAS mm; both have shape (..., 3)."""
        inverse = np.linalg.inv(self.affine)
        return np.asarray(ras, dtype=np.float64) @ inverse[:3, :3].T + inverse[:3, 3]

    def same_as(self, other: Grid, tolerance: float = 1e-3) -> bool:
        """Return whether every voxel of both grids lies at the same place, within ``tolerance`` mm."""
        if self.shape != other.shape:
            return False
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in self.shape[::-1]])).reshape(3, -1).T
        return bool(np.allclose(self.ras_from_ijk(corners), other.ras_from_ijk(corners), atol=tolerance))


@dataclass(frozen=True)
class Image:
    """A scalar volume or a label map in patient space.

    :param array: voxels in array order (K, J, I).
    :param affine: 4x4 matrix from voxel index (I, J, K, 1) to patient RAS millimetres.
    """

    array: np.ndarray
    affine: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "affine", np.asarray(self.affine, dtype=np.float64).reshape(4, 4))
        if self.array.ndim != 3:
            raise ValueError(f"An image has three axes (K, J, I); this array has shape {self.array.shape}.")

    @property
    def grid(self) -> Grid:
        """The grid that the voxels lie on."""
        return Grid(self.array.shape, self.affine)

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Voxel size in mm along I, J, K."""
        return self.grid.spacing

    def with_array(self, array: np.ndarray) -> Image:
        """Return an image with other voxels of the same shape at the same place.

        :raises ValueError: if the shape differs.
        """
        if array.shape != self.array.shape:
            raise ValueError(f"Expected voxels of shape {self.array.shape}, got {array.shape}.")
        return Image(array, self.affine)


def voxels_sha256(array: np.ndarray) -> str:
    """Return the SHA-256 of an image's voxels in memory order (K, J, I), hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(array)).hexdigest()


def sizes_without_noise(sizes: Iterable[float]) -> tuple[float, ...]:
    """Return voxel sizes (mm) to a micrometre, to be compared with limits.

    Headers keep oblique axes in single precision, so that slices of 1.5 mm are 1.4999999 mm in one copy of a scan and
    1.5000001 mm in another.
    """
    return tuple(round(float(size), 3) for size in sizes)
