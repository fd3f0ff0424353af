""".ui files with CTK and qMRML classes.

Justification: slicer.util.loadUI and QUiLoader (Qt) with the designer plugins of CTK and Slicer.
"""
from __future__ import annotations

import ctk
import pytest
import qt
import slicer

PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<ui version="4.0"><class>Panel</class>
<widget class="qMRMLWidget" name="Panel"><layout class="QFormLayout" name="form">
 <item row="0" column="0"><widget class="ctkCollapsibleButton" name="inputs">
   <property name="text"><string>Inputs</string></property>
   <property name="collapsed"><bool>true</bool></property></widget></item>
 <item row="1" column="0"><widget class="ctkSliderWidget" name="threshold">
   <property name="SlicerParameterName" stdset="0"><string>threshold</string></property>
   <property name="maximum"><double>500.0</double></property>
   <property name="value"><double>100.0</double></property></widget></item>
 <item row="2" column="0"><widget class="ctkPathLineEdit" name="folder">
   <property name="filters"><set>ctkPathLineEdit::Dirs|ctkPathLineEdit::Hidden</set></property></widget></item>
 <item row="3" column="0"><widget class="qMRMLNodeComboBox" name="volume">
   <property name="nodeTypes"><stringlist><string>vtkMRMLScalarVolumeNode</string></stringlist></property>
   <property name="noneEnabled"><bool>true</bool></property></widget></item>
 <item row="4" column="0"><widget class="QCheckBox" name="smooth"/></item>
 <item row="5" column="0"><widget class="QLabel" name="note"/></item>
</layout></widget>
<customwidgets>
 <customwidget><class>qMRMLWidget</class><extends>QWidget</extends></customwidget>
 <customwidget><class>ctkCollapsibleButton</class><extends>QWidget</extends></customwidget>
</customwidgets>
<connections>
 <connection><sender>Panel</sender><signal>mrmlSceneChanged(vtkMRMLScene*)</signal>
  <receiver>volume</receiver><slot>setMRMLScene(vtkMRMLScene*)</slot></connection>
 <connection><sender>smooth</sender><signal>toggled(bool)</signal>
  <receiver>note</receiver><slot>setVisible(bool)</slot></connection>
</connections></ui>"""


@pytest.fixture
def panel(tmp_path):
    path = tmp_path / "Panel.ui"
    path.write_text(PANEL)
    return slicer.util.loadUI(str(path))


def test_classes_are_those_of_the_ui_file(panel):
    # parameterNodeWrapper compares types exactly
    ui = slicer.util.childWidgetVariables(panel)
    assert type(panel) is slicer.qMRMLWidget
    assert (type(ui.inputs), type(ui.threshold)) == (ctk.ctkCollapsibleButton, ctk.ctkSliderWidget)
    assert type(ui.smooth) is qt.QCheckBox


def test_properties_of_emulated_classes_are_set(panel):
    # Q_PROPERTYs of the plugin classes: numbers, truth values, sets, string lists
    ui = slicer.util.childWidgetVariables(panel)
    assert ui.inputs.text == "Inputs" and ui.inputs.collapsed
    assert (ui.threshold.maximum, ui.threshold.value) == (500.0, 100.0)
    assert ui.folder.filters == 0x101
    assert ui.volume.nodeTypes == ("vtkMRMLScalarVolumeNode",) and ui.volume.noneEnabled


def test_dynamic_property_is_set(panel):
    # stdset="0" makes a dynamic property
    assert panel.threshold.property("SlicerParameterName") == "threshold"


def test_connections_of_the_file_work(panel):
    # the scene is handed on to the children, Qt's own signals and slots are connected
    panel.setMRMLScene(slicer.mrmlScene)
    assert panel.volume.mrmlScene() is slicer.mrmlScene
    panel.smooth.checked = True
    panel.smooth.checked = False
    assert panel.note.isHidden()


def test_missing_file_raises(tmp_path):
    # slicer.util.loadUI: RuntimeError
    with pytest.raises(RuntimeError, match="file not found"):
        slicer.util.loadUI(str(tmp_path / "absent.ui"))
