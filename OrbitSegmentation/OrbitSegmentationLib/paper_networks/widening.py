"""A wider network that starts out as the same function as a narrower, trained one (as Net2Net, Chen 2016)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from NeuroOrbitLib.models.compact_unet import CompactUNet


def widened(weights: Mapping[str, Tensor], network: CompactUNet) -> dict[str, Tensor]:
    """Weights of ``network`` with which it answers as the narrower one that ``weights`` belong to.

    What the narrower network does not have keeps its random start, except that nothing of it reaches what the
    narrower one has: the new channels are there, and the training decides what to do with them.

    :param weights: state of a :class:`CompactUNet` of as many levels, none of them wider than ``network``'s.
    :raises ValueError: if it has other levels, or a wider one.
    """
    own = network.state_dict()
    if own.keys() != weights.keys() or any(
            len(own[name].shape) != len(weights[name].shape) or
            any(new < old for new, old in zip(own[name].shape, weights[name].shape, strict=True)) for name in own):
        raise ValueError("Start from a network with the same levels, none of them wider than here.")
    return {name: _placed(name, weights[name], tensor.clone()) for name, tensor in own.items()}


def _placed(name: str, old: Tensor, new: Tensor) -> Tensor:
    if old.ndim == 1:
        new[:len(old)] = old
        return new
    # Transposed convolutions have their inputs first.
    out_axis, in_axis = (1, 0) if name.startswith("upsamplers") else (0, 1)
    outputs = torch.arange(old.shape[out_axis])
    inputs = _joined_inputs(old.shape[in_axis], new.shape[in_axis]) if _joins(name) else \
        torch.arange(old.shape[in_axis])
    rows, old_rows = new.movedim((out_axis, in_axis), (0, 1)), old.movedim((out_axis, in_axis), (0, 1))
    rows[outputs] = 0
    rows[outputs[:, None], inputs[None]] = old_rows
    return new


def _joins(name: str) -> bool:
    """Whether a weight's inputs are two sets of channels after each other: upsampled ones, then an encoder's."""
    return name.startswith("decoders") and name.endswith(".0.weight")


def _joined_inputs(old: int, new: int) -> Tensor:
    return torch.cat([torch.arange(old // 2), new // 2 + torch.arange(old // 2)])
