"""What the panels start in the worker runs with the packages that Slicer has, and those that it was asked to install.

Slicer brings NumPy, SciPy, SimpleITK and pydicom (highdicom only from 5.12 on). Other packages of this environment are
hidden from a second Python, as if they were not installed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest

from IVGCResponseLib import inventory as response
from NeuroDifferentialLib.differential import inventory as differential
from NeuroOrbitLib.imaging.files import load_image
from TAOActivityLib import inventory as activity

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = ("OrbitSegmentation", "TAOActivity", "IVGCResponse", "NeuroDifferential")
FOLDERS = (".", *MODULES, "Testing/SlicerHost")
#: Packages that Slicer lacks, by the name by which they are imported.
LACKING = frozenset(("highdicom", "matplotlib", "monai", "safetensors", "skimage", "sklearn", "tensorboard", "torch",
                     "yaml"))
#: Start of a Python, and of each that it starts, without some of the packages that are installed.
_SITE = """
import importlib.machinery, json, os, sys

hidden = set(json.loads(os.environ["HIDDEN_PACKAGES"]))

class Installed(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in hidden else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(importlib.machinery.PathFinder)] = Installed
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


@pytest.fixture
def run_without(tmp_path):
    """Return a function that runs Python, and all that it starts, without some packages, and returns what it prints."""
    (tmp_path / "sitecustomize.py").write_text(_SITE, encoding="utf-8")

    def run(packages: Collection[str], *arguments: str) -> str:
        paths = [str(tmp_path), *(str(REPOSITORY / folder) for folder in FOLDERS)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "HIDDEN_PACKAGES": json.dumps([*packages])}
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False,
                              env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def _importing(modules: Iterable[str]) -> str:
    return f"import {', '.join(modules)}"


def asked_for() -> set[str]:
    """Return the packages that the modules ask Slicer to install besides PyTorch, by the name of their import."""
    lines = (REPOSITORY / "Resources" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = [re.match(r"[\w-]+", line)[0] for line in lines if line and not line.startswith("#")]
    return {IMPORTED_AS.get(name, name) for name in names}


def test_what_is_asked_for_measures_and_parts_lesions(run_without):
    missing = LACKING - asked_for()
    assert "torch" in missing
    run_without(missing, "-c", _importing(WITHOUT_NETWORK))
    parts = run_without(missing, "-c", """
import numpy as np
from NeuroDifferentialLib.places.splitting import split_lesions
places = np.indices((21, 41, 21)) - np.array([10, 10, 10]).reshape(3, 1, 1, 1)
balls = (places**2).sum(axis=0) < 60, ((places - np.array([0, 14, 0]).reshape(3, 1, 1, 1))**2).sum(axis=0) < 60
print(split_lesions(balls[0] | balls[1], (1.0, 1.0, 1.0)).max())
""")
    assert parts == "2\n"


def test_what_is_asked_for_with_pytorch_segments_and_classifies(run_without):
    missing = LACKING - asked_for() - {"torch"}
    run_without(missing, "-c", _importing(WITH_NETWORK))


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("module", MODULES)
def test_self_tests_pass_with_what_is_asked_for(module, run_without):
    folders = [str(REPOSITORY / folder) for folder in MODULES]
    run_without(LACKING - asked_for() - {"torch"}, "-m", "slicerhost", "--modules", *folders, "--test", module)


@pytest.mark.parametrize("function", [function for function, _kind in SAMPLES])
def test_sample_patients_are_found_before_anything_is_installed(function, run_without):
    module, name = function.split(":")
    assert run_without(LACKING, "-c", f"import {module} as m; print(m.{name}.__name__)") == f"{name}\n"


@pytest.mark.slow
@pytest.mark.parametrize(("function", "kind"), SAMPLES)
def test_sample_patients_are_made_before_anything_is_installed(function, kind, run_without, tmp_path):
    module, name = function.split(":")
    path = tmp_path / "sample.nii"
    run_without(LACKING, "-c", f"import {module} as m; m.{name}({kind!r}, {str(path)!r})")
    assert load_image(path).array.std() > 0


def test_a_hidden_package_is_not_found(run_without):
    assert run_without({"torch"}, "-c", "import importlib.util as u; print(u.find_spec('torch'))") == "None\n"
