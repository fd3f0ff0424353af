"""From a scan to the array that a paper's network sees, one orbit at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.geometry import grid_around, reorient_to_ras
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.intensity import AIR_HU, clean_ct_padding, ct_window, robust_rescale
from NeuroOrbitLib.imaging.resampling import resample, resample_labels
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.paper_networks.profile_classes import class_map
from OrbitSegmentationLib.paper_networks.profiles import CT_LEVEL, CT_WIDTH, Profile

_DIRECTIONS = {"R": np.array([1.0, 0.0, 0.0]), "A": np.array([0.0, 1.0, 0.0]), "S": np.array([0.0, 0.0, 1.0])}


@dataclass(frozen=True)
class PreparedOrbit:
    """An orbit on the grid of a profile.

    :param side: side of the patient.
    :param grid: grid of the arrays in patient coordinates; for a mirrored left orbit its right-left axis is reversed.
    :param image: grey values scaled for the network (before any scaling per sequence), float32 on ``grid``.
    :param classes: class of each voxel (0 background, 1 the profile's first class), uint8; ``None`` without labels.
    """

    side: Side
    grid: Grid
    image: np.ndarray
    classes: np.ndarray | None = None


def eye_centers(labels: Image) -> dict[Side, np.ndarray]:
    """Return the centre (R, A, S; mm) of each eyeball, with its lens, in a label map."""
    centers = {}
    for side in Side:
        mask = np.isin(labels.array, [label_value("eyeball", side), label_value("lens", side)])
        if mask.any():
            centers[side] = labels.grid.ras_from_ijk(np.argwhere(mask)[:, ::-1].mean(axis=0))
    return centers


def orbit_grid(profile: Profile, image_grid: Grid, side: Side, center: np.ndarray) -> Grid:
    """Return the grid on which a network with this profile sees one orbit.

    :param profile: profile of the network.
    :param image_grid: grid of the scan, on which only the field ``half_head`` depends.
    :param side: side of the orbit.
    :param center: centre of the eyeball (R, A, S; mm).
    """
    if profile.field == "half_head":
        return _half_head_grid(profile, image_grid, side)
    lateral, anterior, superior = profile.offset
    middle = np.add(center, (side.x_sign * lateral, anterior, superior))
    sizes = np.multiply(profile.shape, profile.spacing)
    columns = np.stack([_direction(letter, profile, side) for letter in reversed(profile.axes)], axis=1)
    return grid_around(middle, tuple(sizes[::-1]), profile.spacing[::-1], columns)


def prepare_orbit(
    image: Image, profile: Profile, side: Side, center: np.ndarray, labels: Image | None = None
) -> PreparedOrbit:
    """Resample one orbit to the profile's grid and scale its grey values.

    :param image: the scan: CT in HU, or MRI of any contrast if the profile's ``intensity`` is ``percentiles``.
    :param profile: profile of the network.
    :param side: side of the orbit.
    :param center: centre of the eyeball (R, A, S; mm).
    :param labels: label map on the scan's grid, needed for training only.
    """
    grid = orbit_grid(profile, image.grid, side, center)
    fill = float(image.array.min()) if profile.intensity == "percentiles" else float(AIR_HU)
    source = image if profile.intensity == "percentiles" else image.with_array(clean_ct_padding(image.array))
    antialias = profile.field == "orbit_box"  # the published profile picks pixels bilinearly, as its authors did
    voxels = _scaled(resample(source, grid, fill=fill, antialias=antialias).array, profile)
    classes = None if labels is None else resample_labels(class_map(labels, profile, side), grid).array
    return PreparedOrbit(side, grid, voxels, classes)


def prepare_orbits(image: Image, labels: Image, profile: Profile) -> Iterator[PreparedOrbit]:
    """Yield each orbit of a labelled scan whose eyeball is labelled.

    :raises Problem: when no eyeball is labelled, as the place of each orbit is then unknown.
    """
    centers = eye_centers(labels)
    if not centers:
        raise Problem(_("The label map has no eyeball (values 1 and 2), which says where each orbit is. Label it "
                        "first."))
    for side, center in centers.items():
        yield prepare_orbit(image, profile, side, center, labels)


def sequence_min_max(slices: np.ndarray) -> np.ndarray:
    """Return a sequence of slices scaled to 0 to 1 by its own extremes (SEQ-UNET as published); constant ones become 0.

    As this loses the absolute HU, the improved profile does not use it.
    """
    low, high = float(slices.min()), float(slices.max())
    return (slices - low) / (high - low) if high > low else np.zeros_like(slices)


def _scaled(voxels: np.ndarray, profile: Profile) -> np.ndarray:
    if profile.intensity == "percentiles":
        return robust_rescale(voxels)
    return ct_window(voxels, CT_LEVEL, CT_WIDTH)


def _direction(letter: str, profile: Profile, side: Side) -> np.ndarray:
    mirrored = letter == "R" and profile.mirror_left and side is Side.LEFT
    return -_DIRECTIONS[letter] if mirrored else _DIRECTIONS[letter]


def _half_head_grid(profile: Profile, image_grid: Grid, side: Side) -> Grid:
    """Return the grid of the front two thirds of a half of the scan, its axial slices resized as the profile asks."""
    # Only the positions of the voxels are needed, so a view of a single zero stands for their values.
    upright = reorient_to_ras(Image(np.broadcast_to(np.uint8(0), image_grid.shape), image_grid.affine)).grid
    slices, rows, columns = upright.shape
    row_count, column_count = (rows - 1) * 2 // 3, (columns - 1) // 2
    first_column = columns - column_count if side is Side.RIGHT else 0
    height, width = profile.window[1:]
    factors = np.array([column_count / width, row_count / height, 1.0])
    start = np.array([first_column, rows - row_count, 0.0])
    affine = upright.affine.copy()
    affine[:3, :3] = upright.affine[:3, :3] * factors
    # The edges, not the centres, of the resized slice's pixels coincide with those of the crop.
    affine[:3, 3] = upright.ras_from_ijk(start + (factors - 1) / 2)
    return Grid((slices, height, width), affine)
