"""Plants faults into scans and results, and records which of them raise a notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side, label_value, mirror_label_array, side_of
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.volumes import measure_labels
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.pipeline import prepare_scan, segment_image
from OrbitSegmentationLib.quality.review import review
from OrbitSegmentationLib.run_model import run_model
from Testing.Experiments.validation.orbit.case import ScoredCase

Change = Callable[[Image], Image]

_SHIFT_MM, _RISE_MM, _BLUR_MM, _MOTION_MM, _ABOVE_GLOBE_MM = 6.0, 8.0, 5.0, 6.0, 3.0
_SIDE = Side.RIGHT


def plant(case: ScoredCase, package: ModelPackage, views: int | None) -> dict[str, Any]:
    """Return the notices of the unchanged case (``usual``) and whether each planted fault is reported (``told``).

    A fault counts as reported if it raises a notice that the unchanged case does not raise, or if the scan is refused.
    """
    image = reorient_to_ras(case.load().image)
    scan, is_ct = prepare_scan(image)
    found = run_model(scan, package, "cpu", is_ct, views=views)
    usual = _notices(image, package, views)
    # The model's confidence in its own result is not affected by a fault planted afterwards.
    bare = replace(found, confidence=None)
    before = {notice["text"] for notice in review(bare, measure_labels(found.labels, scan), is_ct).notices}
    told = {}
    for name, change in LABEL_FAULTS.items():
        changed = change(found.labels)
        after = review(replace(bare, labels=changed), measure_labels(changed, scan), is_ct).notices
        told[name] = bool({notice["text"] for notice in after} - before)
    for name, fault in IMAGE_FAULTS.items():
        told[name] = bool(set(_notices(fault(image, found.labels), package, views)) - set(usual))
    return {"usual": usual, "told": told}


def _notices(image: Image, package: ModelPackage, views: int | None) -> list[str]:
    try:
        notices = segment_image(image, package, views=views).notices
        return [str(notice["text"]) for notice in notices if notice["level"] != "info"]
    except Problem as problem:
        return [str(problem)]


def _value(key: str) -> int:
    return label_value(key, _SIDE)


def without_medial_rectus(labels: Image) -> Image:
    """Return the labels without the right medial rectus."""
    return labels.with_array(np.where(labels.array == _value("medial_rectus"), np.uint8(0), labels.array))


def half_an_inferior_rectus(labels: Image) -> Image:
    """Return the labels without the front half of the right inferior rectus."""
    muscle = labels.array == _value("inferior_rectus")
    rows = np.flatnonzero(muscle.any(axis=(0, 2)))
    array = labels.array.copy()
    if len(rows):
        middle = (rows[0] + rows[-1] + 1) // 2
        array[:, middle:][muscle[:, middle:]] = 0
    return labels.with_array(array)


def large_superior_rectus(labels: Image) -> Image:
    """Return the labels with the right superior rectus grown by a voxel of 1.5 mm into unlabelled voxels."""
    muscle = labels.array == _value("superior_rectus")
    near = ndimage.distance_transform_edt(~muscle, labels.spacing[::-1]) <= 1.5
    return labels.with_array(np.where(near, np.uint8(_value("superior_rectus")), labels.array))


def exchanged_muscles(labels: Image) -> Image:
    """Return the labels with the right medial and lateral recti exchanged."""
    medial, lateral = _value("medial_rectus"), _value("lateral_rectus")
    array = labels.array.copy()
    array[labels.array == medial], array[labels.array == lateral] = lateral, medial
    return labels.with_array(array)


def exchanged_sides(labels: Image) -> Image:
    """Return the labels with right and left exchanged."""
    return labels.with_array(mirror_label_array(labels.array))


def shifted_lateral_rectus(labels: Image) -> Image:
    """Return the labels with the right lateral rectus 6 mm too far medial."""
    return _moved(labels, labels.array == _value("lateral_rectus"), -_SIDE.x_sign * _SHIFT_MM, 0)


def risen_orbit(labels: Image) -> Image:
    """Return the labels with everything of the right orbit except the globe 8 mm too high."""
    right = np.isin(labels.array, [value for value in np.unique(labels.array).tolist() if value
                                   and side_of(value) is _SIDE and value != _value("eyeball")])
    return _moved(labels, right, 0, _RISE_MM)


def _moved(labels: Image, what: np.ndarray, x_mm: float, z_mm: float) -> Image:
    """Return the labels with ``what`` (bool, K, J, I) moved; arrays are in RAS order."""
    step = (round(z_mm / labels.spacing[2]), 0, round(x_mm / labels.spacing[0]))
    array = np.where(what, 0, labels.array)
    values = np.roll(np.where(what, labels.array, 0), step, axis=(0, 1, 2))
    return labels.with_array(np.where(values > 0, values, array))


def blurred_face(image: Image, labels: Image) -> Image:
    """Return the scan blurred by a Gaussian of 5 mm in front of the middle of the globes."""
    front = round(_middle_of_globes(labels)[1])
    array = image.array.astype(np.float32)
    smooth = ndimage.gaussian_filter(array, [_BLUR_MM / step for step in image.spacing[::-1]])
    array[:, front:] = smooth[:, front:]
    return image.with_array(array)


def cut_orbits(image: Image, labels: Image) -> Image:
    """Return the scan cropped 3 mm above the middle of the globes."""
    end = round(_middle_of_globes(labels)[0] + _ABOVE_GLOBE_MM / image.spacing[2])
    return Image(np.ascontiguousarray(image.array[:end]), image.affine)


def moved_head(image: Image, _labels: Image) -> Image:
    """Return the scan of a head that moved 6 mm to the side after half of the lines had been acquired."""
    array = image.array.astype(np.float32)
    step = round(_MOTION_MM / image.spacing[0])
    lines, later = (np.fft.fft(each, axis=1) for each in (array, np.roll(array, step, axis=2)))
    lines[:, 1::2] = later[:, 1::2]
    return image.with_array(np.abs(np.fft.ifft(lines, axis=1)).astype(np.float32) if array.min() >= 0
                            else np.fft.ifft(lines, axis=1).real.astype(np.float32))


def turned_grey_values(image: Image, _labels: Image) -> Image:
    """Return the scan with bright and dark exchanged."""
    return image.with_array(float(image.array.max()) + float(image.array.min()) - image.array.astype(np.float32))


def _middle_of_globes(labels: Image) -> np.ndarray:
    globes = np.isin(labels.array, [label_value("eyeball", side) for side in Side])
    return np.argwhere(globes).mean(axis=0)


#: Faults in the labels, and faults in the scan (their functions also get the labels of the scan without the fault).
LABEL_FAULTS: dict[str, Change] = {
    "medial rectus missing": without_medial_rectus, "half of an inferior rectus missing": half_an_inferior_rectus,
    "superior rectus too large": large_superior_rectus, "medial and lateral rectus exchanged": exchanged_muscles,
    "sides exchanged": exchanged_sides, "lateral rectus too far medial": shifted_lateral_rectus,
    "orbit too high": risen_orbit,
}
IMAGE_FAULTS: dict[str, Callable[[Image, Image], Image]] = {
    "face blurred": blurred_face, "cut above the globes": cut_orbits, "head moved": moved_head,
    "grey values turned round": turned_grey_values,
}
