"""Draws the icon of OrbitSegmentation: an eye in axial section with its nerve and muscles, in the vocabulary's colours.

Run from the repository: ``python Testing/Demo/draw_module_icon.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.patches import Circle, Ellipse, FancyBboxPatch, PathPatch
from matplotlib.path import Path as Outline

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from NeuroOrbitLib.anatomy import label_color, label_value  # noqa: E402 - found through the line above

TARGET = REPOSITORY / "OrbitSegmentation" / "Resources" / "Icons" / "OrbitSegmentation.png"
PIXELS = 256
BACKGROUND = "#1d2733"


def color_of(key: str) -> tuple[float, float, float]:
    """Return the colour of the structure in every view of the product."""
    return label_color(label_value(key, "right"))


def ribbon(points: list[tuple[float, float]], width: float, color: tuple[float, float, float]) -> PathPatch:
    """Return a smooth band through a start, two control points and an end."""
    codes = [Outline.MOVETO, Outline.CURVE4, Outline.CURVE4, Outline.CURVE4]
    return PathPatch(Outline(points, codes), fill=False, edgecolor=color, linewidth=width * 0.28, capstyle="round")


def draw(axes: plt.Axes) -> None:
    """Draw the icon on axes that span 0 to 100 in both directions; the front of the eye is up."""
    axes.add_patch(FancyBboxPatch((4, 4), 92, 92, boxstyle="round,pad=0,rounding_size=18", color=BACKGROUND))
    axes.add_patch(ribbon([(50, 50), (53, 38), (46, 28), (50, 11)], 15, color_of("optic_nerve")))
    axes.add_patch(ribbon([(21, 66), (13, 44), (28, 24), (45, 12)], 17, color_of("medial_rectus")))
    axes.add_patch(ribbon([(79, 66), (87, 44), (72, 24), (55, 12)], 17, color_of("lateral_rectus")))
    axes.add_patch(Circle((50, 63), 26, facecolor=color_of("eyeball"), edgecolor="white", linewidth=0.9))
    axes.add_patch(Ellipse((50, 80), 25, 11, facecolor=color_of("lens"), edgecolor="white", linewidth=0.5))


def main() -> None:
    """Write the icon."""
    figure = plt.figure(figsize=(1, 1), dpi=PIXELS)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.axis("off")
    draw(axes)
    figure.savefig(TARGET, dpi=PIXELS, transparent=True)
    print(TARGET.relative_to(REPOSITORY))


if __name__ == "__main__":
    main()
