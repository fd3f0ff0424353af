"""Pictures of a report: slices with outlines, and a view of the surfaces, as radiologists view them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side, label_rgb, label_value
from NeuroOrbitLib.imaging.geometry import grid_around
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.intensity import AIR_HU, without_padding
from NeuroOrbitLib.imaging.pictures import gray_pixels, with_side_letters
from NeuroOrbitLib.imaging.resampling import resample, resample_labels
from NeuroOrbitLib.sentences import sentence as _

#: Pixel size of the pictures (mm), margin around the orbits (mm), and window of CT (lowest and highest HU).
PIXEL_MM, MARGIN_MM, CT_WINDOW = 0.4, 8.0, (-152.0, 248.0)
#: Voxel size for the surfaces (mm), and SD of the Gaussian that smooths them (voxels).
_SURFACE_MM, _SMOOTHING = 0.5, 1.8
#: Elevation (degrees) above the front from which the surfaces are seen, so that muscles behind the eyes are visible.
_ELEVATION = 55.0
#: Labels that the pictures do not outline, since they surround all others.
HULLS = tuple(label_value(key, side) for key in ("orbital_fat", "bony_orbit") for side in Side)
_LIGHT = np.array([0.25, -0.65, 0.72])  # from the front and above, in (right, front-to-back reversed, up)


@dataclass(frozen=True)
class Orbits:
    """Scan and labels around both orbits on a fine regular grid in RAS order (arrays K, J, I = up, front, right).

    :param scan: grey values.
    :param labels: label values.
    :param window: lowest and highest grey value shown.
    """

    scan: np.ndarray
    labels: np.ndarray
    window: tuple[float, float]


def report_pictures(scan: Image, labels: Image, is_ct: bool) -> list[tuple[str, np.ndarray]]:
    """Return the pictures of a report, (caption, pixels uint8 (rows, columns, 3)): axial, coronal, surfaces.

    :param scan: grey values.
    :param labels: label map on the same grid, not empty.
    :param is_ct: whether the grey values are HU.
    """
    orbits = _orbits(scan, labels, is_ct)
    return [(_("Axial, through the optic nerves"), axial(orbits)),
            (_("Coronal, where the muscles are thickest"), coronal(orbits)),
            (_("Surfaces, from the front and above"), surfaces(labels))]


def axial_picture(scan: Image, labels: Image, is_ct: bool) -> np.ndarray:
    """Return only the axial picture of a report; the parameters are those of :func:`report_pictures`."""
    return axial(_orbits(scan, labels, is_ct))


def axial(orbits: Orbits) -> np.ndarray:
    """Return the axial slice that shows most of the optic nerves, with the patient's right at the left edge."""
    nerve = [label_value("optic_nerve", side) for side in Side]
    best = _fullest(orbits.labels, nerve, axis=0)
    return _slice(orbits.scan[best][::-1, ::-1], orbits.labels[best][::-1, ::-1], orbits.window)


def coronal(orbits: Orbits) -> np.ndarray:
    """Return the coronal slice that shows most of the muscles, with the patient's right at the left edge."""
    muscles = [label_value(key, side) for key in EXTRAOCULAR_MUSCLES for side in Side]
    best = _fullest(orbits.labels, muscles, axis=1)
    return _slice(orbits.scan[:, best][::-1, ::-1], orbits.labels[:, best][::-1, ::-1], orbits.window)


def surfaces(labels: Image) -> np.ndarray:
    """Return a shaded view of all structures but fat and bone, on white, without any graphics hardware.

    Each pixel shows the first structure that a parallel ray meets, lit by the slope of the surface.
    """
    image = _fine(labels, _SURFACE_MM)
    solid = np.where(np.isin(image, HULLS), 0, image)
    solid = ndimage.rotate(solid, _ELEVATION, axes=(0, 1), order=0, reshape=True)
    share = ndimage.gaussian_filter((solid > 0).astype(np.float32), _SMOOTHING)
    front = share[:, ::-1]  # rays run from the front to the back
    hit = front.max(axis=1) > 0.5
    depth = np.argmax(front > 0.5, axis=1)
    rows, columns = np.indices(depth.shape)
    nearest = _nearest_labels(solid)[:, ::-1][rows, depth, columns]
    slopes = np.stack([part[:, ::-1][rows, depth, columns] for part in np.gradient(share)], axis=-1)  # up, front, right
    normals = -slopes / np.maximum(np.linalg.norm(slopes, axis=-1, keepdims=True), 1e-6)
    light = np.clip(normals @ np.array([_LIGHT[2], -_LIGHT[1], _LIGHT[0]]), 0, 1)
    palette = np.array([(255, 255, 255), *(label_rgb(value) for value in range(1, 26))], dtype=float)
    pixels = palette[nearest] * (0.35 + 0.65 * light)[..., None]
    pixels[~hit] = 255
    view = pixels[::-1, ::-1].astype(np.uint8)
    kept = np.argwhere(hit[::-1, ::-1])
    (top, left), (bottom, right) = kept.min(axis=0), kept.max(axis=0) + 1
    view = np.pad(view[top:bottom, left:right], ((12, 12), (24, 24), (0, 0)), constant_values=255)
    return with_side_letters(ndimage.zoom(view, (2, 2, 1), order=1), "R", scale=3)


def _nearest_labels(solid: np.ndarray) -> np.ndarray:
    """Return the label of every voxel; outside of all structures, that of the nearest one."""
    indices = ndimage.distance_transform_edt(solid == 0, return_distances=False, return_indices=True)
    return solid[tuple(indices)]


def _fullest(labels: np.ndarray, values: list[int], axis: int) -> int:
    """Return the index of the slice across an axis with most voxels of some labels, or of any label without them."""
    mask = np.isin(labels, values)
    mask = mask if mask.any() else labels > 0
    return int(mask.sum(axis=tuple(other for other in range(3) if other != axis)).argmax())


def _slice(values: np.ndarray, labels: np.ndarray, window: tuple[float, float]) -> np.ndarray:
    """Return the pixels of a slice with the outlines of its structures and the letter of the right side."""
    pixels = gray_pixels(values, *window)
    for value in np.unique(labels):
        if value and value not in HULLS:
            mask = labels == value
            pixels[mask & ~ndimage.binary_erosion(mask)] = label_rgb(int(value))
    return with_side_letters(pixels.repeat(2, axis=0).repeat(2, axis=1), "R", scale=3)


def _orbits(scan: Image, labels: Image, is_ct: bool) -> Orbits:
    grid = _grid_around(labels, PIXEL_MM)
    plain = scan if is_ct else without_padding(scan)
    fine = resample(plain, grid, fill=AIR_HU if is_ct else float(plain.array.min())).array.astype(np.float32)
    shown = resample_labels(labels, grid).array
    low, high = CT_WINDOW if is_ct else tuple(float(value) for value in np.percentile(fine, (1, 99)))
    return Orbits(fine, shown, (low, high))


def _fine(labels: Image, spacing: float) -> np.ndarray:
    return resample_labels(labels, _grid_around(labels, spacing)).array


def _grid_around(labels: Image, spacing: float) -> Grid:
    """Return a grid along the patient's axes around the labels; fat and bone only count if there are no others."""
    drawn = np.argwhere(labels.array > 0)
    inner = ~np.isin(labels.array[tuple(drawn.T)], HULLS)
    points = labels.grid.ras_from_ijk((drawn[inner] if inner.any() else drawn)[:, ::-1].astype(float))
    low, high = points.min(axis=0) - MARGIN_MM, points.max(axis=0) + MARGIN_MM
    return grid_around((low + high) / 2, tuple(high - low), spacing)
