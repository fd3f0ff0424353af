"""Rendering of a head to voxels: tissues are sampled more finely than the scan and averaged as in a scanner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.phantom.head.raster import rasterise_head
from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.scanner.protocols import Protocol

FWHM_TO_SIGMA = 1 / 2.3548

#: Function that returns the values (C, P) of C channels from tissues (P,) and positions (P, 3; mm).
Emission = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Pose:
    """The pose of a head in the scanner's patient frame: ``ras = scale * rotation @ head + translation``.

    :param rotation: rotation matrix (3, 3).
    :param translation: translation (R, A, S; mm).
    :param scale: size of the head relative to its shape, which is an adult's.
    """

    rotation: np.ndarray
    translation: np.ndarray
    scale: float = 1.0

    @classmethod
    def neutral(cls) -> Pose:
        """Return the pose in which head frame and patient frame are the same."""
        return cls(np.eye(3), np.zeros(3))

    @classmethod
    def from_angles(cls, degrees: tuple[float, float, float], translation: tuple[float, float, float]) -> Pose:
        """Return the pose after rotation about x (nodding), y (tilting) and z (turning) in this order, and translation.

        :param degrees: angles about x, y and z.
        :param translation: translation after the rotation (R, A, S; mm).
        """
        x, y, z = np.radians(degrees)
        nod = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
        tilt = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
        turn = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
        return cls(turn @ tilt @ nod, np.array(translation, dtype=float))

    def to_head(self, ras: np.ndarray) -> np.ndarray:
        """Return points (..., 3) of the patient frame in the head's frame."""
        return (ras - self.translation) @ self.rotation / self.scale

    def to_patient(self, head: np.ndarray) -> np.ndarray:
        """Return points (..., 3) of the head's frame in the patient frame."""
        return self.scale * head @ self.rotation.T + self.translation


@dataclass(frozen=True)
class SimulatedScan:
    """An image and the label map on the same grid, with the label at the centre of every voxel."""

    image: Image
    labels: Image


def scan_labels(head: HeadShape, pose: Pose, grid: Grid) -> np.ndarray:
    """Return the label value at the centre of every voxel of ``grid``, uint8 (K, J, I)."""
    return np.stack([_slice_labels(head, pose, grid, k) for k in range(grid.shape[0])])


def scan_head(head: HeadShape, pose: Pose, grid: Grid, protocol: Protocol, emission: Emission,
              progress: Progress = silent) -> tuple[np.ndarray, np.ndarray]:
    """Return the tissues' emission, averaged over each slice's thickness and blurred to the in-plane resolution.

    :param head: head to scan.
    :param pose: pose of the head in the patient frame.
    :param grid: grid of the scan, in the patient frame.
    :param protocol: protocol, which defines thickness, oversampling and resolution.
    :param emission: function that returns the values of points, called for each slice.
    :param progress: receives the fraction done and a message.
    :return: channels, float32 (C, K, J, I), and labels, uint8 (K, J, I).
    """
    channels, labels = [], []
    for k in range(grid.shape[0]):
        progress(k / grid.shape[0], "Scanning the synthetic patient")
        points = _slice_points(grid, pose, k, protocol.oversample, protocol.thickness)
        fine_labels, tissues = rasterise_head(head, points)
        values = emission(tissues.reshape(-1), points.reshape(-1, 3)).reshape(-1, *tissues.shape)
        channels.append(_through_slice(values, grid, protocol))
        # With an odd number of sub-slices, the middle one passes through the centres of the voxels.
        centred = protocol.oversample[:2] == (1, 1) and protocol.oversample[2] % 2 == 1
        labels.append(fine_labels[protocol.oversample[2] // 2] if centred else _slice_labels(head, pose, grid, k))
    return np.stack(channels, axis=1), np.stack(labels)


def _slice_labels(head: HeadShape, pose: Pose, grid: Grid, k: int) -> np.ndarray:
    return rasterise_head(head, _slice_points(grid, pose, k, (1, 1, 1), 0.0)[0])[0]


def _through_slice(values: np.ndarray, grid: Grid, protocol: Protocol) -> np.ndarray:
    """Return a slice (C, J, I) averaged from finely rendered values (C, sub-slices, J * fine, I * fine)."""
    fine_i, fine_j, _ = protocol.oversample
    sigma = [protocol.point_spread * FWHM_TO_SIGMA / (grid.spacing[axis] / protocol.oversample[axis])
             for axis in (1, 0)]
    blurred = gaussian_filter(values.mean(axis=1), (0, *sigma), mode="nearest")
    channels, height, width = blurred.shape
    blocks = blurred.reshape(channels, height // fine_j, fine_j, width // fine_i, fine_i)
    return blocks.mean(axis=(2, 4), dtype=np.float32)


def _slice_points(grid: Grid, pose: Pose, k: int, oversample: tuple[int, int, int], thickness: float) -> np.ndarray:
    """Return the head-frame points of one slice, (sub-slices, J * fine, I * fine, 3), float32."""
    _, rows, columns = grid.shape
    i, j = (_sub_positions(count, fine) for count, fine in zip((columns, rows), oversample[:2], strict=True))
    step = thickness / grid.spacing[2] / oversample[2]
    depths = k + (np.arange(oversample[2]) - (oversample[2] - 1) / 2) * step
    matrix = pose.rotation.T @ grid.affine[:3, :3] / pose.scale
    origin = pose.to_head(grid.affine[:3, 3])
    points = (depths[:, None, None, None] * matrix[:, 2] + j[None, :, None, None] * matrix[:, 1]
              + i[None, None, :, None] * matrix[:, 0] + origin)
    return points.astype(np.float32)


def _sub_positions(count: int, fine: int) -> np.ndarray:
    return (np.arange(count * fine) + 0.5) / fine - 0.5
