"""Random artefacts of real scanners, in torch, for training images that are simulated on the fly.

Unless noted otherwise, functions take and return an image (K, J, I), float32, on any device; ``spacing`` is its voxel
size in mm.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroOrbitLib.imaging.least_variation import least_variation

#: Shares of thick slices that are axial, coronal and sagittal (axes K, J, I).
_SLICE_PLANES = (0.45, 0.30, 0.25)
#: Share of images with thick slices, share of very thick ones among these, and distances of the slices (mm).
_THICK_SHARE, _VERY_THICK_SHARE = 0.55, 0.2
_THICK, _VERY_THICK = (1.2, 5.0), (5.0, 8.0)
#: Share of images with thick slices that are converted to thin slices of least variation, as the orbit network sees a
#: scan; the others are interpolated between their slices, as are all with slices nearer to each other than this (mm).
_THIN_SHARE, _THIN_FROM = 0.7, 1.5
#: Range of the ratio of thickness to distance for slices with gaps or overlaps, and share of images with them.
_THICKNESS_OF_DISTANCE, _GAP_SHARE = (0.6, 1.25), 0.3


def smooth_field(shape: tuple[int, ...], knots: int, rng: np.random.Generator,
                 device: torch.device | str = "cpu") -> Tensor:
    """Return a smooth random field (K, J, I) of about unit SD with ``knots`` independent values along each axis."""
    coarse = torch.from_numpy(rng.standard_normal((1, 1, knots, knots, knots)).astype(np.float32)).to(device)
    return functional.interpolate(coarse, size=shape, mode="trilinear", align_corners=True)[0, 0]


def bias_field(shape: tuple[int, ...], rng: np.random.Generator, device: torch.device | str = "cpu") -> Tensor:
    """Return the brightness field of a receiver coil: smooth, and in some images falling off steeply (surface coil)."""
    field = torch.exp(float(rng.uniform(0.0, 0.35)) * smooth_field(shape, int(rng.integers(2, 4)), rng, device))
    if rng.random() < 0.25:
        field = field * torch.exp(float(rng.uniform(0.3, 1.2)) * _ramp(shape, rng, device))
    return field


def fat_left(shape: tuple[int, ...], rng: np.random.Generator, device: torch.device | str = "cpu") -> Tensor:
    """Return the factor (0 to 1) on the fat signal that spectral fat suppression, which fails in places, leaves."""
    field = smooth_field(shape, int(rng.integers(2, 5)), rng, device)
    return torch.sigmoid(4.0 * (field + float(rng.normal(-1.0, 0.8))))


def motion_ghosts(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Return the image with faint copies along the phase direction, as from moving eyes and heads."""
    axis, step = int(rng.integers(0, 3)), int(rng.integers(6, 20))
    level = float(rng.uniform(0.02, 0.12))
    ghosts = torch.roll(image, step, axis) + torch.roll(image, -step, axis)
    return (image + level * ghosts) / (1 + 2 * level)


def double_contours(image: Tensor, spacing: float, rng: np.random.Generator) -> Tensor:
    """Return the image mixed with a displaced copy, as of a head that moved once during the scan."""
    shift = [round(float(value) / spacing) for value in rng.normal(0, 1.2, 3)]
    weight = float(rng.uniform(0.1, 0.4))
    return (1 - weight) * image + weight * torch.roll(image, shift, (0, 1, 2))


def sharpened(image: Tensor, rng: np.random.Generator, across: int | None = None) -> Tensor:
    """Return the image with overshooting edges, as from sharp CT kernels, filters of MR scanners, or ringing.

    :param image: image (K, J, I).
    :param rng: random generator.
    :param across: axis across which thick slices lie, along which no edge is sharpened; ``None`` without thick slices.
    """
    size = [1 if axis == across else 3 for axis in range(3)]
    soft = functional.avg_pool3d(image[None, None], size, stride=1, padding=[count // 2 for count in size],
                                 count_include_pad=False)[0, 0]
    return image + float(rng.uniform(0.2, 1.2)) * (image - soft)


def ct_streaks(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Return the CT image (HU) with dark and bright streaks in axial slices, from metal or bone outside the box."""
    size_k, size_j, size_i = image.shape
    angle, period = rng.uniform(0, np.pi), rng.uniform(5, 18)
    rows = torch.arange(size_j, dtype=torch.float32, device=image.device)[:, None]
    columns = torch.arange(size_i, dtype=torch.float32, device=image.device)[None]
    place = float(np.cos(angle)) * rows + float(np.sin(angle)) * columns
    waves = torch.sin(2 * torch.pi * (place / float(period) + float(rng.random())))
    height = torch.arange(size_k, dtype=torch.float32, device=image.device)
    near = torch.exp(-((height - float(rng.uniform(0, size_k))) / float(rng.uniform(3, 15))) ** 2)
    return image + float(rng.uniform(5, 40)) * near[:, None, None] * waves * (image > -900)


def cut_away(image: Tensor, fill: float, rng: np.random.Generator) -> Tensor:
    """Return the image with ``fill`` beyond a random plane, as at the end of the field of view or after defacing."""
    normal = rng.standard_normal(3) * np.array([1.2, 1.0, 0.5])
    height = _along(image.shape, normal / np.linalg.norm(normal), image.device)
    return image.masked_fill(height > float(rng.uniform(0.35, 0.95)), fill)


def wrapped_around(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Return the image with aliasing: the head beyond a narrow field of view is added at the opposite edge."""
    axis = int(rng.integers(0, 3))
    count = image.shape[axis]
    reach = max(int(rng.uniform(0.05, 0.25) * count), 1)
    fade = (1 - torch.arange(count, dtype=torch.float32, device=image.device) / reach).clamp(min=0)
    if rng.random() < 0.5:
        fade = fade.flip(0)
    shape = [-1 if dimension == axis else 1 for dimension in range(3)]
    return image + float(rng.uniform(0.3, 1.0)) * fade.reshape(shape) * torch.roll(image, count // 2, axis)


def _ramp(shape: tuple[int, ...], rng: np.random.Generator, device: torch.device | str) -> Tensor:
    direction = rng.standard_normal(3)
    return _along(shape, direction / np.linalg.norm(direction), device)


def _along(shape: tuple[int, ...], direction: np.ndarray, device: torch.device | str) -> Tensor:
    """Return the position of each voxel along a direction, -1 to 1 from face to face."""
    axes = [torch.linspace(-1, 1, n, device=device) for n in shape]
    return sum(float(c) * a.reshape([-1 if i == k else 1 for i in range(3)])
               for k, (c, a) in enumerate(zip(direction, axes, strict=True)))


def slices_of_scanner(image: Tensor, spacing: float, rng: np.random.Generator) -> tuple[Tensor, int | None]:
    """Return the image blurred by the point spread and, in about half of the cases, in thick slices along one axis.

    Slices are 1.2 to 8 mm apart; some have gaps between them, others overlap.

    :return: image, and the axis across which its thick slices lie, along which it has fewer voxels than before, one for
        each slice (see :func:`between_slices`); ``None`` without thick slices.
    """
    for axis in range(3):
        image = _blur(image, float(rng.uniform(0.2, 0.75)) / spacing, axis)
    if rng.random() < 0.25:
        image = _coarse(image, float(rng.uniform(1.2, 2.0)) / spacing)
    if rng.random() >= _THICK_SHARE:
        return image, None
    axis = int(rng.choice(3, p=_SLICE_PLANES))
    distance = float(rng.uniform(*(_VERY_THICK if rng.random() < _VERY_THICK_SHARE else _THICK)))
    thickness = distance * float(rng.uniform(*_THICKNESS_OF_DISTANCE) if rng.random() < _GAP_SHARE else 1.0)
    image = _blur(image, 0.35 * thickness / spacing, axis)
    size = list(image.shape)
    size[axis] = max(round(size[axis] * min(spacing / distance, 1.0)), 4)
    return _resized(image, size), axis


def between_slices(slices: Tensor, axis: int, shape: tuple[int, int, int], spacing: float,
                   greys: tuple[Tensor | float, Tensor | float], rng: np.random.Generator) -> Tensor:
    """Return an image of thick slices resampled to the voxels that networks see.

    Usually they are converted to thin slices of least variation that agree with them, as those of a scan are
    (:mod:`NeuroOrbitLib.imaging.thin_slices`); otherwise voxels between them are interpolated.

    :param slices: image with one voxel along ``axis`` for each slice.
    :param axis: axis across which the slices lie.
    :param shape: shape (K, J, I) of the result.
    :param spacing: voxel size of the result (mm).
    :param greys: grey values that are black and white for a network.
    :param rng: random generator.
    """
    distance = spacing * shape[axis] / slices.shape[axis]
    parts = round(distance / spacing)
    if rng.random() < _THIN_SHARE and parts > 1 and distance > _THIN_FROM:
        moved = slices.movedim(axis, 0)
        thin = least_variation(moved, parts, [distance / parts, spacing, spacing], *greys)
        slices = thin.movedim(0, axis)
    return _resized(slices, list(shape))


def _blur(image: Tensor, sigma: float, axis: int) -> Tensor:
    radius = max(int(np.ceil(2.5 * sigma)), 1)
    places = torch.arange(-radius, radius + 1, device=image.device)
    kernel = torch.exp(-0.5 * (places / max(sigma, 1e-3)) ** 2)
    moved = image.movedim(axis, -1)
    padded = functional.pad(moved.reshape(-1, 1, moved.shape[-1]), (radius, radius), mode="replicate")
    blurred = functional.conv1d(padded, (kernel / kernel.sum())[None, None])
    return blurred.reshape(moved.shape).movedim(-1, axis)


def _coarse(image: Tensor, step: float) -> Tensor:
    return _resized(_resized(image, [max(round(n / step), 4) for n in image.shape]), list(image.shape))


def _resized(image: Tensor, size: list[int]) -> Tensor:
    return functional.interpolate(image[None, None], size=size, mode="trilinear", align_corners=False)[0, 0]
