"""Widgets connected to parameters, and widgets made for parameters.

Justification: Slicer's Base/Python/slicer/parameterNodeWrapper (guiConnectors, guiCreation, wrapper) and its tests
test_slicer_parameter_node_wrapper_guis.py and test_slicer_parameter_node_wrapper_gui_creation.py.
"""
from __future__ import annotations

import enum
import pathlib
from types import SimpleNamespace
from typing import Annotated

import ctk
import pytest
import qt
import slicer
from slicer import vtkMRMLModelNode
from slicer.parameterNodeWrapper import (
    Choice,
    Decimals,
    Default,
    FloatRange,
    GuiConnector,
    Label,
    Minimum,
    RangeBounds,
    SingleStep,
    SlicerPackParameterNamePropertyName,
    WithinRange,
    createGui,
    createGuiConnector,
    findChildWidgetForParameter,
    parameterNodeGuiConnector,
    parameterNodeWrapper,
    parameterPack,
)


class Contrast(enum.Enum):
    T1 = 1
    T2 = 2

    def label(self):
        return f"{self.name} weighted"


@parameterPack
class Window:
    level: Annotated[int, WithinRange(-100, 100)]
    inverted: bool


def wrapped(**annotations):
    parameters_class = parameterNodeWrapper(type("Parameters", (), {"__annotations__": annotations}))
    return parameters_class(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))


def connected(widget, type_):
    parameters = wrapped(p=type_)
    parameters.connectParametersToGui({"p": widget})
    return parameters


BOTH_WAYS = [
    (qt.QCheckBox, bool, "checked", True, False),
    (ctk.ctkCheckBox, bool, "checked", True, False),
    (qt.QPushButton, bool, "checked", True, False),
    (qt.QSpinBox, int, "value", 12, -7),
    (qt.QSlider, Annotated[int, WithinRange(0, 9)], "value", 4, 9),
    (qt.QDoubleSpinBox, float, "value", 1.25, -3.5),
    (qt.QDoubleSpinBox, int, "value", 3, 8),
    (ctk.ctkSliderWidget, Annotated[float, WithinRange(0, 9)], "value", 1.5, 7.0),
    (ctk.ctkDoubleSpinBox, float, "value", 1.5, 7.0),
    (slicer.qMRMLSliderWidget, Annotated[float, WithinRange(0, 9)], "value", 1.5, 7.0),
    (qt.QLineEdit, str, "text", "typed", "set"),
    (ctk.ctkPathLineEdit, pathlib.Path, "currentPath", "a/b", "c"),
]


@pytest.mark.parametrize(("widget_class", "type_", "attribute", "from_gui", "from_node"), BOTH_WAYS)
def test_widget_and_parameter_follow_each_other(widget_class, type_, attribute, from_gui, from_node):
    widget = widget_class()
    parameters = connected(widget, type_)
    value_type = type(parameters.p)
    setattr(widget, attribute, from_gui)
    assert parameters.p == value_type(from_gui)
    parameters.p = value_type(from_node)
    assert getattr(widget, attribute) == from_node


def test_widget_shows_the_parameter_when_it_is_connected():
    widget = qt.QSpinBox()
    widget.value = 50
    connected(widget, Annotated[int, Default(6)])
    assert widget.value == 6


def test_disconnected_widget_and_parameter_go_their_own_ways():
    widget = qt.QSpinBox()
    parameters = wrapped(p=int)
    tag = parameters.connectParametersToGui({"p": widget})
    parameters.disconnectGui(tag)
    parameters.p = 3
    assert widget.value == 0
    widget.value = 8
    assert parameters.p == 3


def test_unknown_tag_is_no_error():
    wrapped(p=int).disconnectGui(99)


def test_one_change_of_a_widget_changes_the_node_once():
    widget = qt.QSpinBox()
    parameters = connected(widget, int)
    calls = []
    parameters.AddObserver("ModifiedEvent", lambda caller, event: calls.append(parameters.p))
    widget.value = 5
    assert calls == [5]


def test_several_widgets_show_one_parameter():
    parameters = wrapped(p=int)
    first, second = qt.QSpinBox(), qt.QSpinBox()
    parameters.connectParametersToGui({"p": first})
    parameters.connectParametersToGui({"p": second})
    first.value = 4
    assert second.value == 4


def test_combo_box_is_filled_with_the_choices():
    box = qt.QComboBox()
    box.addItem("of the designer")
    parameters = connected(box, Annotated[int, Choice([3, 5]), Default(5)])
    assert [box.itemText(index) for index in range(box.count)] == ["3", "5"]
    box.currentIndex = 0
    assert parameters.p == 3


def test_combo_box_shows_the_labels_of_an_enumeration():
    box = qt.QComboBox()
    parameters = connected(box, Annotated[Contrast, Default(Contrast.T2)])
    assert box.currentText == "T2 weighted"
    box.currentIndex = 0
    assert parameters.p is Contrast.T1


def test_combo_box_without_choices_is_refused():
    with pytest.raises(RuntimeError, match="Choice"):
        connected(qt.QComboBox(), str)


@pytest.mark.parametrize("widget_class", [qt.QSlider, ctk.ctkSliderWidget, slicer.qMRMLSliderWidget])
def test_slider_without_limits_is_refused(widget_class):
    type_ = int if widget_class is qt.QSlider else Annotated[float, Minimum(0)]
    with pytest.raises(RuntimeError, match="WithinRange"):
        connected(widget_class(), type_)


def test_limits_step_and_decimals_come_from_the_annotations():
    widget = ctk.ctkSliderWidget()
    connected(widget, Annotated[float, WithinRange(0.5, 2.5), SingleStep(0.25), Decimals(3), Default(1)])
    assert (widget.minimum, widget.maximum, widget.singleStep, widget.decimals) == (0.5, 2.5, 0.25, 3)


def test_range_widget_follows_the_range():
    widget = ctk.ctkRangeWidget()
    parameters = connected(widget, Annotated[FloatRange, RangeBounds(0, 10), Default(FloatRange(2, 4))])
    widget.maximumValue = 8
    assert parameters.p == FloatRange(2, 8)
    parameters.p.minimum = 1
    assert widget.minimumValue == 1


def test_range_widget_needs_bounds_and_an_annotated_default():
    with pytest.raises(RuntimeError, match="RangeBounds"):
        connected(ctk.ctkRangeWidget(), FloatRange)
    with pytest.raises(AttributeError, match="Default"):
        connected(ctk.ctkRangeWidget(), Annotated[FloatRange, RangeBounds(0, 10)])


def test_typing_does_not_move_the_cursor():
    """Slicer's connector sets the text only if it differs."""
    edit = qt.QLineEdit()
    parameters = connected(edit, str)
    edit.text = "orbit"
    edit.cursorPosition = 2
    parameters.Modified()
    assert edit.cursorPosition == 2


def test_label_shows_a_text():
    label = qt.QLabel()
    parameters = connected(label, str)
    parameters.p = "ready"
    assert label.text == "ready"


def test_node_selector_offers_the_nodes_of_the_parameter():
    selector = slicer.qMRMLNodeComboBox()
    selector.setMRMLScene(slicer.mrmlScene)
    parameters = connected(selector, vtkMRMLModelNode)
    assert list(selector.nodeTypes) == ["vtkMRMLModelNode"]
    model = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode")
    selector.setCurrentNode(model)
    assert parameters.p is model
    parameters.p = None
    assert selector.currentNode() is None


def test_push_button_is_made_checkable():
    button = qt.QPushButton()
    connected(button, bool)
    assert button.checkable


@pytest.mark.parametrize(("widget_class", "type_"), [
    (qt.QPlainTextEdit, str), (qt.QToolButton, bool), (qt.QSpinBox, float), (qt.QLineEdit, int),
])
def test_combination_without_connector_is_refused(widget_class, type_):
    with pytest.raises(RuntimeError, match="connector"):
        connected(widget_class(), type_)


def test_subclass_of_a_known_widget_is_another_widget():
    """Slicer compares classes with ==, so promoted widgets need connectors of their own."""
    class FancyCheckBox(qt.QCheckBox):
        pass

    with pytest.raises(RuntimeError):
        connected(FancyCheckBox(), bool)


def test_registered_connector_is_used():
    class Holder:
        text = "0"

    @parameterNodeGuiConnector
    class HolderConnector(GuiConnector):
        @staticmethod
        def canRepresent(widget, datatype):
            return isinstance(widget, Holder)

        @staticmethod
        def create(widget, datatype):
            return HolderConnector(widget)

        def __init__(self, widget):
            super().__init__()
            self._widget = widget

        def _connect(self):
            pass

        def _disconnect(self):
            pass

        def widget(self):
            return self._widget

        def read(self):
            return int(self._widget.text)

        def write(self, value):
            self._widget.text = str(value)

    holder = Holder()
    parameters = connected(holder, int)
    parameters.p = 5
    assert holder.text == "5"
    assert createGuiConnector(holder, int).read() == 5


def named(widget, name):
    widget.setProperty("SlicerParameterName", name)
    return widget


def test_connect_gui_finds_widgets_by_their_dynamic_property():
    parameters = wrapped(threshold=int, window=Window)
    panel = qt.QWidget()
    layout = qt.QVBoxLayout(panel)
    threshold, level = named(qt.QSpinBox(), "threshold"), named(qt.QSpinBox(), "window.level")
    for widget in (threshold, level, qt.QLabel("unconnected")):
        layout.addWidget(widget)
    parameters.connectGui(panel)
    threshold.value = 3
    level.value = -20
    assert (parameters.threshold, parameters.window.level) == (3, -20)


def test_connect_gui_takes_the_names_of_a_loaded_panel():
    parameters = wrapped(threshold=int)
    ui = SimpleNamespace(spin=named(qt.QSpinBox(), "threshold"), other=qt.QLabel())
    parameters.connectGui(ui)
    ui.spin.value = 11
    assert parameters.threshold == 11


def test_unknown_name_is_refused_before_anything_is_connected():
    parameters = wrapped(known=int)
    box = qt.QSpinBox()
    with pytest.raises(ValueError, match="unknown"):
        parameters.connectParametersToGui({"known": box, "unknown": qt.QSpinBox()})
    box.value = 4
    assert parameters.known == 0


@pytest.mark.parametrize(("type_", "widget_class"), [
    (bool, qt.QCheckBox), (int, qt.QSpinBox), (float, qt.QDoubleSpinBox), (str, qt.QLineEdit),
    (Annotated[float, WithinRange(0, 1)], ctk.ctkSliderWidget), (Annotated[float, Minimum(0)], qt.QDoubleSpinBox),
    (Annotated[bool, Choice([True])], qt.QComboBox), (Contrast, qt.QComboBox), (FloatRange, ctk.ctkRangeWidget),
    (pathlib.Path, ctk.ctkPathLineEdit), (vtkMRMLModelNode | None, slicer.qMRMLNodeComboBox),
])
def test_created_widget_suits_the_type(type_, widget_class):
    assert type(createGui(type_)) is widget_class


def test_type_without_widget_is_refused():
    with pytest.raises(RuntimeError):
        createGui(list[int])


def test_created_form_of_a_wrapper_is_ready_to_connect():
    parameters = wrapped(size=Annotated[int, Label("Size (mm)")], window=Window)
    form = createGui(type(parameters))
    parameters.connectGui(form)
    assert {label.text for label in form.findChildren(qt.QLabel)} >= {"Size (mm)", "window", "level"}
    findChildWidgetForParameter(form, "window.level").value = 30
    assert parameters.window.level == 30


def test_created_form_hands_the_scene_to_its_node_selectors():
    form = createGui(type(wrapped(model=vtkMRMLModelNode)))
    form.setMRMLScene(slicer.mrmlScene)
    assert findChildWidgetForParameter(form, "model").mrmlScene() is slicer.mrmlScene


def test_pack_is_shown_by_the_descendants_of_a_widget():
    parameters = wrapped(window=Window)
    panel = qt.QWidget()
    for name, widget_class in (("level", qt.QSpinBox), ("inverted", qt.QCheckBox)):
        widget_class(panel).setProperty(SlicerPackParameterNamePropertyName, name)
    parameters.connectParametersToGui({"window": panel})
    panel.findChildren(qt.QSpinBox)[0].value = 12
    assert parameters.window == Window(12, False)
    parameters.window = Window(-5, True)
    assert panel.findChildren(qt.QCheckBox)[0].checked
