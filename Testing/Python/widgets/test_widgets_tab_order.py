"""The tab key goes through widgets as one reads them, and a run gives the focus back."""

from __future__ import annotations

import qt
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from NeuroOrbitLib.jobs import Result
from NeuroOrbitLib.widgets.run_control import RunControl
from NeuroOrbitLib.widgets.tab_order import order_tabs
from Testing.panels import tab_stops


def test_the_order_is_that_of_layouts_and_pages_and_not_that_of_making(slicer_session):
    fields = [qt.QLineEdit() for _number in range(5)]
    window, pages, page = qt.QWidget(), qt.QTabWidget(), qt.QWidget()
    qt.QHBoxLayout(page).addWidget(fields[1])
    pages.addTab(page, "Page")
    layout, inner = qt.QVBoxLayout(window), qt.QHBoxLayout()
    for field in (fields[3], fields[0]):
        inner.addWidget(field)
    layout.addWidget(fields[4])
    layout.addWidget(pages)
    layout.addLayout(inner)
    layout.addWidget(fields[2])
    order_tabs(window)
    window.show()
    assert [stop for stop in tab_stops(window) if stop in fields] == [fields[number] for number in (4, 1, 3, 0, 2)]


class Run:
    """Ends when it is asked the second time."""

    finished = False

    def poll(self):
        self.finished, was = True, self.finished
        return [Result(1)] if was else []

    def cancel(self):
        self.finished = True


def test_a_key_pressed_twice_starts_one_run_and_the_focus_comes_back(slicer_session):
    window, runs = qt.QWidget(), []
    layout, button, other = qt.QVBoxLayout(window), qt.QPushButton("Apply"), qt.QPushButton("Other")
    control = RunControl(button, lambda: runs.append(Run()) or runs[-1], lambda end, run: None)
    control.set_can_apply("", "Start")
    for widget in (button, control, other):
        layout.addWidget(widget)
    window.show()
    button.setFocus()
    for _press in range(2):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    assert len(runs) == 1 and control.run is runs[0] and not runs[0].finished
    window.focusWidget().focusNextPrevChild(True)
    assert window.focusWidget() is control.cancel_button
    control.poll()
    control.poll()
    assert control.run is None and window.focusWidget() is button
    other.setFocus()
    control.begin()
    control.cancel()
    assert window.focusWidget() is other, "it was not the button's"
