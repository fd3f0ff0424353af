"""A pipeline that the worker runs in the module's tests: labels by grey value, sides by RAS x.

The argument ``model`` chooses how it behaves, so that every ending of a run can be had.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem

#: Grey value of each structure in the test scans.
GREY_VALUES = {"eyeball": 1000, "medial_rectus": 500}
VERSION = "1.2.3"
#: What a run that is unsure of a slice says, with the place in RAS mm.
DOUBTS = {
    "look_at": [{"label": 3, "name": "Right optic nerve", "confidence": 0.53, "plane": "axial", "slices": 2,
                 "position_ras": [12.0, -3.0, 7.0]},
                {"label": 2, "name": "Left eyeball", "confidence": 0.6, "plane": "axial", "slices": 1,
                 "position_ras": [-30.0, 0.0, 0.0]},
                {"label": 3, "name": "Right optic nerve", "confidence": 0.62, "plane": "axial", "slices": 3,
                 "position_ras": [11.0, -3.0, 2.0]}],
    "novelty": {"score": 4.2, "usual_up_to": 3.0, "unusual": True, "inverted": False, "values": {}},
}


def segment_file(scan, output, model="any", device="auto", model_folders=(), doubt=False, progress=None):
    """Label the scan as the real pipeline does, or fail in the way that ``model`` says; the right eye is doubtful."""
    progress(0.1, "Looking for the orbits")
    print("reading the scan")
    _behave(model, Path(output), progress)
    image = load_image(scan)
    labels = label_by_grey_value(image)
    shift = np.eye(4)
    shift[0, 3] = 50.0 if model == "elsewhere" else 0.0
    save_image(Image(labels, shift @ image.affine), output)
    if doubt:
        save_image(Image(np.where(labels == 1, 40, 0).astype(np.uint8), image.affine), doubt_file(output))
    progress(0.9, "Measuring")
    return {
        "labels": str(output),
        **({"doubt": doubt_file(output)} if doubt else {}),
        "measurements": [_behaving({**measure(image, labels, value), "confidence": 0.9}, model)
                         for value in np.unique(labels) if value],
        "notices": [{"level": "warning", "text": "The slices are thick."}] if model == "notices" else [],
        **({"quality": DOUBTS} if model == "doubts" else {}),
        "model": {"name": model, "version": VERSION, "sha256": "ab" * 32, "training_data": "synthetic",
                  "rules": "0.10"},
        "device": {"name": "cpu", "reason": "There is no graphics card."},
        "seconds": 0.5,
        "versions": {"numpy": np.__version__},
    }


def doubt_file(output):
    """Where the doubt about a label map goes."""
    return str(Path(output).with_name("doubt.nii"))


def never_measured(scan, labels, output, expected_dice=None, progress=None):
    """Measure for ever, without a word of progress."""
    time.sleep(600)


def _behaving(row, model):
    """A row of measurements as ``model`` wants it."""
    if model == "notices":
        return {**row, "confidence": None}
    if model == "odd":
        muscle = row["structure"] == "medial_rectus"
        return {**row, "volume_ml": 0.1, "empty_image": muscle, "confidence": None if muscle else 0.9}
    return row


def _behave(model, output, progress):
    output.with_name("leftover.bin").write_bytes(bytes(1000))
    if model == "problem":
        raise Problem("No orbit was found. Choose a scan of the head.")
    if model == "bug":
        raise KeyError("weights")
    if model == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if model == "stuck":
        time.sleep(600)
    if model == "slow":
        for step in range(600):
            progress(0.1 + step / 1000, "Segmenting the right orbit")
            time.sleep(0.05)


def label_by_grey_value(image):
    """Label map (K, J, I) of a test scan; voxels at RAS x > 0 are right."""
    labels = np.zeros(image.array.shape, np.uint8)
    for key, grey in GREY_VALUES.items():
        found = np.argwhere(np.abs(image.array - grey) < 50)
        for kji, ras in zip(found, image.grid.ras_from_ijk(found[:, ::-1]), strict=True):
            labels[tuple(kji)] = anatomy.label_value(key, "right" if ras[0] > 0 else "left")
    return labels


def measure(image, labels, value):
    """One row of measurements."""
    inside = labels == value
    side = anatomy.side_of(int(value))
    return {
        "label": int(value),
        "structure": anatomy.structure_of(int(value)).key,
        "name": anatomy.label_name(int(value)),
        "side": side.value if side else None,
        "volume_ml": float(inside.sum() * image.grid.voxel_volume / 1000.0),
        "mean_intensity": float(image.array[inside].mean()),
    }


def write_sample(kind, path, progress):
    """Stands in for the phantom, which takes seconds: grey value 100 everywhere, or a problem."""
    progress(0.5, "Making a patient")
    if kind == "unknown":
        raise Problem("There is no sample 'unknown'.")
    save_image(Image(np.full((4, 5, 6), 100, np.int16), np.eye(4)), path)


def find_eyes_file(scan, output, model="any", device="auto", model_folders=(), progress=None):
    """Where the test scan has its eyeballs."""
    return {"eyes": {"right": [30.0, 0.0, 0.0], "left": [-30.0, 0.0, 0.0]}}
