"""What both networks see of a scan: a grid of its grey values, scaled."""

from __future__ import annotations

import torch
from torch import Tensor

from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.imaging.intensity import AIR_HU
from NeuroOrbitLib.phantom.randomised_image import scale_for_network


def network_input(image: Image, grid: Grid, is_ct: bool) -> Tensor:
    """Grey values on ``grid`` as a network takes them, (1, 1, K, J, I); where the scan has none, those of air."""
    fill = float(AIR_HU) if is_ct else float(image.array.min())
    voxels = torch.from_numpy(resample(image, grid, fill=fill, antialias=True).array)
    return scale_for_network(voxels, is_ct)[None, None]
