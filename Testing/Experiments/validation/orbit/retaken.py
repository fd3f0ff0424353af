"""The annotated real scans as other scanners or exports would have produced them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from NeuroOrbitLib.imaging.geometry import reorient_to_ras, resample, resample_labels
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.intensity import ct_window, looks_like_ct
from Testing.Experiments.validation.orbit.case import ScoredCase, Truth
from Testing.Experiments.validation.orbit.contrasts import CONTRASTS
from Testing.Experiments.validation.orbit.real import annotated_cases

_PLANES = {"sagittal": 0, "coronal": 1, "axial": 2}
#: Thick slices: axis across them, and thickness (mm).
SLICES = {f"{plane} slices of {thickness} mm": (axis, float(thickness))
          for plane, axis in reversed(_PLANES.items()) for thickness in (3, 5)}
#: Lowest and highest HU of CT that is exported with 8 bits.
WINDOWS = {"CT exported in a window of soft tissue": (-160.0, 240.0),
           "CT exported in a window of bone": (-1000.0, 3000.0)}


def retaken_cases(offsets: int = 1) -> Iterator[ScoredCase]:
    """Yield every annotated scan in thick slices, compared with its reference in the same slices.

    CT also comes in other units, and T1 with known muscles in other contrasts.

    :param offsets: number of copies in each kind of slices. The slices of every further copy lie one ``offsets``-th of
        their distance further on.
    """
    for case in annotated_cases():
        for name, (axis, thickness) in SLICES.items():
            for number in range(offsets):
                moved = partial(in_slices, axis=axis, thickness=thickness, offset=number / offsets)
                version = case.version if number == 0 else f"{case.version}, {number} of {offsets}"
                yield _changed(case, name, moved, version)
        if looks_like_ct(case.load().image):
            for name, window in WINDOWS.items():
                yield _changed(case, name, lambda truth, window=window: _with_image(truth, in_window(window)))
            yield _changed(case, "CT with 1024 added to its numbers", lambda truth: _with_image(truth, without_sign))
        elif not case.structures:
            yield from (_changed(case, name, change) for name, change in CONTRASTS.items())


def in_slices(truth: Truth, axis: int, thickness: float, offset: float = 0.0) -> Truth:
    """Return a scan in thick slices across an axis of the patient (right to left, back to front, feet to head).

    :param axis: 0, 1 or 2, as in RAS.
    :param thickness: distance and thickness of the slices (mm).
    :param offset: part of a slice (0 to 1) by which the first slice lies inside the scan.
    """
    image = reorient_to_ras(truth.image)
    step = np.array(image.spacing)
    wider = np.where(np.arange(3) == axis, thickness / step, 1.0)
    first = np.where(np.arange(3) == axis, offset, 0.0)
    shape = np.maximum(np.array(image.array.shape[::-1]) / wider - first, 1).astype(int)
    affine = image.affine @ np.diag([*wider, 1.0])
    affine[:3, 3] = image.grid.ras_from_ijk((wider - 1) / 2 + first * wider)
    grid = Grid(tuple(int(count) for count in shape[::-1]), affine)
    thick = resample(image, grid, fill=float(image.array.min()), antialias=True)
    labels, ignore = (None if part is None else resample_labels(part, grid) for part in (truth.labels, truth.ignore))
    return Truth(thick, labels, ignore)


def in_window(window: tuple[float, float]) -> Callable[[Image], Image]:
    """Return a CT exported with 8 bits: grey values within a window of HU."""
    low, high = window

    def change(image: Image) -> Image:
        return image.with_array((255 * ct_window(image.array, (low + high) / 2, high - low)).astype(np.uint8))

    return change


def without_sign(image: Image) -> Image:
    """Return CT numbers as scanners store them: 1024 higher, none below zero."""
    return image.with_array(np.clip(image.array.astype(np.int32) + 1024, 0, 4095).astype(np.uint16))


def _changed(case: ScoredCase, name: str, change: Callable[[Truth], Truth], version: str = "") -> ScoredCase:
    return replace(case, group=f"retaken: {name}", load=lambda: change(case.load()), version=version or case.version)


def _with_image(truth: Truth, change: Callable[[Image], Image]) -> Truth:
    return replace(truth, image=change(truth.image))
