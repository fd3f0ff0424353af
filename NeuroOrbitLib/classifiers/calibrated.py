"""Temperature scaling of out-of-fold predictions, each fold with a temperature fitted on the other folds."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.evaluation.classification.calibration import fit_temperature, log_odds, with_temperature
from NeuroOrbitLib.evaluation.classification.predictions import Predictions


def cross_fitted_temperature(found: Predictions) -> Predictions:
    """Return out-of-fold predictions after temperature scaling.

    The temperature of a fold is fitted to the predictions of the other folds, which contain none of its patients, so
    that no case takes part in its own calibration. A single fold is calibrated on itself.

    :param found: out-of-fold predictions with the fold of each case.
    """
    scaled = found.probabilities.copy()
    for fold in np.unique(found.folds):
        own = found.folds == fold
        others = ~own if not own.all() else own
        temperature = fit_temperature(log_odds(found.probabilities[others]), found.labels[others])
        scaled[own] = with_temperature(found.probabilities[own], temperature)
    return found.with_probabilities(scaled)
