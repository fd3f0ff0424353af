"""Signal intensity ratio of the muscles, the semiquantitative measure that every model must beat.

It is a muscle's mean signal divided by that of the temporal muscles, which the disease does not affect, both after bias
correction. Its published AUC is .59 to .70.
"""

from __future__ import annotations

import numpy as np

from IVGCResponseLib.muscle_groups import ALL_RECTI, STRATEGIES, values_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.signal_ratio import region_ratios

#: Percentile of the recti's signal that is used as the lowest one.
LOWEST = 5.0


def ratio_column(strategy: str) -> str:
    """Return the cohort's column with the signal ratio of a group of muscles."""
    return f"ratio {strategy}"


LOWEST_COLUMN = "lowest ratio"


def signal_ratios(corrected: Image, labels: Image) -> dict[str, float]:
    """Return the signal ratio of every group of muscles and the lowest of the recti; NaN without a reference.

    :param corrected: scan after :func:`~NeuroOrbitLib.measurements.signal_ratio.corrected_for_ratios`.
    :param labels: label map on the same grid.
    """
    found = region_ratios(corrected, labels, {ratio_column(name): values_of(name) for name in STRATEGIES}, "temporalis")
    lowest = region_ratios(corrected, labels, {LOWEST_COLUMN: values_of(ALL_RECTI)}, "temporalis",
                           lambda signal: np.percentile(signal, LOWEST))
    return {**found, **lowest}
