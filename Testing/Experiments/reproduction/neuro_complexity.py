"""Parameters, seconds and memory of a network (the paper's Table 3), measured in a separate process.

``python -m Testing.Experiments.reproduction.neuro_complexity NAME`` prints JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY / name) for name in ("OrbitSegmentation", "NeuroDifferential")]
#: Number of lesion images in a training step; batch normalisation needs two.
_BATCH = 2


def measured(name: str) -> dict[str, Any]:
    """Return :func:`measure` of a network, run in a new process.

    :raises RuntimeError: if it failed; the message is its error output.
    """
    command = [sys.executable, "-m", "Testing.Experiments.reproduction.neuro_complexity", name]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"Measuring {name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(name: str) -> dict[str, Any]:
    """Return the number of parameters, processor seconds on one thread, and the largest memory of this process.

    :return: ``parameters``; ``answer_s`` and ``step_s``: seconds to classify and to learn from one lesion image;
        ``peak_gib``.
    """
    import torch

    from NeuroDifferentialLib.differential.networks.registry import SHAPE, find
    from Testing.Experiments.benchmarks.segmenting import peak_memory_bytes
    from Testing.Experiments.benchmarks.timing import median_seconds

    torch.set_num_threads(1)
    network = find(name).build()
    images = torch.zeros(_BATCH, *SHAPE)
    images[:, 40:60, 40:60, 40:60] = 255
    optimizer = torch.optim.SGD(network.parameters(), 0.01)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(images), torch.arange(_BATCH) % 2).backward()
        optimizer.step()

    learned = median_seconds(step, 1).processor / _BATCH
    network.eval()
    with torch.inference_mode():
        asked = median_seconds(lambda: network(images[:1]), 3).processor
    # getrusage also includes the time before the program began, i.e. the memory of the process that started it.
    peak = peak_memory_bytes(os.getpid())
    return {"parameters": sum(parameter.numel() for parameter in network.parameters()), "answer_s": asked,
            "step_s": learned, "peak_gib": peak / 2**30}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
