"""Draws what a user sees in the three classifier modules: ``python -m Testing.Demo.walk_modules [--module NAME]``.

A sample patient goes through every button of a panel. After every step the whole window is written as the product
leaves it, and the panel in its whole height; at the end the report.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from Testing.Demo import neuro_picture, response_picture, tao_picture
from Testing.Demo.leaving import leave_after
from Testing.Demo.panel_picture import PanelPicture, press
from Testing.Demo.run import REPOSITORY, say, start_application
from Testing.Demo.small_files import make_small

WINDOW_SIZE = (1600, 1100)
MODULES = {picture.module: picture
           for picture in (tao_picture.PICTURE, response_picture.PICTURE, neuro_picture.PICTURE)}
#: Buttons that are pressed after those of a module's picture.
FURTHER = {"IVGCResponse": ("featuresButton",)}


def main() -> int:
    """Draw the pictures; return 0 when every picture was drawn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", choices=MODULES, help="only this one")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "out" / "walk", help="folder of the pictures")
    options = parser.parse_args()
    session = start_application()
    for module in [options.module] if options.module else MODULES:
        folder = options.output.resolve() / module
        folder.mkdir(parents=True, exist_ok=True)
        session.run(lambda module=module, folder=folder: walk(session, MODULES[module], folder))
        for picture in folder.glob("*.png"):
            make_small(picture)
    return 0


def walk(session: Any, plan: PanelPicture, folder: Path) -> None:
    """Go through one module's panel."""
    from NeuroOrbitLib.mrml.phantoms import add_phantom

    session.load_modules([REPOSITORY / plan.module / f"{plan.module}.py"])
    inventory = import_module(plan.inventory)
    scan = add_phantom(plan.kind, inventory.SAMPLES[plan.kind], function=inventory.SAMPLE_FUNCTION,
                       paths=sys.modules[plan.module].WORKER_PATHS)
    plan.prepare(scan, plan.kind)
    session.main_window.resize(*WINDOW_SIZE)
    panel = session.select(plan.module)
    panel.ui.inputSelector.setCurrentNode(scan)
    take(session, panel, folder, "1 chosen")
    buttons = (*plan.buttons, *FURTHER.get(plan.module, ()))
    for number, name in enumerate(buttons, start=2):
        button = getattr(panel.ui, name)
        say(f"Pressing {button.text}")
        press(panel, button)
        take(session, panel, folder, f"{number} {button.text}")
    panel.reportButton.write(folder / "report.html")
    panel.reportButton.write(folder / "report.pdf")
    take(session, panel, folder, "9 report written")
    panel.logic.close()


def take(session: Any, panel: Any, folder: Path, what: str) -> None:
    """Write pictures of the window, and of the panel in its whole height."""
    name = what.replace(" ", "_").replace("…", "")
    session.main_window.resize(*WINDOW_SIZE)
    session.grab(folder / f"{name}.png")
    session.grab(folder / f"{name}_panel.png", panel.parent)
    say(what)


if __name__ == "__main__":
    leave_after(main)
