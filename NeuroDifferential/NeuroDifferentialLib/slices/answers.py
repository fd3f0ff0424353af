"""Application of a network to every slice of a scan."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from NeuroDifferentialLib.slices.planes import planes

if TYPE_CHECKING:
    from torch import Tensor, nn

_BATCH = 8


def slicewise(inputs: Callable[[int, int], np.ndarray], wanted: np.ndarray, spacing: tuple[float, float, float],
              network: nn.Module, probabilities: Callable[[Tensor], Tensor], count: int = 1) -> np.ndarray:
    """Return a network's probabilities in a scan, float32 (count, K, J, I): their mean over the planes of the scan.

    :param inputs: returns the network's input for a slice, float32 (inputs, rows, columns), given the axis across which
        it is taken (0 to 2 for K, J, I) and its index along the axis.
    :param wanted: voxels of interest, bool (K, J, I); slices without any are left out and keep probabilities of 0.
    :param spacing: voxel size (mm) along K, J, I.
    :param network: network with the multiple of its rows and columns as ``size_multiple``.
    :param probabilities: turns the network's output into probabilities (batch, count, rows, columns).
    :param count: number of probabilities of a voxel.
    """
    # Imported here: samples are made, and drawn lesions are exported, before PyTorch is installed.
    import torch

    from NeuroOrbitLib.models.inference import FastNetwork

    fast = FastNetwork(network)
    result, axes = np.zeros((count, *wanted.shape), np.float32), planes(spacing)
    for axis in axes:
        places = np.flatnonzero(wanted.any(axis=tuple({0, 1, 2} - {axis})))
        for start in range(0, len(places), _BATCH):
            some = places[start:start + _BATCH]
            slices = np.stack([inputs(axis, int(place)) for place in some])
            padded, shape = _padded(torch.from_numpy(slices), network.size_multiple), slices.shape[2:]
            found = probabilities(fast(padded))[:, :, :shape[0], :shape[1]]
            np.moveaxis(result, axis + 1, 0)[some] += found.numpy() / len(axes)
    return result


def _padded(inputs: Tensor, multiple: int) -> Tensor:
    from torch.nn.functional import pad

    rows, columns = (-size % multiple for size in inputs.shape[2:])
    return pad(inputs, (0, columns, 0, rows))
