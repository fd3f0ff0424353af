"""Division of thick slices into thin ones that are consistent with them.

Interpolation between two thick slices gives a mixture of both: a thin muscle that fills half of a slice stays half as
bright, and oblique edges become stairs. A thick slice, however, is the mean of what lies in it. Of all images in thin
slices whose means are the thick slices, the one with the least total variation has edges where tissue ends.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from NeuroOrbitLib.imaging.image import Image, sizes_without_noise

#: Slices are thick if they exceed this thickness (mm), and this multiple of the width of their voxels.
_THICK_SLICES, _THICKER = 1.5, 1.5


def has_thick_slices(spacing: Sequence[float]) -> bool:
    """Return whether slices are thicker than 1.5 mm and clearly thicker than their voxels are wide.

    :param spacing: voxel size along the three axes, mm.
    """
    width, thickness = sorted(sizes_without_noise(spacing))[1:]
    return has_coarse_voxels(spacing) and thickness > _THICKER * width


def has_coarse_voxels(spacing: Sequence[float]) -> bool:
    """Return whether voxels are longer than 1.5 mm along any axis, so that thin bone and muscles share them.

    Unlike :func:`has_thick_slices`, this is also true for voxels that are equally long along all axes, which cannot be
    divided. If the rules for bone and for pieces of muscles depended on thick slices instead, CT in voxels of 1.6 to
    2.5 mm would lose up to 0.013 of the Dice of the recti and 3 % of their volume.

    :param spacing: voxel size along the three axes, mm.
    """
    return max(sizes_without_noise(spacing)) > _THICK_SLICES


def number_of_parts(slices: float, thickness: float) -> int:
    """Return the number of parts of about ``thickness`` (mm) into which slices of a thickness (mm) are divided."""
    return round(sizes_without_noise([slices])[0] / thickness)


def in_thin_slices(image: Image, thickness: float, lowest: float, highest: float) -> Image:
    """Return an image with its thickest slices divided into thin ones whose means are these slices.

    See :func:`~NeuroOrbitLib.imaging.least_variation.least_variation`.

    :param image: the image, with any axis order.
    :param thickness: approximate thickness (mm) of the thin slices. Each slice is divided into a whole number of them.
    :param lowest, highest: grey values of the darkest and the brightest tissue that matters. Values more than two
        fifths of their difference beyond them are cut off.
    :return: float32; ``image`` itself if its slices are less than one and a half times as thick as wanted, or if
        ``highest`` is not above ``lowest``.
    """
    axis = int(np.argmax(image.spacing))
    parts = number_of_parts(image.spacing[axis], thickness)
    if parts < 2 or highest <= lowest:
        return image
    import torch

    from NeuroOrbitLib.imaging.least_variation import least_variation

    order = (2 - axis, *(other for other in range(3) if other != 2 - axis))
    slices = torch.from_numpy(np.ascontiguousarray(image.array.transpose(order), dtype=np.float32))
    spacing = [image.spacing[2 - number] for number in order]
    thin = least_variation(slices, parts, [spacing[0] / parts, *spacing[1:]], lowest, highest).numpy()
    affine = image.affine.copy()
    affine[:3, axis] /= parts
    affine[:3, 3] -= affine[:3, axis] * (parts - 1) / 2.0
    return Image(np.ascontiguousarray(thin.transpose(np.argsort(order))), affine)
