"""Images of random contrast and quality from tissue classes, in torch, so that a training can simulate them."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroOrbitLib.phantom.scanner.chemical_shift import FatShift, shown_in_place_of
from NeuroOrbitLib.phantom.scanner.contrast import Contrast, random_contrast
from NeuroOrbitLib.phantom.scanner.random_artefacts import (
    between_slices,
    bias_field,
    ct_streaks,
    cut_away,
    double_contours,
    fat_left,
    motion_ghosts,
    sharpened,
    slices_of_scanner,
    smooth_field,
    wrapped_around,
)
from NeuroOrbitLib.phantom.tissue import MUSCLE_TISSUES, Tissue

#: Window (HU) through which networks see CT, in which fat, muscle and fluid are well separated.
CT_WINDOW = (-200.0, 300.0)
#: Largest share of a scan that becomes white: as a head fills about a quarter of the box in which it is searched, this
#: is the share of the head in the brightest 1 % of the box.
_MOST_WHITE = 0.04
#: Share of images that show the connective tissue septa of the orbital fat.
_SEPTA_SHARE = 0.7
#: Largest SD of the noise of CT (HU) and MR (relative to the brightest tissue), usually and at low dose or low field.
_CT_NOISE, _LOW_DOSE_NOISE = 28.0, 70.0
_MR_NOISE, _LOW_FIELD_NOISE = 0.075, 0.15
#: Share of images taken at low dose or low field.
_NOISY_SHARE = 0.1
#: Share of MR images whose fat is displaced.
_FAT_SHIFT_SHARE = 0.5
#: Difference between fat and other tissue that shows a border in spite of noise, relative to the brightest tissue.
_LEAST_CONTRAST = 0.08
#: Brightness of orbital fat relative to muscle from which readers take displaced fat for the border of muscles.
_BRIGHT_FAT = 1.2


def synthesise(tissues: Tensor, spacing: float, rng: np.random.Generator, unspecified: int) -> Tensor:
    """Return an image of random contrast.

    :param tissues: tissue classes (2K, 2J, 2I), integers, on a grid twice as fine as the image along every axis.
    :param spacing: voxel size of the image (mm).
    :param rng: random generator.
    :param unspecified: class of soft tissue that is fat in some places and muscle in others; it is the last class.
    :return: image (K, J, I), float32, scaled as :func:`scale_for_network` does, on the device of ``tissues``.
    """
    return synthesise_outlined(tissues, None, spacing, rng, unspecified)[0]


def synthesise_outlined(tissues: Tensor, labels: Tensor | None, spacing: float, rng: np.random.Generator,
                        unspecified: int) -> tuple[Tensor, Tensor | None]:
    """Return an image of random contrast, as :func:`synthesise` does, and the labels as a reader of it sees them.

    Where bright fat is displaced (chemical shift), the borders of structures lie between the fat that the image shows;
    in all other images, the labels are returned as they are.

    :param labels: label at each voxel of the image (K, J, I), 0 for none; ``None`` if there are none.
    """
    contrast = random_contrast(rng, unspecified + 1)
    water, fat = (_pooled(part) for part in _paint(_divide(tissues, unspecified, rng), contrast, rng))
    if contrast.is_ct:
        image = _ct(water + fat, rng)
    else:
        image, seen = _mr(water, fat, labels if _fat_is_bright(contrast) else None, spacing, rng)
        labels = labels if seen is None else seen
    shape = tuple(image.shape)
    image, across = slices_of_scanner(image, spacing, rng)
    if rng.random() < 0.2:
        image = sharpened(image, rng, across)
    image = image + _noise(image, contrast, rng)
    if across is not None:
        image = between_slices(image, across, shape, spacing, _black_and_white(image, contrast.is_ct), rng)
    if rng.random() < 0.15:
        image = cut_away(image, float(contrast.mean.min()) if contrast.is_ct else 0.0, rng)
    return _random_scale(image, contrast.is_ct, rng), labels


def scale_for_network(image: Tensor, is_ct: bool, shown: float = 1.0) -> Tensor:
    """Return an image scaled to 0..1 for a network: CT by a fixed window, MR by the box's 1st and 99th percentile.

    :param image: grey values (K, J, I); CT in HU.
    :param is_ct: whether the image is a CT.
    :param shown: share (0 to 1) of the box that the scan fills, so that no larger part of a small scan than of a whole
        head becomes white.
    """
    low, high = _black_and_white(image, is_ct, min(0.01, _MOST_WHITE * shown))
    return ((image - low) / (high - low)).clamp(0.0, 1.0)


def _black_and_white(image: Tensor, is_ct: bool, white: float = 0.01) -> tuple[Tensor | float, Tensor | float]:
    """Return the grey values that become 0 and 1; in MR, a share ``white`` of the voxels becomes 1."""
    if is_ct:
        return CT_WINDOW
    sample = image.flatten()[::7].sort().values
    low, high = (sample[int(share * (len(sample) - 1))] for share in (0.01, 1 - white))
    # The values stay on the image's device, as copying them would wait for it.
    return low, torch.maximum(high, low + 1e-6)


def _ct(image: Tensor, rng: np.random.Generator) -> Tensor:
    return ct_streaks(image, rng) if rng.random() < 0.1 else image


def _mr(water: Tensor, fat: Tensor, labels: Tensor | None, spacing: float,
        rng: np.random.Generator) -> tuple[Tensor, Tensor | None]:
    if rng.random() < 0.25:
        fat = fat * fat_left(fat.shape, rng, fat.device)
    shown_fat = fat
    if rng.random() < _FAT_SHIFT_SHARE:
        shift = FatShift.random(spacing, rng)
        shown_fat = shift.moved(fat)
        labels = None if labels is None else _seen(labels, water, fat, shown_fat, shift)
    image = water + shown_fat
    if rng.random() < 0.12:
        image = motion_ghosts(image, rng)
    if rng.random() < 0.08:
        image = double_contours(image, spacing, rng)
    if rng.random() < 0.05:
        image = wrapped_around(image, rng)
    return image * bias_field(image.shape, rng, image.device), labels


def _seen(labels: Tensor, water: Tensor, fat: Tensor, shown_fat: Tensor, shift: FatShift) -> Tensor:
    """Return the labels as a reader sees them between displaced fat."""
    other = shown_in_place_of(water, fat, shift.moved(water), shown_fat, _LEAST_CONTRAST)
    return torch.where(other, shift.moved(labels), labels)


def _fat_is_bright(contrast: Contrast) -> bool:
    muscle = contrast.mean[list(MUSCLE_TISSUES)].mean()
    return bool(contrast.mean[Tissue.ORBITAL_FAT] > _BRIGHT_FAT * muscle)


def _divide(tissues: Tensor, unspecified: int, rng: np.random.Generator) -> Tensor:
    """Return the tissues with unspecified soft tissue made subcutaneous fat in some places and muscle in others."""
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
    """Return the share (0 to 1) of connective tissue in each voxel: thin curved sheets in the orbital fat."""
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
        # Correlated noise: neighbours are averaged, then scaled back to about the same SD.
        noise = 4.5 * functional.avg_pool3d(noise[None, None], 3, stride=1, padding=1)[0, 0]
    return noise * float(level)


def _random_scale(image: Tensor, is_ct: bool, rng: np.random.Generator) -> Tensor:
    if is_ct:
        # Some CT scans are stored as pictures from air to bone, without HU.
        exported = rng.random() < 0.08
        low = rng.uniform(-1000, -260) if exported else rng.uniform(-260, -140)
        high = rng.uniform(600, 1800) if exported else rng.uniform(180, 600)
        return ((image - low) / (high - low)).clamp(0.0, 1.0)
    scaled = scale_for_network(image.clamp(min=0.0), is_ct=False)
    scaled = scaled ** float(np.exp(rng.normal(0, 0.2)))
    return (scaled * float(rng.uniform(0.85, 1.1)) + float(rng.normal(0, 0.02))).clamp(0.0, 1.0)
