"""Time of the networks, and the gain of few windows over the published sliding window."""

from __future__ import annotations

import numpy as np
import torch

from NeuroOrbitLib.anatomy import Side
from NeuroOrbitLib.jobs.worker import keep_freed_memory
from NeuroOrbitLib.models.inference import FastNetwork, window_starts
from OrbitSegmentationLib.any_contrast.segment import SPACING
from OrbitSegmentationLib.orbit_frame import OrbitFrame
from OrbitSegmentationLib.paper_networks.prediction import orbit_probabilities
from OrbitSegmentationLib.paper_networks.profiles import find_profile
from OrbitSegmentationLib.paper_networks.registry import find
from Testing.Experiments.benchmarks.timing import Seconds, median_seconds


def orbit_pass() -> dict[str, object]:
    """Return the median seconds of the default model's orbit network for one orbit."""
    shape = OrbitFrame((0.0, 0.0, 0.0), Side.RIGHT).grid(SPACING).shape
    network = find("any_contrast").build().eval()
    box = torch.zeros(1, 1, *shape)
    with torch.inference_mode():
        return {"shape": list(shape), **median_seconds(lambda: network(box)).named("pass")}


def sv_net_speed() -> dict[str, object]:
    """Compare SV-Net on one orbit as published (a window at every slice) with the same weights in few windows.

    All windows of the published method cost the same, so that one is timed and multiplied by their number.
    """
    published, own = find_profile("sv_net_published"), find_profile("sv_net")
    network = find(own.network).build().eval()
    windows = len(window_starts(published.shape[2], published.window[2], published.slice_step))
    window = torch.randn(1, 1, *published.window)
    with torch.inference_mode():
        one = median_seconds(lambda: network(window), 2)
    # As in the worker process, where the pipeline runs.
    keep_freed_memory()
    fast = FastNetwork(network)
    orbit = np.random.default_rng(0).random(own.shape, dtype=np.float32)
    whole = median_seconds(lambda: orbit_probabilities(orbit, fast, own), 3)
    steps = Seconds(windows * one.wall, windows * one.processor)
    return {"orbit": list(own.shape), "windows": windows, "precision": str(fast.dtype),
            **steps.named("published_step"), **whole.named("few_windows"),
            "processor_ratio": steps.processor / whole.processor}
