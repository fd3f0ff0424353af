"""Draws docs/pictures/neuro_differential.png: ``python -m Testing.Demo.neuro_picture`` (``make neuro-picture``).

A sample patient through the module's panel as a reader goes: find lesions, apply, explain.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from Testing.Demo.run import REPOSITORY, say, start_application
from Testing.Demo.small_files import make_small
from Testing.Demo.tao_picture import press

MODULE_FILE = REPOSITORY / "NeuroDifferential" / "NeuroDifferential.py"
PICTURE = REPOSITORY / "docs" / "pictures" / "neuro_differential.png"
WINDOW_SIZE = (1760, 1500)


def main() -> int:
    """Exit status 0 when the picture was drawn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", default="MS", help="the sample patient: MS or NMOSD")
    parser.add_argument("--picture", type=Path, default=PICTURE, help="file of the picture")
    options = parser.parse_args()
    session = start_application()
    session.run(lambda: draw(session, options))
    make_small(options.picture)
    say(f"Drew {options.picture}")
    return 0


def draw(session: Any, options: argparse.Namespace) -> None:
    """Go through the panel and take the picture."""
    from NeuroDifferentialLib.differential.inventory import SAMPLE_FUNCTION, SAMPLES
    from NeuroOrbitLib.mrml.phantoms import add_phantom

    session.load_modules([MODULE_FILE])
    module = sys.modules["NeuroDifferential"]
    say("Making the synthetic patient")
    scan = add_phantom(options.kind, SAMPLES[options.kind], function=SAMPLE_FUNCTION, paths=module.WORKER_PATHS)
    session.main_window.resize(*WINDOW_SIZE)
    panel = session.select("NeuroDifferential")
    panel.ui.inputSelector.setCurrentNode(scan)
    for button in (panel.ui.findButton, panel.ui.applyButton, panel.ui.explainButton):
        say(f"Pressing {button.text}")
        press(panel, button)
    panel.answerView.table_view.setCurrentCell(0, 0)
    session.grab(options.picture)
    panel.logic.close()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # static destructors of Qt and VTK run in an undefined order
