"""Radiomics features measured again on perturbed masks, where a cohort has no second reader."""

from __future__ import annotations

from collections.abc import Callable, Collection

from NeuroOrbitLib.classifiers.reproducibility import repeat_name
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.radiomics.perturbation import perturbed


def repeated_features(measure: Callable[[Image, Progress], dict[str, float]], labels: Image,
                      drawn_anew: Collection[int], repeats: int = 0, seed: int = 0,
                      progress: Progress = silent) -> dict[str, float]:
    """Return features by column; those of repeats under the names of :func:`.repeat_name`.

    :param measure: returns the features by column for a label map.
    :param labels: label map. :param drawn_anew: label values that are perturbed.
    :param repeats: how often the features are measured again.
    :param seed: of the perturbation.
    """
    rounds, numbers = repeats + 1, {}
    for number in range(rounds):
        drawn = perturbed(labels, drawn_anew, 10 * seed + number) if number else labels
        found = measure(drawn, part(progress, number / rounds, (number + 1) / rounds))
        numbers |= {repeat_name(name, number) if number else name: value for name, value in found.items()}
    return numbers
