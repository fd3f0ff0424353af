"""Draws the extent of each structure of the orbit on the phantom: ``make anatomy-pictures``.

Run from the repository: ``python -m Testing.Demo.draw_anatomy``.
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

from NeuroOrbitLib.anatomy import LABEL_VALUES, RECTI, label_rgb, label_value  # noqa: E402 - found through the line above
from NeuroOrbitLib.phantom.head.raster import rasterise_head  # noqa: E402
from NeuroOrbitLib.phantom.head.shape import HeadShape  # noqa: E402
from NeuroOrbitLib.phantom.orbit.raster import rasterise_orbit_with_parts  # noqa: E402
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape  # noqa: E402
from NeuroOrbitLib.phantom.tissue import Tissue  # noqa: E402
from Testing.Demo.edge_letters import mark_edges  # noqa: E402
from Testing.Demo.small_files import save_drawing  # noqa: E402

FOLDER = REPOSITORY / "docs" / "pictures"
PIXEL_MM, GRID_MM = 0.15, 0.4
#: Grey of the unlabelled tissues, as in CT.
_GREY = {Tissue.AIR: 20, Tissue.BONE: 235, Tissue.THIN_BONE: 235, Tissue.MARROW: 205, Tissue.ORBITAL_FAT: 75,
         Tissue.SUBCUTANEOUS_FAT: 75}
_SOFT_TISSUE = 130
_RIGHT, _UP = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
#: Directions from the apex to the globe: in side view along the nerve, and in top view along the vertical recti.
_ALONG_NERVE = np.array([0.0, 1.0, -0.17]) / np.hypot(1.0, 0.17)
_ALONG_RECTI = np.array([0.33, 1.0, 0.0]) / np.hypot(0.33, 1.0)


class Section:
    """A plane through the right orbit of the default head, with labels in colour and the rest in grey."""

    def __init__(self, axes: plt.Axes, title: str, center: tuple[float, float, float], across: np.ndarray,
                 up: np.ndarray, half: tuple[float, float]) -> None:
        self.axes = axes
        wide, high = (np.arange(-size, size, PIXEL_MM) for size in half)
        local = np.array(center) + high[::-1, None, None] * up + wide[None, :, None] * across
        head = HeadShape()
        labels, tissues = rasterise_head(head, head.from_orbit(local, "R"))
        axes.imshow(_colored(labels, tissues), extent=(-half[0], half[0], -half[1], half[1]))
        axes.set_title(title, fontsize=9, pad=8)
        axes.set_axis_off()
        mark_edges(axes, across)

    def note(self, words: str, place: tuple[float, float], beside: tuple[float, float]) -> None:
        """Write beside the picture what is at ``place`` (mm in the section)."""
        self.axes.annotate(words, place, beside, fontsize=7.5, color="#101820", ha="center", va="center",
                           bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
                           arrowprops={"arrowstyle": "-", "color": "#101820", "linewidth": 1.0})


def _colored(labels: np.ndarray, tissues: np.ndarray) -> np.ndarray:
    """Return RGB (rows, columns, 3) of a section: structures that the default model shows in their colours."""
    grey = np.full(len(Tissue), _SOFT_TISSUE, dtype=np.uint8)
    for tissue, value in _GREY.items():
        grey[tissue] = value
    picture = np.repeat(grey[tissues][..., None], 3, axis=-1)
    hidden = {label_value("bony_orbit", "right"), label_value("bony_orbit", "left")}
    for value in set(LABEL_VALUES) - hidden:
        picture[labels == value] = label_rgb(value)
    return picture


def lengthwise(figure: plt.Figure) -> None:
    """Draw the orbit from above and from the side: apex, canal, tendons, coat of the globe."""
    above, beside = figure.subplots(1, 2)
    section = Section(above, "From above, in the plane of the nerve", (-3.0, -12.0, 2.0), -_RIGHT, _ALONG_NERVE,
                      (27.0, 28.0))
    section.note("globe with sclera and cornea", (-3.0, 20.0), (13.5, 26.0))
    section.note("tendon belongs\nto the muscle", (-13.9, 15.0), (-20.0, 23.0))
    section.note("nerve with sheath,\nfrom the globe ...", (1.5, -2.5), (-17.5, -8.0))
    section.note("... to the mouth\nof the canal", (13.5, -23.0), (19.0, -10.0))
    section.note("muscles from the annulus of Zinn", (3.2, -17.0), (-9.0, -25.0))
    section = Section(beside, "From the side, along the vertical recti", (-5.0, -12.0, 0.0), _ALONG_RECTI, _UP,
                      (28.0, 27.0))
    section.note("levator and superior rectus: one label", (3.0, 12.0), (-6.0, 24.5))
    section.note("orbital fat ends at the septum", (22.5, -10.0), (12.0, -24.5))


def across(figure: plt.Figure) -> None:
    """Draw coronal sections at the globe, behind it and near the apex."""
    globe, middle, apex = figure.subplots(1, 3)
    section = Section(globe, "At the globe's equator", (0.0, -2.0, 0.0), -_RIGHT, _UP, (24.0, 22.0))
    section.note("lacrimal gland", (-13.5, 8.5), (-13.0, 19.5))
    section.note("superior oblique", (15.5, 11.0), (13.5, 19.5))
    section.note("inferior oblique", (0.0, -14.5), (0.0, -19.5))
    section = Section(middle, "Half-way to the apex", (-4.0, -20.0, 2.0), -_RIGHT, _UP, (24.0, 22.0))
    section.note("levator with superior rectus", (3.0, 10.0), (0.0, 19.5))
    section.note("nerve with sheath", (4.0, 1.0), (0.0, -19.5))
    section = Section(apex, "At the annulus of Zinn", (-12.0, -32.0, 3.0), -_RIGHT, _UP, (24.0, 22.0))
    section.note("touching muscles: each voxel\ngoes to the nearer middle", (3.5, 2.0), (0.0, -18.5))


def print_shares() -> None:
    """Print the size, relative to a structure, of the parts about which readers differ, in the default orbit."""
    points = np.stack(np.meshgrid(*[np.arange(-45.0, 30.0, GRID_MM)] * 3, indexing="ij"), axis=-1)[..., ::-1]
    labels, tissues = rasterise_orbit_with_parts(OrbitShape(), points)
    globe, nerve = labels == label_value("eyeball", "right"), labels == label_value("optic_nerve", "right")
    recti = np.isin(labels, [label_value(key, "right") for key in RECTI])
    lens = labels == label_value("lens", "right")
    coat = np.isin(tissues, [Tissue.SCLERA, Tissue.CORNEA])
    print(f"sclera and cornea: {100 * (globe & coat).sum() / (globe | lens).sum():.0f} % of the globe")
    print(f"sheath and its fluid: {100 * (tissues[nerve] != Tissue.OPTIC_NERVE).mean():.0f} % of the optic nerve")
    print(f"tendons: {100 * (tissues[recti] == Tissue.TENDON).mean():.0f} % of the recti")


def main() -> None:
    """Write both pictures, and print the shares that docs/anatomy.md quotes."""
    print_shares()
    for name, draw, size in (("lengthwise", lengthwise, (8.6, 5.0)), ("across", across, (9.6, 3.5))):
        figure = plt.figure(figsize=size, layout="constrained")
        draw(figure)
        save_drawing(figure, FOLDER / f"anatomy_{name}.png")


if __name__ == "__main__":
    main()
