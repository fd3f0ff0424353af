"""Use of a module's panel in SlicerHost as by a user."""

from __future__ import annotations

import time
import unittest
from collections.abc import Callable
from itertools import pairwise
from typing import Any

PATIENCE_SECONDS = 120.0
#: Distance (pixels) from its left end at which a check box is clicked.
_BOX_PIXELS = 8
#: Largest height (pixels) by which a widget of a row may begin above the one before.
_ROW_PIXELS = 10


def press(button: Any) -> None:
    """Click a button; a check box is clicked on its box, as the middle of a wide one is beyond its text."""
    import qt
    from PySide6.QtCore import QPoint
    from PySide6.QtTest import QTest

    place = [QPoint(_BOX_PIXELS, button.height // 2)] if isinstance(button, qt.QCheckBox) else []
    QTest.mouseClick(button, qt.Qt.LeftButton, qt.Qt.NoModifier, *place)


def wait_until(session: Any, condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Run the application until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        session.app.processEvents()
        time.sleep(0.01)


def is_idle(panel: Any) -> bool:
    """Return whether no run of a panel is in progress."""
    return panel.runControl.state.value == "idle"


def run_step(session: Any, panel: Any, button: Any) -> None:
    """Press an enabled button, and wait for the end of its run."""
    assert button.enabled, button.toolTip
    press(button)
    wait_until(session, lambda: is_idle(panel))
    assert "could not be shown" not in panel.noticeBanner.text, panel.runControl.log_view.content()


def self_tests_of(module: str) -> set[str]:
    """Return the names of the test classes that ``slicer.testing.runUnitTest`` runs for a loaded module."""
    suites = unittest.defaultTestLoader.loadTestsFromName(module)
    return {type(test).__name__ for suite in suites for test in suite}


def scene_content() -> tuple[set[str], int]:
    """Return the content of the scene: identifiers of the nodes, and number of items in the subject hierarchy."""
    import slicer

    scene = slicer.mrmlScene
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    return {scene.GetNthNode(index).GetID() for index in range(scene.GetNumberOfNodes())}, hierarchy.GetNumberOfItems()


def lose(session: Any, panel: Any, button: Any, node: Any) -> tuple[set[str], str]:
    """Press a button, remove a node from the scene before the run has ended, and wait for its end.

    :return: identifiers of the new nodes, and the text that the panel shows.
    """
    import slicer

    press(button)
    assert not is_idle(panel), panel.noticeBanner.text
    slicer.mrmlScene.RemoveNode(node)
    before, _items = scene_content()
    wait_until(session, lambda: is_idle(panel))
    return scene_content()[0] - before, panel.noticeBanner.text


def unfold(widget: Any) -> None:
    """Unfold all parts of a panel."""
    import slicer
    from PySide6.QtWidgets import QWidget

    for part in widget.findChildren(QWidget):
        if "Collapsible" in type(part).__name__:
            part.collapsed = False
    slicer.app.processEvents()


def tab_stops(widget: Any) -> list[Any]:
    """Return the visible widgets that the tab key reaches, in its order."""
    from PySide6.QtCore import Qt

    found, current = [], widget.nextInFocusChain()
    while current is not widget:
        is_stop = current.focusPolicy & Qt.FocusPolicy.TabFocus and current.isVisibleTo(widget)
        found += [current] if is_stop and widget.isAncestorOf(current) else []
        current = current.nextInFocusChain()
    return found


def tab_steps_back(widget: Any) -> list[tuple[str, str]]:
    """Return the places where the tab key goes up instead of on: names of the widgets, from and to."""
    from PySide6.QtCore import QPoint

    unfold(widget)
    places = [(stop, stop.mapTo(widget, QPoint(0, 0)).y()) for stop in tab_stops(widget)]
    assert len(places) > 8, "the panel is not shown"
    return [(first.objectName, second.objectName) for (first, above), (second, below) in pairwise(places)
            if below < above - _ROW_PIXELS]


def double_segment(segmentation: Any, segment: str, name: str) -> None:
    """Add a second segment for the structure of a segment."""
    import slicer

    copy = slicer.vtkSegment()
    copy.DeepCopy(segmentation.GetSegmentation().GetSegment(segment))
    copy.SetName(name)
    segmentation.GetSegmentation().AddSegment(copy, "Segment_1")
