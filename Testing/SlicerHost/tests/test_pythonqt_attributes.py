"""Qt properties and attributes of C++ objects as PythonQt shows them.

Justification: PythonQtInstanceWrapper.cpp of PythonQt (getattro, setattro).
"""
from __future__ import annotations

import pytest
import qt


def test_property_is_read_and_written_as_attribute():
    # getattro: PythonQtMemberInfo::Property reads the value
    button = qt.QPushButton("Apply")
    button.text = "Cancel"
    button.enabled = False
    assert (button.text, button.enabled, button.isEnabled()) == ("Cancel", False, False)


def test_setter_of_property_stays_a_method():
    # Qt's setters are slots or generated wrappers, which PythonQt keeps beside the property
    box = qt.QSpinBox()
    box.setRange(2, 8)
    box.setValue(5)
    assert (box.minimum, box.value, box.maximum) == (2, 5, 8)


def test_calling_a_property_fails():
    # the attribute is the value; a str is not callable
    with pytest.raises(TypeError, match="not callable"):
        qt.QPushButton("Apply").text()


def test_unknown_attribute_cannot_be_created():
    # setattro: "does not exist on ... and creating new attributes on C++ objects is not allowed"
    with pytest.raises(AttributeError, match="enabeld"):
        qt.QPushButton().enabeld = True


def test_class_derived_in_python_takes_new_attributes():
    # setattro: allowed for derived Python classes
    class Button(qt.QPushButton):
        pass

    button = Button()
    button.counter = 3
    assert button.counter == 3


def test_slot_cannot_be_overwritten():
    # setattro: "Slot ... can not be overwritten"
    with pytest.raises(AttributeError, match="overwritten"):
        qt.QPushButton().click = print


def test_read_only_property_cannot_be_written():
    # setattro: "Property ... is not writable"
    with pytest.raises(AttributeError, match="not writable"):
        qt.QComboBox().count = 3


def test_dynamic_property_is_an_attribute_once_it_exists():
    # getattro and setattro: "handle dynamic properties"
    widget = qt.QWidget()
    widget.setProperty("SlicerParameterName", "threshold")
    widget.SlicerParameterName = "opacity"
    assert widget.property("SlicerParameterName") == widget.SlicerParameterName == "opacity"


def test_child_is_found_by_its_object_name():
    # getattro: "look for a child"
    parent = qt.QWidget()
    child = qt.QLabel(parent)
    child.objectName = "statusLabel"
    assert parent.statusLabel is child


def test_name_is_the_object_name():
    # slicer.util.childWidgetVariables relies on `name`
    label = qt.QLabel()
    label.name = "statusLabel"
    assert label.objectName == "statusLabel"


def test_objects_that_come_back_from_qt_behave_the_same():
    # one wrapper per C++ object: type, identity and properties are those of the object created in Python
    layout = qt.QVBoxLayout()
    parent = qt.QWidget()
    parent.setLayout(layout)
    layout.addWidget(qt.QCheckBox("Smooth"))
    returned = layout.itemAt(0).widget()
    assert type(returned) is qt.QCheckBox and returned.text == "Smooth" and returned in parent.children()


def test_abstract_item_view_gives_its_enumerations():
    # PythonQtShell_QAbstractItemView implements the purely virtual methods: MergeMarkups.py and others write
    # qt.QAbstractItemView().DragDrop
    tree = qt.QTreeView()
    tree.setDragDropMode(qt.QAbstractItemView().DragDrop)
    assert tree.dragDropMode == qt.QAbstractItemView.DragDrop
