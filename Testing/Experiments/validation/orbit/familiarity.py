"""The measures of novelty on synthetic images, the reference with which scans are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

#: Groups whose images are like those of the training.
SYNTHETIC = ("phantom", "label maps")


def reference(results: Iterable[Mapping[str, Any]]) -> dict[str, tuple[float, float]]:
    """Return mean and SD of each measure over the synthetic cases in which all eyes were found."""
    values: dict[str, list[float]] = {}
    for result in results:
        if result["group"].startswith(SYNTHETIC) and result.get("novelty"):
            for key, value in result["novelty"]["values"].items():
                values.setdefault(key, []).append(value)
    return {key: (round(float(np.mean(found)), 4), round(float(np.std(found)), 4)) for key, found in values.items()}
