"""Draws docs/pictures/follow_up.png: ``python -m Testing.Demo.follow_up_picture`` (``make follow-up-picture``).

Two CT scans of a synthetic patient, the left inferior rectus swollen in the later one, are compared as a reader does.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np

from NeuroOrbitLib.phantom.head.shape import random_head_shape
from NeuroOrbitLib.phantom.orbit.activity import HEALTHY
from NeuroOrbitLib.phantom.patients.patient import scan_patient
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.phantom.scanner.rendering import Pose
from Testing.Demo.run import REPOSITORY, say, start_application
from Testing.Demo.small_files import make_small
from Testing.Python.measurements.heads import swollen

PICTURE = REPOSITORY / "docs" / "pictures" / "follow_up.png"
WINDOW_SIZE = (1680, 1700)
DAYS = ("2024-03-01", "2024-06-01")
#: The measure that is plotted.
SHOWN = ("inferior_rectus", "left", "volume")
PATIENCE_SECONDS = 600.0


def main() -> None:
    """Draw the picture, and end the process with exit status 0."""
    session = start_application()
    session.run(lambda: draw(session))
    make_small(PICTURE)
    say(f"Drew {PICTURE.relative_to(REPOSITORY)}")
    sys.stdout.flush()
    os._exit(0)  # static destructors of Qt and VTK run in an undefined order


def draw(session: Any) -> None:
    """Compare both days and take the picture."""
    import qt

    from NeuroOrbitLib.mrml.scans import scan_of

    panel = session.select("OrbitSegmentation")
    session.main_window.resize(*WINDOW_SIZE)
    say("Making the synthetic patient")
    visits = add_visits()
    panel.ui.inputSelector.setCurrentNode(scan_of(visits[-1]))
    panel.ui.measuredSelector.setCurrentNode(visits[-1])
    for part in (panel.ui.inputsCollapsibleButton, panel.ui.applyCollapsibleButton):
        part.collapsed = True
    part = panel.measurePart.follow_up
    part.visits.findChild(qt.QCheckBox, "visitCheckBox1").checked = True
    say("Comparing")
    part.button.click()
    wait(panel)
    part.growth_box.checked = True
    part.grid.choose(*SHOWN)
    part.plot()
    session.grab(PICTURE)
    panel.logic.close()


def add_visits() -> list[Any]:
    """Add scans of both days to the scene, with their outlines; return the segmentations."""
    from NeuroOrbitLib.mrml.segmentations import add_segmentation
    from NeuroOrbitLib.mrml.visits import set_date
    from NeuroOrbitLib.mrml.volumes import node_from_image

    head = random_head_shape(np.random.default_rng(6), "F")
    plan = replace(protocol("ct-fast"), spacing=(0.8, 0.8, 1.0), size=(184, 146, 80), center=(0, -18, 0))
    turn, visits = Pose.from_angles((4.0, -3.0, 8.0), (2.0, 5.0, -3.0)), []
    shapes = (head, swollen(head, "L", "inferior rectus", 2.4))
    for shape, pose, day in zip(shapes, (Pose.neutral(), turn), DAYS, strict=True):
        scan = scan_patient(shape, pose, HEALTHY, plan, 3)
        node = node_from_image(scan.image, f"CT of {day}")
        set_date(node, day)
        visits.append(add_segmentation(scan.labels, node, f"Orbits of {day}"))
    return visits


def wait(panel: Any) -> None:
    """Run the application until the run has ended."""
    from NeuroOrbitLib.mrml.run import keep_application_alive
    from NeuroOrbitLib.widgets.run_control import RunState

    end = time.monotonic() + PATIENCE_SECONDS
    while panel.runControl.state is not RunState.IDLE and time.monotonic() < end:
        keep_application_alive()


if __name__ == "__main__":
    main()
