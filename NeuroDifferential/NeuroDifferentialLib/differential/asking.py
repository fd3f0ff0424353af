"""Predictions of a model for a patient, and for the patient without some of the lesions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from NeuroDifferentialLib.differential.lesion_table import lesion_numbers
from NeuroDifferentialLib.pipeline import LesionReport

if TYPE_CHECKING:
    from NeuroDifferentialLib.differential.patient import Patient
    from NeuroOrbitLib.classifiers.package_predictor import PackagePredictor

#: Returns the raw probability of NMOSD without each of several pieces (masks of the lesion image).
AskWithout = Callable[[list[np.ndarray]], list[float]]


def raw_probability(predictor: PackagePredictor, image: np.ndarray, report: LesionReport) -> float:
    """Return the probability of NMOSD before calibration.

    :param predictor: network or learner on numbers.
    :param image: stored lesion image, uint8 (100, 100, 100).
    :param report: report on the same lesions, for learners on numbers.
    """
    from NeuroDifferentialLib.task import NMOSD

    return float(predictor.of_case(image, lesion_numbers(report))[NMOSD])


def asks_images(predictor: PackagePredictor, image: np.ndarray) -> AskWithout:
    """Return a function that applies a network to a stored lesion image without pieces of it."""
    from NeuroDifferentialLib.task import NMOSD

    def ask(pieces: list[np.ndarray]) -> list[float]:
        stack = np.stack([np.where(piece, 0, image) for piece in pieces]).astype(np.uint8)
        return predictor.of_arrays(stack)[:, NMOSD].astype(float).tolist()

    return ask


def asks_tables(predictor: PackagePredictor, patient: Patient) -> AskWithout:
    """Return a function that applies a learner on the lesion table to a patient without pieces of the lesions.

    A piece reduces the volume of a lesion by the share that it covers, and removes the lesion from a share of one half
    on.
    """
    from NeuroDifferentialLib.task import NMOSD

    numbers, stored = patient.lesions.numbers, patient.lesions.image.array.astype(float)
    whole = np.bincount(numbers.ravel(), stored.ravel())

    def ask(pieces: list[np.ndarray]) -> list[float]:
        asked = []
        for piece in pieces:
            taken = np.bincount(numbers[piece], stored[piece], minlength=len(whole)) / np.maximum(whole, 1e-6)
            asked.append(lesion_numbers(patient.thinned(taken).report))
        values = np.array([[row[name] for name in predictor.columns] for row in asked])
        return predictor.of_numbers(values)[:, NMOSD].astype(float).tolist()

    return ask
