"""Start, reload, sample data and self-test of the module."""

from __future__ import annotations

import errno
import functools
import gc
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import qt
import slicer
import vtk

from NeuroOrbitLib.mrml import phantoms
from NeuroOrbitLib.widgets import dependencies, sample_data
from Testing.panels import is_idle, press, tab_steps_back

MODULE = Path(__file__).resolve().parents[3]


def test_reload_ends_the_run_and_gives_a_working_panel(panel, until, slicer_session, runner):
    panel._parameterNode.modelName = "slow"
    panel.ui.applyButton.click()
    until(lambda: panel.runControl.progress_bar.value >= 100)
    slicer.util.reloadScriptedModule("OrbitSegmentation")
    assert not runner.is_busy
    reloaded = slicer.modules.OrbitSegmentationWidget
    assert reloaded is not panel
    reloaded.enter()
    assert reloaded.ui.applyButton.enabled


def offered() -> list:
    """The module's own samples: the other modules' are in the same category once these are loaded."""
    return [source for source in slicer.modules.sampleDataSources["Orbit"]
            if Path(source.thumbnailFileName).is_relative_to(MODULE)]


def test_sample_data_offers_the_phantoms_with_pictures(module):
    sources = offered()
    assert [source.sampleName for source in sources] == [sample.name for sample in sample_data.PHANTOMS]
    for source in sources:
        assert not qt.QPixmap(source.thumbnailFileName).isNull()


def test_sample_is_made_on_this_computer_and_shown(module, stand_in_phantom):
    source = offered()[0]
    node = source.customDownloader(source)
    assert node.GetName() == "OrbitPhantomCT"
    assert slicer.util.arrayFromVolume(node).max() == 100
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    assert composite.GetBackgroundVolumeID() == node.GetID()
    assert node.GetStorageNode() is None, "the temporary file is gone: the node must not point to it"


def test_script_gets_a_sample_by_its_name_as_it_gets_those_of_the_application(module, stand_in_phantom, tmp_path):
    import SampleData

    slicer.mrmlScene.GetCacheManager().SetRemoteCacheDirectory(str(tmp_path))
    first, again = (SampleData.downloadSample("OrbitPhantomCT") for _ in range(2))
    assert [node.GetName() for node in (first, again)] == ["OrbitPhantomCT", "OrbitPhantomCT_1"]
    assert slicer.util.arrayFromVolume(again).max() == 100
    assert len(stand_in_phantom) == 1, "the second one comes from the cache"


def test_failure_of_a_sample_is_told_and_leaves_the_scene_empty(module, stand_in_phantom, slicer_dialogs):
    slicer_dialogs.answer("OK")
    assert sample_data.load_phantom(sample_data.PhantomSample("unknown", "Nobody")) is None
    assert "There is no sample 'unknown'." in slicer_dialogs.seen[-1]
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 0


def test_a_full_disk_is_told_where_slicer_would_only_print_it(module, stand_in_phantom, slicer_dialogs, monkeypatch):
    def fill(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    slicer_dialogs.answer("OK")
    monkeypatch.setattr(tempfile, "mkdtemp", fill)
    source = offered()[0]
    assert source.customDownloader(source) is None
    assert "cannot be written to (No space left on device)" in slicer_dialogs.seen[-1]


@pytest.fixture
def stand_in_phantom(monkeypatch, slicer_session, runner):
    """Samples come from a function of these tests; the phantom itself has tests of its own. Files that were made."""
    here = {"runner": runner, "function": "stand_in_pipeline:write_sample"}
    quick, written = functools.partial(phantoms.add_phantom, **here), []

    def write(kind, path, follow, **_):
        written.append(path)
        phantoms.write_phantom(kind, path, follow, **here)

    monkeypatch.setattr(sample_data, "add_phantom", lambda kind, name, follow, **_: quick(kind, name, follow))
    monkeypatch.setattr(sample_data, "write_phantom", write)
    return written


def test_module_has_icon_help_and_category(module):
    assert not module.icon.isNull()
    assert "research use only" in module.helpText
    assert "Part of the extension NeuroOrbit." in module.acknowledgementText
    assert list(module.categories) == ["Segmentation"]


def test_self_test_refuses_an_empty_volume(module):
    test = sys.modules["OrbitSegmentation"].OrbitSegmentationTest()
    test.setUp()
    test.test_emptyVolumeIsRefused()


def test_self_test_says_what_is_not_installed_and_passes(module, monkeypatch):
    """Where Slicer's extensions are built, nobody has ever pressed Apply."""
    told = []
    monkeypatch.setattr(dependencies, "_has_torch", lambda _requirement: False)
    monkeypatch.setattr(dependencies, "_is_satisfied", lambda requirement: requirement.name != "safetensors")
    monkeypatch.setattr(sys.modules["OrbitSegmentation"], "DEFAULT_MODEL", "shipped")
    monkeypatch.setattr(sys.modules["OrbitSegmentation"].OrbitSegmentationLogic, "modelInventory", lambda _logic:
                        SimpleNamespace(packages=[SimpleNamespace(name="shipped")]))
    monkeypatch.setattr(slicer.util, "delayDisplay", lambda text, *_: told.append(text))
    slicer.selfTests["OrbitSegmentation"](msec=0)
    assert told == ["Not installed: PyTorch, safetensors. What needs them was not tested."]


@pytest.mark.slow
def test_self_test_passes(module):
    sys.modules["OrbitSegmentation"].OrbitSegmentationTest().runTest()


def test_the_tab_key_goes_through_the_panel_from_top_to_bottom(panel):
    assert tab_steps_back(panel.parent) == []


def test_the_tab_key_goes_through_the_page_for_annotation_from_top_to_bottom(panel):
    panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.annotationTab)
    own = {*vars(panel.annotationPage.ui), "Show3DButton"}  # the Segment Editor has an order of its own
    back = [pair for pair in tab_steps_back(panel.ui.annotationTab) if pair[1] in own]
    panel.ui.pagesTabWidget.setCurrentIndex(0)  # later tests find the panel as it opens
    assert back == []


def test_apply_says_that_the_disk_for_temporary_files_is_full(panel, until, monkeypatch):
    def fill(*_arguments, **_keywords):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "mkdtemp", fill)
        press(panel.ui.applyButton)
        until(lambda: is_idle(panel))
    assert "folder for temporary files" in panel.noticeBanner.text and "Free some space" in panel.noticeBanner.text


def test_scans_leave_the_memory_with_their_scene(panel, slicer_session, until):
    held = []
    for name in ("First", "Second"):
        scan = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)  # as readers do: voxels come later
        slicer.util.updateVolumeFromArray(scan, np.full((16, 24, 48), 7, np.int16))
        slicer_session.process_events()
        panel.ui.inputSelector.setCurrentNode(scan)
        held.append(vtk.vtkWeakReference())
        held[-1].Set(scan)
    panel.ui.applyButton.click()
    until(lambda: is_idle(panel))
    del scan
    slicer.mrmlScene.Clear(0)
    slicer_session.process_events()
    gc.collect()
    assert [weak.Get() for weak in held] == [None, None]
