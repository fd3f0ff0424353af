"""Draws docs/pictures/ivgc_response.png: ``python -m Testing.Demo.response_picture`` (``make response-picture``).

The sample responder through the module's panel as a reader goes: muscles, the patient's data, apply, explain. With
``--report PATH`` the report is written too.
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

MODULE_FILE = REPOSITORY / "IVGCResponse" / "IVGCResponse.py"
PICTURE = REPOSITORY / "docs" / "pictures" / "ivgc_response.png"
WINDOW_SIZE = (1760, 1900)


def main() -> int:
    """Exit status 0 when the picture was drawn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", default="responder", help="the sample patient: responder or non-responder")
    parser.add_argument("--model", help="name of the model package; the panel's first choice if not given")
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
    from IVGCResponseLib.inventory import SAMPLE_FUNCTION, SAMPLES
    from IVGCResponseLib.mrml.patient_data import PatientData, remember
    from IVGCResponseLib.synthetic.samples import sample_patient
    from NeuroOrbitLib.mrml.phantoms import add_phantom

    session.load_modules([MODULE_FILE])
    module = sys.modules["IVGCResponse"]
    say("Making the synthetic patient")
    scan = add_phantom(options.kind, SAMPLES[options.kind], function=SAMPLE_FUNCTION, paths=module.WORKER_PATHS)
    clinical = {name: value for name, value in sample_patient(options.kind).clinical.items() if value == value}
    remember(scan, PatientData(clinical))
    session.main_window.resize(*WINDOW_SIZE)
    panel = session.select("IVGCResponse")
    if options.model:
        panel.onModelChosen(options.model)
    panel.ui.inputSelector.setCurrentNode(scan)
    for button in (panel.ui.prepareButton, panel.ui.applyButton, panel.ui.explainButton):
        say(f"Pressing {button.text}")
        press(panel, button)
    if options.report:
        panel.reportButton.write(options.report)
        panel.noticeBanner.clear_notices()
    session.grab(options.picture)
    panel.logic.close()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # static destructors of Qt and VTK run in an undefined order
