"""``python -m Testing.Experiments.benchmarks.measuring SCAN LABELS``: all measures of a scan, and its report.

Prints one line of JSON: seconds of each, in a process that has loaded its libraries.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

#: Limit (s) of each of them.
LIMIT_S = 5.0
_TITLES = {"measures": "measuring 512 x 512 x 200 voxels", "report": "the report of 512 x 512 x 200 voxels"}


def main() -> int:
    """Measure and print."""
    print(json.dumps(measure(*sys.argv[1:3])))
    return 0


def measure(scan: str, labels: str) -> dict[str, Any]:
    """Return the seconds of all measures, and of a report with given measures."""
    from NeuroOrbitLib.clinical_report.write import write_report
    from NeuroOrbitLib.files.safe import write_json
    from NeuroOrbitLib.measurements.job import measure_file

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        answer = {}
        results = _timed("measures", lambda: answer.update(measure_file(scan, labels)))
        measures = write_json(folder / "measures.json", {"measures": answer["measures"]})
        results |= _timed("report", lambda: write_report(
            scan, labels, [str(folder / "report.html"), str(folder / "report.pdf")], measures=str(measures)))
    return {**results, "rows": sum(row["value"] is not None for row in answer["measures"])}


def _timed(name: str, work: Callable[[], object]) -> dict[str, float]:
    """Return the seconds of the second call, as the first one loads libraries."""
    work()
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return {f"{name}_s": time.perf_counter() - wall, f"{name}_processor_s": time.process_time() - processor}


def exceeded(result: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each exceeded limit; on a busy machine the processor time counts."""
    seconds = {name: min(result[f"{name}_s"], result[f"{name}_processor_s"]) for name in _TITLES}
    return [f"{_TITLES[name]} takes {value:.1f} s (limit {LIMIT_S:.0f})" for name, value in seconds.items()
            if value > LIMIT_S]


if __name__ == "__main__":
    sys.exit(main())
