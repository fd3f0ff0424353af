"""The label bank: real orbits whose coarse labels are replaced by fitted, randomly shaped parametric orbits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, mirror_label_array
from NeuroOrbitLib.files.safe import write_arrays
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.phantom.head.labelmaps import EYE_MUSCLES, EYEBALL, OPTIC_NERVE
from NeuroOrbitLib.phantom.head.raster import rasterise_head
from NeuroOrbitLib.phantom.head.shape import HeadShape, random_head_shape
from NeuroOrbitLib.phantom.orbit.random_shape import random_orbit_shape
from NeuroOrbitLib.phantom.orbit.raster import NERVE_TISSUES, rasterise_orbit_with_parts
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.thyroid_disease import LARGEST_SEVERITY
from NeuroOrbitLib.phantom.tissue import Tissue
from OrbitSegmentationLib.any_contrast.training.head_labels import (
    TISSUE_COUNT,
    LabelledHead,
    labels_around,
    load_head,
    tissues_from_labels,
)
from OrbitSegmentationLib.any_contrast.training.orbit_fit import (
    fitted_orbit,
    in_parametric_orbit,
    jittered,
    with_random_sag,
    with_random_vessels,
)
from OrbitSegmentationLib.any_contrast.training.orbit_interior import (
    lean_gland_on_wall,
    orbit_interior,
    without_air_in_cone,
)
from OrbitSegmentationLib.any_contrast.training.shape_model import Deformation, OrbitShapeModel, orbit_name
from OrbitSegmentationLib.orbit_frame import OrbitFrame

#: Corners (mm, x y z in the right-eye frame) of the bank's box: the network's box with a margin for turns and shifts.
BANK_LOW = (-38.0, -58.0, -34.0)
BANK_HIGH = (38.0, 30.0, 34.0)
BANK_SPACING = 0.6
_FAT_LABEL, _CAVITY_LABEL = 21, 23
#: Shares of healthy orbits, and of those with severe disease (muscles up to three times their volume).
_HEALTHY_SHARE, _SEVERE_SHARE = 0.45, 0.1
#: SD of the gaze (degrees) of most people in a scanner, and of those who look elsewhere, and the share of the latter.
_LOOKING_AHEAD, _LOOKING_ASIDE, _LOOKING_ASIDE_SHARE = 5.0, 20.0, 0.25
#: Share of the orbits of label maps that take a random shape, where there is a shape model.
_NEW_SHAPE_SHARE = 0.75
#: Largest proptosis (mm) for which the surroundings of a label map leave room.
_LARGEST_PROPTOSIS = 12.0
#: Upper corner (mm) of the part of a head that an orbit is put into: the globe comes forward by the proptosis.
_HEAD_HIGH = (BANK_HIGH[0], BANK_HIGH[1] + _LARGEST_PROPTOSIS + 1.0, BANK_HIGH[2])


def build_bank(label_maps: list[Path], output: Path, shapes_per_orbit: int, seed: int, workers: int = 1,
               shape_model: Path | None = None) -> None:
    """Write one ``.npz`` per head and side with the arrays ``labels`` and ``tissues`` (shapes, K, J, I), uint8.

    Orbits already in ``output`` are kept, so that an interrupted build can be continued.

    :param label_maps: files of head label maps.
    :param output: folder of the bank; it is created.
    :param shapes_per_orbit: number of parametric orbits per real orbit.
    :param seed: seed of the random shapes.
    :param workers: number of processes, each of which works on one head at a time.
    :param shape_model: file of an :class:`~.shape_model.OrbitShapeModel` that holds these orbits; most parametric
        orbits, with the head around them, then take random shapes of the model. ``None`` leaves every head as it is.
    """
    output.mkdir(parents=True, exist_ok=True)
    _for_each(_write_head, [(path, output, shapes_per_orbit, seed, shape_model) for path in label_maps], workers)


def build_phantom_bank(output: Path, heads: int, seed: int, workers: int = 1, progress: Progress = silent) -> None:
    """Add the orbits of entirely parametric heads to a bank; files and parameters as for :func:`build_bank`.

    :param heads: number of heads.
    :param progress: receives the fraction done before each head; only called with one worker.
    """
    output.mkdir(parents=True, exist_ok=True)
    _for_each(_write_phantom, [(output, number, seed) for number in range(heads)], workers, progress)


def _for_each(function: Callable[..., None], arguments: Sequence[tuple[object, ...]], workers: int,
              progress: Progress = silent) -> None:
    """Call a function with each of the arguments, in separate processes if there are several workers."""
    if workers < 2:
        for number, each in enumerate(arguments):
            progress(number / len(arguments), "Making synthetic orbits")
            function(*each)
        return
    # A process that is forked while threads of torch run may hang.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for done in [pool.submit(function, *each) for each in arguments]:
            done.result()


def _write_head(path: Path, output: Path, shapes_per_orbit: int, seed: int, shape_model: Path | None) -> None:
    head = load_head(path)
    model = None if shape_model is None else OrbitShapeModel.load(shape_model)
    for frame in head.frames:
        target = output / f"{orbit_name(head, frame)}.npz"
        if not target.exists():
            rng = np.random.default_rng([seed, *target.stem.encode()])
            _write(target, list(_orbit_variants(head, frame, shapes_per_orbit, rng, model)))


def _write_phantom(output: Path, number: int, seed: int) -> None:
    target = output / f"phantom_{number:02d}.npz"
    if not target.exists():
        rng = np.random.default_rng([seed, number])
        shape = random_head_shape(rng, severity=_random_severity(rng))
        shape = replace(shape, right=with_random_sag(shape.right, rng), left=with_random_sag(shape.left, rng))
        _write(target, [_phantom_orbit(shape, side) for side in Side])


def _phantom_orbit(shape: HeadShape, side: Side) -> tuple[np.ndarray, np.ndarray]:
    letter = "R" if side is Side.RIGHT else "L"
    points = bank_grid().voxel_centers() + np.array(shape.orbit(letter).globe_center)
    labels, tissues = rasterise_head(shape, shape.from_orbit(points, letter))
    right_eye = labels if side is Side.RIGHT else mirror_label_array(labels)
    # Label values above that of the fat are left out.
    return np.where(right_eye > _FAT_LABEL, 0, right_eye), tissues


def _random_severity(rng: np.random.Generator) -> float:
    """Return a random severity of thyroid eye disease: none (0) for nearly half, severe (above 1) for a tenth."""
    draw = rng.random()
    if draw < _HEALTHY_SHARE:
        return 0.0
    if draw < _HEALTHY_SHARE + _SEVERE_SHARE:
        return float(rng.uniform(1.0, LARGEST_SEVERITY))
    return float(rng.beta(1.8, 1.8))


def _write(target: Path, orbits: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Write the labels and tissues of some orbits into one file, completely or not at all."""
    labels, tissues = zip(*orbits, strict=True)
    write_arrays(target, labels=np.stack(labels), tissues=np.stack(tissues))


def bank_grid() -> Grid:
    """Return the grid of every array of the bank, in the right-eye frame."""
    return OrbitFrame((0.0, 0.0, 0.0), "right").grid(BANK_SPACING, BANK_LOW, BANK_HIGH)


def _orbit_variants(head: LabelledHead, frame: OrbitFrame, count: int, rng: np.random.Generator,
                    model: OrbitShapeModel | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    local = labels_around(head, frame, BANK_SPACING, BANK_LOW, _HEAD_HIGH)
    muscle_points, nerve_points = orbit_points(head, frame, EYE_MUSCLES), orbit_points(head, frame, OPTIC_NERVE)
    radius = (3 * len(orbit_points(head, frame, EYEBALL)) * head.labels.grid.voxel_volume / (4 * np.pi)) ** (1 / 3)
    for _ in range(count):
        gaze_sd = _LOOKING_ASIDE if rng.random() < _LOOKING_ASIDE_SHARE else _LOOKING_AHEAD
        shape = random_orbit_shape(rng, severity=_random_severity(rng), gaze_sd=gaze_sd)
        # The label maps outline the vitreous; the sclera adds about half a millimetre.
        head_radius = float(np.clip(0.6 * (radius + 0.5) + 0.4 * shape.globe.radius, 10.5, 13.8))
        shape = replace(shape, globe=replace(shape.globe, radius=head_radius),
                        proptosis=min(shape.proptosis, _LARGEST_PROPTOSIS))
        fit, followed = fitted_orbit(muscle_points, nerve_points, shape)
        followed = with_random_vessels(jittered(followed, rng), rng)
        is_new = model is not None and rng.random() < _NEW_SHAPE_SHARE
        yield compose_orbit(local, fit, followed,
                            model.random_deformation(orbit_name(head, frame), rng) if is_new else None)


def orbit_points(head: LabelledHead, frame: OrbitFrame, value: int) -> np.ndarray:
    """Return the right-eye frame coordinates (N, 3) of the voxels with a label that are near this orbit.

    :param head: the head label map.
    :param frame: frame of the orbit.
    :param value: SynthSeg label value.
    """
    kji = np.argwhere(head.labels.array == value)
    ras = head.labels.grid.ras_from_ijk(kji[:, ::-1])
    local = (ras - np.array(frame.center)) * np.array([frame.side.x_sign, 1.0, 1.0])
    return local[np.abs(local[:, 0]) < 30]


def compose_orbit(local: np.ndarray, fit: np.ndarray, shape: OrbitShape, deformation: Deformation | None = None
                  ) -> tuple[np.ndarray, np.ndarray]:
    """Put a parametric orbit into the labels of a real head.

    :param local: SynthSeg labels around the real orbit, on the bank's grid, which may end further in front.
    :param fit: 3x3 matrix from the frame of the real orbit to that of the parametric one.
    :param shape: the parametric orbit.
    :param deformation: deformation of the head and all that the orbit holds except the eyeball; ``None`` for none.
    :return: label values and tissue classes (K, J, I) on :func:`bank_grid`, with its origin at the (moved) globe.
    """
    points = bank_grid().voxel_centers()
    moved = np.linalg.solve(fit, np.array(shape.globe_center))
    if deformation is not None:
        points = deformation(points + moved, moved) - moved
    places = in_parametric_orbit(points, fit, shape) + np.array(shape.globe_center)
    labels, tissues = rasterise_orbit_with_parts(shape, places)
    surroundings = without_air_in_cone(_nearest(local, points + moved), labels)
    interior = orbit_interior(surroundings, labels, shape, places, BANK_SPACING)
    lean_gland_on_wall(labels, tissues, interior, surroundings, shape, places, BANK_SPACING)
    return _merge(surroundings, labels, tissues, interior)


def _nearest(local: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the labels around a real orbit at the voxels nearest to points (..., 3; mm); the edges are repeated."""
    index = [np.clip(np.floor((points[..., axis] - BANK_LOW[axis]) / BANK_SPACING).astype(int), 0, count - 1)
             for axis, count in enumerate(local.shape[::-1])]
    return local[tuple(index[::-1])]


def _merge(head: np.ndarray, labels: np.ndarray, tissues: np.ndarray, interior: np.ndarray) -> (
        tuple[np.ndarray, np.ndarray]):
    merged = tissues_from_labels(head)
    globe = np.isin(labels, (1, 19))
    # The optic canal runs through bone, and the globe may protrude beyond the real lids.
    nerve = np.isin(tissues, NERVE_TISSUES)
    inside = interior | globe | nerve
    painted = (labels > 0) | nerve
    result = np.where(inside, labels, 0).astype(np.uint8)
    result[inside & ~painted] = _FAT_LABEL
    merged[inside] = np.where(painted, tissues, Tissue.ORBITAL_FAT)[inside]
    merged[(head == EYEBALL) & ~inside] = Tissue.EYELID
    result[result == _CAVITY_LABEL] = _FAT_LABEL
    assert merged.max() < TISSUE_COUNT
    return result, merged
