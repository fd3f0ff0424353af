"""Images of random contrast and quality from tissue classes, in torch so that a training can make them on the fly."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroOrbitLib.phantom.contrast import Contrast, random_contrast
from NeuroOrbitLib.phantom.tissue import Tissue

#: Networks see CT through this window (HU), so that fat, muscle and fluid stand apart.
CT_WINDOW = (-200.0, 300.0)


def synthesise(tissues: Tensor, spacing: float, rng: np.random.Generator, unspecified: int) -> Tensor:
    """One image of random contrast.

    :param tissues: tissue classes (2K, 2J, 2I), integers, on a grid twice as fine as the image in every axis.
    :param spacing: voxel size of the image in mm.
    :param unspecified: the class (and the number of classes minus one) that is fat in some places, muscle in others.
    :return: image (K, J, I), float32, scaled as :func:`scale_for_network` does.
    """
    contrast = random_contrast(rng, unspecified + 1)
    water, fat = _paint(_divide(tissues, unspecified, rng), contrast, rng)
    image = water + (_displaced(fat, spacing, rng) if not contrast.is_ct and rng.random() < 0.3 else fat)
    image = _pooled(image)
    if not contrast.is_ct:
        image = image * _bias_field(image.shape, rng)
    image = _through_scanner(image, spacing, rng)
    image = image + _noise(image, contrast, rng)
    image = _cut_away(image, float(contrast.mean.min()) if contrast.is_ct else 0.0, rng)
    return _random_scale(image, contrast.is_ct, rng)


def scale_for_network(image: Tensor, is_ct: bool) -> Tensor:
    """Scale an image for a network: CT by a fixed window, MR by the 1st and 99th percentile of the box, to 0..1."""
    if is_ct:
        low, high = CT_WINDOW
    else:
        sample = image.flatten()[::7].sort().values
        low, high = sample[int(0.01 * (len(sample) - 1))].item(), sample[int(0.99 * (len(sample) - 1))].item()
    return ((image - low) / max(high - low, 1e-6)).clamp(0.0, 1.0)


def smooth_field(shape: tuple[int, ...], knots: int, rng: np.random.Generator) -> Tensor:
    """Smooth random field (K, J, I) of about unit SD with ``knots`` independent values along each axis."""
    coarse = torch.from_numpy(rng.standard_normal((1, 1, knots, knots, knots)).astype(np.float32))
    return functional.interpolate(coarse, size=shape, mode="trilinear", align_corners=True)[0, 0]


def _divide(tissues: Tensor, unspecified: int, rng: np.random.Generator) -> Tensor:
    """Let the unspecified soft tissue be subcutaneous fat in some places and temporalis muscle in others."""
    field = smooth_field(tissues.shape, int(rng.integers(5, 12)), rng) + rng.normal(0, 0.7)
    parts = torch.where(field > 0, int(Tissue.SUBCUTANEOUS_FAT), int(Tissue.TEMPORALIS)).to(tissues.dtype)
    return torch.where(tissues == unspecified, parts, tissues)


def _paint(tissues: Tensor, contrast: Contrast, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    index = tissues.long()
    mean = torch.from_numpy(contrast.mean.astype(np.float32))[index]
    texture = torch.from_numpy(contrast.texture.astype(np.float32))[index]
    image = mean + texture * smooth_field(tissues.shape, int(rng.integers(8, 24)), rng)
    fraction = torch.from_numpy(contrast.fat_fraction.astype(np.float32))[index]
    return image * (1 - fraction), image * fraction


def _displaced(fat: Tensor, spacing: float, rng: np.random.Generator) -> Tensor:
    """Chemical shift: fat appears up to 4 mm away along the frequency direction."""
    steps = round(float(rng.uniform(-4.0, 4.0)) * 2 / spacing)
    return torch.roll(fat, steps, dims=int(rng.integers(0, 3)))


def _pooled(image: Tensor) -> Tensor:
    return functional.avg_pool3d(image[None, None], 2)[0, 0]


def _bias_field(shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
    return torch.exp(float(rng.uniform(0.0, 0.35)) * smooth_field(shape, int(rng.integers(2, 4)), rng))


def _through_scanner(image: Tensor, spacing: float, rng: np.random.Generator) -> Tensor:
    """Point spread and slice thickness: blur everywhere, and in half of the images thick slices along one axis."""
    for axis in range(3):
        image = _blur(image, float(rng.uniform(0.2, 0.75)) / spacing, axis)
    if rng.random() < 0.5:
        axis, thickness = int(rng.integers(0, 3)), float(rng.uniform(1.2, 4.0))
        image = _thick_slices(_blur(image, 0.35 * thickness / spacing, axis), thickness / spacing, axis)
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


def _noise(image: Tensor, contrast: Contrast, rng: np.random.Generator) -> Tensor:
    level = rng.uniform(2.0, 28.0) if contrast.is_ct else rng.uniform(0.0, 0.075)
    noise = torch.from_numpy(rng.standard_normal(image.shape, dtype=np.float32))
    if rng.random() < 0.4:
        noise = 1.8 * _pooled_blur(noise)
    return noise * float(level)


def _pooled_blur(noise: Tensor) -> Tensor:
    return functional.avg_pool3d(noise[None, None], 3, stride=1, padding=1)[0, 0] * 2.5


def _cut_away(image: Tensor, fill: float, rng: np.random.Generator) -> Tensor:
    """In some images a plane cuts off part of the box: the end of the field of view, or a face removed."""
    if rng.random() > 0.15:
        return image
    normal = rng.standard_normal(3) * np.array([1.2, 1.0, 0.5])
    axes = [torch.linspace(-1, 1, n) for n in image.shape]
    height = sum(float(c) * a.reshape([-1 if i == k else 1 for i in range(3)])
                 for k, (c, a) in enumerate(zip(normal / np.linalg.norm(normal), axes, strict=True)))
    return torch.where(height > float(rng.uniform(0.35, 0.95)), torch.tensor(fill), image)


def _random_scale(image: Tensor, is_ct: bool, rng: np.random.Generator) -> Tensor:
    if is_ct:
        low, high = rng.uniform(-260, -140), rng.uniform(180, 600)
        return ((image - low) / (high - low)).clamp(0.0, 1.0)
    scaled = scale_for_network(image.clamp(min=0.0), is_ct=False)
    scaled = scaled ** float(np.exp(rng.normal(0, 0.2)))
    return (scaled * float(rng.uniform(0.85, 1.1)) + float(rng.normal(0, 0.02))).clamp(0.0, 1.0)
