"""Draws docs/pictures/smart_fill.png: ``python -m Testing.Demo.fill_picture``.

A synthetic patient's right orbit; one click in each of two muscles, shown before Apply.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.image import Image
from Testing.Demo.cases import Case, phantom_cases
from Testing.Demo.pencil_picture import center_of, click, make_editor, show_slice, take_picture
from Testing.Demo.run import REPOSITORY, say, start_application

PICTURE = REPOSITORY / "docs" / "pictures" / "smart_fill.png"
APPLIED, PREVIEWED = "medial_rectus", "lateral_rectus"


def main() -> int:
    """Exit status 0 when the picture was drawn."""
    say("Making the synthetic patient")
    (case,) = phantom_cases(REPOSITORY / "out" / "demo" / "scans", ("ct-fast",))
    session = start_application()
    session.run(lambda: draw(session, case))
    say(f"Drew {PICTURE.relative_to(REPOSITORY)}")
    return 0


def draw(session: Any, case: Case) -> None:
    """Fill one muscle, preview another, and take the picture."""
    import slicer

    volume = slicer.util.loadVolume(str(case.scan))
    volume.GetDisplayNode().AutoWindowLevelOff()
    volume.GetDisplayNode().SetWindowLevel(250, 20)
    truth = load_image(case.reference.labels)
    editor = make_editor(volume)
    editor.setActiveEffectByName("SmartFill")
    center = center_of(truth, APPLIED)
    view = show_slice(session, center, volume)
    for name in (APPLIED, PREVIEWED):
        editor.setCurrentSegmentID(name)
        click(view, inside(truth, name, center))
        if name == APPLIED:
            editor.activeEffect().self().apply()
    take_picture(editor, view, PICTURE)
    editor.setActiveEffect(None)


def inside(truth: Image, name: str, center: np.ndarray) -> np.ndarray:
    """A point (RAS mm) deep inside a right structure, in the axial slice through ``center``."""
    from scipy.ndimage import distance_transform_edt

    layer = round(float(truth.grid.ijk_from_ras(center)[2]))
    depth = distance_transform_edt(truth.array[layer] == label_value(name, "right"))
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return truth.grid.ras_from_ijk(np.array([column, row, layer]))


if __name__ == "__main__":
    sys.exit(main())
