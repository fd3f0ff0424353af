"""Tests whether heat is on inflamed muscles, and whether that requires the network's training (synthetic cohort)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.classifiers.answer import calibrated_probability
from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.evaluation.segmentation.scores import summarise
from NeuroOrbitLib.jobs.progress import Progress
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.phantom.tissue import MUSCLE_TISSUES
from NeuroOrbitLib.saliency.occlusion import occlusion_map
from NeuroOrbitLib.saliency.patches import OcclusionSettings
from NeuroOrbitLib.saliency.sanity import randomised_copy, rank_correlation
from NeuroOrbitLib.saliency.structures import heat_ratio
from TAOActivityLib.augmentation import seen, seen_part
from TAOActivityLib.explanation import ACTIVE, ORBIT
from TAOActivityLib.pipeline import classifier_of
from TAOActivityLib.synthetic.inflammation import ACTIVE_T2, INACTIVE_T2, muscle_tissue_of
from TAOActivityLib.synthetic.plan import ActivityCohortPlan, Visit, plan_visits
from TAOActivityLib.task import predictor_of

#: Least ratio of heat in the inflamed muscles to heat in the rest of the orbit, and least share of cases above it.
RATIO_BAR, SHARE_BAR = 3.0, 0.8
#: T2 (ms) from which on a muscle counts as inflamed, half-way between inactive and active disease.
INFLAMED_FROM = (ACTIVE_T2[0] + INACTIVE_T2[0]) / 2
#: Structures of each of the phantom's muscle tissues; superior rectus and levator share a label.
_STRUCTURES = ("superior_rectus", "superior_rectus", "inferior_rectus", "medial_rectus", "lateral_rectus",
               "superior_oblique", "inferior_oblique")


def measure_heat(package: ModelPackage, cohort: Cohort, plan: ActivityCohortPlan, settings: OcclusionSettings,
                 limit: int, progress: Progress) -> dict[str, Any]:
    """Measure the heat of the correctly classified active scans of a synthetic cohort.

    :param limit: number of these cases; the first ones are taken.
    :return: ``cases``; ``ratios`` of each, for the trained network and for one with random weights; ``share_above_bar``
        of both; ``correlation``: rank correlation of the two maps, mean over cases.
    """
    network = classifier_of(package)
    random = randomised_copy(network)
    places = _correct_active(package, cohort)[:limit]
    visits = {visit.name: visit for visit in plan_visits(plan)}
    ratios: dict[str, list[float]] = {"trained": [], "random": []}
    correlations = []
    for number, place in enumerate(places):
        progress(number / max(len(places), 1), f"Heat of scan {number + 1} of {len(places)}")
        image = seen(torch.from_numpy(cohort.arrays("image", [place])))[0]
        labels = seen_part(cohort.array("labels", place))
        inflamed = np.isin(labels, inflamed_labels(visits[cohort.cases[place].case]))
        rest = np.isin(labels, ORBIT) & ~inflamed
        maps = [occlusion_map(one, image, settings).heat(ACTIVE) for one in (network, random)]
        for key, heat in zip(ratios, maps, strict=True):
            ratios[key].append(heat_ratio(np.broadcast_to(heat, labels.shape), inflamed, rest))
        correlations.append(rank_correlation(*maps))
    return {"cases": len(places), "settings": {"patch": settings.patch, "stride": settings.stride,
                                               "fill": settings.fill, "each_channel": settings.each_channel},
            "ratios": ratios, "share_above_bar": {key: _share(values) for key, values in ratios.items()},
            "correlation": summarise(correlations).mean}


def inflamed_labels(visit: Visit) -> list[int]:
    """Return labels of the muscles whose T2 indicates active disease; the phantom's sides are equally inflamed."""
    # The first random choice of the scan, see TAOActivityLib.synthetic.scans.
    tissue = muscle_tissue_of(visit.inflammation.t2, visit.severity, np.random.default_rng(visit.scan_seed))
    keys = {_STRUCTURES[index] for index in range(len(MUSCLE_TISSUES))
            if tissue.of_muscle(index).t2 >= INFLAMED_FROM}
    return [label_value(key, side) for key in sorted(keys) for side in Side]


def median_ratio(found: Mapping[str, Any], key: str) -> float:
    """Return the median over the cases."""
    values = found["ratios"][key]
    return float(np.median(values)) if values else float("nan")


def _correct_active(package: ModelPackage, cohort: Cohort) -> list[int]:
    predictor, threshold = predictor_of(package), float(package.facts.settings["threshold"])
    places = [place for place, case in enumerate(cohort.cases)
              if case.label == 1 and case.numbers["t2"] >= INFLAMED_FROM]
    raw = predictor.probabilities(cohort, places)[:, ACTIVE]
    return [place for place, probability in zip(places, raw, strict=True)
            if calibrated_probability(package, float(probability))[0] >= threshold]


def _share(ratios: list[float]) -> float:
    return float(np.mean([ratio >= RATIO_BAR for ratio in ratios])) if ratios else float("nan")
