"""Draws docs/pictures/smart_pencil.png: ``python -m Testing.Demo.pencil_picture``.

A synthetic patient's right orbit; two muscles are drawn by mouse, whole regions at a time, as an annotator does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.imaging.image import Image
from Testing.Demo.effect_pictures import (
    center_of,
    click,
    draw_picture,
    make_editor,
    show_slice,
    take_picture,
    wait_until,
)

REGIONS = 2000
DRAWN = ("medial_rectus", "lateral_rectus")
HOVERED = "optic_nerve"
#: Share of a region in the structure from which on it is taken.
SHARE = 0.6
PATIENCE_SECONDS = 120.0


def draw(session: Any, volume: Any, truth: Image, picture: Path) -> None:
    """Segment two muscles of one slice and take the picture."""
    editor = make_editor(volume, (*DRAWN, HOVERED))
    editor.setActiveEffectByName("SmartPencil")
    editor.activeEffect().setParameter("Regions", REGIONS)
    view = show_slice(session, center_of(truth, "medial_rectus"), volume)
    for name in DRAWN:
        editor.setCurrentSegmentID(name)
        for point in points_of(editor, view, truth, name):
            click(view, point)
    editor.setCurrentSegmentID(HOVERED)
    nerve = points_of(editor, view, truth, HOVERED)
    click(view, nerve[len(nerve) // 2], only_hover=True)
    wait_for_regions(editor, view)
    take_picture(editor, view, picture)


def points_of(editor: Any, view: Any, truth: Image, name: str) -> list[np.ndarray]:
    """Return the points (RAS, mm) that an annotator clicks: one in each region mostly inside of the structure."""
    click(view, center_of(truth, "medial_rectus"), only_hover=True)
    regions = wait_for_regions(editor, view)
    grid, labels = regions.place, regions.division.labels
    rows, columns = np.indices(labels.shape)
    places = (grid.affine[:3, :2] @ np.stack([columns.ravel(), rows.ravel()]) + grid.affine[:3, 3:]).T
    index = np.floor(truth.grid.ijk_from_ras(places) + 0.5).astype(int)[:, ::-1]
    inside = ((index >= 0) & (index < truth.array.shape)).all(axis=1)
    belongs = np.zeros(labels.size, dtype=bool)
    belongs[inside] = truth.array[tuple(index[inside].T)] == label_value(name, "right")
    share = np.bincount(labels.ravel(), belongs) / np.bincount(labels.ravel())
    return [places[np.flatnonzero(belongs & (labels.ravel() == region))[0]]
            for region in np.flatnonzero(share >= SHARE)]


def wait_for_regions(editor: Any, view: Any) -> Any:
    """Return the regions under the mouse once they are ready."""
    effect = editor.activeEffect().self()
    wait_until(lambda: effect.overlay(view, "hover").visible, PATIENCE_SECONDS, "The regions of the slice")
    return effect.shown.regions


if __name__ == "__main__":
    draw_picture("smart_pencil.png", draw)
