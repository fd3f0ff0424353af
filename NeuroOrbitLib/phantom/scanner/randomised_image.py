"""Images of random contrast and quality from tissue classes, in torch so that a training can make them on the fly."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroOrbitLib.phantom.scanner.contrast import Contrast, random_contrast
from NeuroOrbitLib.phantom.scanner.random_artefacts import (
    between_slices,
    bias_field,
    ct_streaks,
    cut_away,
    displaced,
    double_contours,
    fat_left,
    motion_ghosts,
    sharpened,
    slices_of_scanner,
    smooth_field,
    wrapped_around,
)
from NeuroOrbitLib.phantom.tissue import Tissue

#: Networks see CT through this window (HU), so that fat, muscle and fluid stand apart.
CT_WINDOW = (-200.0, 300.0)
#: A head fills about a quarter of the box in which it is looked for: of it, so much is in the brightest 1 % of the box.
_MOST_WHITE = 0.04
#: How many images show the connective tissue that divides the orbital fat.
_SEPTA_SHARE = 0.7
#: Highest SD of the noise of CT (HU) and MR (parts of the brightest tissue), usual and at low dose or low field.
_CT_NOISE, _LOW_DOSE_NOISE = 28.0, 70.0
_MR_NOISE, _LOW_FIELD_NOISE = 0.075, 0.15
#: How many images are taken at low dose or low field.
_NOISY_SHARE = 0.1


def synthesise(tissues: Tensor, spacing: float, rng: np.random.Generator, unspecified: int) -> Tensor:
    """One image of random contrast.

    :param tissues: tissue classes (2K, 2J, 2I), integers, on a grid twice as fine as the image in every axis.
    :param spacing: voxel size of the image in mm.
    :param unspecified: the class (and the number of classes minus one) that is fat in some places, muscle in others.
    :return: image (K, J, I), float32, scaled as :func:`scale_for_network` does, on the device of ``tissues``.
    """
    contrast = random_contrast(rng, unspecified + 1)
    water, fat = _paint(_divide(tissues, unspecified, rng), contrast, rng)
    image = _ct(water + fat, rng) if contrast.is_ct else _mr(water, fat, spacing, rng)
    shape = tuple(image.shape)
    image, across = slices_of_scanner(image, spacing, rng)
    if rng.random() < 0.2:
        image = sharpened(image, rng, across)
    image = image + _noise(image, contrast, rng)
    if across is not None:
        image = between_slices(image, across, shape, spacing, _black_and_white(image, contrast.is_ct), rng)
    if rng.random() < 0.15:
        image = cut_away(image, float(contrast.mean.min()) if contrast.is_ct else 0.0, rng)
    return _random_scale(image, contrast.is_ct, rng)


def scale_for_network(image: Tensor, is_ct: bool, shown: float = 1.0) -> Tensor:
    """Scale an image for a network: CT by a fixed window, MR by the 1st and 99th percentile of the box, to 0..1.

    :param shown: the share of the box that the scan fills. Of a small scan no more becomes white than of a whole head.
    """
    low, high = _black_and_white(image, is_ct, min(0.01, _MOST_WHITE * shown))
    return ((image - low) / (high - low)).clamp(0.0, 1.0)


def _black_and_white(image: Tensor, is_ct: bool, white: float = 0.01) -> tuple[Tensor | float, Tensor | float]:
    """The grey values that become 0 and 1; of an MR image a share of ``white`` is as bright or brighter."""
    if is_ct:
        return CT_WINDOW
    sample = image.flatten()[::7].sort().values
    low, high = (sample[int(share * (len(sample) - 1))] for share in (0.01, 1 - white))
    # Kept on the image's device, as asking for the numbers would wait for it.
    return low, torch.maximum(high, low + 1e-6)


def _ct(image: Tensor, rng: np.random.Generator) -> Tensor:
    image = _pooled(image)
    return ct_streaks(image, rng) if rng.random() < 0.1 else image


def _mr(water: Tensor, fat: Tensor, spacing: float, rng: np.random.Generator) -> Tensor:
    water, fat = _pooled(water), _pooled(fat)
    if rng.random() < 0.25:
        fat = fat * fat_left(fat.shape, rng, fat.device)
    image = water + (displaced(fat, spacing, rng) if rng.random() < 0.3 else fat)
    if rng.random() < 0.12:
        image = motion_ghosts(image, rng)
    if rng.random() < 0.08:
        image = double_contours(image, spacing, rng)
    if rng.random() < 0.05:
        image = wrapped_around(image, rng)
    return image * bias_field(image.shape, rng, image.device)


def _divide(tissues: Tensor, unspecified: int, rng: np.random.Generator) -> Tensor:
    """Let the unspecified soft tissue be subcutaneous fat in some places and temporalis muscle in others."""
    field = smooth_field(tissues.shape, int(rng.integers(5, 12)), rng, tissues.device)
    parts = torch.where(field > -float(rng.normal(0, 0.7)), int(Tissue.SUBCUTANEOUS_FAT), int(Tissue.TEMPORALIS))
    parts = parts.to(tissues.dtype)
    return torch.where(tissues == unspecified, parts, tissues)


def _paint(tissues: Tensor, contrast: Contrast, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    index, looks = tissues.long(), np.stack([contrast.mean, contrast.texture, contrast.fat_fraction])
    mean, texture, fraction = torch.from_numpy(looks.astype(np.float32)).to(tissues.device)[:, index]
    image = mean + texture * smooth_field(tissues.shape, int(rng.integers(8, 24)), rng, tissues.device)
    if rng.random() < _SEPTA_SHARE:
        septa = fat_septa(tissues, rng)
        image = image + septa * (float(contrast.mean[Tissue.TENDON]) - image)
        fraction = fraction * (1 - septa)
    return image * (1 - fraction), image * fraction


def fat_septa(tissues: Tensor, rng: np.random.Generator) -> Tensor:
    """Share of connective tissue in each voxel (0 to 1): thin curved sheets in the orbital fat, none elsewhere."""
    field = smooth_field(tissues.shape, int(rng.integers(8, 20)), rng, tissues.device)
    sheets = torch.exp(-(field / float(rng.uniform(0.04, 0.12))) ** 2)
    return float(rng.uniform(0.1, 0.8)) * sheets * (tissues == int(Tissue.ORBITAL_FAT))


def _pooled(image: Tensor) -> Tensor:
    return functional.avg_pool3d(image[None, None], 2)[0, 0]


def _noise(image: Tensor, contrast: Contrast, rng: np.random.Generator) -> Tensor:
    usual, highest = (_CT_NOISE, _LOW_DOSE_NOISE) if contrast.is_ct else (_MR_NOISE, _LOW_FIELD_NOISE)
    level = rng.uniform(usual, highest) if rng.random() < _NOISY_SHARE else rng.uniform(0.07, 1.0) * usual
    generator = torch.Generator(image.device).manual_seed(int(rng.integers(2**62)))
    noise = torch.randn(image.shape, generator=generator, device=image.device)
    if rng.random() < 0.4:
        # Neighbours averaged and brought back to about the same strength: noise with grain.
        noise = 4.5 * functional.avg_pool3d(noise[None, None], 3, stride=1, padding=1)[0, 0]
    return noise * float(level)


def _random_scale(image: Tensor, is_ct: bool, rng: np.random.Generator) -> Tensor:
    if is_ct:
        # Some CT come as pictures from air to bone, whose HU are lost.
        exported = rng.random() < 0.08
        low = rng.uniform(-1000, -260) if exported else rng.uniform(-260, -140)
        high = rng.uniform(600, 1800) if exported else rng.uniform(180, 600)
        return ((image - low) / (high - low)).clamp(0.0, 1.0)
    scaled = scale_for_network(image.clamp(min=0.0), is_ct=False)
    scaled = scaled ** float(np.exp(rng.normal(0, 0.2)))
    return (scaled * float(rng.uniform(0.85, 1.1)) + float(rng.normal(0, 0.02))).clamp(0.0, 1.0)
