"""Draws docs/pictures/smart_fill_between.png: ``python -m Testing.Demo.between_picture``.

A synthetic patient's right orbit; one stroke through a muscle on each of three coronal slices, and what SmartFill makes
of them on all slices, seen from above before Apply.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.imaging.image import Image
from Testing.Demo.effect_pictures import center_of, drag, draw_picture, make_editor, show_slice, take_picture

MUSCLE = "medial_rectus"
#: Places along the muscle where strokes are drawn (0 back, 1 front).
SLICES = (0.15, 0.45, 0.75)


def draw(session: Any, volume: Any, truth: Image, picture: Path) -> None:
    """Draw on the slices, and take the picture of another view."""
    from OrbitSegmentationLib.effects.fill_options import DRAWN  # needs the application

    editor = make_editor(volume, (MUSCLE,))
    editor.setCurrentSegmentID(MUSCLE)
    editor.setActiveEffectByName("SmartFill")
    editor.activeEffect().setParameter("Scope", DRAWN)
    strokes = [stroke(truth, share) for share in SLICES]
    editor.activeEffect().setParameter("MarkSizeMm", float(np.median([width for _, width in strokes])))
    for line, _ in strokes:
        drag(show_slice(session, line.mean(axis=0), volume, "Green"), line)
    take_picture(editor, show_slice(session, center_of(truth, MUSCLE), volume), picture)


def stroke(truth: Image, share: float) -> tuple[np.ndarray, float]:
    """Return a path upwards through the right muscle on a coronal slice (points in RAS mm), and its width (mm)."""
    mask = truth.array == label_value(MUSCLE, "right")
    rows = np.flatnonzero(mask.any(axis=(0, 2)))
    row = int(rows[round((1 - share) * (len(rows) - 1))])
    layers = np.flatnonzero(mask[:, row].any(axis=1))
    columns = [np.flatnonzero(mask[layer, row]) for layer in layers]
    line = [truth.grid.ras_from_ijk(np.array([found.mean(), row, layer]))
            for layer, found in zip(layers, columns, strict=True)]
    width = truth.grid.spacing[0] * np.median([len(found) for found in columns])
    return np.array(line)[1:-1], float(width)


if __name__ == "__main__":
    draw_picture("smart_fill_between.png", draw)
