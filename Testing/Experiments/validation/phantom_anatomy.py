"""The phantom's muscles and nerve against real orbits: where each lies in coronal sections behind the globe.

``python Testing/Experiments/validation/phantom_anatomy.py [--heads 1-12] [--annotated] [--fitted]``

Real orbits come from head label maps; heads are tilted differently, so each one, and the phantom, is first turned
until its horizontal recti lie in one plane. Prints millimetres in the right-eye frame (x lateral, z superior).
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "Testing"), str(REPOSITORY / "OrbitSegmentation")]

from real_data import annotation_of, orbit_scans, real_data_folder  # noqa: E402

from NeuroOrbitLib.anatomy.structures import Side, label_value  # noqa: E402
from NeuroOrbitLib.imaging.files import load_image  # noqa: E402
from NeuroOrbitLib.imaging.geometry import reorient_to_ras  # noqa: E402
from NeuroOrbitLib.imaging.image import Image  # noqa: E402
from NeuroOrbitLib.phantom.head.labelmaps import (  # noqa: E402
    EYE_MUSCLES,
    OPTIC_NERVE,
    Eye,
    find_eyes,
    rectus_of,
    right_eye_frame,
)
from NeuroOrbitLib.phantom.orbit.muscle import muscle_tube  # noqa: E402
from NeuroOrbitLib.phantom.orbit.raster import nerve_path, orbit_bounds, rasterise_orbit  # noqa: E402
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape  # noqa: E402
from NeuroOrbitLib.phantom.orbit.tube import at_depth  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.head_labels import load_head  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.label_bank import orbit_points  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.orbit_fit import fitted_orbit, in_parametric_orbit  # noqa: E402

DEPTHS = (-4, -8, -12, -16, -20, -24, -28)
STRUCTURES = ("superior_rectus", "inferior_rectus", "medial_rectus", "lateral_rectus", "optic_nerve")
SLAB, FEWEST_VOXELS, FEWEST_ORBITS = 2.0, 12, 4
#: Slope (up per mm backwards) of the plane of the horizontal recti to which heads are turned: the phantom's.
PLANE_SLOPE = 0.04

Points = dict[str, np.ndarray]


@dataclass(frozen=True)
class Section:
    """Place of a structure at one depth: mean and SD over orbits of its centre (x, z) in mm."""

    count: int
    mean: np.ndarray
    spread: np.ndarray


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heads", default="1-12", help="which label maps, first-last (default 1-12)")
    parser.add_argument("--annotated", action="store_true", help="also compare with the readers' outlines")
    parser.add_argument("--fitted", action="store_true",
                        help="instead, what is left between label maps and the orbits fitted to them for training")
    options = parser.parse_args()
    if real_data_folder() is None:
        print("There are no real label maps here; nothing to compare with.")
        return 0
    first, last = (int(number) for number in options.heads.split("-"))
    if options.fitted:
        print_fitted_table(range(first, last + 1))
        return 0
    phantom = [phantom_points(OrbitShape())]
    print_table(f"label maps {options.heads}", phantom, [orbit for number in range(first, last + 1)
                                                        for orbit in label_map_orbits(number)])
    if options.annotated:
        for scan in filter(annotation_of, orbit_scans()):
            print_table(f"readers' outlines, {scan.name}", phantom, annotated_orbits(annotation_of(scan)[0]))
    return 0


def phantom_points(shape: OrbitShape, step: float = 0.6) -> Points:
    """Return the points (N, 3) of each structure of a parametric orbit, levelled."""
    low, high = orbit_bounds(shape)
    grid = np.stack(np.meshgrid(*[np.arange(a, b, step) for a, b in zip(low, high, strict=True)], indexing="ij"), -1)
    labels = rasterise_orbit(shape, grid)
    points = {key: grid[labels == label_value(key, "right")] for key in (*STRUCTURES, "lacrimal_gland")}
    return levelled([points])[0]


def label_map_orbits(number: int) -> list[Points]:
    """Return both orbits of one head label map, levelled."""
    path = real_data_folder() / "labelmaps" / f"training_seg_{number:02d}.nii.gz"
    head = reorient_to_ras(load_image(path))
    labels = head.with_array(np.rint(head.array).astype(np.int32))
    orbits = [{"muscles": points_of(labels, EYE_MUSCLES, eye), "optic_nerve": points_of(labels, OPTIC_NERVE, eye)}
              for eye in find_eyes(labels)]
    # The rectus of a voxel depends on the tilt, and the tilt on the horizontal recti.
    for _ in range(8):
        orbits = levelled([orbit | recti(orbit["muscles"]) for orbit in orbits])
    return orbits


def annotated_orbits(path: Path) -> list[Points]:
    """Return both orbits of a reader's outlines, levelled."""
    labels = reorient_to_ras(load_image(path))
    orbits = []
    for side in Side:
        globe = np.isin(labels.array, (label_value("eyeball", side), label_value("lens", side)))
        eye = Eye(side, labels.grid.ras_from_ijk(np.argwhere(globe)[:, ::-1]).mean(axis=0), globe)
        orbits.append({key: points_of(labels, label_value(key, side), eye) for key in (*STRUCTURES, "lacrimal_gland")})
    return levelled(orbits)


def points_of(labels: Image, value: int, eye: Eye) -> np.ndarray:
    """Return the voxels (N, 3) of a label around one eye, in mm of the right-eye frame."""
    local = right_eye_frame(labels.grid.ras_from_ijk(np.argwhere(labels.array == value)[:, ::-1]), eye)
    return local[(np.abs(local[:, 0]) < 30) & (np.abs(local[:, 2]) < 30)]


def recti(muscles: np.ndarray) -> Points:
    """Divide the voxels of all muscles, (N, 3) mm in the right-eye frame, among the recti."""
    values = rectus_of(muscles, np.array(OrbitShape().apex))
    return {key: muscles[values == label_value(key, "right")] for key in STRUCTURES[:4]}


def levelled(orbits: list[Points]) -> list[Points]:
    """Return the orbits of one head, turned about the left-right axis until the horizontal recti lie in one plane."""
    for _ in range(6):
        horizontal = [orbit[key] for orbit in orbits for key in ("medial_rectus", "lateral_rectus")]
        belly = [points[(points[:, 1] < -8) & (points[:, 1] > -26)] for points in horizontal]
        slope = np.mean([np.mean(points[:, 2] / -points[:, 1]) for points in belly if len(points) >= FEWEST_VOXELS])
        angle = np.arctan(slope) - np.arctan(PLANE_SLOPE)
        cosine, sine = np.cos(angle), np.sin(angle)
        turn = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
        orbits = [{key: points @ turn.T for key, points in orbit.items()} for orbit in orbits]
    return orbits


def print_fitted_table(numbers: range) -> None:
    """Print one line per structure and depth: the distance of label maps from the training's orbits fitted to them."""
    misses = [miss for number in numbers for miss in fitted_misses(number)]
    print("\n| structure | y | orbits | labels off by x | labels off by z |\n|---|---|---|---|---|")
    for key in STRUCTURES:
        for depth in DEPTHS:
            found = np.array([miss[key, depth] for miss in misses if (key, depth) in miss])
            if len(found) >= FEWEST_ORBITS:
                spread = Section(len(found), found.mean(axis=0), found.std(axis=0))
                print(f"| {key.replace('_', ' ')} | {depth} | {len(found)} | {_spread(spread, 0)} "
                      f"| {_spread(spread, 1)} |")
    every = np.array([offset for miss in misses for offset in miss.values()])
    print(f"\nmean distance in one orbit {np.linalg.norm(every, axis=1).mean():.2f} mm")


def fitted_misses(number: int) -> list[dict[tuple[str, float], np.ndarray]]:
    """Return, for both orbits of a label map, the offsets (x, z) of its sections from those of the fitted orbit."""
    head = load_head(real_data_folder() / "labelmaps" / f"training_seg_{number:02d}.nii.gz")
    misses = []
    for frame in head.frames:
        muscles, nerve = (orbit_points(head, frame, value) for value in (EYE_MUSCLES, OPTIC_NERVE))
        fit, shape = fitted_orbit(muscles, nerve, OrbitShape())
        muscles, nerve = (in_parametric_orbit(points, fit, shape) for points in (muscles, nerve))
        misses.append(section_offsets(recti(muscles) | {"optic_nerve": nerve}, shape))
    return misses


def section_offsets(labelled: Points, shape: OrbitShape) -> dict[tuple[str, float], np.ndarray]:
    """Return the offsets (x, z) of labelled sections from the centre lines of a parametric orbit."""
    lines = {"optic_nerve": nerve_path(shape)} | {
        key: muscle_tube(shape.muscle(key.replace("_", " ")), shape).samples for key in STRUCTURES[:4]}
    offsets = {}
    for key, points in labelled.items():
        for depth in DEPTHS:
            near = points[np.abs(points[:, 1] - depth) < SLAB]
            if len(near) >= FEWEST_VOXELS:
                middle = near.mean(axis=0)
                offsets[key, depth] = (middle - at_depth(lines[key], middle[1]))[[0, 2]]
    return offsets


def section(orbits: list[Points], key: str, depth: float) -> Section | None:
    """Return a structure's centre at a depth; ``None`` if too few orbits show it there."""
    near = [orbit[key][np.abs(orbit[key][:, 1] - depth) < SLAB] for orbit in orbits]
    middles = np.array([np.median(points[:, [0, 2]], axis=0) for points in near if len(points) >= FEWEST_VOXELS])
    if len(middles) < min(FEWEST_ORBITS, len(orbits)):
        return None
    return Section(len(middles), middles.mean(axis=0), middles.std(axis=0))


def print_table(title: str, phantom: list[Points], orbits: list[Points]) -> None:
    """Print one line per structure and depth: real place, phantom's place, and difference."""
    print(f"\n{title}: {len(orbits)} orbits\n")
    print("| structure | y | orbits | real x | real z | phantom x, z | off by x, z |\n|---|---|---|---|---|---|---|")
    misses = []
    for key in STRUCTURES:
        for depth in DEPTHS:
            real, own = section(orbits, key, depth), section(phantom, key, depth)
            if real and own:
                misses.append(own.mean - real.mean)
                print(f"| {key.replace('_', ' ')} | {depth} | {real.count} | {_spread(real, 0)} | {_spread(real, 1)} "
                      f"| {own.mean[0]:.1f}, {own.mean[1]:.1f} | {misses[-1][0]:+.1f}, {misses[-1][1]:+.1f} |")
    print(f"\nmean distance {np.mean(np.linalg.norm(misses, axis=1)):.2f} mm, "
          f"largest {np.max(np.linalg.norm(misses, axis=1)):.2f} mm")
    if "lacrimal_gland" in orbits[0]:
        middles = [orbit["lacrimal_gland"].mean(axis=0).round(1) for orbit in (*orbits, *phantom)]
        print(f"lacrimal gland, middle (x, y, z): real {middles[:-1]}, phantom {middles[-1]}")


def _spread(part: Section, axis: int) -> str:
    return f"{part.mean[axis]:.1f} ± {part.spread[axis]:.1f}"


if __name__ == "__main__":
    raise SystemExit(main())
