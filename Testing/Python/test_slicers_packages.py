"""What the panels start in the worker runs with the packages that Slicer has, and those that it was asked to install.

Slicer brings NumPy, SciPy, SimpleITK and pydicom (highdicom only from 5.12 on). Other packages of this environment are
hidden from a second Python, as if they were not installed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from IVGCResponseLib import inventory as response
from NeuroDifferentialLib.differential import inventory as differential
from NeuroOrbitLib.imaging.files import load_image
from TAOActivityLib import inventory as activity

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDERS = (".", "OrbitSegmentation", "TAOActivity", "IVGCResponse", "NeuroDifferential")
#: Packages that Slicer lacks, by the name by which they are imported.
LACKING = frozenset(("highdicom", "matplotlib", "monai", "safetensors", "skimage", "sklearn", "tensorboard", "torch",
                     "yaml"))
_SECOND_PYTHON = """
import importlib.machinery, json, sys

hidden, folders, code = json.loads(sys.argv[1])

class Installed(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in hidden else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(importlib.machinery.PathFinder)] = Installed
sys.path[:0] = folders
exec(code)
"""
#: The same by the name in requirements, where they differ.
IMPORTED_AS = {"scikit-image": "skimage"}
#: Modules of the worker's functions that need no network, and of those that do.
WITHOUT_NETWORK = ("NeuroOrbitLib.measurements.measure", "NeuroOrbitLib.measurements.compare",
                   "NeuroOrbitLib.measurements.follow_up_job", "NeuroDifferentialLib.dicom.export",
                   "NeuroDifferentialLib.places.measuring", "OrbitSegmentationLib.refinement.correction.pipeline")
WITH_NETWORK = ("OrbitSegmentationLib.pipeline", "OrbitSegmentationLib.batch.run", "OrbitSegmentationLib.find_eyes",
                "TAOActivityLib.run_activity", "IVGCResponseLib.run_response", "NeuroDifferentialLib.run_differential",
                "OrbitSegmentationLib.any_contrast.segment", "TAOActivityLib.pipeline", "IVGCResponseLib.pipeline",
                "NeuroDifferentialLib.pipeline", "NeuroOrbitLib.radiomics.job")
#: A sample of each function that makes samples.
SAMPLES = [("NeuroOrbitLib.phantom.patients.sample_scans:write_sample", "TED-MR-T1"),
           (activity.SAMPLE_FUNCTION, "active"), (response.SAMPLE_FUNCTION, "responder"),
           (differential.SAMPLE_FUNCTION, "MS")]


def run_without(packages: Collection[str], code: str) -> str:
    """Run code in a Python without some packages, and return what it prints."""
    given = json.dumps([sorted(packages), [str(REPOSITORY / folder) for folder in FOLDERS], code])
    run = subprocess.run([sys.executable, "-c", _SECOND_PYTHON, given], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def asked_for() -> set[str]:
    """Return the packages that the modules ask Slicer to install besides PyTorch, by the name of their import."""
    lines = (REPOSITORY / "Resources" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = [re.match(r"[\w-]+", line)[0] for line in lines if line and not line.startswith("#")]
    return {IMPORTED_AS.get(name, name) for name in names}


def test_what_is_asked_for_measures_and_parts_lesions():
    missing = LACKING - asked_for()
    assert "torch" in missing
    run_without(missing, "import importlib\nfor name in " + repr(WITHOUT_NETWORK) + ": importlib.import_module(name)")
    parts = run_without(missing, """
import numpy as np
from NeuroDifferentialLib.places.splitting import split_lesions
places = np.indices((21, 41, 21)) - np.array([10, 10, 10]).reshape(3, 1, 1, 1)
balls = (places**2).sum(axis=0) < 60, ((places - np.array([0, 14, 0]).reshape(3, 1, 1, 1))**2).sum(axis=0) < 60
print(split_lesions(balls[0] | balls[1], (1.0, 1.0, 1.0)).max())
""")
    assert parts == "2\n"


def test_what_is_asked_for_with_pytorch_segments_and_classifies():
    missing = LACKING - asked_for() - {"torch"}
    run_without(missing, "import importlib\nfor name in " + repr(WITH_NETWORK) + ": importlib.import_module(name)")


@pytest.mark.parametrize("function", [function for function, _kind in SAMPLES])
def test_sample_patients_are_found_before_anything_is_installed(function):
    module, name = function.split(":")
    assert run_without(LACKING, f"import {module} as m; print(m.{name}.__name__)") == f"{name}\n"


@pytest.mark.slow
@pytest.mark.parametrize(("function", "kind"), SAMPLES)
def test_sample_patients_are_made_before_anything_is_installed(function, kind, tmp_path):
    module, name = function.split(":")
    path = tmp_path / "sample.nii"
    run_without(LACKING, f"import {module} as m; m.{name}({kind!r}, {str(path)!r})")
    assert load_image(path).array.std() > 0


def test_a_hidden_package_is_not_found():
    assert run_without({"torch"}, "import importlib.util as u; print(u.find_spec('torch'))") == "None\n"
