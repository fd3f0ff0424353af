"""A small FLAIR with known lesions and the module's panel in SlicerHost."""

from __future__ import annotations

from pathlib import Path

import pytest

MODULE_FILE = Path(__file__).resolve().parents[3] / "NeuroDifferential.py"


def pytest_ignore_collect(config):
    """These tests need the application: leave them to the session that has it."""
    return None if config.pluginmanager.has_plugin("slicerhost.pytest_plugin") else True


@pytest.fixture(scope="session")
def runner():
    """One worker process for all tests."""
    import slicer

    from NeuroOrbitLib.jobs import JobRunner

    with JobRunner(extra_paths=[MODULE_FILE.parent], temporary_folder=slicer.app.temporaryPath) as shared:
        yield shared


@pytest.fixture
def module(slicer_session):
    """The module, loaded from its file as Slicer does."""
    import slicer

    if not hasattr(slicer.modules, "neurodifferential"):
        slicer_session.load_modules([MODULE_FILE])
    return slicer.modules.neurodifferential


@pytest.fixture
def logic(slicer_session, module, runner):
    """The module's logic in a real worker process."""
    import sys

    return sys.modules["NeuroDifferential"].NeuroDifferentialLogic(runner)


@pytest.fixture
def scan(slicer_session, flair):
    """The FLAIR with five lesions as a volume node."""
    from NeuroOrbitLib.mrml.volumes import node_from_image

    return node_from_image(flair, "Patient")


@pytest.fixture
def panel(slicer_session, module, scan, logic):
    """The module's panel, shown, with the FLAIR chosen."""
    widget = slicer_session.select("NeuroDifferential")
    widget.logic = logic
    widget.modelChooser.reload()
    widget.initializeParameterNode()
    widget.ui.inputSelector.setCurrentNode(scan)
    yield widget
    widget.runControl.abandon()


@pytest.fixture
def with_lesions(slicer_session, panel, scan, average_brain, lesions, flair):
    """The panel after Find lesions, without the wait: the lesions that were drawn, in the scene."""
    import numpy as np

    from NeuroDifferentialLib.mrml.lesion_nodes import ANATOMY_REFERENCE, region_segment
    from NeuroOrbitLib.mrml.provenance import MODULE_ATTRIBUTE
    from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
    from NeuroOrbitLib.mrml.segmentations import add_segmentation
    from NeuroOrbitLib.mrml.volumes import node_from_image
    from NeuroOrbitLib.phantom.brain.scans import on_scan

    drawn = np.zeros(flair.array.shape, np.uint8)
    for value, number in ((3, 1), (3, 2), (3, 3), (1, 4), (1, 5)):
        drawn[on_scan(lesions.numbers == number, average_brain, flair) > 0.5] = value
    node = add_segmentation(flair.with_array(drawn), scan, "Lesions", region_segment)
    from NeuroOrbitLib.imaging.resampling import resample

    parts = resample(average_brain.labels.with_array(average_brain.parts), flair.grid, "nearest")
    anatomy = node_from_image(parts, "Parts", "vtkMRMLLabelMapVolumeNode")
    node.SetNodeReferenceID(ANATOMY_REFERENCE, anatomy.GetID())
    node.SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())
    node.SetAttribute(MODULE_ATTRIBUTE, "NeuroDifferential")
    panel.ui.lesionsSelector.setCurrentNode(node)
    return panel
