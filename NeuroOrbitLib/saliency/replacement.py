"""Occlusion by anatomy: a structure gets the mean signal that it has in a model's training, but keeps its pattern.

A uniform replacement would also remove the pattern: features of texture would then fall for every structure, most for
the largest one, even if its signal is normal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.sentences import sentence as _


def mean_signals(images: Iterable[np.ndarray], labels: Iterable[np.ndarray], values: Iterable[int]) -> dict[str, float]:
    """Return the mean z-score of each labelled structure over cases, by its label value as text.

    :param images: z-scores of each case, (slices, rows, columns).
    :param labels: label map of each case, of the same shape.
    :param values: label values of the structures; one that no case has gives 0.
    """
    pairs, found = list(zip(images, labels, strict=True)), {}
    for value in values:
        means = [float(image[own == value].mean(dtype=np.float64)) for image, own in pairs if (own == value).any()]
        found[str(value)] = round(float(np.mean(means)), 5) if means else 0.0
    return found


def signal_factor(grey: np.ndarray, labels: np.ndarray, values: Iterable[int], means: Mapping[str, float],
                  scale: tuple[float, float]) -> np.ndarray:
    """Return the factor for every voxel of a scan that gives structures their mean signal; 1 outside of them.

    All voxels of a structure have the same factor, so that its pattern stays, and a structure with the mean signal does
    not change.

    :param grey: grey values of the scan.
    :param labels: label map of the same shape.
    :param values: label values of the structures.
    :param means: mean z-scores as :func:`mean_signals` returns them.
    :param scale: mean and SD of the grey values from which z-scores are computed.
    :return: factors of the same shape, float32.
    """
    mean, sd = scale
    factor = np.ones(grey.shape, dtype=np.float32)
    for value in values:
        inside = labels == value
        if inside.any():
            own = float(grey[inside].mean(dtype=np.float64))
            factor[inside] = max(means[str(value)] * sd + mean, 0.0) / max(own, 1e-6)
    return factor


def falls_without(keys: Sequence[str], before: float, without: Callable[[str], float],
                  name_of: Callable[[str], str], progress: Progress = silent) -> dict[str, float]:
    """Return the fall of a probability when each structure is replaced, by the key of the structure.

    :param keys: keys of the structures.
    :param before: probability (0 to 1) with no structure replaced.
    :param without: function that returns the probability with the structure of a key replaced.
    :param name_of: function that returns the name of the structure of a key, for the progress.
    :param progress: receives the fraction done and a message.
    """
    falls = {}
    for number, key in enumerate(keys):
        progress(number / len(keys), _("Replacing the {name}").format(name=name_of(key)))
        falls[key] = before - without(key)
    return falls
