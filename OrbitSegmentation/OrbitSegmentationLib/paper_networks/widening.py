"""A wider network that starts as the same function as a narrower, trained one (as Net2Net, Chen 2016)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from NeuroOrbitLib.models.compact_unet import CompactUNet


def widened(weights: Mapping[str, Tensor], network: CompactUNet) -> dict[str, Tensor]:
    """Return weights with which ``network`` gives the same output as the narrower network that ``weights`` belong to.

    Weights that the narrower network does not have keep their random values, except that those leading from new to old
    channels are 0: the new channels exist, and training decides how to use them.

    :param weights: state of a :class:`CompactUNet` with as many levels, none of them wider than in ``network``.
    :param network: the wider network, with fresh weights; it is not changed.
    :raises ValueError: if the levels differ, or one is wider than in ``network``.
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
    # The weights of transposed convolutions have the input axis first.
    out_axis, in_axis = (1, 0) if name.startswith("upsamplers") else (0, 1)
    outputs = torch.arange(old.shape[out_axis])
    inputs = _joined_inputs(old.shape[in_axis], new.shape[in_axis]) if _joins(name) else \
        torch.arange(old.shape[in_axis])
    rows, old_rows = new.movedim((out_axis, in_axis), (0, 1)), old.movedim((out_axis, in_axis), (0, 1))
    rows[outputs] = 0
    rows[outputs[:, None], inputs[None]] = old_rows
    return new


def _joins(name: str) -> bool:
    """Return whether a weight's inputs are two concatenated sets of channels: upsampled ones, then the encoder's."""
    return name.startswith("decoders") and name.endswith(".0.weight")


def _joined_inputs(old: int, new: int) -> Tensor:
    return torch.cat([torch.arange(old // 2), new // 2 + torch.arange(old // 2)])
