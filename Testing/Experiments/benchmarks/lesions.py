"""Time and peak memory of finding the lesions of a whole brain, from the file of the FLAIR to the table.

``python -m Testing.Experiments.benchmarks.lesions`` prints JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY / "NeuroDifferential")]

from NeuroDifferentialLib.differential.synthetic.cases import simulated_scan  # noqa: E402
from NeuroDifferentialLib.differential.synthetic.plan import CohortPlan, plan_patients  # noqa: E402
from NeuroOrbitLib.imaging.files import save_image  # noqa: E402
from Testing.Experiments.benchmarks.segmenting import measure_pipeline  # noqa: E402

PIPELINE = "NeuroDifferentialLib.pipeline:segment_file"
#: For a FLAIR of 1 mm of a whole head on two cores.
SECONDS_LIMIT, MEMORY_LIMIT_GIB = 40.0, 3.0


def measure(repeats: int = 2) -> dict[str, object]:
    """Return seconds and memory with the model that ships, see :func:`measure_pipeline`; ``voxels`` is the shape."""
    flair = simulated_scan(plan_patients(CohortPlan(4, seed=31))[0], "flair-3d", "axial").flair
    with tempfile.TemporaryDirectory() as name:
        path = save_image(flair, Path(name) / "flair.nii.gz")
        found = measure_pipeline(PIPELINE, "NeuroDifferential", {"flair": str(path)}, repeats)
    return {**found, "voxels": list(flair.array.shape)}


def exceeded(result: Mapping[str, object]) -> list[str]:
    """Return the limits that are not kept, in words; on a busy machine the processor time says what it would take."""
    found = []
    seconds = min(result["later_s"], result["later_processor_s"])
    if seconds > SECONDS_LIMIT:
        found.append(f"finding the lesions of a FLAIR takes {seconds:.0f} s (limit {SECONDS_LIMIT:.0f})")
    if result["peak_gib"] > MEMORY_LIMIT_GIB:
        found.append(f"finding the lesions of a FLAIR takes {result['peak_gib']:.1f} GiB (limit {MEMORY_LIMIT_GIB})")
    return found


if __name__ == "__main__":
    print(json.dumps(measure()))
