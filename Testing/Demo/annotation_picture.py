"""Draws docs/pictures/annotation_page.png: ``python -m Testing.Demo.annotation_picture``.

A synthetic patient is opened on the page for annotation, labelled by the default model, and some of it is marked as
done, as an annotator does.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.problem import Problem
from Testing.Demo.cases import phantom_cases
from Testing.Demo.run import MODULE_FILE, REPOSITORY, say, start_application
from Testing.Demo.small_files import make_small

PICTURE = REPOSITORY / "docs" / "pictures" / "annotation_page.png"
WINDOW_SIZE = (1680, 1240)
CASE_NAMES = ("patient-01_ct", "patient-02_ct", "patient-03_ct")
DONE = (("eyeball", "right"), ("eyeball", "left"), ("optic_nerve", "right"))
PICKED = ("medial_rectus", "right")
PATIENCE_SECONDS = 600.0


def main() -> int:
    """Draw the picture; return 0 when it was drawn."""
    say("Making the synthetic patient")
    (case,) = phantom_cases(REPOSITORY / "out" / "demo" / "scans", ("ct-fast",))
    session = start_application()
    effects = sorted(MODULE_FILE.parent.glob("SegmentEditor*/SegmentEditor*.py"))
    with tempfile.TemporaryDirectory() as folder:
        for name in CASE_NAMES:
            shutil.copy(case.scan, Path(folder) / f"{name}.nii.gz")
        session.run(lambda: draw(session, effects, Path(folder)))
    make_small(PICTURE)
    say(f"Drew {PICTURE.relative_to(REPOSITORY)}")
    return 0


def draw(session: Any, effects: list[Path], folder: Path) -> None:
    """Open the page as an annotator does, and take the picture."""
    import slicer

    session.load_modules(effects)
    session.main_window.resize(*WINDOW_SIZE)
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    panel = session.select("OrbitSegmentation")
    panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.annotationTab)
    page = panel.annotationPage
    node = page.logic.getParameterNode()
    node.cases, node.exports, node.annotator = str(folder), str(folder / "annotations"), "A. Reader"
    page.refresh_cases()
    page.open_case(page.cases.selected())
    prelabel(page)
    for key, side in DONE:
        page.pick(label_value(key, side))
        page.mark_done(True)
    page.save()
    page.pick(label_value(*PICKED))
    page.show_structure(label_value(*PICKED))
    page.editor.widget.setActiveEffectByName("SmartPencil" if effects else "Paint")
    session.grab(PICTURE)
    page.opened.unsaved = False
    panel.logic.close()


def prelabel(page: Any) -> None:
    """Press the button and wait.

    :raises Problem: when it takes too long.
    """
    page.ui.prelabelButton.click()
    wait_for(lambda: page.ui.prelabelButton.enabled, PATIENCE_SECONDS, "The model's result")


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Run the application until a condition holds.

    :raises Problem: if it does not in time; the message names ``what``.
    """
    from NeuroOrbitLib.mrml.run import keep_application_alive

    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Problem(f"{what} did not come within {seconds:.0f} seconds.")
        keep_application_alive()


if __name__ == "__main__":
    sys.exit(main())
