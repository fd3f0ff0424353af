"""Draws docs/pictures/smart_fill.png: ``python -m Testing.Demo.fill_picture``.

A synthetic patient's right orbit; two clicks in each of two muscles, the second one shown before Apply.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.imaging.image import Image
from Testing.Demo.effect_pictures import center_of, click, draw_picture, make_editor, show_slice, take_picture

APPLIED, PREVIEWED = "medial_rectus", "lateral_rectus"
#: Places along a muscle where an annotator clicks (0 front, 1 back): behind the globe, whose coat is as bright.
CLICKS = (0.45, 0.75)


def draw(session: Any, volume: Any, truth: Image, picture: Path) -> None:
    """Fill one muscle, preview another, and take the picture."""
    editor = make_editor(volume, (APPLIED, PREVIEWED, "optic_nerve"))
    editor.setActiveEffectByName("SmartFill")
    center = center_of(truth, APPLIED)
    view = show_slice(session, center, volume)
    for name in (APPLIED, PREVIEWED):
        editor.setCurrentSegmentID(name)
        for point in inside(truth, name, center):
            click(view, point)
        if name == APPLIED:
            editor.activeEffect().self().apply()
    take_picture(editor, view, picture)


def inside(truth: Image, name: str, center: np.ndarray) -> list[np.ndarray]:
    """Return points (RAS, mm) deep inside a right structure, front to back in the axial slice through ``center``."""
    from scipy.ndimage import distance_transform_edt

    layer = round(float(truth.grid.ijk_from_ras(center)[2]))
    depth = distance_transform_edt(truth.array[layer] == label_value(name, "right"))
    rows = np.flatnonzero(depth.any(axis=1))
    chosen = rows[np.round(np.array(CLICKS) * (len(rows) - 1)).astype(int)]
    return [truth.grid.ras_from_ijk(np.array([depth[row].argmax(), row, layer])) for row in chosen]


if __name__ == "__main__":
    draw_picture("smart_fill.png", draw)
