"""Following a patient over several dates in the worker process."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from NeuroOrbitLib.anatomy.structures import STRUCTURES
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.measurements.follow_up_job import follow_up_files


def test_what_must_be_known_of_a_date_in_between_is_told(tmp_path, toy_head_maker):
    files, left = {}, [structure.left for structure in STRUCTURES if structure.left is not None]
    for number, name in enumerate(("first", "between", "last")):
        scan, labels = toy_head_maker(2.0, number)
        if name == "between":
            labels = labels.with_array(np.where(np.isin(labels.array, left), 0, labels.array))
        files |= {f"scan_{name}": str(save_image(scan, tmp_path / f"{name}.nii.gz")),
                  f"labels_{name}": str(save_image(labels, tmp_path / f"{name}_labels.nii.gz"))}
    told = follow_up_files(files.pop("scan_last"), files.pop("labels_last"), str(tmp_path / "out"),
                           ["first", "between", ""], **files)["notices"]
    assert [notice for notice in told if "left orbit" in notice] == [
        "Date 2: Only one of the dates has the left orbit in its label map: its changes cannot be measured."]


def test_a_foreign_segmentation_is_measured_and_followed_without_pytorch(tmp_path, toy_head_maker):
    scan, labels = toy_head_maker(2.0, 0)
    earlier, _labels = toy_head_maker(2.0, 1)  # its own noise: one image on two dates is refused
    files = [str(save_image(image, tmp_path / f"{name}.nii.gz"))
             for name, image in (("scan", scan), ("labels", labels), ("earlier", earlier))]
    code = f"""
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "monai", "safetensors", "radiomics"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
from NeuroOrbitLib.measurements.follow_up_job import follow_up_files
from NeuroOrbitLib.measurements.job import measure_file
scan, labels, earlier = {files!r}
print(len(measure_file(scan, labels, "")["measures"]))
told = follow_up_files(scan, labels, {str(tmp_path)!r}, ["first", ""], scan_first=earlier, labels_first=labels)
print(len(told["dates"]))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    measures, dates = run.stdout.split()
    assert int(measures) > 50 and dates == "2"
