"""A radiologist's journey through the module's panel with one scan: load, choose, Apply, look at the result."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from NeuroOrbitLib.anatomy import LABEL_VALUES, segment_id
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.provenance import record_of
from NeuroOrbitLib.mrml.run import keep_application_alive
from NeuroOrbitLib.mrml.volumes import image_from_node
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.run_control import RunState
from Testing.Demo import pictures, scoring
from Testing.Demo.cases import DemonstrationCase
from Testing.Demo.outcome import Outcome

#: Seconds after which a run has failed.
PATIENCE_SECONDS = 900.0
#: Reports of the host about faults in a session without an exception for the caller.
FAILING_KINDS = ("exception", "vtk error", "gap", "pythonqt", "dialog")


class Journey:
    """Takes scans through the module one after the other; all stay in the scene.

    :param session: the running application (``slicerhost.session.Session``).
    :param folder: folder for the pictures.
    """

    def __init__(self, session: Any, folder: Path) -> None:
        self.session = session
        session.main_window.resize(*pictures.WINDOW_SIZE)
        self.panel = session.select("OrbitSegmentation")
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def go(self, case: DemonstrationCase) -> Outcome:
        """Load the scan, press Apply, wait, take the pictures and measure; a failure is part of the outcome."""
        try:
            volume = self.load(case)
            started = time.monotonic()
            segmentation = self.apply(volume)
            seconds = time.monotonic() - started
            taken = pictures.take(self.session, volume, segmentation, self.folder / case.key)
            record = record_of(segmentation)
            rows = scoring.report_rows(record["measurements"], label_map(segmentation, volume), case.reference)
        except Problem as problem:
            return Outcome(case, str(problem))
        found = self._hidden_problems()
        return Outcome(case, found, record, rows, taken, seconds)

    def show(self, case: DemonstrationCase, picture: Path) -> None:
        """Load the scan, press Apply and take one picture of the window as the module left it.

        :raises Problem: when there is no result.
        """
        self.apply(self.load(case))
        self._wait_for_measures()
        self.session.grab(picture)

    def close(self) -> None:
        """End the module's worker process, as the application does when it closes."""
        self.panel.logic.close()

    def load(self, case: DemonstrationCase) -> slicer.vtkMRMLScalarVolumeNode:
        """Return the scan as a volume in the scene.

        :raises Problem: when it cannot be loaded.
        """
        try:
            return slicer.util.loadVolume(str(case.scan), {"name": case.name})
        except RuntimeError as error:
            raise Problem(f"{case.scan.name} could not be loaded. Is it a CT or MRI volume?") from error

    def apply(self, volume: slicer.vtkMRMLScalarVolumeNode) -> slicer.vtkMRMLSegmentationNode:
        """Choose the scan in the panel and press Apply.

        :raises Problem: when there is no result; the message is what the panel tells the user.
        """
        panel = self.panel
        self._wait_for_measures()
        panel.ui.inputSelector.setCurrentNode(volume)
        self.session.process_events()
        if not panel.ui.applyButton.enabled:
            raise Problem(panel.ui.applyButton.toolTip)
        panel.ui.applyButton.click()
        self._wait_until(lambda: panel.ui.applyButton.enabled)
        segmentation = panel.ui.resultSelector.currentNode()
        if segmentation is None:
            raise Problem(panel.noticeBanner.text or "The run ended without a result.")
        return segmentation

    def _wait_for_measures(self) -> None:
        """Wait for the run that measures a result, which starts automatically."""
        self.session.process_events()
        self._wait_until(lambda: self.panel.runControl.state is RunState.IDLE)
        self.session.process_events()

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > end:
                self.panel.runControl.cancel()
                raise Problem(f"No result after {PATIENCE_SECONDS:.0f} seconds.")
            keep_application_alive()

    def _hidden_problems(self) -> str:
        from slicerhost import errors

        self.session.process_events()
        return "\n".join(f"{problem.kind}: {problem.text}" for problem in errors.take(*FAILING_KINDS))


def label_map(segmentation: slicer.vtkMRMLSegmentationNode, volume: slicer.vtkMRMLScalarVolumeNode) -> Image:
    """Return the segments, as they are in the scene, as a label map on the scan's grid."""
    image = image_from_node(volume)
    labels = np.zeros(image.array.shape, np.uint8)
    present = segmentation.GetSegmentation().GetSegmentIDs()
    for value in LABEL_VALUES:
        if segment_id(value) in present:
            mask = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, segment_id(value), volume)
            labels[mask > 0] = value
    return Image(labels, image.affine)
