"""Draws docs/pictures/auto_correction.png: ``python -m Testing.Demo.correction_picture``.

A synthetic patient's right orbit; a muscle drawn too large and beside its place, and what AutoCorrection proposes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from Testing.Demo.effect_pictures import (
    center_of,
    click,
    draw_picture,
    make_editor,
    show_slice,
    take_picture,
    wait_until,
)

DRAWN = "medial_rectus"
#: Voxels by which the rough muscle is thicker than the true one, and by which it is moved to the side.
THICKER = 2
PATIENCE_SECONDS = 300.0


def draw(session: Any, volume: Any, truth: Image, picture: Path) -> None:
    """Draw a muscle roughly, ask for its correction, and take the picture."""
    import slicer

    editor = make_editor(volume, (DRAWN,))
    mask = rough(truth.array == label_value(DRAWN, "right"))
    segmentation = editor.segmentationNode()
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), segmentation, DRAWN, volume)
    segmentation.GetDisplayNode().SetOpacity2DFill(0.1)
    editor.setCurrentSegmentID(DRAWN)
    editor.setActiveEffectByName("AutoCorrection")
    view = show_slice(session, center_of(truth, DRAWN), volume)
    click(view, center_of(truth, DRAWN))
    wait_for_proposal(editor)
    take_picture(editor, view, picture)


def rough(mask: np.ndarray) -> np.ndarray:
    """Return a mask (K, J, I) that is too thick and too far to the side, with corners."""
    moved = np.roll(mask, THICKER // 2, axis=2)
    return np.logical_or.reduce([np.roll(moved, (row, column), axis=(1, 2))
                                 for row in (-THICKER, 0, THICKER) for column in (-THICKER, 0, THICKER)])


def wait_for_proposal(editor: Any) -> None:
    """Wait until the correction is shown.

    :raises Problem: when it is refused or takes too long.
    """
    effect = editor.activeEffect().self()
    wait_until(lambda: effect.proposal is not None or effect.notice.notices, PATIENCE_SECONDS, "The correction")
    if effect.proposal is None:
        raise Problem(effect.notice.text)


if __name__ == "__main__":
    draw_picture("auto_correction.png", draw)
