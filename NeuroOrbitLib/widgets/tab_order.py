"""The order in which the tab key goes through a panel: the order of reading.

Qt goes through widgets in the order in which they were created. Widgets that a panel adds after its .ui file was
loaded, such as its model chooser, forms and progress, would therefore come last.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import qt


def order_tabs(widget: qt.QWidget) -> None:
    """Let the tab key go through all parts of a widget in the order of its layouts."""
    for first, second in pairwise(_stops(widget)):
        qt.QWidget.setTabOrder(first, second)


def follow_in_tab_order(widget: qt.QWidget, before: qt.QWidget) -> None:
    """Let the tab key go from ``before`` to the parts of a widget that was moved or newly created."""
    for first, second in pairwise([before, *_stops(widget)]):
        qt.QWidget.setTabOrder(first, second)


def _stops(widget: qt.QWidget) -> Iterator[qt.QWidget]:
    """Yield the widgets that can have the focus, this one included."""
    if widget.focusPolicy != qt.Qt.NoFocus:
        yield widget
    if isinstance(widget, qt.QTabWidget):
        for page in range(widget.count):
            yield from _stops(widget.widget(page))
    elif widget.layout() is not None:
        yield from _stops_in(widget.layout())


def _stops_in(layout: qt.QLayout) -> Iterator[qt.QWidget]:
    for item in (layout.itemAt(index) for index in range(layout.count())):
        if item.widget() is not None:
            yield from _stops(item.widget())
        elif item.layout() is not None:
            yield from _stops_in(item.layout())
