"""Draws docs/pictures/tao_activity.png: ``python -m Testing.Demo.tao_picture`` (``make tao-picture``).

The active sample patient through the module's panel as a reader goes: prepare, confirm, apply, explain. With
``--report PATH`` the report is written too.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from NeuroOrbitLib.problem import Problem
from Testing.Demo.run import REPOSITORY, say, start_application
from Testing.Demo.small_files import make_small

MODULE_FILE = REPOSITORY / "TAOActivity" / "TAOActivity.py"
PICTURE = REPOSITORY / "docs" / "pictures" / "tao_activity.png"
WINDOW_SIZE = (1760, 1640)
PATIENCE_SECONDS = 1200.0


def main() -> int:
    """Exit status 0 when the picture was drawn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", default="active", help="the sample patient: active or inactive")
    parser.add_argument("--picture", type=Path, default=PICTURE, help="file of the picture")
    parser.add_argument("--report", type=Path, help="file of the report, if one is wanted")
    options = parser.parse_args()
    session = start_application()
    session.run(lambda: draw(session, options))
    make_small(options.picture)
    say(f"Drew {options.picture}")
    return 0


def draw(session: Any, options: argparse.Namespace) -> None:
    """Go through the panel and take the picture."""
    from NeuroOrbitLib.mrml.phantoms import add_phantom
    from TAOActivityLib.inventory import SAMPLES

    session.load_modules([MODULE_FILE])
    module = sys.modules["TAOActivity"]
    say("Making the synthetic patient")
    scan = add_phantom(options.kind, SAMPLES[options.kind], function=module.SAMPLE_FUNCTION, paths=module.WORKER_PATHS)
    session.main_window.resize(*WINDOW_SIZE)
    panel = session.select("TAOActivity")
    panel.ui.inputSelector.setCurrentNode(scan)
    for button in (panel.ui.prepareButton, panel.ui.applyButton, panel.ui.explainButton):
        say(f"Pressing {button.text}")
        press(panel, button)
    if options.report:
        panel.reportButton.write(options.report)
        panel.noticeBanner.clear_notices()
    session.grab(options.picture)
    panel.logic.close()


def press(panel: Any, button: Any) -> None:
    """Press a button and wait for its run.

    :raises Problem: with what the panel says when the step is not possible or goes wrong.
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


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # static destructors of Qt and VTK run in an undefined order
