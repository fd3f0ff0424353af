"""A scan with its orbits, a classifier whose reasons are known, and the module's panel in SlicerHost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

MODULE_FILE = Path(__file__).resolve().parents[3] / "TAOActivity.py"
ORBITS = MODULE_FILE.parents[1] / "OrbitSegmentation"
#: The muscle that the hot scan glows in: the right lateral rectus.
HOT_LABEL = 11
#: z-score from which on the test classifier sees something; eyes stay below.
SEES_FROM = 3.5


def pytest_ignore_collect(config):
    """These tests need the application: leave them to the session that has it."""
    return None if config.pluginmanager.has_plugin("slicerhost.pytest_plugin") else True


def glow_reader():
    """Network B made to add up what glows: its heat lies where the glow is."""
    import torch

    from TAOActivityLib.networks.registry import find

    network = find("network_b_compact").build(width=8)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.Conv2d):
                module.weight.zero_()
                module.bias.zero_()
        stem, *steps = [layer for layer in network.features if isinstance(layer, torch.nn.Conv2d)]
        for channel in range(5):
            stem.weight[channel, channel, 1, 1] = 1.0
            stem.bias[channel] = -SEES_FROM
            for step in steps:
                step.weight[channel, channel] = 1 / 9
        for layer in [layer for layer in network.features[-1].path if isinstance(layer, torch.nn.Conv2d)]:
            for channel in range(5):  # what the last convolution gives is what Grad-CAM looks at
                layer.weight[channel, channel, 1, 1] = 1.0
        last = network.head[-1]
        last.weight.zero_()
        last.bias.copy_(torch.tensor([0.0, -2.0]))
        last.weight[1, :5] = 150.0
    return network.eval()


def write_glow_reader(folder, name="tao-b", **settings):
    """The network above as a model package."""
    from NeuroOrbitLib.models import ModelFacts, write_package

    facts = ModelFacts(
        name, "1.2.3", f"Glow reader {name}", "MRI, axial fat-suppressed T2", ("inactive", "active"),
        "synthetic phantoms: 108 patients", "Apache-2.0", "network_b_compact", {"width": 8},
        {"kind": "tao_activity", "region": "both", "threshold": 0.5, **settings},
        {"temperature": 1.5, "method": "temperature scaling", "fitted_on": "nothing",
         "spread": {"log_odds_sd": 0.4, "log_temperature_sd": 0.1}})
    return write_package(folder / name, glow_reader().state_dict(), facts, documents={"evaluation": {
        "cases": 160, "patients": 108, "synthetic": True,
        "roc": {"false_positive_rate": [0, 0.1, 1], "true_positive_rate": [0, 0.8, 1], "auc": 0.9, "low": 0.85,
                "high": 0.95},
        "reliability": {"predicted": [0.1, 0.5, 0.9], "observed": [0.15, 0.4, 0.95], "counts": [50, 60, 50],
                        "expected_error": 0.06},
    }})


def module_class(name: str):
    """A class of the module's file, as it is loaded now."""
    import sys

    return getattr(sys.modules["TAOActivity"], name)


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Folder with the test classifiers: one for both orbits at once, one for single orbits, and one foreign model."""
    from NeuroOrbitLib.models import ModelFacts, write_package

    folder = tmp_path_factory.mktemp("models")
    write_glow_reader(folder)
    write_glow_reader(folder, "tao-single", region="right")
    foreign = ModelFacts("foreign", "1.0.0", "Foreign", "CT", ("orbit",), "synthetic", "Apache-2.0", "none")
    write_package(folder / "foreign", glow_reader().state_dict(), foreign)
    return folder


@pytest.fixture(autouse=True)
def offered(monkeypatch, models):
    """Offer the test classifiers wherever model packages are listed, before those that come with the extension."""
    monkeypatch.setenv("NEUROORBIT_MODELS", str(models))


@pytest.fixture(scope="session")
def hot_image(inactive_scan):
    """The inactive patient with a right lateral rectus that glows."""
    array = inactive_scan.image.array.copy()
    array[inactive_scan.labels.array == HOT_LABEL] = 3 * array.max()
    return inactive_scan.image.with_array(array)


@pytest.fixture
def cold_scan(slicer_session, inactive_scan):
    """The inactive patient as a volume node."""
    from NeuroOrbitLib.mrml.volumes import node_from_image

    return node_from_image(inactive_scan.image, "Cold")


@pytest.fixture
def hot_scan(slicer_session, hot_image):
    """The patient that glows as a volume node."""
    from NeuroOrbitLib.mrml.volumes import node_from_image

    return node_from_image(hot_image, "Hot")


@pytest.fixture
def orbits(slicer_session, hot_scan, inactive_scan):
    """The true segmentation of both scans."""
    from NeuroOrbitLib.mrml.segmentations import add_segmentation

    return add_segmentation(inactive_scan.labels, hot_scan, "Orbits")


@pytest.fixture(scope="session")
def runner(models):
    """One worker process for all tests."""
    import os

    import slicer

    from NeuroOrbitLib.jobs import JobRunner

    with JobRunner(extra_paths=[MODULE_FILE.parent, ORBITS, Path(__file__).parent],
                   environment={**os.environ, "NEUROORBIT_MODELS": str(models)},
                   temporary_folder=slicer.app.temporaryPath) as shared:
        yield shared


@pytest.fixture
def logic(slicer_session, module, runner):
    """The module's logic in a real worker process, on the processor."""
    return module_class("TAOActivityLogic")(runner)


@pytest.fixture
def panel(slicer_session, module, hot_scan, orbits, logic):
    """The module's panel, shown, with the glowing scan and its orbits chosen."""
    widget = slicer_session.select("TAOActivity")
    widget.logic = logic
    widget.modelChooser.reload()
    widget.initializeParameterNode()
    widget.ui.inputSelector.setCurrentNode(hot_scan)
    widget.ui.segmentationSelector.setCurrentNode(orbits)
    yield widget
    widget.runControl.abandon()


@pytest.fixture
def module(slicer_session):
    """The module, loaded from its file as Slicer does."""
    import slicer

    if not hasattr(slicer.modules, "taoactivity"):
        slicer_session.load_modules([MODULE_FILE])
    return slicer.modules.taoactivity


@pytest.fixture(scope="session")
def hot_muscle(inactive_scan):
    """RAS mm of the voxels of the muscle that glows, (voxels, 3)."""
    found = np.argwhere(inactive_scan.labels.array == HOT_LABEL)
    return inactive_scan.image.grid.ras_from_ijk(found[:, ::-1])
