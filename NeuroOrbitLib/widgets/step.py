"""A step of an analysis that a panel offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import qt

from NeuroOrbitLib.mrml.run import VolumeRun


@dataclass(frozen=True)
class Step:
    """Something that a panel lets the worker compute at the press of a button.

    :param button: starts it.
    :param place: a widget with a layout; progress and notices appear there.
    :param start: starts a run with the user's choices.
    :param show: shows the results of a run that went well.
    :param hint: tool tip of the button when it can be pressed.
    :param problem: says what is missing for this step beyond scan and model; "" if nothing is.
    :param needs_model: whether a model must be chosen.
    :param needs_scan: whether a scan must be chosen; a step that has one of its own says so by ``problem``.
    """

    button: qt.QPushButton
    place: qt.QWidget
    start: Callable[[], VolumeRun]
    show: Callable[[VolumeRun], None]
    hint: str
    problem: Callable[[], str] = str
    needs_model: bool = True
    needs_scan: bool = True
