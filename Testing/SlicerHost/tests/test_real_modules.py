"""What unmodified modules of other extensions do that the host once stumbled over."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import qt
import slicer
from slicerhost import errors, manifest

MENU_BUTTON = """<ui version="4.0"><class>Form</class><widget class="QWidget" name="Form">
<layout class="QVBoxLayout"><item><widget class="ctkMenuButton" name="menuButton"/></item></layout></widget>
<customwidgets><customwidget><class>ctkMenuButton</class><extends>QPushButton</extends></customwidget></customwidgets>
</ui>"""


def test_names_of_the_console_can_be_imported_from_main():
    # Base/Python/slicer: older modules write `from __main__ import vtk, qt, ctk, slicer`
    names = {}
    exec("from __main__ import vtk, qt, ctk, slicer", names)
    assert names["slicer"] is slicer and names["qt"] is qt


def test_menu_button_of_a_ui_file_has_a_menu(slicer_session, tmp_path):
    # ctkMenuButtonPlugin::createWidget
    path = tmp_path / "form.ui"
    path.write_text(MENU_BUTTON)
    form = slicer.util.loadUI(str(path))
    form.menuButton.menu().clear()
    form.menuButton.menu().addAction("Import")
    assert [action.text for action in form.menuButton.menu().actions()] == ["Import"]


def test_assigning_what_the_host_lacks_is_a_gap_and_no_wrong_name(monkeypatch):
    # a member that Slicer's class has must not look like a mistake of the module
    widget = slicer.qMRMLSliderWidget()
    with pytest.raises(AttributeError, match="does not exist"):
        widget.enabeld = True
    known = manifest.properties("qMRMLSliderWidget")
    monkeypatch.setattr(manifest, "properties", lambda name: {**known, "newInSlicer": True})
    with pytest.raises(errors.HostGap, match=r"qMRMLSliderWidget\.newInSlicer"):
        widget.newInSlicer = True


def test_settings_folder_exists(slicer_session):
    # QSettings creates it at the first start; modules write files of their own beside the settings
    assert Path(slicer.app.slicerUserSettingsFilePath).parent.is_dir()


def test_startup_environment_is_of_qt(slicer_session):
    # qSlicerCoreApplication::startupEnvironment returns a QProcessEnvironment
    environment = slicer.app.startupEnvironment()
    assert environment.contains("PATH") and "PATH" in list(environment.keys())
    assert slicer.util.startupEnvironment()["PATH"] == environment.value("PATH")


def test_console_process_starts_with_the_defaults(slicer_session):
    # slicer.util.launchConsoleProcess(args, useStartupEnvironment=True)
    process = slicer.util.launchConsoleProcess([sys.executable, "-c", "print('started')"])
    assert isinstance(process, subprocess.Popen) and "started" in process.communicate()[0]
