"""Pictures of a classifier's panel: a sample patient goes through it step by step, as a reader would."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from NeuroOrbitLib.problem import Problem
from Testing.Demo.run import REPOSITORY, say, start_application
from Testing.Demo.small_files import make_small

PICTURES = REPOSITORY / "docs" / "pictures"
PATIENCE_SECONDS = 1200.0


def _nothing(*_ignored: object) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class PanelPicture:
    """The settings for one module's picture.

    :param module: name of the module.
    :param inventory: dotted name of the Python module with its ``SAMPLES`` and ``SAMPLE_FUNCTION``.
    :param picture: name of the file in docs/pictures.
    :param kind: kind of the default sample patient.
    :param height: height of the window in pixels.
    :param buttons: names of the buttons that are pressed one after the other.
    :param prepare: function that is called with the scan and the kind before the panel is opened.
    :param finish: function that is called with the panel before the picture is taken.
    """

    module: str
    inventory: str
    picture: str
    kind: str
    height: int
    buttons: tuple[str, ...]
    prepare: Callable[[Any, str], None] = _nothing
    finish: Callable[[Any], None] = _nothing

    def main(self, description: str) -> None:
        """Take the picture by the command line, and end the process with exit status 0."""
        parser = argparse.ArgumentParser(description=description,
                                         formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--kind", default=self.kind, help=f"the sample patient (default {self.kind})")
        parser.add_argument("--model", help="name of the model package; the panel's first choice if not given")
        parser.add_argument("--picture", type=Path, default=PICTURES / self.picture, help="file of the picture")
        parser.add_argument("--report", type=Path, help="file of the report, if one is wanted")
        options = parser.parse_args()
        session = start_application()
        session.run(lambda: self._draw(session, options))
        make_small(options.picture)
        say(f"Drew {options.picture}")
        sys.stdout.flush()
        os._exit(0)  # static destructors of Qt and VTK run in an undefined order

    def _draw(self, session: Any, options: argparse.Namespace) -> None:
        """Go through the panel and take the picture."""
        from NeuroOrbitLib.mrml.phantoms import add_phantom

        session.load_modules([REPOSITORY / self.module / f"{self.module}.py"])
        inventory = import_module(self.inventory)
        say("Making the synthetic patient")
        scan = add_phantom(options.kind, inventory.SAMPLES[options.kind], function=inventory.SAMPLE_FUNCTION,
                           paths=sys.modules[self.module].WORKER_PATHS)
        self.prepare(scan, options.kind)
        session.main_window.resize(1760, self.height)
        panel = session.select(self.module)
        if options.model:
            panel.onModelChosen(options.model)
        panel.ui.inputSelector.setCurrentNode(scan)
        for button in (getattr(panel.ui, name) for name in self.buttons):
            say(f"Pressing {button.text}")
            press(panel, button)
        self.finish(panel)
        if options.report:
            panel.reportButton.write(options.report)
            panel.noticeBanner.clear_notices()
        session.grab(options.picture)
        panel.logic.close()


def press(panel: Any, button: Any) -> None:
    """Press a button and wait for its run.

    :raises Problem: when the step is not possible or fails; the message is the panel's.
    """
    from NeuroOrbitLib.mrml.run import keep_application_alive

    if not button.enabled:
        raise Problem(button.toolTip)
    button.click()
    end = time.monotonic() + PATIENCE_SECONDS
    while not button.enabled:
        if time.monotonic() > end:
            raise Problem(f"{button.text} took more than {PATIENCE_SECONDS:.0f} seconds.")
        keep_application_alive()
    if any(notice["level"] == "error" for notice in panel.noticeBanner.notices):
        raise Problem(panel.noticeBanner.text)
