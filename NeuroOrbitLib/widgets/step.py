"""A step of an analysis that a panel offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import qt

from NeuroOrbitLib.mrml.run import VolumeRun


@dataclass(frozen=True)
class Step:
    """A computation of the worker that the user starts with a button of a panel.

    :param button: button that starts the step.
    :param place: widget with a layout, in which progress and notices appear.
    :param start: function that starts a run with the user's choices and returns it.
    :param show: function that shows the results of a successful run.
    :param hint: tool tip of the button while it can be pressed.
    :param problem: function that returns what is missing for this step besides scan and model; "" if nothing is.
    :param needs_model: whether a model must be chosen.
    :param needs_scan: whether the panel's scan must be chosen; a step with another scan checks it in ``problem``.
    :param needs_torch: whether PyTorch must be installed, besides the module's other packages.
    """

    button: qt.QPushButton
    place: qt.QWidget
    start: Callable[[], VolumeRun]
    show: Callable[[VolumeRun], None]
    hint: str
    problem: Callable[[], str] = str
    needs_model: bool = True
    needs_scan: bool = True
    needs_torch: bool = True
