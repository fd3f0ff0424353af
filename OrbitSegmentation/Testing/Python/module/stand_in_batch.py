"""A batch that the worker runs in the tests of its page."""

from __future__ import annotations

import time
from pathlib import Path

from NeuroOrbitLib.problem import Problem


def run_batch(source, output, resume=False, progress=None):
    """Write an overview and tell of two scans; wait where the folder is called "slow"."""
    progress(0.1, "Working on case_0001")
    while source.endswith("slow"):
        time.sleep(0.02)
        progress(0.2, "Working on case_0001")
    if not Path(source).is_dir():
        raise Problem("There are no scans.")
    Path(output).mkdir()
    (Path(output) / "index.html").write_text("overview")
    return {"scans": 2, "failed": 1, "files": []}
