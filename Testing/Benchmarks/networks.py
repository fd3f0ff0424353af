"""Time of the networks' passes, and what a larger step of the sliding window saves."""

from __future__ import annotations

import torch

from NeuroOrbitLib.anatomy import Side
from OrbitSegmentationLib.any_contrast.segment import SPACING
from OrbitSegmentationLib.inference import FastNetwork, sliding_window
from OrbitSegmentationLib.networks.registry import find
from OrbitSegmentationLib.orbit_frame import OrbitFrame
from OrbitSegmentationLib.profiles import find_profile
from Testing.Benchmarks.timing import median_seconds

#: The paper's window is 256 x 256 x 32; the plane is reduced here, so that the benchmark takes seconds.
PLANE = (64, 64)
SLICES = 64


def orbit_pass() -> dict[str, object]:
    """Median seconds of the default model's orbit network for one orbit."""
    shape = OrbitFrame((0.0, 0.0, 0.0), Side.RIGHT).grid(SPACING).shape
    network = find("any_contrast").build().eval()
    box = torch.zeros(1, 1, *shape)
    with torch.inference_mode():
        return {"shape": list(shape), **median_seconds(lambda: network(box)).named("pass")}


def sliding_steps() -> dict[str, object]:
    """Seconds of SV-Net over a reduced orbit with the paper's step of one slice and with the profile's own."""
    profile = find_profile("sv_net")
    depth = profile.window[2]
    network = FastNetwork(find(profile.network).build())
    image = torch.zeros(1, *PLANE, SLICES)

    def run(step: int) -> None:
        sliding_window(network, image, (*PLANE, depth), (*PLANE, step))

    own = median_seconds(lambda: run(profile.slice_step), 3)
    published = median_seconds(lambda: run(1), 1, warm_up=False)
    return {"image": [*PLANE, SLICES], "precision": str(network.dtype), "own_step": profile.slice_step,
            **published.named("published_step"), **own.named("own_step"),
            "processor_ratio": published.processor / own.processor}
