"""How long the application takes to start, measured in a separate process: prints one line of JSON.

``python -m Testing.Experiments.benchmarks.start_up [--extension]``
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from Testing.Demo.rendering import choose_render_window

REPOSITORY = Path(__file__).resolve().parents[3]
MODULES = ("OrbitSegmentation", "TAOActivity", "IVGCResponse", "NeuroDifferential")
HEAVY = ("torch", "monai", "SimpleITK", "scipy")


def modules() -> list[Path]:
    """Return the files of the extension's modules; folders without a module file are skipped."""
    files = [REPOSITORY / name / f"{name}.py" for name in MODULES]
    return [file for file in files if file.is_file()]


def measure(with_extension: bool) -> dict[str, object]:
    """Start the application; return wall and processor seconds until it has started, and heavy imports."""
    choose_render_window()
    sys.path.insert(0, str(REPOSITORY / "Testing" / "SlicerHost"))
    wall, processor = time.perf_counter(), time.process_time()
    from slicerhost.session import start

    session = start()
    if with_extension:
        session.load_modules(modules(), startup=False)
    session.complete_startup()
    return {
        "wall_s": time.perf_counter() - wall,
        "processor_s": time.process_time() - processor,
        "modules": len(modules()),
        "heavy_imports": [name for name in HEAVY if name in sys.modules],
    }


if __name__ == "__main__":
    print(json.dumps(measure("--extension" in sys.argv)), flush=True)
    os._exit(0)  # static destructors of Qt and VTK run in an undefined order
