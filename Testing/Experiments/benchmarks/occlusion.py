"""Occlusion maps: incremental recomputation against MONAI's, in one run.

``python -m Testing.Experiments.benchmarks.occlusion``

Network A of TAOActivity on 128 x 128 x 5, patch 16, stride 4 (841 covered images); ``--stride 16`` covers 64. The exit
status is 1 when ours is less than four times as fast, or when a probability differs by more than 1e-4. MONAI alone
takes minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "TAOActivity"))

from NeuroOrbitLib.models.device import doubles_with_bfloat16  # noqa: E402
from NeuroOrbitLib.saliency.occlusion import occlusion_map  # noqa: E402
from NeuroOrbitLib.saliency.patches import OcclusionSettings  # noqa: E402
from Testing.Experiments.benchmarks.timing import median_seconds  # noqa: E402

PATCH, STRIDE = 16, 4
SPEED_BAR, EQUALITY_BAR = 4.0, 1e-4


def main() -> int:
    """Measure and print; return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="network_a", help="name in TAOActivityLib's registry")
    parser.add_argument("--repeats", type=int, default=1, help="of every map")
    parser.add_argument("--stride", type=int, default=STRIDE, help="larger for a quick look: fewer covered images")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file as well")
    options = parser.parse_args()
    results = measure(options.network, options.stride, options.repeats)
    print(table(results))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    missed = exceeded(results)
    for text in missed:
        print(f"LIMIT EXCEEDED: {text}", file=sys.stderr)
    return int(bool(missed))


def measure(name: str, stride: int = STRIDE, repeats: int = 1) -> dict[str, Any]:
    """Return seconds of MONAI's map, of ours in float32 and in bfloat16, and the differences of the probabilities."""
    from monai.visualize import OcclusionSensitivity

    network, image = lively_network(name)
    settings = OcclusionSettings(PATCH, stride)
    maps: dict[str, np.ndarray] = {}

    def run_monai() -> None:
        sensitivity = OcclusionSensitivity(network, PATCH, 16, False, "mean_img", 1 - stride / PATCH)
        with torch.inference_mode():
            maps["monai"] = sensitivity(image[None])[0][0, 1].numpy()

    def run_ours(key: str, bf16: bool) -> None:
        maps[key] = occlusion_map(network, image, settings, "incremental", bf16).probability(1)

    ours = median_seconds(lambda: run_ours("ours", False), repeats, warm_up=False)
    fast = median_seconds(lambda: run_ours("fast", True), repeats, warm_up=False)
    monai = median_seconds(run_monai, repeats, warm_up=False)
    return {
        "network": name, "stride": stride, "threads": torch.get_num_threads(), "range": float(np.ptp(maps["monai"])),
        **monai.named("monai"), **ours.named("incremental"), **fast.named("incremental_bf16"),
        "wall_ratio": monai.wall / ours.wall, "processor_ratio": monai.processor / ours.processor,
        "bf16_processor_ratio": monai.processor / fast.processor,
        "largest_difference": float(np.abs(maps["ours"] - maps["monai"]).max()),
        "bf16_largest_difference": float(np.abs(maps["fast"] - maps["monai"]).max()),
    }  # fmt: skip


def exceeded(results: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each limit that is not kept."""
    found = []
    if results["processor_ratio"] < SPEED_BAR:
        found.append(f"an occlusion map is only {results['processor_ratio']:.1f} times as fast as MONAI's (at least "
                     f"{SPEED_BAR:.0f})")
    if results["bf16_processor_ratio"] <= results["processor_ratio"] and doubles_with_bfloat16("cpu"):
        found.append("an occlusion map in bfloat16, which this processor would take, is not faster than in float32")
    if results["largest_difference"] > EQUALITY_BAR:
        found.append(f"a probability of the occlusion map differs by {results['largest_difference']:.1e} (at most "
                     f"{EQUALITY_BAR:.0e})")
    return found


def lively_network(name: str) -> tuple[nn.Module, torch.Tensor]:
    """Return the network with random weights, conditioned so that covering patches changes its probabilities."""
    from TAOActivityLib.networks.registry import find

    torch.manual_seed(0)
    network, image = find(name).build(), torch.randn(5, 128, 128)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # statistics of the images below, as after training
    with torch.no_grad():
        network.train()(torch.stack([image, image.flip(-1), image.flip(-2), torch.randn_like(image)]))
        last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
        covered = image.clone()
        covered[:, 40:88, 40:88] = 0
        before, after = network.eval()(torch.stack([image, covered]))
        factor = 4.0 / float((before - after).abs().max())
        last.bias.copy_((last.bias - before) * factor)
        last.weight.mul_(factor)
    return network, image


def table(results: dict[str, Any]) -> str:
    """Return the results as a table for people."""
    lines = [
        (f"MONAI, {results['network']}, {results['threads']} thread(s)", results["monai_s"],
         results["monai_processor_s"]),
        ("incremental, float32", results["incremental_s"], results["incremental_processor_s"]),
        ("incremental, bfloat16", results["incremental_bf16_s"], results["incremental_bf16_processor_s"]),
    ]
    rows = [f"{title:<40} {wall:8.1f} s wall {processor:8.1f} s processor" for title, wall, processor in lines]
    return "\n".join([
        *rows,
        f"faster by {results['processor_ratio']:.1f} (bfloat16 {results['bf16_processor_ratio']:.1f}); largest "
        f"difference of a probability {results['largest_difference']:.1e} "
        f"(bfloat16 {results['bf16_largest_difference']:.1e}) of a range of {results['range']:.2f}",
    ])


if __name__ == "__main__":
    sys.exit(main())
