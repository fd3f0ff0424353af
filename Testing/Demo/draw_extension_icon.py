"""Draws NeuroOrbit.png, the extension's icon: both eyes, the optic nerves that cross in the chiasm, and the brain.

Run from the repository: ``python -m Testing.Demo.draw_extension_icon``.
"""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.patches import Circle, Ellipse, FancyBboxPatch

from Testing.Demo.draw_module_icon import BACKGROUND, REPOSITORY, color_of, ribbon

TARGET = REPOSITORY / "NeuroOrbit.png"
PIXELS = 128  # what Slicer's Extensions Manager shows
BRAIN, FISSURE = "#e9c7bb", "#c99a8b"


def draw(axes: plt.Axes) -> None:
    """Draw the icon on axes that span 0 to 100 in both directions; the front of the head is up."""
    axes.add_patch(FancyBboxPatch((4, 4), 92, 92, boxstyle="round,pad=0,rounding_size=18", color=BACKGROUND))
    for middle in (35, 65):
        axes.add_patch(Ellipse((middle, 29), 31, 40, facecolor=BRAIN, edgecolor=FISSURE, linewidth=0.8))
    for side in (-1, 1):
        axes.add_patch(ribbon(_mirrored([(23, 72), (28, 52), (44, 56), (58, 38)], side), 5, color_of("optic_nerve")))
        axes.add_patch(ribbon(_mirrored([(15, 82), (8, 66), (14, 60), (24, 56)], side), 4, color_of("lateral_rectus")))
        axes.add_patch(ribbon(_mirrored([(36, 82), (42, 70), (38, 64), (31, 58)], side), 4, color_of("medial_rectus")))
    for middle in (25, 75):
        axes.add_patch(Circle((middle, 76), 13, facecolor=color_of("eyeball"), edgecolor="white", linewidth=0.7))
        axes.add_patch(Ellipse((middle, 85), 13, 6, facecolor=color_of("lens"), edgecolor="white", linewidth=0.4))


def _mirrored(points: list[tuple[float, float]], side: int) -> list[tuple[float, float]]:
    """Return the points themselves for side 1, mirrored at the midline for -1."""
    return [(50 + side * (x - 50), y) for x, y in points]


def main() -> None:
    """Write the icon."""
    figure = plt.figure(figsize=(0.5, 0.5), dpi=2 * PIXELS)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.axis("off")
    draw(axes)
    figure.savefig(TARGET, dpi=2 * PIXELS, transparent=True)
    print(TARGET.relative_to(REPOSITORY))


if __name__ == "__main__":
    main()
