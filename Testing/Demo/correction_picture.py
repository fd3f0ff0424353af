"""Draws docs/pictures/auto_correction.png: ``python -m Testing.Demo.correction_picture``.

A synthetic patient's right orbit; a muscle drawn too large and beside its place, and what AutoCorrection proposes.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy import label_color, label_value
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.problem import Problem
from Testing.Demo.cases import Case, phantom_cases
from Testing.Demo.pencil_picture import center_of, click, show_slice, take_picture
from Testing.Demo.run import REPOSITORY, say, start_application

PICTURE = REPOSITORY / "docs" / "pictures" / "auto_correction.png"
DRAWN = "medial_rectus"
#: The rough muscle is this much (voxels) thicker than the true one, and moved by as much to the side.
THICKER = 2
PATIENCE_SECONDS = 300.0


def main() -> int:
    """Exit status 0 when the picture was drawn."""
    say("Making the synthetic patient")
    (case,) = phantom_cases(REPOSITORY / "out" / "demo" / "scans", ("ct-fast",))
    session = start_application()
    session.run(lambda: draw(session, case))
    say(f"Drew {PICTURE.relative_to(REPOSITORY)}")
    return 0


def draw(session: Any, case: Case) -> None:
    """Draw a muscle roughly, ask for its correction, and take the picture."""
    import slicer

    volume = slicer.util.loadVolume(str(case.scan))
    volume.GetDisplayNode().AutoWindowLevelOff()
    volume.GetDisplayNode().SetWindowLevel(250, 20)
    truth = load_image(case.reference.labels)
    editor = make_editor(volume, rough(truth.array == label_value(DRAWN, "right")))
    view = show_slice(session, center_of(truth, DRAWN), volume)
    click(view, center_of(truth, DRAWN))
    wait_for_proposal(editor)
    take_picture(editor, view, PICTURE)
    editor.setActiveEffect(None)


def rough(mask: np.ndarray) -> np.ndarray:
    """A mask (K, J, I) that is too thick and too far to the side, with corners."""
    moved = np.roll(mask, THICKER // 2, axis=2)
    return np.logical_or.reduce([np.roll(moved, (row, column), axis=(1, 2))
                                 for row in (-THICKER, 0, THICKER) for column in (-THICKER, 0, THICKER)])


def make_editor(volume: Any, mask: np.ndarray) -> Any:
    """A Segment Editor with the effect active and a drawn muscle, of which the outline is shown."""
    import slicer

    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Right orbit")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    color = label_color(label_value(DRAWN, "right"))
    segmentation.GetSegmentation().AddEmptySegment(DRAWN, f"Right {DRAWN.replace('_', ' ')}", color)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), segmentation, DRAWN, volume)
    segmentation.GetDisplayNode().SetOpacity2DFill(0.1)
    editor = slicer.qMRMLSegmentEditorWidget()
    editor.setMRMLScene(slicer.mrmlScene)
    editor.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    editor.setSegmentationNode(segmentation)
    editor.setSourceVolumeNode(volume)
    editor.setCurrentSegmentID(DRAWN)
    editor.setActiveEffectByName("AutoCorrection")
    return editor


def wait_for_proposal(editor: Any) -> None:
    """Wait until the correction is shown.

    :raises Problem: when it takes too long.
    """
    import slicer

    effect, end = editor.activeEffect().self(), time.monotonic() + PATIENCE_SECONDS
    while effect.proposal is None:
        if time.monotonic() > end or effect.notice.notices:
            raise Problem(effect.notice.text or "The correction did not come.")
        slicer.app.processEvents()


if __name__ == "__main__":
    sys.exit(main())
