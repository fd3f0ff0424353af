"""A scan, a pipeline that stands in for the real one, and the module's panel in SlicerHost."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parent
MODULE_FILE = FOLDER.parents[2] / "OrbitSegmentation.py"
PIPELINE = "stand_in_pipeline:segment_file"

#: Voxel size of 2 mm; RAS mm of the middle of the grid is (0, 0, 0).
SHAPE = (16, 24, 48)
AFFINE = np.array([[2.0, 0, 0, -47.0], [0, 2.0, 0, -23.0], [0, 0, 2.0, -15.0], [0, 0, 0, 1.0]])


def pytest_ignore_collect(config):
    """These tests need the application: leave them to the session that has it."""
    return None if config.pluginmanager.has_plugin("slicerhost.pytest_plugin") else True


def scan_image(shape=SHAPE, affine=AFFINE):
    """Grey values (K, J, I): a large right and a smaller left eyeball, and a muscle on the right side only."""
    from NeuroOrbitLib.imaging.image import Image

    image = Image(np.zeros(shape, np.int16), affine)
    indices = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1)[..., ::-1]
    ras = image.grid.ras_from_ijk(indices)
    array = image.array.copy()
    array[np.linalg.norm(ras - [30, 0, 0], axis=-1) < 11] = 1000
    array[np.linalg.norm(ras - [-30, 0, 0], axis=-1) < 8] = 1000
    array[np.linalg.norm((ras - [14, -6, 0]) / [1, 2, 1], axis=-1) < 5] = 500
    return image.with_array(array)


def module_class(name: str):
    """A class of the module's file, as it is loaded now."""
    import sys

    return getattr(sys.modules["OrbitSegmentation"], name)


@pytest.fixture(scope="session")
def packages():
    """Model packages without weights; the name of each chooses how the pipeline behaves."""
    from NeuroOrbitLib.models import ModelFacts, ModelPackage

    names = ("orbit-any-contrast", "slow", "stuck", "killed", "bug", "problem", "notices", "doubts", "odd",
             "elsewhere")
    return tuple(
        ModelPackage(Path(name), ModelFacts(name, "1.2.3", f"Model {name}", "CT and MRI", ("eyeball",),
                                            "synthetic phantoms", "Apache-2.0", "any_contrast"), "ab" * 32, 1000)
        for name in names)


@pytest.fixture
def offered(monkeypatch, packages):
    """Offer the stand-ins wherever model packages are listed."""
    from NeuroOrbitLib import models

    monkeypatch.setattr(models, "take_inventory", lambda *_: models.Inventory(packages, ()))


@pytest.fixture
def scan(slicer_session):
    """The test scan as a volume node."""
    from NeuroOrbitLib.mrml.volumes import node_from_image

    return node_from_image(scan_image(), "Scan")


@pytest.fixture
def make_scan(slicer_session):
    """Makes a test scan on another grid: ``make_scan(shape, affine)``."""
    return scan_image


@pytest.fixture(scope="session")
def runner():
    """One worker process for all tests, as one serves all runs of a panel; a test that kills it gets a new one."""
    import slicer

    from NeuroOrbitLib.jobs import JobRunner

    with JobRunner(extra_paths=[FOLDER], temporary_folder=slicer.app.temporaryPath) as shared:
        yield shared


@pytest.fixture
def logic(slicer_session, module, runner):
    """The module's logic over the stand-in pipeline, in a real worker process."""
    return module_class("OrbitSegmentationLogic")(runner, PIPELINE)


@pytest.fixture
def panel(slicer_session, module, offered, scan, logic, monkeypatch):
    """The module's panel on its first page, shown, with the test scan chosen."""
    from OrbitSegmentationLib.widgets import annotation_runs

    monkeypatch.setattr(annotation_runs, "FIND_EYES", "stand_in_pipeline:find_eyes_file")
    widget = slicer_session.select("OrbitSegmentation")
    widget.logic = logic
    widget.ui.pagesTabWidget.setCurrentIndex(0)  # the panel is that of earlier tests, on the page that they left
    widget.modelChooser.reload()
    widget.initializeParameterNode()
    yield widget
    widget.runControl.abandon()


@pytest.fixture(scope="module")
def phantom():
    """Labels of an ill head, and a noisy scan of them, which nobody takes for labels."""
    from Testing.Python.measurements.heads import head, label_map

    labels = label_map(head(5, 0.6), (1.0, 1.0, 1.0))
    grey = np.random.default_rng(0).integers(1, 41, labels.array.shape).astype(np.int16)
    grey[labels.array == 0] = 0
    return labels, labels.with_array(grey)


@pytest.fixture
def measured(panel, phantom, until):
    """The panel with a foreign segmentation of the phantom, measured."""
    import qt
    from PySide6.QtTest import QTest

    from NeuroOrbitLib.mrml.segmentations import add_segmentation
    from NeuroOrbitLib.mrml.volumes import node_from_image
    from NeuroOrbitLib.widgets.run_control import RunState

    labels, grey = phantom
    scan = node_from_image(grey, "MRI of the phantom")
    segmentation = add_segmentation(labels, scan, "Drawn by hand")
    panel.ui.measuredSelector.setCurrentNode(segmentation)
    assert panel.ui.measureButton.enabled, panel.ui.measureButton.toolTip
    QTest.mouseClick(panel.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: panel.runControl.state is RunState.IDLE)
    assert panel.noticeBanner.isHidden(), panel.noticeBanner.text
    return panel


@pytest.fixture
def until(slicer_session):
    """Let the application run until a condition holds."""
    from Testing.panels import wait_until

    return functools.partial(wait_until, slicer_session)


@pytest.fixture
def module(slicer_session):
    """The module, loaded from its file as Slicer does."""
    import slicer

    if not hasattr(slicer.modules, "orbitsegmentation"):
        slicer_session.load_modules([MODULE_FILE.parent])  # with its effects, as when the application starts
    return slicer.modules.orbitsegmentation


@pytest.fixture
def folder(tmp_path, make_scan):
    """Three scans to annotate."""
    from NeuroOrbitLib.imaging.files import save_image

    for name in ("p1", "p2", "p3"):
        save_image(make_scan(), tmp_path / "scans" / f"{name}.nii.gz")
    return tmp_path / "scans"


@pytest.fixture
def page(panel, folder, slicer_dialogs):
    """The annotation page with the folder chosen, no case open; the segmentation page's model is the stand-in."""
    from Testing.annotator import type_into

    panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.annotationTab)
    page = panel.annotationPage
    page.logic.getParameterNode().exports = ""
    type_into(page.ui.annotatorLineEdit, "Ann")
    type_into(page.ui.casesLineEdit, str(folder))
    yield page
    if page.opened:
        page.opened.unsaved = False


@pytest.fixture
def drawn(page):
    """Unsaved work on the case p1."""
    from Testing import annotator

    annotator.open_selected(page)
    annotator.click_structure(page, annotator.RIGHT_EYE)
    annotator.paint_at(page, (30, 0, 0))
