"""What every module costs when Slicer starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = ("OrbitSegmentation", "TAOActivity", "IVGCResponse", "NeuroDifferential")
HEAVY = ("torch", "monai", "SimpleITK", "sklearn", "skimage", "scipy", "matplotlib")
#: What a module may import when Slicer starts, itself and its packages included; seconds are for `make bench`.
MOST_IMPORTS = 200


@pytest.mark.parametrize("name", MODULES)
def test_loading_a_module_imports_little_and_nothing_heavy(name):
    code = f"""
import sys
from slicerhost.session import start
session = start()
before = set(sys.modules)
session.load_modules([{str(REPOSITORY / name / f"{name}.py")!r}], startup=False)
print(len(set(sys.modules) - before))
print(*[name for name in {HEAVY} if name in set(sys.modules) - before])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imports, heavy = run.stdout.splitlines()[-2:]
    assert heavy == ""
    assert 0 < int(imports) < MOST_IMPORTS
