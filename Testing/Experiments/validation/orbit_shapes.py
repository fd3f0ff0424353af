"""How well the shape model of training orbits describes orbits that it has not seen, and how random orbits differ.

``python Testing/Experiments/validation/orbit_shapes.py``

Learns from the label maps of the training, and looks at the others. Distances are means over the box around an orbit,
with the tilt of the head taken out.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "Testing"), str(REPOSITORY / "OrbitSegmentation")]

from real_data import real_data_folder  # noqa: E402

from NeuroOrbitLib.phantom.head.labelmaps import label_maps_in  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.head_labels import load_head  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.shape_model import OrbitShapeModel  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.train import TRAINING_HEADS  # noqa: E402

RANDOM_ORBITS = 100


def main() -> int:
    """Print the tables."""
    if real_data_folder() is None:
        print("There are no real label maps here; nothing to compare with.")
        return 0
    heads = [load_head(path) for path in label_maps_in(real_data_folder() / "labelmaps")]
    every = OrbitShapeModel.learned(heads)
    unseen = every.places[2 * TRAINING_HEADS:]
    print("| learned from | modes | unseen orbits from the mean shape, mm | from the nearest shape, mm |\n"
          "|---|---|---|---|")
    for count in (TRAINING_HEADS // 3, 2 * TRAINING_HEADS // 3, TRAINING_HEADS):
        model = first_heads(every, count)
        print(f"| {count} heads | {len(model.modes)} | {mean_distance(unseen, model.mean):.1f} "
              f"| {np.mean([distance(each, model.nearest(each)) for each in unseen]):.1f} |")
    print_random_orbits(model)
    return 0


def first_heads(model: OrbitShapeModel, count: int) -> OrbitShapeModel:
    """Return the model of the first heads only, with two orbits each."""
    return OrbitShapeModel(model.names[:2 * count], model.places[:2 * count], model.turns[:2 * count])


def print_random_orbits(model: OrbitShapeModel) -> None:
    """Print how far random orbits of a model are from its mean and from real orbits, beside how far these are."""
    rng = np.random.default_rng(0)
    drawn = np.array([model.random_shape(rng) for _ in range(RANDOM_ORBITS)])
    print("\n| orbits | from the mean shape, mm | from the nearest real orbit of another head, mm |\n|---|---|---|")
    others = [np.delete(model.places, [number - number % 2, number - number % 2 + 1], axis=0)
              for number in range(len(model.places))]
    for name, orbits, real in (("real", model.places, others), ("random", drawn, [model.places] * len(drawn))):
        nearest = [min(distance(orbit, other) for other in among) for orbit, among in zip(orbits, real, strict=True)]
        print(f"| {name} | {mean_distance(orbits, model.mean):.1f} | {np.mean(nearest):.1f} |")
    explained = ", ".join(f"{100 * share:.0f}" for share in model.explained[:len(model.modes)])
    print(f"\nThe first modes explain {explained} % of the variance.")


def mean_distance(orbits: np.ndarray, shape: np.ndarray) -> float:
    """Return the mean distance (mm) of several orbits, (orbits, K, J, I, 3), from a shape."""
    return float(np.mean([distance(orbit, shape) for orbit in orbits]))


def distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the mean distance (mm) between corresponding places (K, J, I, 3) of two orbits."""
    return float(np.linalg.norm(first - second, axis=-1).mean())


if __name__ == "__main__":
    raise SystemExit(main())
