"""Time and peak memory of estimating one patient's response as from the panel, from the scan's file to the answer.

``python -m Testing.Experiments.benchmarks.response`` prints JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
MODULES = ("IVGCResponse", "OrbitSegmentation")
sys.path[:0] = [str(REPOSITORY / name) for name in MODULES]

from IVGCResponseLib.inventory import DEFAULT_MODEL  # noqa: E402
from IVGCResponseLib.synthetic.sample_patients import sample_patient  # noqa: E402
from IVGCResponseLib.synthetic.scans import make_scan  # noqa: E402
from NeuroOrbitLib.imaging.files import save_image  # noqa: E402
from NeuroOrbitLib.jobs.progress import Progress, silent  # noqa: E402
from Testing.Experiments.benchmarks import segmenting  # noqa: E402

PIPELINE = "Testing.Experiments.benchmarks.response:prepared_and_classified"
#: Limits for a coronal T2 of a whole head on two cores: muscles segmented and measured, features computed, answer
#: given.
SECONDS_LIMIT, MEMORY_LIMIT_GIB = 30.0, 3.0


def prepared_and_classified(scan: str, output: str, progress: Progress = silent) -> dict[str, Any]:
    """Do the panel's first two steps in the worker: segment the muscles, then estimate with the default model."""
    from IVGCResponseLib.run_response import classify_volume, prepare_file

    prepare_file(scan, output, device="cpu", progress=progress)
    seen = str(Path(output).with_name("seen.nii"))
    return classify_volume(scan, seen, output, DEFAULT_MODEL, {"age": 45.0, "cas": 5.0}, device="cpu",
                           progress=progress)


def measure(repeats: int = 2) -> dict[str, object]:
    """Return seconds and memory, see :func:`.segmenting.measure_pipeline`; ``voxels`` is the shape of the scan."""
    image = make_scan(sample_patient("responder"), whole=True).image
    with tempfile.TemporaryDirectory() as name:
        path = save_image(image, Path(name) / "scan.nii.gz")
        found = segmenting.measure_pipeline(PIPELINE, MODULES, {"scan": str(path)}, repeats)
    return {**found, "voxels": list(image.array.shape)}


def exceeded(result: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each exceeded limit."""
    return segmenting.exceeded(result, "the response of one patient", SECONDS_LIMIT, MEMORY_LIMIT_GIB)


if __name__ == "__main__":
    print(json.dumps(measure()))
