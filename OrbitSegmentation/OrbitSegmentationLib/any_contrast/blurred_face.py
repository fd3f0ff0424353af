"""Recognition of faces that were blurred to anonymise a scan, and of where the blur begins.

In every scan, lids, cornea and air make edges in front of an eye that are about as steep as those between fat, muscle
and bone behind it. A blurred face has no such edges. Networks still draw an eye there, with high confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import resample
from OrbitSegmentationLib.orbit_frame import BOX_LOW, OrbitFrame

_SPACING = 1.0
#: Regions in which edges are compared, mm in the orbit's frame: in front of the middle of the globe, behind it (nearest
#: and furthest), and how far they extend to all sides.
_FRONT, _BACK, _HALF_FRONT, _HALF_BACK = 8.0, (-40.0, -8.0), 14.0, 20.0
#: The steepness of the edges in a region is this percentile of its gradients.
_STEEPEST = 95.0
#: A face is blurred if the ratio of the steepness in front to that behind is below this. Unblurred scans have 0.57 to
#: 1.6, even where the coil is three times less sensitive at the face than at the back of the orbit; a blur by a
#: Gaussian of 3 mm leaves 0.19 to 0.41.
LEAST_STEEPNESS = 0.46
#: The same ratio for the very steepest edges must also be below a limit: a blur by 3 mm leaves 0.16 to 0.35, real scans
#: have 0.54 to 1.5, and phantoms and drawn orbits whose lids are hardly brighter than air 0.36 to 0.77.
_VERY_STEEPEST, _LEAST_VERY = 99.0, 0.36
#: At least this fraction of the region in front must be brighter than air; otherwise there are no lids to be blurred.
_LEAST_TISSUE = 0.15
#: Shading in MRI is the mean brightness of the tissue around a place: SD (mm) of the Gaussian, and the fraction of the
#: range of grey values below which a voxel is not tissue.
_NEIGHBOURHOOD, _TISSUE = 12.0, 0.05
#: Range of soft tissue and its edges: HU in CT, percentiles of the grey values in MRI.
_HU, _PERCENTILES = (-200.0, 300.0), (1.0, 99.0)
#: The beginning of the blur is estimated from columns that pass the globe's axis at more than this distance (mm), as
#: the inside of an eye has no edges, and this fraction of their foremost sharp places lies behind it.
_BESIDE_GLOBE, _SHARE = 14.0, 0.75
_ROUNDS = 30
#: In slices thicker than this (mm) from front to back, edges in front of an eye are smeared anyway.
_THICKEST = 5.0


@dataclass(frozen=True)
class BlurredFace:
    """The blur in front of an orbit.

    :param frame: frame of the orbit.
    :param plane: the image is blurred in front of the plane y = plane[0] + plane[1] x + plane[2] z (mm in the frame).
    """

    frame: OrbitFrame
    plane: tuple[float, float, float]

    def covers(self, grid: Grid) -> np.ndarray:
        """Return the mask (K, J, I) of the voxels of a grid that lie in the blur."""
        into = np.linalg.inv(self.frame.affine) @ grid.affine
        constant, along_x, along_z = self.plane
        row = np.array([-along_x, 1.0, -along_z]) @ into[:3]
        k, j, i = (np.arange(count) for count in grid.shape)
        heights = row[2] * k[:, None, None] + row[1] * j[:, None] + row[0] * i + row[3]
        return heights > constant


def blurred_face(image: Image, frame: OrbitFrame, is_ct: bool) -> BlurredFace | None:
    """Return the blur in front of an orbit; None if there is none or the scan does not show it.

    Thick coronal slices cannot show it, nor can a scan that does not show the tissue in front of the eye.

    :param image: the scan; CT in HU.
    :param frame: frame of the orbit.
    :param is_ct: whether the scan is a CT.
    """
    if np.abs(frame.pose.matrix[:, 1] @ image.affine[:3, :3]).max() > _THICKEST:
        return None
    grid = frame.grid(_SPACING)
    outside = float(image.array.min()) - 1.0
    values = resample(image, grid, fill=outside).array
    shown = values >= outside + 0.5
    z, y, x = (low + _SPACING * (np.arange(count) + 0.5)
               for low, count in zip(BOX_LOW[::-1], values.shape, strict=True))
    beside = np.maximum(np.abs(z)[:, None, None], np.abs(x)[None, None, :])
    front = (y > _FRONT)[None, :, None] & (beside < _HALF_FRONT)
    back = ((y > _BACK[0]) & (y < _BACK[1]))[None, :, None] & (beside < _HALF_BACK)
    if min(shown[front].mean(), shown[back].mean()) < 0.8:
        return None
    scaled = _scaled(values, shown, is_ct)
    if (scaled[front & shown] > _TISSUE).mean() < _LEAST_TISSUE:
        return None
    steepness = _steepness(scaled if is_ct else _without_shading(scaled, shown), shown)
    before, behind = (np.percentile(steepness[part & shown], (_STEEPEST, _VERY_STEEPEST)) for part in (front, back))
    if (before >= (LEAST_STEEPNESS, _LEAST_VERY) * behind).any():
        return None
    usual = float(behind[0])
    return BlurredFace(frame, _plane_in_front_of(steepness >= LEAST_STEEPNESS * usual, x, y, z))


def _scaled(values: np.ndarray, shown: np.ndarray, is_ct: bool) -> np.ndarray:
    """Return the grey values scaled so that air is 0 and the brightest tissue 1; 0 outside the scan."""
    low, high = _HU if is_ct else np.percentile(values[shown], _PERCENTILES)
    return np.where(shown, np.maximum((values - low) / max(high - low, 1e-6), 0.0), 0.0)


def _without_shading(scaled: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Return grey values divided by the mean of the tissue around, lest a face far from the coil seem blurred."""
    tissue = (scaled > _TISSUE).astype(np.float32)
    share, total = (ndimage.gaussian_filter(part, _NEIGHBOURHOOD / _SPACING) for part in (tissue, scaled * tissue))
    even = scaled / np.maximum(total / np.maximum(share, 1e-3), _TISSUE)
    return even / max(np.percentile(even[shown], _PERCENTILES[1]), 1e-6)


def _steepness(scaled: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Return the length of the gradient of grey values that are at most 1; 0 at the edge of the scan."""
    scaled = np.minimum(scaled, 1.0)
    steepness = np.sqrt(sum(np.gradient(scaled, axis=axis) ** 2 for axis in range(3)))
    inside = np.pad(shown, 1)
    whole = np.all([np.roll(inside, step, axis) for axis in range(3) for step in (-1, 0, 1)], axis=0)
    return np.where(whole[1:-1, 1:-1, 1:-1], steepness, 0.0)


def _plane_in_front_of(sharp: np.ndarray, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[float, float, float]:
    """Return the plane that has the fraction ``_SHARE`` of the foremost sharp places beside the globe behind it."""
    last = sharp.shape[1] - 1 - sharp[:, ::-1].argmax(axis=1)
    columns_z, columns_x = np.meshgrid(z, x, indexing="ij")
    chosen = sharp.any(axis=1) & (np.hypot(columns_z, columns_x) > _BESIDE_GLOBE)
    if not chosen.any():
        return float(y[0]), 0.0, 0.0
    heights = y[last[chosen]]
    system = np.column_stack([np.ones(len(heights)), columns_x[chosen], columns_z[chosen]])
    weights, plane = np.ones(len(heights)), np.zeros(3)
    for _ in range(_ROUNDS):
        root = np.sqrt(weights)
        plane = np.linalg.lstsq(system * root[:, None], heights * root, rcond=None)[0]
        rest = heights - system @ plane
        # Quantile regression by weighted squares.
        weights = np.where(rest > 0, _SHARE, 1 - _SHARE) / np.maximum(np.abs(rest), 0.5)
    return tuple(float(value) for value in plane)
