"""Segmentation and scoring of a case, as plain data for the cache."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_value, mirror_label_array, structure, structure_of
from NeuroOrbitLib.evaluation.segmentation.scores import score_case
from NeuroOrbitLib.evaluation.segmentation.tables import finite
from NeuroOrbitLib.imaging.geometry import reorient_to_ras, resample_labels
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.pipeline import OrbitResult, segment_image
from Testing.Experiments.validation.orbit.case import ScoredCase, Truth
from Testing.Experiments.validation.orbit.changed import COPIES, STRANGERS

RECTI = ("superior_rectus", "inferior_rectus", "medial_rectus", "lateral_rectus")
SCORED = ("eyeball", "optic_nerve", *RECTI)
#: Structures that are scored if the reference has them, without bars.
FURTHER = ("lens", "lacrimal_gland", "superior_oblique", "inferior_oblique", "orbital_fat", "optic_chiasm")
_LENS_IN_EYEBALL = {label_value("lens", side): label_value("eyeball", side) for side in Side}


def score(case: ScoredCase, package: ModelPackage, views: int | None) -> dict[str, Any]:
    """Return scores per structure, right and left; without a reference, only what was found and the notices."""
    truth, started = case.load(), time.process_time()
    try:
        result = segment_image(truth.image, package, views=views)
    except Problem as problem:
        return {"found": 0, "refused": str(problem), "structures": scored_structures(case, truth, None)}
    found = sum(row["structure"] == "eyeball" for row in result.measurements)
    return finite({"found": found, "structures": scored_structures(case, truth, result.labels),
                   "novelty": result.quality.get("novelty"), "notices": [n["text"] for n in result.notices],
                   "confidence": {str(row["label"]): row["confidence"] for row in result.measurements},
                   "processor_s": time.process_time() - started})


def agree(case: ScoredCase, package: ModelPackage, views: int | None) -> dict[str, Any]:
    """Return the Dice between the labels of each copy of a scan and those of the scan itself."""
    image = reorient_to_ras(case.load().image)
    first = _labels(image, package, views)
    return {"copies": {name: _agreement(first, _copy_labels(name, image, package, views)) for name in COPIES}}


def agree_between(cases: Mapping[str, ScoredCase], package: ModelPackage, views: int | None) -> dict[str, Any]:
    """Return the Dice between the labels of two scans of one patient, by the contrasts' names."""
    first, second = (_labels(case.load().image, package, views) for case in cases.values())
    return {"copies": {" and ".join(cases): _agreement(first, second)}}


def beware(case: ScoredCase, package: ModelPackage, views: int | None) -> dict[str, Any]:
    """Return whether images that do not show an orbit are refused or reported as unusual."""
    image, answers = case.load().image, {}
    for name, change in STRANGERS.items():
        try:
            novelty = segment_image(change(image), package, views=views).quality["novelty"]
            answers[name] = {"refused": False, "novelty": novelty, "told": novelty["unusual"]}
        except Problem as problem:
            answers[name] = {"refused": True, "told": True, "text": str(problem)}
    return {"strangers": answers}


def _copy_labels(name: str, image: Image, package: ModelPackage, views: int | None) -> Image | None:
    labels = _labels(COPIES[name](image), package, views)
    if labels is None or name != "mirrored":
        return labels
    # The labels of the mirrored patient are mirrored back; sides change with the place.
    return Image(mirror_label_array(labels.array), image.affine)


def _labels(image: Image, package: ModelPackage, views: int | None) -> Image | None:
    try:
        result: OrbitResult = segment_image(image, package, views=views)
    except Problem:
        return None
    return result.labels


def _agreement(first: Image | None, second: Image | None) -> dict[str, float]:
    """Return the mean Dice over the sides of every structure; 0 if it was found in only one of the two."""
    if first is None or second is None:
        return {key: 0.0 for key in SCORED}
    back = second if second.grid.same_as(first.grid) else resample_labels(second, first.grid)
    return {key: float(np.mean([dice(first.array == value, back.array == value) for value in structure(key).values]))
            for key in SCORED}


def dice(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Dice of two masks; 1 if both are empty."""
    total = first.sum() + second.sum()
    return float(2 * (first & second).sum() / total) if total else 1.0


def scored_structures(case: ScoredCase, truth: Truth, labels: Image | None) -> dict[str, Any]:
    """Return Dice, surface Dice and volumes (ml) of each structure, right and left; ``labels`` ``None``: none found."""
    if truth.labels is None:
        return {}
    reference = _with_whole_eyeballs(truth.labels)
    found = reference.with_array(np.zeros_like(reference.array)) if labels is None else labels
    whole = score_case(reference, _with_whole_eyeballs(found), labels_of(case.structures or SCORED, reference),
                       truth.ignore)
    further = {} if case.structures else score_case(truth.labels, found, labels_of(FURTHER, truth.labels), truth.ignore)
    table: dict[str, dict[str, list[float]]] = {}
    for value, part in (whole | further).items():
        row = table.setdefault(structure_of(value).key,
                               {"dice": [], "surface_dice": [], "reference_ml": [], "predicted_ml": []})
        row["dice"].append(part.metrics["dice"])
        row["surface_dice"].append(part.metrics["surface_dice"])
        row["reference_ml"].append(part.reference_volume / 1000)
        row["predicted_ml"].append(part.predicted_volume / 1000)
    return table


def labels_of(keys: Iterable[str], reference: Image) -> list[int]:
    """Return the label values of some structures that occur in a label map."""
    present = set(np.unique(reference.array).tolist())
    return [value for key in keys for value in structure(key).values if value in present]


def _with_whole_eyeballs(labels: Image) -> Image:
    array = labels.array.copy()
    for lens, eyeball in _LENS_IN_EYEBALL.items():
        array[array == lens] = eyeball
    return labels.with_array(array)
