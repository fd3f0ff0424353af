"""Cases to label: one structure of one scan, cropped as the annotator has zoomed to it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from NeuroOrbitLib.anatomy.structures import RECTI, label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import looks_like_ct
from NeuroOrbitLib.phantom.patients.patient import make_patient
from Testing.Experiments.annotation.model_labels import ModelLabels
from Testing.real_data import annotation_of, orbit_scans

#: The user's display window for soft tissue of the orbit in CT (HU).
CT_WINDOW = (-160.0, 240.0)
#: Visible margin around the structure (mm), which shows about 50 mm, an orbit.
MARGIN_MM = 15.0
#: Largest slice step (mm) of scans that are viewed in other planes than they were acquired in.
REFORMAT_MM = 1.3
STRUCTURES = (*RECTI, "optic_nerve", "eyeball")
#: For scans that are not annotated well enough in full, the structures that are.
ONLY_STRUCTURES = {"niimath_t2": ("eyeball",)}
RIGHT_TO_LEFT, BACK_TO_FRONT, FEET_TO_HEAD = range(3)


@dataclass(frozen=True)
class AnnotatedHead:
    """One structure to label. Arrays are (slices, rows, columns) of the plane that the annotator works in.

    :param source: protocol or scan.
    :param group: "recti", "optic nerve" or "globe".
    :param image: intensities, float32.
    :param reference: mask of the structure.
    :param ignored: voxels that do not count.
    :param spacing: distance (mm) between slices, rows and columns.
    :param window: lowest and highest displayed intensity.
    :param propose: function that makes the model's outline, of the image's shape.
    :param proposer: name of this model.
    """

    source: str
    patient: str
    structure: str
    group: str
    plane: str
    real: bool
    image: np.ndarray
    reference: np.ndarray
    ignored: np.ndarray
    spacing: tuple[float, float, float]
    window: tuple[float, float]
    propose: Callable[[], np.ndarray]
    proposer: str

    @property
    def name(self) -> str:
        """Name of the case, unique among all cases."""
        return f"{self.source}/{self.patient}/{self.structure}"


def phantom_cases(protocol: str, seed: int, structures: tuple[str, ...] | None = None) -> list[AnnotatedHead]:
    """Return structures of a synthetic patient with random disease, on alternating sides.

    By default these are two recti, the nerve and the globe.
    """
    structures = structures or (*RECTI[seed % 2::2], "optic_nerve", "eyeball")
    scan = make_patient(seed, protocols=(protocol,), positioning=0.5).scans[protocol]
    nothing, model = np.zeros(scan.labels.array.shape, bool), ModelLabels(scan.image)
    sides = ["right", "left"] if seed % 2 else ["left", "right"]
    return [_cut(scan.image, scan.labels.array, nothing, model, key, sides[n % 2], protocol, str(seed), real=False)
            for n, key in enumerate(structures)]


def drawn_case() -> AnnotatedHead:
    """Return a bent muscle in fat beside a globe and bone, as in CT: a small case that is made at once."""
    shape, spacing = (26, 64, 64), (1.2, 0.7, 0.7)
    k, j, i = np.meshgrid(*[(np.arange(size) - size / 2) * step for size, step in zip(shape, spacing, strict=True)],
                          indexing="ij")
    reference = (k / 13) ** 2 + ((j - 0.02 * k**2) / 2.6) ** 2 + (i / 5) ** 2 < 1
    globe = (k - 10) ** 2 + (j - 15) ** 2 + i**2 < 11**2
    image = np.select([reference, globe, j < -8], [45.0, 20.0, 700.0], -90.0)
    image = gaussian_filter(image, 0.6) + np.random.default_rng(0).normal(0, 8, shape)
    return AnnotatedHead("drawn", "1", "muscle", "recti", "coronal", False, image.astype(np.float32), reference,
                np.zeros(shape, bool), spacing, CT_WINDOW, lambda: np.roll(reference, 2, axis=1), "two pixels off")


def real_cases() -> list[AnnotatedHead]:
    """Return the structures of the annotated real scans that are available, on alternating sides."""
    found = []
    for path in orbit_scans():
        if annotation_of(path):
            found.extend(_real_scan(path))
    return found


def _real_scan(path: Path) -> list[AnnotatedHead]:
    from NeuroOrbitLib.imaging.files import load_image

    name = path.name.removesuffix(".nii.gz")
    image, labels, uncertain = (load_image(file) for file in (path, *annotation_of(path)))
    keys = ONLY_STRUCTURES.get(name, STRUCTURES)
    model = ModelLabels(image)
    pairs = zip(keys, itertools.cycle(("right", "left")), strict=False)
    return [_cut(image, labels.array, uncertain.array > 0, model, key, side, name, side, real=True)
            for key, side in pairs]


def _cut(image: Image, labels: np.ndarray, ignored: np.ndarray, model: ModelLabels, key: str, side: str, source: str,
         patient: str, *, real: bool) -> AnnotatedHead:
    values = [label_value(part, side) for part in _parts(key)]
    reference = np.isin(labels, values)
    group = "recti" if key in RECTI else {"optic_nerve": "optic nerve", "eyeball": "globe"}[key]
    axis, plane = annotation_plane(image, group)
    order = [axis, *[other for other in range(3) if other != axis]]
    spacing = [image.spacing[2 - other] for other in order]
    volumes = [np.transpose(volume, order) for volume in (image.array, reference, ignored)]
    box = _box(volumes[1], spacing)
    image_part, reference, ignored = (np.ascontiguousarray(volume[box]) for volume in volumes)
    image_part = image_part.astype(np.float32)
    window = CT_WINDOW if looks_like_ct(image) else tuple(np.percentile(image_part, (1, 99)).tolist())

    def propose() -> np.ndarray:
        return np.ascontiguousarray(np.isin(np.transpose(model.array, order)[box], values))

    return AnnotatedHead(source, patient, key, group, plane, real, image_part, reference, ignored & ~reference,
                         tuple(spacing), window, propose, model.name)


def _parts(key: str) -> tuple[str, ...]:
    return ("eyeball", "lens") if key == "eyeball" else (key,)


def annotation_plane(image: Image, group: str) -> tuple[int, str]:
    """Return the array axis across the slices that an annotator works on, and the plane's name.

    Muscles and nerve are drawn on coronal slices, which cut across them, if the scan is fine enough in every direction;
    other structures are drawn on the slices as they were acquired.
    """
    world = [int(np.argmax(np.abs(image.affine[:3, 2 - axis]))) for axis in range(3)]
    thick = int(np.argmax(image.spacing[::-1]))
    if max(image.spacing) <= REFORMAT_MM:
        thick = world.index(FEET_TO_HEAD if group == "globe" else BACK_TO_FRONT)
    return thick, {RIGHT_TO_LEFT: "sagittal", BACK_TO_FRONT: "coronal", FEET_TO_HEAD: "axial"}[world[thick]]


def _box(mask: np.ndarray, spacing: list[float]) -> tuple[slice, ...]:
    margins = [int(np.ceil(MARGIN_MM / step)) for step in spacing]
    places = np.argwhere(mask)
    low, high = places.min(axis=0) - margins, places.max(axis=0) + margins + 1
    return tuple(slice(max(a, 0), min(b, n)) for a, b, n in zip(low, high, mask.shape, strict=True))
