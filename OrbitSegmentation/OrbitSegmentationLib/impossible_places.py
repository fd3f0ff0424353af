"""The places where no structure of the orbit can be in a scan: bone, air and removed parts of the image."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.thin_slices import has_coarse_voxels

#: HU, averaged over neighbours, above which there is no soft tissue: muscle and gland stay below 200 even with contrast
#: medium. In coarse voxels, which muscles share with the thin roof of the orbit, the limit is higher.
BONE_HU, BONE_HU_IN_COARSE_VOXELS = 200.0, 300.0
#: HU, averaged over neighbours, below which there is air, as fat is never as low.
AIR_HU = -250.0
#: Smallest volume (ml) of bone; calcifications of an eye, clips and artificial lenses are smaller.
_LEAST_BONE = 1.0
#: Limit of darkness in MRI, as a share of the image's range above its least value, and volume (ml): darker pieces of
#: that size are only air and removed parts of the image.
_EMPTY_RANGE, _LEAST_EMPTY = 0.01, 2.0
#: Smallest HU in CT that is not empty.
_EMPTY_HU = -500.0
#: Share of a piece within the outline of an eye from which on the piece belongs to the eye.
_SURROUNDED = 0.8
#: Distance (mm) from the rest of a structure within which voxels are its margin, the accuracy of outlines; one slice at
#: most.
_SKIN_MM = 1.5
#: Smallest width (mm) of removed parts of the image; specks of noise in the dark fluid of an eye are narrower.
_SPECKS_MM = 5.0


def impossible_places(image: Image, is_ct: bool, empty_up_to: float) -> np.ndarray:
    """Return the mask (K, J, I) of the voxels where no structure can be.

    :param image: part of a scan around an orbit; CT in HU.
    :param is_ct: whether the image is a CT.
    :param empty_up_to: grey value of :func:`emptiness` for the whole scan.
    """
    removed = removed_image(image, empty_up_to)
    if not is_ct:
        return removed
    means = _means_over_neighbours(image)
    bone = means > (BONE_HU_IN_COARSE_VOXELS if has_coarse_voxels(image.spacing) else BONE_HU)
    return removed | (means < AIR_HU) | _pieces_of(bone, _LEAST_BONE, image.grid)


def emptiness(image: Image, is_ct: bool) -> float:
    """Return the grey value up to which a whole scan is empty."""
    if is_ct:
        return _EMPTY_HU
    low, high = float(image.array.min()), float(np.percentile(image.array[::3, ::3, ::3], 99.5))
    return low + _EMPTY_RANGE * (high - low)


def inside_eyes(impossible: np.ndarray, labels: Image) -> np.ndarray:
    """Return the impossible places (K, J, I) that the outline of an eye surrounds, i.e. an implant or gas in it.

    :param impossible: mask of :func:`impossible_places`, on the grid of ``labels``.
    :param labels: label map of the structures.
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
    """Return the number of voxels of each label value in impossible places, apart from the margin of the rest of it.

    An outline that reaches half a voxel of the network into the bone beside a thin muscle is not a fault.

    :param labels: label map before anything is removed from it.
    :param impossible: mask (K, J, I) of the impossible places, on its grid.
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
    """Return the mask (K, J, I) of the parts at the image's edge that are empty or were overwritten by one value.

    Dark fluid inside an eye is not included, as the eye's wall surrounds it; where the wall is cut, its specks are not
    included either.

    :param image: part of a scan around an orbit; CT in HU.
    :param empty_up_to: grey value of :func:`emptiness` for the whole scan.
    """
    empty = (image.array <= empty_up_to) | _overwritten(image.array)
    return _pieces_of(_without_specks(empty, image.spacing), _LEAST_EMPTY, image.grid, to_edge=True)


def _without_specks(empty: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return a mask of empty voxels (K, J, I) without its narrow parts; beyond the image's edge, all is empty."""
    sizes = [2 * round(_SPECKS_MM / 2 / step) + 1 for step in spacing[::-1]]
    wide = ndimage.minimum_filter(empty, sizes, mode="constant", cval=True)
    return empty & ndimage.maximum_filter(wide, [size + 2 for size in sizes])


def _overwritten(array: np.ndarray) -> np.ndarray:
    """Return the voxels with the value that is the most frequent one among voxels equal to all their neighbours."""
    same = ndimage.maximum_filter(array, 3) == ndimage.minimum_filter(array, 3)
    if not same.any():
        return same
    values, counts = np.unique(array[same], return_counts=True)
    # The outermost voxels of an overwritten part differ from some neighbours.
    return ndimage.binary_dilation(same & (array == values[counts.argmax()]), np.ones((3, 3, 3), bool))


def _pieces_of(mask: np.ndarray, least_ml: float, grid: Grid, to_edge: bool = False) -> np.ndarray:
    """Return the pieces of a mask with at least ``least_ml``; with ``to_edge`` only those that reach its edge."""
    pieces, count = ndimage.label(mask)
    keep = np.bincount(pieces.ravel(), minlength=count + 1) * grid.voxel_volume / 1000 >= least_ml
    if to_edge:
        at_edge = [np.unique(np.take(pieces, place, axis)) for axis in range(3) for place in (0, -1)]
        keep &= np.isin(np.arange(count + 1), np.concatenate(at_edge))
    keep[0] = False
    return keep[pieces]


def _means_over_neighbours(image: Image) -> np.ndarray:
    """Return means over three voxels along every axis along which voxels are thin."""
    sizes = [1 if has_coarse_voxels([spacing]) else 3 for spacing in image.spacing[::-1]]
    return ndimage.uniform_filter(image.array.astype(np.float32), sizes)
