"""All measures of one case and of a cohort of cases."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from NeuroOrbitLib.evaluation.segmentation.overlap import count_agreement
from NeuroOrbitLib.evaluation.segmentation.slices import SliceCurve, slice_iou
from NeuroOrbitLib.evaluation.segmentation.surface import compare_surfaces
from NeuroOrbitLib.evaluation.segmentation.volumes import VolumeAgreement, relative_volume_error, volume_agreement
from NeuroOrbitLib.imaging.boxes import Box, box_around, crop_grid
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.nifti_header import has_shear
from NeuroOrbitLib.problem import Problem

OVERLAP_METRICS = ("dice", "iou", "sensitivity", "precision", "specificity")
METRICS = (
    *OVERLAP_METRICS,
    "surface_dice",
    "hausdorff95",
    "mean_surface_distance",
    "volume_error",
)


@dataclass(frozen=True)
class StructureScore:
    """Measures of one structure in one case.

    :param metrics: values by name (:data:`METRICS`); distances in mm, ``volume_error`` relative, NaN if undefined.
    :param reference_volume: volume of the reference without ignored voxels, mm3.
    :param predicted_volume: volume of the prediction without ignored voxels, mm3.
    :param slices: IoU of each slice that either mask reaches.
    """

    metrics: Mapping[str, float]
    reference_volume: float
    predicted_volume: float
    slices: SliceCurve


@dataclass(frozen=True)
class Summary:
    """Mean and standard deviation (n - 1) of a measure over the cases in which it is finite."""

    mean: float
    sd: float
    cases: int


def labels_in(images: Iterable[Image]) -> list[int]:
    """Return every label value above background that occurs in ``images``, ascending."""
    found: set[int] = set()
    for image in images:
        found.update(int(value) for value in np.unique(image.array) if value != 0)
    return sorted(found)


def score_case(
    reference: Image,
    prediction: Image,
    labels: Sequence[int] | None = None,
    ignore: Image | None = None,
    tolerance: float = 1.0,
    plane: str = "coronal",
) -> dict[int, StructureScore]:
    """Return the measures of each structure of a case, by label value.

    :param reference: label map of the reference.
    :param prediction: label map of the prediction on the same grid.
    :param labels: label values to measure; by default those that occur in the reference.
    :param ignore: mask on the same grid whose non-zero voxels are left out.
    :param tolerance: tolerance of the surface Dice, mm.
    :param plane: plane of the slice-by-slice IoU: ``sagittal``, ``coronal`` or ``axial``.
    :raises Problem: if the grids differ.
    """
    for other, name in ((prediction, "prediction"), (ignore, "mask of ignored voxels")):
        if other is not None and not reference.grid.same_as(other.grid):
            raise Problem(
                f"The {name} lies on another grid than the reference ({_describe(other, reference)}). "
                "Resample it to the reference's grid, or compare with the file that belongs to this scan."
            )
    left_out = np.zeros(reference.array.shape, dtype=bool) if ignore is None else ignore.array != 0
    wanted = labels_in([reference]) if labels is None else labels
    return {label: _score(reference, prediction, label, left_out, tolerance, plane) for label in wanted}


def _score(
    reference: Image, prediction: Image, label: int, ignore: np.ndarray, tolerance: float, plane: str
) -> StructureScore:
    truth, estimate = reference.array == label, prediction.array == label
    # All but the true negatives are in a small box, which is a hundred times less to compute than a full head.
    box = box_around(truth | estimate) or Box((0, 0, 0), (1, 1, 1))
    assessed_outside = np.count_nonzero(~ignore) - np.count_nonzero(~ignore[box.slices])
    truth, estimate, ignored = truth[box.slices], estimate[box.slices], ignore[box.slices]
    grid = crop_grid(reference.grid, box)
    counts = count_agreement(truth, estimate, ignored)
    counts = replace(counts, true_negative=counts.true_negative + int(assessed_outside))
    surfaces = compare_surfaces(truth, estimate, _edges(grid), tolerance, ignored)
    reference_volume = (counts.true_positive + counts.false_negative) * grid.voxel_volume
    predicted_volume = (counts.true_positive + counts.false_positive) * grid.voxel_volume
    metrics = {name: getattr(counts, name) for name in OVERLAP_METRICS}
    metrics["surface_dice"] = surfaces.surface_dice
    metrics["hausdorff95"] = surfaces.hausdorff95
    metrics["mean_surface_distance"] = surfaces.mean_distance
    metrics["volume_error"] = relative_volume_error(reference_volume, predicted_volume)
    curve = slice_iou(truth, estimate, grid, plane, ignored)
    return StructureScore(metrics, reference_volume, predicted_volume, curve)


def _edges(grid: Grid) -> np.ndarray:
    """Return the edges of a voxel in mm, as columns; those at right angles without the noise of a rotation."""
    return grid.affine[:3, :3] if has_shear(grid.affine) else np.diag(grid.spacing)


def summarise(values: Iterable[float]) -> Summary:
    """Return mean and SD of the finite values; infinite distances of missing structures are left out."""
    finite = np.array([value for value in values if math.isfinite(value)])
    mean = float(finite.mean()) if finite.size else math.nan
    sd = float(finite.std(ddof=1)) if finite.size > 1 else math.nan
    return Summary(mean, sd, int(finite.size))


def summarise_cohort(cases: Iterable[Mapping[int, StructureScore]]) -> dict[int, dict[str, Summary]]:
    """Return the summary of each measure over the cases, by label value and name of the measure."""
    gathered = _by_structure(cases)
    return {
        label: {name: summarise(score.metrics[name] for score in scores) for name in METRICS}
        for label, scores in gathered.items()
    }


def cohort_volume_agreement(cases: Iterable[Mapping[int, StructureScore]]) -> dict[int, VolumeAgreement]:
    """Return the agreement of volumes in mm3 over the cases, by label value."""
    return {
        label: volume_agreement([s.reference_volume for s in scores], [s.predicted_volume for s in scores])
        for label, scores in _by_structure(cases).items()
    }


def _by_structure(cases: Iterable[Mapping[int, StructureScore]]) -> dict[int, list[StructureScore]]:
    gathered: dict[int, list[StructureScore]] = {}
    for case in cases:
        for label, score in case.items():
            gathered.setdefault(label, []).append(score)
    return dict(sorted(gathered.items()))


def _describe(image: Image, reference: Image) -> str:
    if image.array.shape != reference.array.shape:
        return f"{image.array.shape[::-1]} voxels instead of {reference.array.shape[::-1]}"
    return "its affine puts the voxels elsewhere"
