"""Time and peak memory of finding the lesions of a whole brain, from the file of the FLAIR to the table.

The network of the default model is compared with the same network by MONAI's sliding window (windows as large as the
patches of the training, half overlapping, Gaussian weights, 32 bits).

``python -m Testing.Experiments.benchmarks.lesions`` prints JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import nn

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY / "NeuroDifferential")]

from NeuroDifferentialLib.differential.synthetic.cases import SyntheticScan, simulated_scan  # noqa: E402
from NeuroDifferentialLib.differential.synthetic.plan import DifferentialCohortPlan, plan_patients  # noqa: E402
from NeuroDifferentialLib.lesions import networks  # noqa: E402
from NeuroDifferentialLib.lesions.channels import MASK, channels  # noqa: E402
from NeuroDifferentialLib.lesions.inventory import CLASSICAL, DEFAULT_MODEL, lesion_package  # noqa: E402
from NeuroDifferentialLib.lesions.learned import seen_probabilities  # noqa: E402
from NeuroDifferentialLib.lesions.scan import prepare_scan  # noqa: E402
from NeuroDifferentialLib.lesions.slices import slice_inputs  # noqa: E402
from NeuroDifferentialLib.slices.planes import planes  # noqa: E402
from NeuroOrbitLib.imaging.files import save_image  # noqa: E402
from Testing.Experiments.benchmarks import segmenting  # noqa: E402
from Testing.Experiments.benchmarks.timing import median_seconds  # noqa: E402

PIPELINE = "NeuroDifferentialLib.pipeline:segment_file"
#: Limits for a whole head in a FLAIR of 1 mm on two cores.
SECONDS_LIMIT, MEMORY_LIMIT_GIB = 40.0, 3.0
#: Least factor by which the network is faster than MONAI's sliding window, and largest loss of Dice.
GAIN, DICE_LOSS = 3.0, 0.005
_WINDOW, _WINDOWS_AT_ONCE = 160, 8


def measure(repeats: int = 2) -> dict[str, object]:
    """Return seconds and memory with the model that ships, see :func:`.segmenting.measure_pipeline`.

    ``voxels`` is the shape of the scan.
    """
    drawn = simulated_scan(plan_patients(DifferentialCohortPlan(4, seed=31))[0], "flair-3d", "axial")
    flair = drawn.flair
    with tempfile.TemporaryDirectory() as name:
        path = save_image(flair, Path(name) / "flair.nii.gz")
        found = segmenting.measure_pipeline(PIPELINE, "NeuroDifferential", {"flair": str(path)}, repeats)
    return {**found, "voxels": list(flair.array.shape), **({} if DEFAULT_MODEL == CLASSICAL else _network(drawn))}


def _network(drawn: SyntheticScan) -> dict[str, float]:
    """Return processor seconds of the default model's network and Dice with the drawn lesions, ours and MONAI's."""
    scan, truth = prepare_scan(drawn.flair, None), drawn.true_lesions.array > 0
    seen, network = channels(scan), networks.load(lesion_package(DEFAULT_MODEL), "cpu")
    result = {}
    for name, way in (("network", seen_probabilities), ("monai", _by_sliding_window)):
        answers: list[np.ndarray] = []
        seconds = median_seconds(lambda way=way, to=answers: to.append(way(seen, scan.spacing, network)), 1, False)
        found = scan.on_original((answers[0] > 0.5).astype(np.uint8)) > 0
        dice = 2 * np.count_nonzero(found & truth) / (np.count_nonzero(found) + np.count_nonzero(truth))
        result |= {f"{name}_processor_s": seconds.processor, f"{name}_dice": dice}
    return result


def _by_sliding_window(seen: np.ndarray, spacing: tuple[float, float, float], network: nn.Module) -> np.ndarray:
    """Return the probability of lesion (K, J, I) by MONAI's sliding window over every slice."""
    import torch
    from monai.inferers import sliding_window_inference

    result, axes = np.zeros(seen.shape[1:], np.float32), planes(spacing)
    with torch.inference_mode():
        for axis in axes:
            for place in range(seen.shape[axis + 1]):
                inputs = torch.from_numpy(slice_inputs(seen, axis, place, spacing))[None]
                odds = sliding_window_inference(inputs, (_WINDOW, _WINDOW), _WINDOWS_AT_ONCE, network, overlap=0.5,
                                                mode="gaussian")
                np.moveaxis(result, axis, 0)[place] += odds[0, 0].sigmoid().numpy() / len(axes)
    return np.where(seen[MASK] > 0, result, 0)


def exceeded(result: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each exceeded limit."""
    found = segmenting.exceeded(result, "finding the lesions of a FLAIR", SECONDS_LIMIT, MEMORY_LIMIT_GIB)
    if "monai_processor_s" in result:
        gain = result["monai_processor_s"] / result["network_processor_s"]
        if gain < GAIN:
            found.append(f"the lesion network is only {gain:.1f} times as fast as MONAI's sliding window (at least "
                         f"{GAIN:.0f})")
        if result["monai_dice"] - result["network_dice"] > DICE_LOSS:
            found.append(f"the lesion network finds drawn lesions with Dice {result['network_dice']:.3f}, by MONAI's "
                         f"sliding window with {result['monai_dice']:.3f}")
    return found


if __name__ == "__main__":
    print(json.dumps(measure()))
