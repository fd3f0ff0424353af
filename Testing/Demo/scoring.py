"""The numbers of the report: measured volumes beside published ones, and agreement with the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy import RECTI, comparable_norms, label_name, label_value, structure_of
from NeuroOrbitLib.evaluation.segmentation.scores import score_case
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.geometry import reorient_to_ras, restore_orientation
from NeuroOrbitLib.imaging.image import Image
from Testing.Demo.cases import Reference

#: Structures that are judged if the reference has them, even if the result lacks them; others only if it has them.
ALWAYS_JUDGED = ("eyeball", "optic_nerve", *RECTI)
#: Largest distance (mm) between the same voxel in two files.
ROUNDING_MM = 0.01


def report_rows(measurements: Sequence[Mapping[str, Any]], labels: Image,
                reference: Reference | None) -> list[dict[str, Any]]:
    """Return one row per structure and side.

    :param measurements: rows of the module's result (``label``, ``volume_ml``, ``mean_intensity``).
    :param labels: the result as a label map on the scan's grid.
    :param reference: reference of the scan.
    :return: ``label``, ``name``, ``volume_ml`` and ``mean_intensity`` (``None`` when not found), ``normal`` (text),
        ``position`` ("below", "within", "above" or ""), and with a reference ``reference_ml``, ``dice`` and
        ``surface_dice``.
    """
    scores = judge(labels, reference) if reference is not None else {}
    measured = {int(row["label"]): row for row in measurements}
    return [_row(label, measured.get(label, {}), scores.get(label, {})) for label in sorted({*measured, *scores})]


def judge(labels: Image, reference: Reference) -> dict[int, dict[str, float]]:
    """Return the volume of the reference, Dice and surface Dice at 1 mm by label value."""
    truth = on_exact_grid(load_image(reference.labels), labels)
    ignored = on_exact_grid(load_image(reference.uncertain), labels) if reference.uncertain else None
    wanted = judged_labels(truth.array, labels.array, reference.structures)
    return {
        label: {
            "reference_ml": reference.volumes_ml.get(label, _volume_ml(truth, label)),
            "dice": score.metrics["dice"],
            "surface_dice": score.metrics["surface_dice"],
        }
        for label, score in score_case(truth, labels, labels=wanted, ignore=ignored).items()
    }


def on_exact_grid(image: Image, labels: Image) -> Image:
    """Return ``image`` on the grid of ``labels``, if they differ only in rounding and the order of their axes.

    Files keep the geometry in single precision, and the application turns an axis of left-handed volumes.
    """
    turned, target = reorient_to_ras(image), reorient_to_ras(labels).grid
    if not turned.grid.same_as(target, tolerance=ROUNDING_MM):
        return image
    return restore_orientation(Image(turned.array, target.affine), labels.grid)


def judged_labels(truth: np.ndarray, result: np.ndarray, structures: Sequence[str] | None = None) -> list[int]:
    """Return the label values of the reference that are compared with the result (label maps of the same shape)."""
    in_result = {structure_of(int(label)).key for label in np.unique(result) if label}
    allowed = {*ALWAYS_JUDGED, *in_result} if structures is None else set(structures)
    return [int(label) for label in np.unique(truth) if label and structure_of(int(label)).key in allowed]


def mean_dice(rows: Sequence[Mapping[str, Any]], structures: Sequence[str]) -> float | None:
    """Return the mean Dice of structures over both sides; ``None`` if none was judged."""
    labels = {label_value(key, side) for key in structures for side in ("right", "left")}
    values = [row["dice"] for row in rows if row["label"] in labels and "dice" in row]
    return float(np.mean(values)) if values else None


def _row(label: int, measured: Mapping[str, Any], score: Mapping[str, float]) -> dict[str, Any]:
    volume, key = measured.get("volume_ml"), structure_of(label).key
    return {"label": label, "name": label_name(label), "volume_ml": volume,
            "mean_intensity": measured.get("mean_intensity"), "normal": normal_text(key),
            "position": position(key, volume), **score}


def normal_text(key: str) -> str:
    """Return the published normal ranges of a structure with population and source."""
    return "; ".join(f"{norm.low:.2f} to {norm.high:.2f} ({norm.population}; {norm.source})"
                     for norm in comparable_norms(key))


def position(key: str, volume_ml: float | None) -> str:
    """Return "below" or "above" for a volume outside of all published groups, else "within"; "" if unknown."""
    norms = comparable_norms(key)
    if volume_ml is None or not norms:
        return ""
    if all(volume_ml < norm.low for norm in norms):
        return "below"
    return "above" if all(volume_ml > norm.high for norm in norms) else "within"


def _volume_ml(labels: Image, label: int) -> float:
    return np.count_nonzero(labels.array == label) * labels.grid.voxel_volume / 1000.0
