"""Running a trained network fast: folded normalisation, memory layout, precision, sliding windows."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.models.device import supports_fast_bfloat16
from NeuroOrbitLib.sentences import sentence as _

Precision = Literal["auto", "float32", "bfloat16"]
Weighting = Literal["gaussian", "constant"]

_CONVOLUTIONS = (nn.Conv2d, nn.Conv3d)
_TRANSPOSED = (nn.ConvTranspose2d, nn.ConvTranspose3d)
_NORMALISATIONS = (nn.BatchNorm2d, nn.BatchNorm3d)
_SIGMA_PER_WINDOW = 0.125


def fold_batch_norm(network: nn.Module) -> nn.Module:
    """Return a copy of ``network`` for inference with each batch normalisation merged into the convolution before it.

    Inside every :class:`torch.nn.Sequential` a (transposed) convolution directly followed by a batch normalisation
    becomes one convolution. The copy computes the same outputs in 3/4 of the time or less.
    """
    folded = copy.deepcopy(network).eval()
    for module in folded.modules():
        if isinstance(module, nn.Sequential):
            _fold_pairs(module)
    return folded


class FastNetwork:
    """A network prepared for inference; calling it with a batch returns float32 logits on its device.

    :param network: trained network; it is copied, not changed.
    :param device: device to run on.
    :param precision: ``float32``, ``bfloat16``, or ``auto``, which takes bfloat16 where the device computes it natively
        (1.1 to 2 times as fast, Dice within 0.002 of float32).
    """

    def __init__(self, network: nn.Module, device: torch.device | str = "cpu", precision: Precision = "auto") -> None:
        self.device = torch.device(device)
        half = precision == "bfloat16" or (precision == "auto" and supports_fast_bfloat16(self.device))
        self.dtype = torch.bfloat16 if half else torch.float32
        self.network = fold_batch_norm(network).to(self.device, self.dtype)
        dimensions = {m.weight.ndim for m in self.network.modules() if isinstance(m, _CONVOLUTIONS)}
        if 5 in dimensions:
            self.network = self.network.to(memory_format=torch.channels_last_3d)
        elif 4 in dimensions:
            self.network = self.network.to(memory_format=torch.channels_last)

    def __call__(self, batch: Tensor) -> Tensor:
        """Return the logits of ``batch`` (batch, channels, *spatial) as float32."""
        with torch.inference_mode():
            return self.network(batch.to(self.device, self.dtype)).float()


def window_starts(size: int, window: int, step: int) -> list[int]:
    """Return the start positions of the windows along an axis; the last window ends exactly at the axis's end.

    :param size: length of the axis in voxels.
    :param window: length of a window in voxels; a window of at least ``size`` voxels gives the single start 0.
    :param step: distance between the starts of two windows in voxels.
    :raises ValueError: if ``step`` is less than 1.
    """
    if step < 1:
        raise ValueError(f"The step between windows must be at least 1, not {step}.")
    if window >= size:
        return [0]
    return [*range(0, size - window, step), size - window]


def window_weights(window: Sequence[int], weighting: Weighting) -> Tensor:
    """Return the weight of each voxel of a window, a tensor of shape ``window``.

    :param window: size of the window along each spatial axis, in voxels.
    :param weighting: ``constant`` gives every voxel the weight 1, ``gaussian`` gives the middle more weight (sigma is
        1/8 of the window's size along each axis).
    """
    if weighting == "constant":
        return torch.ones(tuple(window))
    weights = torch.ones(())
    for size in window:
        position = (torch.arange(size) - (size - 1) / 2) / (size * _SIGMA_PER_WINDOW)
        weights = weights[..., None] * torch.exp(-0.5 * position**2)
    # A lower bound keeps the division stable where only the far corner of one window reaches.
    return weights.clamp_min(1e-3)


def sliding_window(
    predict: Callable[[Tensor], Tensor],
    image: Tensor,
    window: Sequence[int],
    step: Sequence[int],
    weighting: Weighting = "gaussian",
    batch_size: int = 1,
    progress: Progress = silent,
) -> Tensor:
    """Average the predictions of windows that slide over an image.

    SV-Net's original setting is ``window=(256, 256, 32), step=(256, 256, 1), weighting="constant"``; larger steps with
    Gaussian weights take a fraction of its time.

    :param predict: function that maps (batch, channels, *window) to (batch, classes, *window), e.g. probabilities.
    :param image: image of shape (channels, *spatial); axes shorter than the window are padded with the image's minimum.
    :param window: size of the window along each spatial axis, in voxels.
    :param step: distance between the starts of windows along each axis, at least 1 voxel.
    :param weighting: weighting of the voxels of a window, see :func:`window_weights`.
    :param batch_size: number of windows per call of ``predict``.
    :return: averaged predictions (classes, *spatial), float32 on the CPU.
    :raises ValueError: if a step is less than 1.
    """
    size = image.shape[1:]
    padded = _padded(image, window)
    corners = list(product(*map(window_starts, padded.shape[1:], window, step)))
    weights = window_weights(window, weighting)
    total, norm = None, torch.zeros(padded.shape[1:])
    done = 0
    for group in _groups(corners, batch_size):
        boxes = [tuple(slice(a, a + w) for a, w in zip(corner, window, strict=True)) for corner in group]
        outputs = predict(torch.stack([padded[(slice(None), *box)] for box in boxes])).float().cpu()
        if total is None:
            total = torch.zeros(outputs.shape[1], *padded.shape[1:])
        for box, output in zip(boxes, outputs, strict=True):
            total[(slice(None), *box)] += output * weights
            norm[box] += weights
        done += len(group)
        progress(done / len(corners), _("Window {done} of {count}").format(done=done, count=len(corners)))
    assert total is not None
    return (total / norm)[(slice(None), *(slice(0, n) for n in size))]


def _fold_pairs(sequence: nn.Sequential) -> None:
    names = list(sequence._modules)
    for before, after in pairwise(names):
        convolution, normalisation = sequence._modules[before], sequence._modules[after]
        if isinstance(convolution, (*_CONVOLUTIONS, *_TRANSPOSED)) and isinstance(normalisation, _NORMALISATIONS):
            transposed = isinstance(convolution, _TRANSPOSED)
            sequence._modules[before] = fuse_conv_bn_eval(convolution, normalisation, transpose=transposed)
            sequence._modules[after] = nn.Identity()


def _padded(image: Tensor, window: Sequence[int]) -> Tensor:
    missing = [max(w - n, 0) for n, w in zip(image.shape[1:], window, strict=True)]
    if not any(missing):
        return image
    sides = [amount for size in reversed(missing) for amount in (0, size)]
    return nn.functional.pad(image, sides, value=float(image.min()))


def _groups(items: list, size: int) -> Iterator[list]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
