"""What every module costs when Slicer starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = ("OrbitSegmentation", "TAOActivity")
HEAVY = ("torch", "monai", "SimpleITK", "sklearn", "skimage", "scipy", "matplotlib")
MOST_SECONDS = 0.3


@pytest.mark.parametrize("name", MODULES)
def test_loading_a_module_is_quick_and_imports_nothing_heavy(name):
    code = f"""
import sys, time
from slicerhost.session import start
session = start()
before, start = set(sys.modules), time.process_time()
session.load_modules([{str(REPOSITORY / name / f"{name}.py")!r}], startup=False)
print(time.process_time() - start)
print(*[name for name in {HEAVY} if name in set(sys.modules) - before])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, heavy = run.stdout.splitlines()[-2:]
    assert heavy == ""
    assert float(seconds) < MOST_SECONDS
