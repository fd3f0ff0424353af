"""Corrections in the worker process, which keeps the network loaded; the application itself never imports PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.models.problem import ModelProblem
from OrbitSegmentationLib.refinement.correction import MODEL
from OrbitSegmentationLib.refinement.correction.model import CorrectionModel, load_model
from OrbitSegmentationLib.refinement.correction.pipeline import correct

NO_TORCH = "PyTorch is not installed."


def correct_file(drawing: str, output: str, spacing_mm: Sequence[float], distance_limit_mm: float, model: str = MODEL,
                 device: str = "auto", progress: Progress = silent) -> dict[str, Any]:
    """Correct the rough mask in a file and write the result to another.

    :param drawing: path of an ``.npz`` file with the arrays ``image`` and ``mask``, see :func:`.pipeline.correct`.
    :param output: path of the ``.npz`` file to write, with ``mask`` (bool) and ``confidence`` (float32).
    :param spacing_mm: voxel size (mm) along each array axis.
    :param distance_limit_mm: distance (mm) that the border may move.
    :param model: name or folder of the model package.
    :param device: "auto", "cpu" or "cuda".
    :param progress: receives the fraction done and a message.
    :return: ``method`` (see :class:`.pipeline.Correction`), and the model as :func:`describe` gives it.
    :raises Problem: as for :func:`.pipeline.correct`.
    """
    network, reason = find_model(model, device)
    with np.load(drawing, allow_pickle=False) as arrays:
        correction = correct(arrays["image"], arrays["mask"], spacing_mm, distance_limit_mm, network, progress)
    np.savez(output, mask=correction.mask, confidence=correction.confidence)
    return {"method": correction.method, **describe(network, reason)}


def warm_up(model: str = MODEL, device: str = "auto", progress: Progress = silent) -> dict[str, Any]:
    """Load the network and run it on one slice, so that the first correction is fast; return :func:`describe` of it.
    """
    network, reason = find_model(model, device)
    square = np.zeros((32, 32), bool)
    square[8:24, 8:24] = True
    correct(square.astype(np.float32), square, (1.0, 1.0), 2.0, network, progress)
    return describe(network, reason)


def find_model(name: str = MODEL, device: str = "auto") -> tuple[CorrectionModel | None, str]:
    """Return the model, or ``None`` and the reason why there is none."""
    try:
        return load_model(name, device), ""
    except ImportError:
        return None, NO_TORCH
    except ModelProblem as problem:
        return None, str(problem)


def describe(model: CorrectionModel | None, reason: str) -> dict[str, Any]:
    """Return plain data: ``model`` (its provenance; ``None`` without one), ``device`` and ``reason`` ("" with one)."""
    if model is None:
        return {"model": None, "device": "cpu", "reason": reason}
    return {"model": model.package.provenance(), "device": model.device, "reason": ""}
