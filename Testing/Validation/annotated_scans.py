"""A model on the real scans: which eyes it finds, and its agreement with the reference labels where there are some.

``python Testing/Validation/annotated_scans.py [--model NAME_OR_FOLDER] [--pictures DIR]``
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "OrbitSegmentation"), str(REPOSITORY / "Testing")]

from real_data import annotation_of, orbit_scans  # noqa: E402

from NeuroOrbitLib.anatomy.structures import LABEL_VALUES, structure_of  # noqa: E402
from NeuroOrbitLib.evaluation.case import StructureScore, score_case  # noqa: E402
from NeuroOrbitLib.imaging.files import load_image  # noqa: E402
from NeuroOrbitLib.imaging.image import Image  # noqa: E402
from NeuroOrbitLib.models import ModelPackage, find_package  # noqa: E402
from NeuroOrbitLib.problem import Problem  # noqa: E402
from OrbitSegmentationLib.pipeline import DEFAULT_MODEL, segment_image  # noqa: E402

RECTI = ("superior_rectus", "inferior_rectus", "medial_rectus", "lateral_rectus")
STRUCTURES = ("eyeball", "optic_nerve", *RECTI)


def main() -> int:
    """Print one table per scan; 1 when an eye of a scan was not found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--pictures", type=Path, help="folder for pictures of the outlines")
    options = parser.parse_args()
    package = find_package(options.model)
    scans = orbit_scans()
    if not scans:
        print("There are no real scans here; nothing to validate.")
        return 0
    return int(not all([validate(scan, package, options.pictures) for scan in scans]))


def validate(path: Path, package: ModelPackage, pictures: Path | None) -> bool:
    """Segment one scan and print what came out; whether both eyes were found."""
    image, started = load_image(path), time.monotonic()
    try:
        result = segment_image(image, package)
    except Problem as problem:
        print(f"{path.name}: {problem}")
        return False
    found = {row["name"]: row["volume_ml"] for row in result.measurements}
    print(f"\n{path.name}: {time.monotonic() - started:.1f} s, "
          + ", ".join(f"{name} {volume:.2f} ml" for name, volume in found.items() if "yeball" in name))
    for notice in result.notices:
        print(f"  {notice['text']}")
    if annotation_of(path):
        print_scores(*annotation_of(path), result.labels)
    if pictures:
        draw(image, result.labels, pictures / f"{path.name.split('.')[0]}.png")
    return sum("yeball" in name for name in found) == 2


def print_scores(reference: Path, uncertain: Path, labels: Image) -> None:
    """Dice and surface Dice per structure, right and left."""
    scores = score_case(load_image(reference), labels, ignore=load_image(uncertain))
    by_key: dict[str, list[StructureScore]] = {}
    for value, score in scores.items():
        by_key.setdefault(structure_of(value).key, []).append(score)
    for key in STRUCTURES:
        if key in by_key:
            cells = [f"{s.metrics['dice']:.3f}/{s.metrics['surface_dice']:.3f}" for s in by_key[key]]
            volumes = [f"{s.predicted_volume / 1000:.2f} of {s.reference_volume / 1000:.2f} ml" for s in by_key[key]]
            print(f"  {key:<16} Dice / surface Dice at 1 mm, right left: {'  '.join(cells)}   {'  '.join(volumes)}")
    means = [s.metrics["dice"] for key in RECTI for s in by_key.get(key, [])]
    if means:
        print(f"  mean rectus Dice {np.mean(means):.3f}")


def draw(image: Image, labels: Image, path: Path) -> None:
    """Axial and coronal slices through each eyeball and behind it, with the outlines."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from NeuroOrbitLib.anatomy.structures import label_color
    from NeuroOrbitLib.imaging.geometry import reorient_to_ras

    scan, mask = reorient_to_ras(image).array, reorient_to_ras(labels).array
    low, high = np.percentile(scan[mask > 0], [1, 99]) if scan.min() > -500 else (-150, 150)
    figure, axes = plt.subplots(2, 4, figsize=(22, 11))
    for row, eye in zip(axes, (1, 2), strict=True):
        kji = np.argwhere(mask == eye)
        if len(kji) == 0:
            continue
        k, j, i = kji.mean(axis=0).round().astype(int)
        step = max(round(14 / np.linalg.norm(reorient_to_ras(image).affine[:3, 1])), 1)
        views = [(slice(k, k + 1), slice(None), slice(None)), (slice(None), slice(j - step, j - step + 1), slice(None)),
                 (slice(None), slice(j - 2 * step, j - 2 * step + 1), slice(None)),
                 (slice(None), slice(None), slice(i, i + 1))]
        for axis, view in zip(row, views, strict=True):
            plane, outline = np.squeeze(scan[view]), np.squeeze(mask[view])
            axis.imshow(plane, cmap="gray", origin="lower", vmin=low, vmax=high)
            for value in LABEL_VALUES:
                if (outline == value).any():
                    axis.contour(outline == value, levels=[0.5], colors=[label_color(value)], linewidths=1)
            near = np.argwhere(np.isin(outline, (eye, eye + 2, eye + 4, eye + 6, eye + 8, eye + 10)))
            if len(near):
                (y0, x0), (y1, x1) = near.min(axis=0) - 15, near.max(axis=0) + 15
                axis.set_xlim(x0, x1)
                axis.set_ylim(y0, y1)
            axis.axis("off")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=50)
    plt.close(figure)


if __name__ == "__main__":
    raise SystemExit(main())
