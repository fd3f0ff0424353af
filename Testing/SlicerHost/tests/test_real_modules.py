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


SLIDER = """<ui version="4.0"><class>Form</class><widget class="QWidget" name="Form"><layout class="QVBoxLayout"><item>
<widget class="qMRMLLinearTransformSlider" name="slider"><property name="TypeOfTransform">
<enum>qMRMLLinearTransformSlider::ROTATION_LR</enum></property></widget></item></layout></widget><customwidgets>
<customwidget><class>qMRMLLinearTransformSlider</class><extends>qMRMLSliderWidget</extends></customwidget>
</customwidgets></ui>"""


def test_class_that_the_host_does_not_emulate_has_its_enumerations(slicer_session, tmp_path, caplog):
    # qMRMLLinearTransformSlider::TransformType, in modules and in .ui files
    assert slicer.qMRMLLinearTransformSlider.TRANSLATION_IS == 2
    path = tmp_path / "form.ui"
    path.write_text(SLIDER)
    assert slicer.util.loadUI(str(path)).slider.TypeOfTransform == slicer.qMRMLLinearTransformSlider.ROTATION_LR == 3
    assert not caplog.records


def test_constructor_of_the_base_class_may_be_called_twice(slicer_session):
    # PythonQtInstanceWrapper_init
    class Panel(qt.QWidget):
        def __init__(self, parent=None):
            qt.QWidget.__init__(self)
            qt.QWidget.__init__(self, parent)
            self.layout = qt.QVBoxLayout(self)

    frame = qt.QFrame()
    panel = Panel(frame)
    panel.layout.addWidget(qt.QLabel("text"))
    assert panel.parent() is frame and panel.layout.count() == 1


def test_certificates_of_trusted_authorities_are_known():
    import certifi

    assert certifi.where().endswith((".pem", ".crt", ".cer"))


def test_displayable_managers_know_their_views(slicer_session):
    # vtkMRMLAbstractThreeDViewDisplayableManager::GetMRMLViewNode and ...SliceViewDisplayableManager::GetMRMLSliceNode
    layout = slicer.app.layoutManager()
    view, slice_view = layout.threeDWidget(0).threeDView(), layout.sliceWidget("Red").sliceView()
    models = view.displayableManagerByClassName("vtkMRMLModelDisplayableManager")
    assert models.GetMRMLViewNode() is view.mrmlViewNode()
    slices = slice_view.displayableManagerByClassName("vtkMRMLModelSliceDisplayableManager")
    assert slices.GetMRMLSliceNode() is slice_view.mrmlSliceNode()


def test_widgets_of_markups_have_a_default_colour(slicer_session):
    # qSlicerSimpleMarkupsWidget::setDefaultNodeColor hands it on to its place widget
    widget = slicer.qSlicerSimpleMarkupsWidget()
    widget.defaultNodeColor = qt.QColor("#ff0000")
    assert widget.markupsPlaceWidget().defaultNodeColor.name() == "#ff0000"
