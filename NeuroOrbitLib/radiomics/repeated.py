"""Radiomics features measured again on perturbed masks, for cohorts without a second reader."""

from __future__ import annotations

from collections.abc import Callable, Collection

from NeuroOrbitLib.classifiers.reproducibility import repeat_name
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.radiomics.perturbation import perturbed


def repeated_features(measure: Callable[[Image, Progress], dict[str, float]], labels: Image,
                      drawn_anew: Collection[int], repeats: int = 0, seed: int = 0,
                      progress: Progress = silent) -> dict[str, float]:
    """Return features by column; those of repeated measurements are named by :func:`.repeat_name`.

    :param measure: function that returns the features of a label map by column.
    :param labels: label map.
    :param drawn_anew: label values to perturb.
    :param repeats: number of repeated measurements.
    :param seed: seed of the perturbation.
    :param progress: receives the fraction done and a message.
    """
    rounds, numbers = repeats + 1, {}
    for number in range(rounds):
        drawn = perturbed(labels, drawn_anew, 10 * seed + number) if number else labels
        found = measure(drawn, part(progress, number / rounds, (number + 1) / rounds))
        numbers |= {repeat_name(name, number) if number else name: value for name, value in found.items()}
    return numbers
