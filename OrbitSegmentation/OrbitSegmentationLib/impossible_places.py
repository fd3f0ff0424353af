"""Where a scan shows that no structure of the orbit can be: in bone and air, and where the image was removed."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.thin_slices import THICK_SLICES, has_coarse_voxels

#: HU that no soft tissue has on average over neighbours: muscle and gland stay below 200 with contrast medium, too.
#: Muscles share coarse voxels with the thin roof, which makes some of these denser.
BONE_HU, BONE_HU_IN_COARSE_VOXELS = 200.0, 300.0
#: HU on average over neighbours that fat never has: there is air.
AIR_HU = -250.0
#: Bone is this large (ml) at least: calcifications of an eye, clips and artificial lenses are smaller.
_LEAST_BONE = 1.0
#: In MRI, nothing is as dark as this share of the image's range above its least value, and as large (ml), but air and
#: what was removed.
_EMPTY_RANGE, _LEAST_EMPTY = 0.01, 2.0
#: Least HU of what is not empty in CT.
_EMPTY_HU = -500.0
#: A piece of this share within the outline of an eye belongs to it.
_SURROUNDED = 0.8
#: What lies this near (mm) to the rest of a structure is its skin: outlines are as exact as that, one slice at most.
_SKIN_MM = 1.5
#: What was removed is wider than this (mm); the specks of noise in the dark fluid of an eye are not.
_SPECKS_MM = 5.0


def impossible_places(image: Image, is_ct: bool, empty_up_to: float) -> np.ndarray:
    """Return where (K, J, I) no structure can be.

    :param image: part of a scan around an orbit; CT in HU.
    :param empty_up_to: see :func:`emptiness`, of the whole scan.
    """
    removed = removed_image(image, empty_up_to)
    if not is_ct:
        return removed
    means = _means_over_neighbours(image)
    bone = means > (BONE_HU_IN_COARSE_VOXELS if has_coarse_voxels(image.spacing) else BONE_HU)
    return removed | (means < AIR_HU) | _pieces_of(bone, _LEAST_BONE, image.grid)


def emptiness(image: Image, is_ct: bool) -> float:
    """Return the grey value up to which a whole scan shows nothing."""
    if is_ct:
        return _EMPTY_HU
    low, high = float(image.array.min()), float(np.percentile(image.array[::3, ::3, ::3], 99.5))
    return low + _EMPTY_RANGE * (high - low)


def inside_eyes(impossible: np.ndarray, labels: Image) -> np.ndarray:
    """Return which of the impossible places (K, J, I) the outline of an eye surrounds: an implant or gas in it.

    :param impossible: see :func:`impossible_places`, on the grid of ``labels``.
    """
    found = np.zeros_like(impossible)
    for side in Side:
        eye = np.isin(labels.array, [label_value(key, side) for key in ("eyeball", "lens")])
        box = box_around(eye)
        if box is None:
            continue
        view = box.grown((1, 1, 1)).inside(eye.shape).slices
        pieces, count = ndimage.label(impossible[view])
        sizes, within = (np.bincount(each, minlength=count + 1) for each in (pieces.ravel(), pieces[eye[view]]))
        surrounded = within >= _SURROUNDED * np.maximum(sizes, 1)
        surrounded[0] = False
        found[view] |= surrounded[pieces]
    return found


def taken_out(labels: Image, impossible: np.ndarray) -> dict[int, int]:
    """Return how many voxels of each label value lie in impossible places, but for the skin of what is left of it.

    An outline that runs half a voxel of the network beside the bone that a thin muscle lies on is no fault.

    :param labels: label values before anything is taken out. :param impossible: (K, J, I) on its grid.
    """
    steps, counts = np.minimum(labels.spacing[::-1], _SKIN_MM), {}
    boxes = ndimage.find_objects(labels.array)
    for value in np.unique(labels.array[impossible]).tolist():
        if value:
            box = boxes[value - 1]
            own, lost = labels.array[box] == value, impossible[box]
            left = own & ~lost
            deep = ndimage.distance_transform_edt(~left, steps) > _SKIN_MM if left.any() else True
            counts[value] = int(np.count_nonzero(own & lost & deep))
    return {value: count for value, count in counts.items() if count}


def removed_image(image: Image, empty_up_to: float) -> np.ndarray:
    """Return where (K, J, I) the image is empty or was overwritten by one value, and this goes on to its edge.

    Dark fluid inside an eye is surrounded by the eye's wall and stays; where the wall is cut, its specks stay, too.
    """
    empty = (image.array <= empty_up_to) | _overwritten(image.array)
    return _pieces_of(_without_specks(empty, image.spacing), _LEAST_EMPTY, image.grid, to_edge=True)


def _without_specks(empty: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """What is empty (K, J, I) without what is narrow; beyond the image's edge, all is empty."""
    sizes = [2 * round(_SPECKS_MM / 2 / step) + 1 for step in spacing[::-1]]
    wide = ndimage.minimum_filter(empty, sizes, mode="constant", cval=True)
    return empty & ndimage.maximum_filter(wide, [size + 2 for size in sizes])


def _overwritten(array: np.ndarray) -> np.ndarray:
    """Where the voxels have exactly the value that most of those have which differ from none of their neighbours."""
    same = ndimage.maximum_filter(array, 3) == ndimage.minimum_filter(array, 3)
    if not same.any():
        return same
    values, counts = np.unique(array[same], return_counts=True)
    # The outermost voxels of an overwritten part have other neighbours.
    return ndimage.binary_dilation(same & (array == values[counts.argmax()]), np.ones((3, 3, 3), bool))


def _pieces_of(mask: np.ndarray, least_ml: float, grid: Grid, to_edge: bool = False) -> np.ndarray:
    """The pieces of a mask of at least this volume; on demand only those that reach its edge."""
    pieces, count = ndimage.label(mask)
    keep = np.bincount(pieces.ravel(), minlength=count + 1) * grid.voxel_volume / 1000 >= least_ml
    if to_edge:
        at_edge = [np.unique(np.take(pieces, place, axis)) for axis in range(3) for place in (0, -1)]
        keep &= np.isin(np.arange(count + 1), np.concatenate(at_edge))
    keep[0] = False
    return keep[pieces]


def _means_over_neighbours(image: Image) -> np.ndarray:
    """Means over three voxels along every axis along which they are thin."""
    sizes = [3 if spacing <= THICK_SLICES else 1 for spacing in image.spacing[::-1]]
    return ndimage.uniform_filter(image.array.astype(np.float32), sizes)
