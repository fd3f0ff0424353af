"""Draws what a user sees in the first hour: ``python -m Testing.Demo.walk [--output FOLDER]`` (``make walk``).

Three patients one after the other through the panel, a saved scene opened while the panel is open, a row of the table,
a case of the page for annotation that nobody has labelled, and a result taken there for correction. After every step
a picture of the whole window is written, as the product leaves it: nothing is set, hidden or turned for the picture.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from Testing.Demo.annotation_picture import wait_for
from Testing.Demo.cases import DemonstrationCase, phantom_cases
from Testing.Demo.leaving import leave_after
from Testing.Demo.run import REPOSITORY, save_scene, say, start_application
from Testing.Demo.small_files import make_small
from Testing.real_data import orbit_scans

WINDOW_SIZE = (1600, 1100)
ROW = 6
PATIENCE_SECONDS = 60.0


def main() -> int:
    """Draw the pictures; return 0 when every picture was drawn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=REPOSITORY / "out" / "walk", help="folder of the pictures")
    folder = parser.parse_args().output.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    say("Making the synthetic patient")
    cases = patients(folder / "scans")
    session = start_application()
    session.run(lambda: Walk(session, folder).go(cases))
    for picture in folder.glob("*.png"):
        make_small(picture)
    say(f"Drew {len(list(folder.glob('*.png')))} pictures in {folder}")
    return 0


def patients(folder: Path) -> list[DemonstrationCase]:
    """Return a phantom's CT and MRI, and a real scan where there is one: three patients for the panel."""
    real = [DemonstrationCase(path.name.removesuffix(".nii.gz"), path.name, path) for path in orbit_scans()]
    return [*phantom_cases(folder), *real[:1]]


class Walk:
    """Goes through the panel as a user does and takes the pictures.

    :param session: the running application.
    :param folder: folder for the pictures.
    """

    def __init__(self, session: Any, folder: Path) -> None:
        self.session, self.folder, self._count = session, folder, 0
        session.main_window.resize(*WINDOW_SIZE)
        self.panel = session.select("OrbitSegmentation")

    def go(self, cases: list[DemonstrationCase]) -> None:
        """Do all steps in their order."""
        from Testing.Demo.journey import Journey

        self._take("empty scene")
        journey = Journey(self.session, self.folder)
        self.session.main_window.resize(*WINDOW_SIZE)
        for number, case in enumerate(cases, start=1):
            volume = journey.load(case)
            self.panel.ui.inputSelector.setCurrentNode(volume)
            self._take(f"patient {number} chosen")
            journey.apply(volume)
            self._take(f"patient {number} result")
        self._choose_first(cases[0])
        self._take("first patient again")
        self.panel.resultsView.table_view.setCurrentCell(ROW, 0)
        self._take(f"row {ROW + 1} clicked")
        self._reopen()
        self._take("scene opened again")
        self._annotate(cases[0])
        journey.close()

    def _choose_first(self, case: DemonstrationCase) -> None:
        import slicer

        self.panel.ui.inputSelector.setCurrentNode(slicer.util.getNode(case.name))

    def _reopen(self) -> None:
        """Save the scene, empty it and open it again while the panel is open."""
        import slicer

        save_scene(self.folder / "scene.mrb")
        slicer.mrmlScene.Clear(0)
        slicer.util.loadScene(str(self.folder / "scene.mrb"))

    def _annotate(self, case: DemonstrationCase) -> None:
        """Show a case without labels on the page for annotation, then one that comes from a result."""
        panel, page = self.panel, self.panel.annotationPage
        cases = self.folder / "cases"
        cases.mkdir()
        shutil.copy(case.scan, cases / "patient-01.nii.gz")
        panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.annotationTab)
        page.logic.getParameterNode().annotator = "A. Reader"
        page.open_from(cases, "patient-01")
        wait_for(lambda: not page.eyes.is_looking(), PATIENCE_SECONDS, "The place of the eyes")
        self._take("case without labels")

    def _take(self, what: str) -> None:
        self._count += 1
        self.session.process_events()
        name = f"{self._count:02d} {what}".replace(" ", "_")
        self.session.grab(self.folder / f"{name}.png")
        say(f"{self._count}: {what}")


if __name__ == "__main__":
    leave_after(main)
