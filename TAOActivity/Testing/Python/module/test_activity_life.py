"""Start, reload, sample data and self-test of the module."""

from __future__ import annotations

import sys

import pytest
import qt
import slicer

from NeuroOrbitLib.mrml.phantoms import add_phantom
from NeuroOrbitLib.mrml.storage_check import check_storage
from Testing.panels import run_step, self_tests_of, tab_steps_back


def test_reload_gives_a_working_panel(panel, slicer_session):
    run_step(slicer_session, panel, panel.ui.prepareButton)
    slicer.util.reloadScriptedModule("TAOActivity")
    reloaded = slicer.modules.TAOActivityWidget
    assert reloaded is not panel
    reloaded.enter()
    assert reloaded.ui.applyButton.enabled, "what was prepared is still there"


def test_sample_data_offers_an_active_and_an_inactive_patient_with_pictures(module):
    sources = {source.sampleName: source for source in slicer.modules.sampleDataSources["Orbit"]}
    for name in ("OrbitActiveTED", "OrbitInactiveTED"):
        assert not qt.QPixmap(sources[name].thumbnailFileName).isNull()


@pytest.mark.slow
def test_sample_is_made_by_the_worker(module, slicer_session, runner):
    node = add_phantom("inactive", "OrbitInactiveTED", runner=runner,
                       function="TAOActivityLib.synthetic.sample_patients:write_sample")
    assert node.GetImageData().GetDimensions()[2] == 15
    assert node.GetSpacing()[2] == pytest.approx(3.27, abs=0.01)


def test_sample_comes_as_a_user_types_it(module, slicer_session, tmp_path):
    import SampleData

    slicer.mrmlScene.GetCacheManager().SetRemoteCacheDirectory(str(tmp_path))
    node = SampleData.downloadSample("OrbitActiveTED")
    assert node.GetName() == "OrbitActiveTED" and node.IsA("vtkMRMLScalarVolumeNode")
    assert node.GetImageData().GetDimensions()[2] == 15 and slicer.util.arrayFromVolume(node).std() > 0
    check_storage(node)


def test_module_has_icon_help_and_category(module):
    assert not module.icon.isNull()
    assert "research use only" in module.helpText
    assert "Part of the extension NeuroOrbit." in module.acknowledgementText
    assert list(module.categories) == ["Quantification"]


def test_self_test_refuses_an_empty_volume(module):
    test = sys.modules["TAOActivity"].TAOActivityTest()
    test.setUp()
    test.test_emptyVolumeIsRefused()


def test_extension_build_runs_the_self_test_and_no_other_class(module):
    assert self_tests_of("TAOActivity") == {"TAOActivityTest"}


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_self_test_passes_with_the_shipped_models(module, monkeypatch):
    monkeypatch.delenv("NEUROORBIT_MODELS")
    sys.modules["TAOActivity"].TAOActivityTest().runTest()


def test_the_tab_key_goes_through_the_panel_from_top_to_bottom(panel):
    assert tab_steps_back(panel.parent) == []
