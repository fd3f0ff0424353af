"""Temperature scaling without looking: each fold is calibrated by the held-out predictions of the other folds."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.evaluation.classification.calibration import fit_temperature, log_odds, with_temperature
from NeuroOrbitLib.evaluation.classification.predictions import Predictions


def cross_fitted_temperature(found: Predictions) -> Predictions:
    """Out-of-fold predictions after temperature scaling.

    The temperature of a fold comes from the out-of-fold predictions of the other folds, whose patients it does not
    hold: no case takes part in its own calibration.
    """
    scaled = found.probabilities.copy()
    for fold in np.unique(found.folds):
        own = found.folds == fold
        others = ~own if not own.all() else own
        temperature = fit_temperature(log_odds(found.probabilities[others]), found.labels[others])
        scaled[own] = with_temperature(found.probabilities[own], temperature)
    return found.with_probabilities(scaled)
