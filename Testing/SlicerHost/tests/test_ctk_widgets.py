"""CTK's widgets: values, rounding, signals, visibility of children.

Justification: the .cpp file of each class in CTK's Libs/Widgets.
"""
from __future__ import annotations

import ctk
import pytest
import qt
import slicer
from slicerhost import errors


@pytest.fixture
def received():
    return []


def test_slider_widget_shows_its_decimals_and_keeps_its_value(received):
    # ctkDoubleSpinBox::setValueAlways keeps InputValue; ctkSliderWidget::value: "the slider is the most precise"
    slider = ctk.ctkSliderWidget()
    slider.decimals = 1
    slider.connect("valueChanged(double)", received.append)
    slider.value = 3.14159
    assert received == [3.14159] and slider.value == 3.14159
    assert slider.findChildren(qt.QDoubleSpinBox)[0].value == 3.1


@pytest.mark.parametrize("kind", [ctk.ctkDoubleSpinBox, ctk.ctkSliderWidget])
def test_value_survives_a_change_of_the_decimals(kind):
    # the value and the limits are those that were set, whatever is shown
    widget = kind()
    widget.maximum = 9.75
    widget.value = 2.4
    widget.decimals = 0
    assert (widget.value, widget.maximum) == (2.4, 9.75)
    widget.decimals = 2
    assert (widget.value, widget.maximum) == (2.4, 9.75)


def test_spin_box_takes_what_the_user_steps_to(received):
    # ctkDoubleSpinBoxPrivate::onValueChanged
    box = ctk.ctkDoubleSpinBox()
    box.decimals = 0
    box.value = 2.4
    box.connect("valueChanged(double)", received.append)
    box.stepUp()
    assert received == [3.0] and box.value == 3.0


def test_spin_box_stepped_to_a_limit_gives_the_exact_limit():
    # onValueChanged: "Special case to return max precision"
    box = ctk.ctkDoubleSpinBox()
    box.decimals = 0
    box.maximum = 4.4
    box.value = 3
    box.stepUp()
    assert box.value == 4.4


def test_range_widget_keeps_its_values(received):
    # both spin boxes keep their InputValue
    widget = ctk.ctkRangeWidget()
    widget.decimals = 0
    widget.connect("valuesChanged(double,double)", lambda low, high: received.append((low, high)))
    widget.setValues(2.4, 7.7)
    assert (widget.minimumValue, widget.maximumValue) == (2.4, 7.7) and received == [(2.4, 7.7)]


def test_path_line_edit_starts_with_ctk_s_filters():
    # ctkPathLineEditPrivate: AllEntries | NoDotAndDotDot | Readable | Executable
    assert int(ctk.ctkPathLineEdit().filters) == int(
        qt.QDir.AllEntries | qt.QDir.NoDotAndDotDot | qt.QDir.Readable | qt.QDir.Executable)


def test_path_line_edit_tells_when_its_input_becomes_valid(received):
    # updateHasValidInput: HasValidInput is false at first; the validator takes any text but none
    edit = ctk.ctkPathLineEdit()
    edit.connect("currentPathChanged(QString)", received.append)
    edit.connect("validInputChanged(bool)", received.append)
    for path in ("/data/a", "/data/b", ""):
        edit.currentPath = path
    assert received == ["/data/a", True, "/data/b", False]


def test_path_line_edit_takes_names_of_its_filters_alone(received):
    # nameFiltersToRegularExpression
    edit = ctk.ctkPathLineEdit()
    edit.nameFilters = ["Volumes (*.nrrd *.nii)"]
    edit.connect("currentPathChanged(QString)", received.append)
    edit.currentPath = "/data/a.txt"
    edit.currentPath = "/data/a.nii"
    assert received == ["/data/a.nii"]


def test_slider_widget_starts_with_the_range_of_a_double_spin_box():
    # constructor: the slider takes over the spin box' range; QDoubleSpinBox starts with 0..99.99
    slider = ctk.ctkSliderWidget()
    assert (slider.minimum, slider.maximum, slider.value, slider.singleStep) == (0.0, 99.99, 0.0, 1.0)


def test_slider_widget_keeps_its_value_in_range(received):
    # ctkSliderWidget::setMaximum
    slider = ctk.ctkSliderWidget()
    slider.value = 50
    slider.connect("valueChanged(double)", received.append)
    slider.maximum = 10
    assert slider.value == 10 and received == [10.0]


def test_slider_widget_refuses_a_step_beyond_its_range(capfd):
    # ctkDoubleSlider::isValidStep
    slider = ctk.ctkSliderWidget()
    slider.maximum = 1
    slider.singleStep = 5
    assert slider.singleStep == 1.0


def test_setter_that_is_no_slot_is_not_callable():
    # ctkSliderWidget.h: setRange is public, but neither slot nor Q_INVOKABLE
    with pytest.raises(AttributeError):
        ctk.ctkSliderWidget().setRange(0, 1)
    ctk.ctkRangeWidget().setRange(0, 1)  # Q_INVOKABLE


def test_range_widget_announces_both_values_once(received):
    # ctkRangeWidget::setValues blocks the slider while the spin boxes change
    widget = ctk.ctkRangeWidget()
    widget.setRange(-1000, 1000)
    widget.connect("valuesChanged(double,double)", lambda low, high: received.append((low, high)))
    widget.setValues(-50, 150)
    widget.setValues(300, 200)
    assert received == [(-50.0, 150.0), (200.0, 300.0)]
    assert (widget.minimumValue, widget.maximumValue) == (200.0, 300.0)


def test_range_widget_clamps_to_its_range():
    # ctkRangeWidget::setRange
    widget = ctk.ctkRangeWidget()
    widget.setRange(0, 100)
    widget.setValues(10, 90)
    widget.setRange(20, 50)
    assert (widget.minimumValue, widget.maximumValue) == (20.0, 50.0)


def test_collapsed_button_hides_children_and_shows_them_again(slicer_session):
    # ctkCollapsibleButton::collapse; a child hidden by the user stays hidden ("visibilityToParent")
    button = ctk.ctkCollapsibleButton()
    layout = qt.QVBoxLayout(button)
    shown, hidden = qt.QLabel("a"), qt.QLabel("b")
    layout.addWidget(shown)
    layout.addWidget(hidden)
    button.show()
    hidden.hide()
    button.collapsed = True
    assert not shown.visible and not button.checked
    button.collapsed = False
    assert shown.visible and not hidden.visible
    button.close()


def test_collapsible_button_announces_collapse(received):
    # contentsCollapsed(bool); checked and collapsed exclude each other
    button = ctk.ctkCollapsibleButton()
    button.connect("contentsCollapsed(bool)", received.append)
    button.checked = False
    button.collapsed = False
    assert received == [True, False]


def test_collapsible_group_box_is_collapsed_when_unchecked():
    # ctkCollapsibleGroupBox::collapsed
    box = ctk.ctkCollapsibleGroupBox()
    box.collapsed = True
    assert not box.checked


def test_path_line_edit_remembers_paths(received):
    # ctkPathLineEdit::addCurrentPathToHistory: latest first, in QSettings
    edit = ctk.ctkPathLineEdit()
    edit.settingKey = "OrbitTest"
    edit.connect("currentPathChanged(QString)", received.append)
    for path in ("/data/a", "/data/b"):
        edit.currentPath = path
        edit.addCurrentPathToHistory()
    other = ctk.ctkPathLineEdit()
    other.settingKey = "OrbitTest"
    assert "/data/b" in received
    assert [other.comboBox().itemText(i) for i in range(other.comboBox().count)] == ["/data/b", "/data/a"]


def test_path_line_edit_has_the_filters_of_qdir():
    # enum Filter in ctkPathLineEdit.h
    assert (ctk.ctkPathLineEdit.Dirs, ctk.ctkPathLineEdit.Files, ctk.ctkPathLineEdit.Writable) == (1, 2, 0x20)


def test_directory_button_announces_a_change(received, tmp_path):
    # ctkDirectoryButton::setDirectory: directorySelected always, directoryChanged only on a change
    button = ctk.ctkDirectoryButton()
    button.connect("directoryChanged(QString)", lambda path: received.append(("changed", path)))
    button.connect("directorySelected(QString)", lambda path: received.append(("selected", path)))
    button.directory = str(tmp_path)
    button.directory = str(tmp_path)
    assert [kind for kind, _ in received] == ["selected", "changed", "selected"]


def test_color_button_announces_only_new_colors(received):
    # ctkColorPickerButton::setColor
    button = ctk.ctkColorPickerButton()
    button.connect("colorChanged(QColor)", lambda color: received.append(color.name()))
    button.setColor(qt.QColor("#102030"))
    button.color = qt.QColor("#102030")
    assert received == ["#102030"]


def test_checkable_push_button_becomes_checkable_with_its_box(received):
    # ctkCheckablePushButton::setCheckState
    button = ctk.ctkCheckablePushButton()
    button.connect("checkBoxToggled(bool)", received.append)
    button.checkState = qt.Qt.Checked
    assert button.checkable and received == [True]


def test_class_that_the_host_does_not_emulate_says_so_when_used():
    # api_manifest.json knows the class; its methods raise HostGap, which is no AttributeError
    widget = ctk.ctkDateRangeWidget()
    with pytest.raises(errors.HostGap, match=r"ctkDateRangeWidget\.setAnyDate"):
        widget.setAnyDate()


def test_class_that_ctk_does_not_have_is_an_attribute_error():
    # not in CTK's headers
    with pytest.raises(AttributeError):
        ctk.ctkNoSuchWidget()


def test_settings_panel_goes_back_to_applied_and_to_default_values(slicer_session, received, tmp_path):
    # ctkSettingsPanel::registerProperty, setSettings, applySettings, resetSettings, restoreDefaultSettings
    settings = qt.QSettings(str(tmp_path / "settings.ini"), qt.QSettings.IniFormat)
    panel, box, line = ctk.ctkSettingsPanel(), qt.QCheckBox(), qt.QLineEdit("kept")
    panel.registerProperty("Test/box", box, "checked", "toggled(bool)")
    panel.registerProperty("Test/line", line, "text", str(qt.SIGNAL("textChanged(QString)")))
    assert not settings.contains("Test/line")
    settings.setValue("Test/box", "true")
    panel.settings = settings
    assert box.checked and settings.value("Test/line") == "kept", "what is stored is applied, or else the widget's kept"
    panel.connect("settingChanged(QString,QVariant)", lambda key, value: received.append((key, value)))
    box.checked = False
    assert received == [("Test/box", False)]
    panel.applySettings()
    box.checked = True
    panel.resetSettings()
    assert not box.checked
    line.text = "other"
    panel.restoreDefaultSettings()
    assert line.text == "kept" and received[-1] == ("Test/line", "kept")


def test_boolean_mapper_gives_numbers_and_words_for_true_and_false(received):
    # ctkBooleanMapper::valueAsInt, setValueAsInt, setTrueValue
    box = qt.QCheckBox()
    mapper = ctk.ctkBooleanMapper(box, "checked", str(qt.SIGNAL("toggled(bool)")))
    mapper.connect("valueAsIntChanged(int)", received.append)
    box.checked = True
    assert received == [1] and (mapper.valueAsInt, mapper.valueAsString, mapper.complement) == (1, "true", False)
    mapper.valueAsInt = 0
    assert not box.checked and received == [1, 0]
    mapper.toggle()
    assert box.checked


def test_modules_add_panels_to_the_settings_of_the_application(slicer_session):
    # qSlicerApplication::settingsDialog, ctkSettingsDialog::addPanel(label, panel)
    dialog = slicer.app.settingsDialog()
    assert dialog is slicer.app.settingsDialog()
    panel = ctk.ctkSettingsPanel()
    dialog.addPanel("My module", panel)
    assert panel.windowTitle == "My module" and panel.settings.fileName() == slicer.app.settings().fileName()
    dialog.setCurrentPanel("My module")
    assert dialog.currentPanel is panel
