"""Bands and tubes around a curved centre line: the solids of muscles, nerve and vessels, with point-in-solid tests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

#: Distance between samples of a centre line in mm.
SAMPLE_STEP = 0.4


def smooth_path(path: np.ndarray, smoothing: float = 2.0) -> np.ndarray:
    """Return evenly spaced samples (N, 3) of a smooth curve along the points ``path`` (M, 3); ``smoothing`` in mm."""
    path = np.asarray(path, dtype=float)
    knots = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    fine = PchipInterpolator(knots, path)(np.linspace(0, knots[-1], max(int(knots[-1] / SAMPLE_STEP) + 1, 8)))
    return resample(smooth(fine, smoothing))


def smooth(samples: np.ndarray, smoothing: float) -> np.ndarray:
    """Return a sampled curve (N, 3) after Gaussian smoothing (mm) that keeps both ends in place."""
    if smoothing <= 0:
        return samples
    ends = np.linspace(samples[0], samples[-1], len(samples))
    # The deviation from the chord is extended as an odd function, so that it stays zero at both ends.
    deviation = samples - ends
    mirrored = np.concatenate([-deviation[:0:-1], deviation, -deviation[-2::-1]])
    return ends + gaussian_filter1d(mirrored, smoothing / SAMPLE_STEP, axis=0)[len(samples) - 1:2 * len(samples) - 1]


def resample(samples: np.ndarray, step: float = SAMPLE_STEP) -> np.ndarray:
    """Return the same curve with even spacing of about ``step`` mm."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(samples, axis=0), axis=1))])
    places = np.linspace(0, length[-1], max(round(length[-1] / step) + 1, 4))
    return np.stack([np.interp(places, length, samples[:, axis]) for axis in range(3)], axis=1)


def at_depth(samples: np.ndarray, depth: float) -> np.ndarray:
    """Return the sample (3,) of a curve (N, 3) that lies nearest to a depth (y mm)."""
    return samples[np.abs(samples[:, 1] - depth).argmin()]


def path_length(samples: np.ndarray) -> float:
    """Return the length (mm) of a sampled curve (N, 3)."""
    return float(np.linalg.norm(np.diff(samples, axis=0), axis=1).sum())


def indices_in_box(points: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the indices of the points (P, 3) within the box between the corners ``low`` and ``high``."""
    near = np.flatnonzero((points[:, 1] > low[1]) & (points[:, 1] < high[1]))
    for axis in (0, 2):
        values = points[near, axis]
        near = near[(values > low[axis]) & (values < high[axis])]
    return near


@dataclass(frozen=True)
class Tube:
    """A solid with elliptical sections along a centre line.

    :param samples: centre line (N, 3) in mm.
    :param half_thickness: half diameter along ``outward`` at each sample (N,) in mm.
    :param half_width: half diameter across ``outward`` at each sample (N,) in mm.
    :param outward: direction (N, 3) of the thickness, neither necessarily of unit length nor orthogonal to the line.
    :param bend: curvature (1/mm) at each sample (N,) with which the section bends away from ``outward``.
    """

    samples: np.ndarray
    half_thickness: np.ndarray
    half_width: np.ndarray
    outward: np.ndarray
    bend: np.ndarray

    def level(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the indices (Q,) of ``points`` (P, 3) near the tube, their level (< 1 inside) and nearest sample."""
        reach = float(max(self.half_width.max(), self.half_thickness.max()))
        low, high = self.samples.min(axis=0) - reach, self.samples.max(axis=0) + reach
        near = indices_in_box(points, low, high)
        if not len(near):
            return near, np.zeros(0), near
        distance, sample = self._tree.query(points[near], distance_upper_bound=reach)
        hit = np.isfinite(distance)
        near, sample = near[hit], sample[hit]
        return near, self._section_level(points[near], sample), sample

    def _section_level(self, points: np.ndarray, sample: np.ndarray) -> np.ndarray:
        tangent, thick, wide = self._frames
        offset = points - self.samples[sample]
        along = np.einsum("ij,ij->i", offset, tangent[sample])
        across = np.einsum("ij,ij->i", offset, wide[sample])
        height = np.einsum("ij,ij->i", offset, thick[sample]) + self.bend[sample] * across**2 / 2
        level = np.hypot(height / self.half_thickness[sample], across / self.half_width[sample])
        beyond_end = ((sample == 0) & (along < -SAMPLE_STEP)) | (
            (sample == len(self.samples) - 1) & (along > SAMPLE_STEP))
        return np.where(beyond_end, np.inf, level)

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.samples)

    @cached_property
    def _frames(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        tangent = np.gradient(self.samples, axis=0)
        tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
        thick = self.outward - np.einsum("ij,ij->i", self.outward, tangent)[:, None] * tangent
        thick /= np.maximum(np.linalg.norm(thick, axis=1, keepdims=True), 1e-9)
        return tangent, thick, np.cross(tangent, thick)


def round_tube(samples: np.ndarray, diameter: np.ndarray | float) -> Tube:
    """Return a tube with circular sections of ``diameter`` mm (one value or one per sample)."""
    radius = np.broadcast_to(np.asarray(diameter, dtype=float) / 2, (len(samples),))
    direction = np.broadcast_to(np.array([0.31, 0.17, 0.93]), samples.shape)
    return Tube(samples, radius, radius, direction, np.zeros(len(samples)))
