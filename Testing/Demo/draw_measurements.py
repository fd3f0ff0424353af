"""Draws the place of each group of measures on a phantom patient: ``make measurement-pictures``.

Run from the repository: ``python -m Testing.Demo.draw_measurements``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from NeuroOrbitLib.anatomy import LABEL_VALUES, Side, label_rgb  # noqa: E402 - found through the line above
from NeuroOrbitLib.imaging.geometry import grid_around  # noqa: E402
from NeuroOrbitLib.imaging.image import Image  # noqa: E402
from NeuroOrbitLib.measurements.measure import Measuring  # noqa: E402
from NeuroOrbitLib.measurements.rows import Row, by_key  # noqa: E402
from NeuroOrbitLib.phantom.head.raster import rasterise_head  # noqa: E402
from NeuroOrbitLib.phantom.head.shape import random_head_shape  # noqa: E402
from Testing.Demo.edge_letters import mark_edges  # noqa: E402
from Testing.Demo.small_files import save_drawing  # noqa: E402

FOLDER = REPOSITORY / "docs" / "pictures"
SPACING, SEED, SEVERITY = 0.5, 5, 0.5
PIXEL_MM = 0.15
LINE = "#101820"


class Drawing:
    """Sections of a phantom's label map with measures on them."""

    def __init__(self) -> None:
        head = random_head_shape(np.random.default_rng(SEED), "F", SEVERITY)
        grid = grid_around(np.array([0.0, -13.0, 1.0]), (124.0, 72.0, 52.0), SPACING)
        indices = np.stack(np.meshgrid(*[np.arange(count) for count in grid.shape], indexing="ij"), axis=-1)
        self.labels = Image(rasterise_head(head, grid.ras_from_ijk(indices[..., ::-1]))[0], grid.affine)
        self.measuring = Measuring(self.labels)
        self.rows = by_key(self.measuring.rows())
        self.frame = self.measuring.rims.frame
        self.palette = np.full((256, 3), 245, dtype=np.uint8)
        for value in LABEL_VALUES:
            self.palette[value] = label_rgb(value)

    def row(self, structure: str, quantity: str, side: str = "right") -> Row:
        """Return a measure of the phantom."""
        return self.rows[structure, side, quantity]

    def section(self, axes: plt.Axes, center: np.ndarray, across: np.ndarray, up: np.ndarray,
                half: tuple[float, float]) -> None:
        """Show the labels of a plane; the patient's right is on the left, as in radiology."""
        wide, high = (np.arange(-size, size, PIXEL_MM) for size in half)
        points = center + high[::-1, None, None] * up + wide[None, :, None] * across
        ijk = np.rint(self.labels.grid.ijk_from_ras(points)).astype(int)
        inside = np.all((ijk >= 0) & (ijk < self.labels.array.shape[::-1]), axis=-1)
        values = np.zeros(inside.shape, dtype=np.uint8)
        values[inside] = self.labels.array[tuple(ijk[inside][:, ::-1].T)]
        axes.imshow(self.palette[values], extent=(-half[0], half[0], -half[1], half[1]), interpolation="nearest")
        axes.plane = (center, across, up)
        axes.set_autoscale_on(False)
        axes.set_xticks([])
        axes.set_yticks([])
        mark_edges(axes, across)

    @staticmethod
    def flat(axes: plt.Axes, points: np.ndarray) -> np.ndarray:
        """Return points (N, 3) in the coordinates of the section."""
        center, across, up = axes.plane
        return np.stack([(points - center) @ across, (points - center) @ up], axis=1)

    def line(self, axes: plt.Axes, row: Row, style: str = "-o") -> None:
        """Draw the line of a measure."""
        axes.plot(*self.flat(axes, row.measured.place.points).T, style, color=LINE, linewidth=1.6, markersize=3.5)

    def text(self, axes: plt.Axes, place: tuple[float, float], words: str) -> None:
        """Write a text beside a measure."""
        axes.text(*place, words, fontsize=8, color=LINE, ha="center", va="center",
                  bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.5})


def muscles(drawing: Drawing, figure: plt.Figure) -> None:
    """Draw a muscle's line, and its section at the greatest diameter."""
    along, across = figure.subplots(1, 2)
    line = drawing.row("medial_rectus", "length").measured.place.points
    center = line[len(line) // 2] + 10 * drawing.frame.right
    drawing.section(along, center, -drawing.frame.right, drawing.frame.forward, (26.0, 30.0))
    drawing.line(along, drawing.row("medial_rectus", "length"), "-")
    along.set_title("Line through the middles of the medial rectus", fontsize=9)
    row = drawing.row("medial_rectus", "greatest_diameter")
    ends = row.measured.place.points
    index = int(np.linalg.norm(line - ends.mean(axis=0), axis=1).argmin())
    tangent = line[min(index + 2, len(line) - 1)] - line[max(index - 2, 0)]
    tangent /= np.linalg.norm(tangent)
    up = drawing.frame.up - (drawing.frame.up @ tangent) * tangent
    up /= np.linalg.norm(up)
    drawing.section(across, ends.mean(axis=0), -np.cross(tangent, up), up, (20.0, 20.0))
    drawing.line(across, row)
    drawing.text(across, (0.0, -17.0), f"greatest diameter {row.value:.1f} mm")
    across.set_title("Section across it where it is thickest", fontsize=9)


def globe_and_nerve(drawing: Drawing, figure: plt.Figure) -> None:
    """Draw axial length, transverse diameter, the nerve's line with both places of its sheath, angle of the back."""
    left, right = figure.subplots(1, 2)
    axial = drawing.row("eyeball", "axial_length")
    drawing.section(left, axial.measured.place.points.mean(axis=0), -drawing.frame.right, drawing.frame.forward,
                    (20.0, 20.0))
    for quantity in ("axial_length", "transverse_diameter"):
        drawing.line(left, drawing.row("eyeball", quantity))
    drawing.line(left, drawing.row("lens", "thickness"), "-")
    left.set_title("Outer axial length, transverse diameter, lens", fontsize=9)
    nerve = drawing.row("optic_nerve", "length").measured.place.points
    drawing.section(right, nerve[len(nerve) // 2], -drawing.frame.right, drawing.frame.forward, (20.0, 24.0))
    drawing.line(right, drawing.row("optic_nerve", "length"), "-")
    for place in ("3mm", "10mm"):
        row = drawing.row("optic_nerve", f"sheath_diameter_{place}")
        middle = row.measured.place.points.mean(axis=0)
        half = row.value / 2 * drawing.frame.right
        right.plot(*drawing.flat(right, np.array([middle - half, middle + half])).T, "-", color=LINE, linewidth=2)
    drawing.line(right, drawing.row("eyeball", "globe_tent_angle"))
    right.set_title("Nerve: line, 3 and 10 mm; angle of the globe's back", fontsize=9)


def orbit(drawing: Drawing, figure: plt.Figure) -> None:
    """Draw the plane of the rims, and Barrett's chords."""
    side, front = figure.subplots(1, 2)
    shapes = drawing.measuring.shapes[Side.RIGHT]
    plane = drawing.row("bony_orbit", "volume").measured.place.points
    drawing.section(side, shapes.globe_center - 12 * drawing.frame.forward, -drawing.frame.right,
                    drawing.frame.forward, (26.0, 30.0))
    direction = np.cross(plane[1], drawing.frame.up)
    direction /= np.linalg.norm(direction)
    ends = plane[0] + np.array([[-24.0], [24.0]]) * direction
    side.plot(*drawing.flat(side, ends).T, "--", color=LINE, linewidth=1.6)
    mouth = shapes.canal_mouth + np.array([[-14.0], [14.0]]) * drawing.frame.right
    side.plot(*drawing.flat(side, mouth).T, "--", color=LINE, linewidth=1.6)
    side.set_title("The orbit from the plane of its rims to the optic canal", fontsize=9)
    rows = [drawing.row("bony_orbit", f"barrett_{name}") for name in ("horizontal", "vertical")]
    drawing.section(front, rows[0].measured.place.points.mean(axis=0), -drawing.frame.right, drawing.frame.up,
                    (20.0, 20.0))
    for row in rows:
        drawing.line(front, row)
    drawing.text(front, (0.0, -17.0), f"muscles {rows[0].value:.0f} % across, {rows[1].value:.0f} % upright")
    front.set_title("Half-way to the apex: chords of the orbit (Barrett)", fontsize=9)


def eye_position(drawing: Drawing, figure: plt.Figure) -> None:
    """Draw the exophthalmos of both eyes before the line between the lateral rims."""
    axes = figure.subplots()
    rims = np.array([*drawing.measuring.rims.points.values()])
    globes = [drawing.measuring.shapes[side].globe_center for side in Side]
    drawing.section(axes, np.mean(globes, axis=0) - 4 * drawing.frame.forward, -drawing.frame.right,
                    drawing.frame.forward, (60.0, 24.0))
    axes.plot(*drawing.flat(axes, rims).T, "--", color=LINE, linewidth=1.4)
    for side, x in (("right", -18.0), ("left", 18.0)):
        row = drawing.row("eyeball", "exophthalmos", side)
        drawing.line(axes, row)
        drawing.text(axes, (x, 20.0), f"{row.value:.1f} mm")
    drawing.line(axes, drawing.rows["head", "", "interorbital_distance"])
    axes.set_title("Exophthalmos before the line between the lateral rims; interorbital distance", fontsize=9)


def main() -> None:
    """Write all pictures."""
    drawing = Drawing()
    for name, draw, size in (("muscles", muscles, (8.0, 4.4)), ("globe_and_nerve", globe_and_nerve, (8.0, 4.4)),
                             ("orbit", orbit, (8.0, 4.4)), ("eye_position", eye_position, (8.0, 3.7))):
        figure = plt.figure(figsize=size, layout="constrained")
        draw(drawing, figure)
        save_drawing(figure, FOLDER / f"measure_{name}.png")


if __name__ == "__main__":
    main()
