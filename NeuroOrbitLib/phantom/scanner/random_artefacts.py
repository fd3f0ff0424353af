"""What real scanners do to images, at random, in torch: for training images made on the fly.

All functions take and return an image (K, J, I), float32; ``spacing`` is its voxel size in mm.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

#: How often thick slices are axial, coronal and sagittal (axes K, J, I).
_SLICE_PLANES = (0.45, 0.30, 0.25)
#: How many images have thick slices, and how many of these have very thick ones; distances of the slices in mm.
_THICK_SHARE, _VERY_THICK_SHARE = 0.55, 0.2
_THICK, _VERY_THICK = (1.2, 5.0), (5.0, 8.0)
#: Thickness over distance of slices that leave a gap or overlap, and how many images have them.
_THICKNESS_OF_DISTANCE, _GAP_SHARE = (0.6, 1.25), 0.3


def smooth_field(shape: tuple[int, ...], knots: int, rng: np.random.Generator) -> Tensor:
    """Smooth random field (K, J, I) of about unit SD with ``knots`` independent values along each axis."""
    coarse = torch.from_numpy(rng.standard_normal((1, 1, knots, knots, knots)).astype(np.float32))
    return functional.interpolate(coarse, size=shape, mode="trilinear", align_corners=True)[0, 0]


def bias_field(shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
    """Brightness of a receiver coil: smooth, and in some images falling off steeply (surface coil)."""
    field = torch.exp(float(rng.uniform(0.0, 0.35)) * smooth_field(shape, int(rng.integers(2, 4)), rng))
    if rng.random() < 0.25:
        field = field * torch.exp(float(rng.uniform(0.3, 1.2)) * _ramp(shape, rng))
    return field


def fat_left(shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
    """Where spectral fat suppression works and where it fails: factor on the fat signal, 0 to 1."""
    return torch.sigmoid(4.0 * (smooth_field(shape, int(rng.integers(2, 5)), rng) + float(rng.normal(-1.0, 0.8))))


def displaced(fat: Tensor, spacing: float, rng: np.random.Generator) -> Tensor:
    """Chemical shift: fat appears up to 4 mm away along the frequency direction."""
    steps = round(float(rng.uniform(-4.0, 4.0)) / spacing)
    return torch.roll(fat, steps, dims=int(rng.integers(0, 3)))


def motion_ghosts(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Faint copies of the image along the phase direction, as moving eyes and heads leave them."""
    axis, step = int(rng.integers(0, 3)), int(rng.integers(6, 20))
    level = float(rng.uniform(0.02, 0.12))
    ghosts = torch.roll(image, step, axis) + torch.roll(image, -step, axis)
    return (image + level * ghosts) / (1 + 2 * level)


def double_contours(image: Tensor, spacing: float, rng: np.random.Generator) -> Tensor:
    """A head that moved once during the scan: a part of the image comes from another place."""
    shift = [round(float(value) / spacing) for value in rng.normal(0, 1.2, 3)]
    weight = float(rng.uniform(0.1, 0.4))
    return (1 - weight) * image + weight * torch.roll(image, shift, (0, 1, 2))


def sharpened(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Edges that overshoot: sharp CT kernels, filters of MR scanners, ringing."""
    soft = functional.avg_pool3d(image[None, None], 3, stride=1, padding=1, count_include_pad=False)[0, 0]
    return image + float(rng.uniform(0.2, 1.2)) * (image - soft)


def ct_streaks(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Dark and bright streaks (HU) in axial slices from metal or dense bone outside of the box."""
    size_k, size_j, size_i = image.shape
    angle, period = rng.uniform(0, np.pi), rng.uniform(5, 18)
    rows = torch.arange(size_j, dtype=torch.float32)[:, None]
    columns = torch.arange(size_i, dtype=torch.float32)[None]
    place = float(np.cos(angle)) * rows + float(np.sin(angle)) * columns
    waves = torch.sin(2 * torch.pi * (place / float(period) + float(rng.random())))
    height = torch.arange(size_k, dtype=torch.float32)
    near = torch.exp(-((height - float(rng.uniform(0, size_k))) / float(rng.uniform(3, 15))) ** 2)
    return image + float(rng.uniform(5, 40)) * near[:, None, None] * waves * (image > -900)


def cut_away(image: Tensor, fill: float, rng: np.random.Generator) -> Tensor:
    """A plane cuts off part of the box: the end of the field of view, or a face removed."""
    normal = rng.standard_normal(3) * np.array([1.2, 1.0, 0.5])
    height = _along(image.shape, normal / np.linalg.norm(normal))
    return torch.where(height > float(rng.uniform(0.35, 0.95)), torch.tensor(fill), image)


def wrapped_around(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Aliasing: what lies beyond a narrow field of view appears over the opposite edge, on top of what is there."""
    axis = int(rng.integers(0, 3))
    count = image.shape[axis]
    reach = max(int(rng.uniform(0.05, 0.25) * count), 1)
    fade = (1 - torch.arange(count, dtype=torch.float32) / reach).clamp(min=0)
    if rng.random() < 0.5:
        fade = fade.flip(0)
    shape = [-1 if dimension == axis else 1 for dimension in range(3)]
    return image + float(rng.uniform(0.3, 1.0)) * fade.reshape(shape) * torch.roll(image, count // 2, axis)


def _ramp(shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
    direction = rng.standard_normal(3)
    return _along(shape, direction / np.linalg.norm(direction))


def _along(shape: tuple[int, ...], direction: np.ndarray) -> Tensor:
    """Position of each voxel along a direction, -1 to 1 from face to face."""
    axes = [torch.linspace(-1, 1, n) for n in shape]
    return sum(float(c) * a.reshape([-1 if i == k else 1 for i in range(3)])
               for k, (c, a) in enumerate(zip(direction, axes, strict=True)))


def slices_of_scanner(image: Tensor, spacing: float, rng: np.random.Generator) -> Tensor:
    """Point spread and slice thickness: blur everywhere, and in half of the images thick slices along one axis.

    Slices are 1.2 to 8 mm apart; some leave gaps between each other, others overlap.
    """
    for axis in range(3):
        image = _blur(image, float(rng.uniform(0.2, 0.75)) / spacing, axis)
    if rng.random() < _THICK_SHARE:
        axis = int(rng.choice(3, p=_SLICE_PLANES))
        distance = float(rng.uniform(*(_VERY_THICK if rng.random() < _VERY_THICK_SHARE else _THICK)))
        thickness = distance * float(rng.uniform(*_THICKNESS_OF_DISTANCE) if rng.random() < _GAP_SHARE else 1.0)
        image = _thick_slices(_blur(image, 0.35 * thickness / spacing, axis), distance / spacing, axis)
    if rng.random() < 0.25:
        image = _coarse(image, float(rng.uniform(1.2, 2.0)) / spacing)
    return image


def _blur(image: Tensor, sigma: float, axis: int) -> Tensor:
    radius = max(int(np.ceil(2.5 * sigma)), 1)
    kernel = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / max(sigma, 1e-3)) ** 2)
    moved = image.movedim(axis, -1)
    padded = functional.pad(moved.reshape(-1, 1, moved.shape[-1]), (radius, radius), mode="replicate")
    blurred = functional.conv1d(padded, (kernel / kernel.sum())[None, None])
    return blurred.reshape(moved.shape).movedim(-1, axis)


def _thick_slices(image: Tensor, step: float, axis: int) -> Tensor:
    size = list(image.shape)
    size[axis] = max(round(size[axis] / step), 4)
    return _there_and_back(image, size)


def _coarse(image: Tensor, step: float) -> Tensor:
    return _there_and_back(image, [max(round(n / step), 4) for n in image.shape])


def _there_and_back(image: Tensor, size: list[int]) -> Tensor:
    small = functional.interpolate(image[None, None], size=size, mode="trilinear", align_corners=False)
    return functional.interpolate(small, size=image.shape, mode="trilinear", align_corners=False)[0, 0]
