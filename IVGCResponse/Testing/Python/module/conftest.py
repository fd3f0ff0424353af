"""A coronal scan with its muscles, a hardly trained model, and the module's panel in SlicerHost."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

MODULE_FILE = Path(__file__).resolve().parents[3] / "IVGCResponse.py"
ORBITS = MODULE_FILE.parents[1] / "OrbitSegmentation"
CONFIG = {
    "name": "ivgc-rdinet", "title": "Hardly trained", "network": "rdinet_clinical_compact",
    "network_options": {"width": 2, "edge": 32, "features": 8, "iterations": 1, "radiomics": 0},
    "numbers": {"clinical": {"columns": ["age", "cas", "trab"]}},
    "schedule": {"epochs": 1, "batch_size": 5, "learning_rate": 0.001}, "folds": 2, "repeats": 1,
}  # fmt: skip


def pytest_ignore_collect(config):
    """These tests need the application: leave them to the session that has it."""
    return None if config.pluginmanager.has_plugin("slicerhost.pytest_plugin") else True


def module_class(name: str):
    """A class of the module's file, as it is loaded now."""
    return getattr(sys.modules["IVGCResponse"], name)


@pytest.fixture(scope="session")
def models(cohort, tmp_path_factory):
    """Folder with the model."""
    from IVGCResponseLib.task import TASK, documents, estimator_of, package_words
    from NeuroOrbitLib.classifiers.packing import train_package
    from NeuroOrbitLib.classifiers.training_config import config_from_dict

    folder, config = tmp_path_factory.mktemp("models"), config_from_dict(CONFIG)
    train_package(TASK, cohort, estimator_of(config), config, package_words(config, cohort), folder / "ivgc-rdinet",
                  documents=documents)
    return folder


@pytest.fixture(autouse=True)
def offered(monkeypatch, models):
    """Offer the model wherever model packages are listed, before those that come with the extension."""
    monkeypatch.setenv("NEUROORBIT_MODELS", str(models))


@pytest.fixture(scope="session")
def runner(models):
    """One worker process for all tests."""
    import slicer

    from NeuroOrbitLib.jobs import JobRunner

    with JobRunner(extra_paths=[MODULE_FILE.parent, ORBITS],
                   environment={**os.environ, "NEUROORBIT_MODELS": str(models)},
                   temporary_folder=slicer.app.temporaryPath) as shared:
        yield shared


@pytest.fixture
def module(slicer_session):
    """The module, loaded from its file as Slicer does."""
    import slicer

    if not hasattr(slicer.modules, "ivgcresponse"):
        slicer_session.load_modules([MODULE_FILE])
    return slicer.modules.ivgcresponse


@pytest.fixture
def volume(slicer_session, scan):
    """The patient's scan as a volume node."""
    from NeuroOrbitLib.mrml.volumes import node_from_image

    return node_from_image(scan.image, "First")


@pytest.fixture
def muscles(volume, scan):
    """The true segmentation of the scan."""
    from NeuroOrbitLib.mrml.segmentations import add_segmentation

    return add_segmentation(scan.labels, volume, "Muscles")


@pytest.fixture
def logic(slicer_session, module, runner):
    """The module's logic in a real worker process, on the processor."""
    return module_class("IVGCResponseLogic")(runner)


@pytest.fixture
def panel(slicer_session, module, volume, muscles, logic):
    """The module's panel, shown, with the scan and its muscles chosen."""
    widget = slicer_session.select("IVGCResponse")
    widget.logic = logic
    widget.modelChooser.reload()
    widget.initializeParameterNode()
    widget.ui.inputSelector.setCurrentNode(volume)
    widget.ui.segmentationSelector.setCurrentNode(muscles)
    yield widget
    widget.runControl.abandon()
