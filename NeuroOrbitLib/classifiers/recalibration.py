"""Fitting a model's probabilities to one's own patients: slope and intercept of the log odds (Cox 1958).

The order of the patients stays that of the model; only the meaning of its probabilities is adapted to other scanners
and patients. The fit states by cross-validation whether it helps, and belongs to one model, identified by its hash.
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

#: Smallest number of patients of each class for fitting slope and intercept.
FEWEST = 10
_FOLDS = 5
#: Difference of probabilities that tables, which have six digits, cannot show.
_SAME = 1e-6
_KIND = "recalibration"


@dataclass(frozen=True)
class Recalibration:
    """The fit of a model's probabilities to one's own patients.

    :param model: name of the model.
    :param sha256: SHA-256 of its weights.
    :param slope: factor on the log odds; below 1 the model was overconfident.
    :param intercept: term that is then added to the log odds; above 0 positive cases are more frequent than predicted.
    :param patients: number of patients in the fit.
    :param positives: number of patients with a positive case among them.
    :param brier_before: mean squared error of the model's probabilities.
    :param brier_after: mean squared error after recalibration by the patients of the other folds.
    :param temperature: temperature of the model's own calibration, 1 without one; None in files of earlier versions.
    """

    model: str
    sha256: str
    slope: float
    intercept: float
    patients: int
    positives: int
    brier_before: float
    brier_after: float
    temperature: float | None = None

    @property
    def helps(self) -> bool:
        """Whether the recalibration improved the probabilities of patients that were not used in the fit."""
        return self.brier_after < self.brier_before

    @property
    def doubt(self) -> str:
        """Return the notice that answers get if the recalibration does not help, "" if it does."""
        return "" if self.helps else _(
            "The fit to your own patients did not improve the probabilities of patients who were not used in it. Leave "
            "it out, or make it again with more patients.")

    def probability(self, probability: float) -> float:
        """Return a probability of the model after recalibration."""
        return float(expit(self.slope * log_odds(np.array(probability)) + self.intercept))

    def write(self, path: Path) -> None:
        """Write the recalibration to a JSON file."""
        write_json(path, self.as_data())

    def as_data(self) -> dict[str, Any]:
        """Return plain data for :func:`recalibration_of`."""
        return {"kind": _KIND, **asdict(self)}


def recalibrated(found: Predictions, model: str, sha256: str, seed: int = 0,
                 temperature: float | None = None) -> Recalibration:
    """Return the fit of a model's probabilities to one's own patients.

    :param found: the model's probabilities and the outcomes.
    :param model: name of the model.
    :param sha256: SHA-256 of its weights.
    :param seed: seed of the folds that judge the fit.
    :param temperature: see :class:`Recalibration`.
    :raises Problem: with fewer than ten patients of a class, or when the model does not tell them apart, orders them
        the wrong way round, or orders them without any fault.
    """
    for label, name in ((1, _("positive")), (0, _("negative"))):
        count = len({patient for patient, own in zip(found.patients, found.labels, strict=True) if own == label})
        if count < FEWEST:
            raise Problem(_("{count} {name} patients are too few to recalibrate a model; {fewest} of each class are "
                            "needed. Add patients.").format(count=count, name=name, fewest=FEWEST))
    if np.ptp(found.probabilities) < _SAME:
        raise Problem(_("The model {model} gave all of these patients the probability {probability}: it does not tell "
                        "them apart, and no recalibration can mend that. Check that these are its answers.").format(
            model=model, probability=f"{found.probabilities[0]:.2f}"))
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
                         brier_score(found.labels, found.probabilities), brier_score(found.labels, after), temperature)


def read_recalibration(path: str | Path, sha256: str) -> Recalibration:
    """Return a recalibration from its file.

    :param path: JSON file.
    :param sha256: SHA-256 of the weights of the model that is to be recalibrated.
    :raises Problem: when the file is no recalibration, belongs to another model, or reverses its order of patients.
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

    :param data: plain data, see :meth:`Recalibration.as_data`.
    :param sha256: SHA-256 of the weights of the model that is to be recalibrated.
    :param where: origin of the data, for messages.
    :raises Problem: when the data are no recalibration, belong to another model, or reverse its order of patients.
    """
    try:
        if data["kind"] != _KIND:
            raise ValueError("it is of another kind")
        found = Recalibration(**{name: data[name] for name in Recalibration.__dataclass_fields__
                                 if name != "temperature"}, temperature=data.get("temperature"))
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
    """Return the recalibration that was passed to a step of the worker for a package, or None without one.

    :raises Problem: when it is no recalibration of this package's model and calibration.
    """
    if not data:
        return None
    return of_this_calibration(recalibration_of(data, package.sha256, _("The recalibration")), package)


def temperature_of(package: ModelPackage) -> float:
    """Return the temperature of a package's own calibration, 1 without one."""
    return float(package.facts.calibration.get("temperature", 1.0))


def of_this_calibration(found: Recalibration, package: ModelPackage) -> Recalibration:
    """Return a recalibration of a package's weights if it was made for the package's own calibration, too.

    :raises Problem: when the package was calibrated anew since, so that its probabilities are others.
    """
    if found.temperature is not None and found.temperature != temperature_of(package):
        raise Problem(_("The model {model} was calibrated anew after the recalibration was made, and gives other "
                        "probabilities now. Let it answer again, and make another one with recalibrate.").format(
            model=package.name))
    return found


def _no_recalibration(where: str, error: Exception) -> Problem:
    return Problem(_("{path} is no recalibration ({error}). Make one with recalibrate.").format(
        path=where, error=error))


def _refuse_reversal(slope: float, model: str) -> None:
    """Refuse a slope that is not positive, which would reverse the model's order of patients."""
    if slope <= 0:
        raise Problem(_("The model {model} orders these patients the wrong way round (slope {slope}): no recalibration "
                        "can mend that. Check that their outcomes are not exchanged; else do not use the model on "
                        "them.").format(model=model, slope=signed(slope, 2)))


def _positives(found: Predictions) -> int:
    """Return the number of patients with a positive case."""
    return len({patient for patient, label in zip(found.patients, found.labels, strict=True) if label})
