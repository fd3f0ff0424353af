"""The order in which the tab key goes through a panel: as one reads it.

Qt goes through widgets in the order in which they were made. What a panel puts into its places after its .ui file was
loaded, its model chooser, forms and progress, would thus come last.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import qt


def order_tabs(widget: qt.QWidget) -> None:
    """Let the tab key go through everything in a widget in the order of its layouts."""
    for first, second in pairwise(_stops(widget)):
        qt.QWidget.setTabOrder(first, second)


def follow_in_tab_order(widget: qt.QWidget, before: qt.QWidget) -> None:
    """Let the tab key go on from ``before`` to what is in a widget, which was put in another place or made anew."""
    for first, second in pairwise([before, *_stops(widget)]):
        qt.QWidget.setTabOrder(first, second)


def _stops(widget: qt.QWidget) -> Iterator[qt.QWidget]:
    """The widgets that can have the focus, this one included."""
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
