"""The steps that the panel lets the worker do need nothing that Slicer lacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.models import ModelFacts, write_package
from TAOActivityLib.networks.registry import find

REPOSITORY = Path(__file__).resolve().parents[3]
#: What neither Slicer nor the extension's requirements bring.
LACKING = ("sklearn", "monai", "tensorboard", "matplotlib", "dask", "skimage", "pandas", "nibabel", "highdicom", "yaml")
STEPS = """
import sys
class Lacking:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {lacking}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Lacking())
from TAOActivityLib.run_activity import classify_crop, explain_crop, prepare_file
given = dict(scan="scan.nii", labels="labels.nii", model="tao-tiny", device="cpu")
crop = prepare_file(output="orbits.nii", **given)["crops"]["both"]
print(classify_crop(output="crop.nii", crop=crop, **given)["decision"])
print(len(explain_crop(output="heat.nii", crop=crop, patch=64, stride=64, **given)["by_muscle"]))
"""


@pytest.mark.slow
def test_prepare_classify_and_explain_work_with_what_is_in_slicer(inactive_scan, tmp_path):
    save_image(inactive_scan.image, tmp_path / "scan.nii")
    save_image(inactive_scan.labels, tmp_path / "labels.nii")
    torch.manual_seed(0)
    network = find("network_b_compact").build(width=2)
    facts = ModelFacts("tao-tiny", "1.0.0", "Tiny", "MRI", ("inactive", "active"), "synthetic", "Apache-2.0",
                       "network_b_compact", {"width": 2}, {"kind": "tao_activity", "threshold": 0.5})
    write_package(tmp_path / "tao-tiny", network.state_dict(), facts)
    paths = ":".join(str(REPOSITORY / name) for name in ("", "TAOActivity", "OrbitSegmentation"))
    run = subprocess.run([sys.executable, "-c", STEPS.format(lacking=LACKING)], cwd=tmp_path, text=True,
                         capture_output=True, env={"PYTHONPATH": paths})
    assert run.returncode == 0, run.stderr
    decision, muscles = run.stdout.split()[-2:]
    assert decision in ("active", "inactive") and int(muscles) >= 8
