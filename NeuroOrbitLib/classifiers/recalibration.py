"""Fitting a model's probabilities to one's own patients: slope and intercept of the log odds (Cox 1958).

A model keeps its order of patients; what changes is what its numbers mean where other scanners and patients are. The
fit says by cross-validation whether it helps, and belongs to one model: that of its hash.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from NeuroOrbitLib.evaluation.classification.calibration import (
    brier_score,
    calibration_line,
    fitted_line,
    log_odds,
)
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.files.safe import write_json
from NeuroOrbitLib.number_text import signed
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _
from NeuroOrbitLib.training.folds import patient_folds

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage

#: Patients of each class that a fit of two numbers needs.
FEWEST = 10
_FOLDS = 5
_KIND = "recalibration"


@dataclass(frozen=True)
class Recalibration:
    """What one's own patients say about a model's probabilities.

    :param model: its name.
    :param sha256: of its weights.
    :param slope: of the log odds; below 1 the model was too sure.
    :param intercept: added to the log odds after that; above 0 responses are more frequent than the model thinks.
    :param patients: that were fitted.
    :param positives: responders among them.
    :param brier_before: mean squared error of the model's probabilities.
    :param brier_after: the same after recalibration by the other folds' patients.
    """

    model: str
    sha256: str
    slope: float
    intercept: float
    patients: int
    positives: int
    brier_before: float
    brier_after: float

    @property
    def helps(self) -> bool:
        """Return whether the probabilities of patients that were not fitted became better."""
        return self.brier_after < self.brier_before

    def probability(self, probability: float) -> float:
        """Return a probability of the model as one's own patients say it should be."""
        return float(expit(self.slope * log_odds(np.array(probability)) + self.intercept))

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        write_json(path, self.as_data())

    def as_data(self) -> dict[str, Any]:
        """Return plain data that :func:`recalibration_of` understands."""
        return {"kind": _KIND, **asdict(self)}


def recalibrated(found: Predictions, model: str, sha256: str, seed: int = 0) -> Recalibration:
    """Return the fit to one's own patients.

    :param found: the model's probabilities and the outcomes.
    :param model: its name.
    :param sha256: of its weights.
    :param seed: of the folds that judge it.
    :raises Problem: with fewer than ten patients of a class, or when the model orders them the wrong way round, or
        without any fault.
    """
    for label, words in ((1, "with"), (0, "without")):
        count = len({patient for patient, own in zip(found.patients, found.labels, strict=True) if own == label})
        if count < FEWEST:
            raise Problem(_("{count} patients {words} a response are too few to recalibrate a model; {fewest} of each "
                            "class are needed. Add patients.").format(count=count, words=words, fewest=FEWEST))
    slope, intercept = calibration_line(found.labels, found.probabilities)
    if np.isnan(slope):
        _refuse_reversal(fitted_line(found.labels, found.probabilities)[0], model)
        raise Problem(_("The model tells all of these patients apart: how much surer it might be cannot be said. Add "
                        "patients until some are misjudged, or keep the model's own probabilities."))
    _refuse_reversal(slope, model)
    after = np.empty(len(found))
    for fold in patient_folds(list(found.patients), _FOLDS, seed, found.labels.tolist()):
        train, held = list(fold.train), list(fold.held_out)
        own, shift = fitted_line(found.labels[train], found.probabilities[train])
        after[held] = expit(own * log_odds(found.probabilities[held]) + shift)
    return Recalibration(model, sha256, slope, intercept, len(set(found.patients)), _positives(found),
                         brier_score(found.labels, found.probabilities), brier_score(found.labels, after))


def read_recalibration(path: str | Path, sha256: str) -> Recalibration:
    """Return a recalibration from its file.

    :param sha256: of the weights of the model that is to be recalibrated.
    :raises Problem: when the file is none, or of another model.
    """
    try:
        data: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem(_("The recalibration {path} cannot be read ({strerror}). Make one with recalibrate.").format(
            path=path, strerror=error.strerror)) from error
    except ValueError as error:
        raise _no_recalibration(str(path), error) from error
    return recalibration_of(data, sha256, str(path))


def recalibration_of(data: Any, sha256: str, where: str) -> Recalibration:
    """Return a recalibration from plain data.

    :param sha256: of the weights of the model that is to be recalibrated.
    :param where: where the data come from, for messages.
    :raises Problem: when they are none, of another model, or turn its order of patients over.
    """
    try:
        if data["kind"] != _KIND:
            raise ValueError("it is of another kind")
        found = Recalibration(**{name: data[name] for name in Recalibration.__dataclass_fields__})
        if not np.isfinite([float(found.slope), float(found.intercept)]).all():
            raise ValueError("its numbers are not finite")
    except (KeyError, TypeError, ValueError) as error:
        raise _no_recalibration(where, error) from error
    if found.sha256 != sha256:
        raise Problem(_("{path} belongs to another model or version ({model}). Make one for this model with "
                        "recalibrate.").format(path=where, model=found.model))
    _refuse_reversal(float(found.slope), found.model)
    return found


def given_recalibration(data: Mapping[str, Any] | None, package: ModelPackage) -> Recalibration | None:
    """Return the recalibration that a step of the worker was given for a package, None where it was given none.

    :raises Problem: when it is of another model.
    """
    return recalibration_of(data, package.sha256, _("The recalibration")) if data else None


def _no_recalibration(where: str, error: Exception) -> Problem:
    return Problem(_("{path} is no recalibration ({error}). Make one with recalibrate.").format(
        path=where, error=error))


def _refuse_reversal(slope: float, model: str) -> None:
    """A fit may change what a model's numbers mean, never who has the higher one."""
    if slope <= 0:
        raise Problem(_("The model {model} orders these patients the wrong way round (slope {slope}): no recalibration "
                        "can mend that. Check that their outcomes are not exchanged; else do not use the model on "
                        "them.").format(model=model, slope=signed(slope, 2)))


def _positives(found: Predictions) -> int:
    """How many patients have a positive case."""
    return len({patient for patient, label in zip(found.patients, found.labels, strict=True) if label})
