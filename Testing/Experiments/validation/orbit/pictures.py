"""Pictures of the outlines that a model draws in the real scans.

``python -m Testing.Experiments.validation.orbit.pictures``
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

from NeuroOrbitLib.anatomy.structures import LABEL_VALUES  # noqa: E402
from NeuroOrbitLib.imaging.files import load_image  # noqa: E402
from NeuroOrbitLib.imaging.image import Image  # noqa: E402
from NeuroOrbitLib.models import find_package  # noqa: E402
from NeuroOrbitLib.problem import Problem  # noqa: E402
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL  # noqa: E402
from OrbitSegmentationLib.pipeline import segment_image  # noqa: E402
from Testing.real_data import orbit_scans  # noqa: E402

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def main() -> int:
    """Draw all available real scans."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("-o", "--output", type=Path, default=REPOSITORY / "out" / "validation")
    options = parser.parse_args()
    package = find_package(options.model)
    for path in orbit_scans():
        image = load_image(path)
        try:
            draw(image, segment_image(image, package).labels, options.output / f"{path.name.split('.')[0]}.png")
        except Problem as problem:
            print(f"{path.name}: {problem}")
    return 0


def mark_sides(axis: Axes, view: tuple[slice, ...]) -> None:
    """Write L and R at the edges of an axial or coronal slice in RAS, whose columns run to the patient's right."""
    if view[2] != slice(None):
        return
    for letter, place in (("L", 0.03), ("R", 0.97)):
        axis.text(place, 0.5, letter, transform=axis.transAxes, ha="center", va="center", color="white", fontsize=24,
                  fontweight="bold", bbox={"facecolor": "black", "edgecolor": "none", "pad": 2})


def draw(image: Image, labels: Image, path: Path) -> None:
    """Draw axial and coronal slices through each eyeball and behind it, with the outlines."""
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
            mark_sides(axis, view)
            axis.axis("off")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=50)
    plt.close(figure)


if __name__ == "__main__":
    raise SystemExit(main())
