"""What PythonQt refuses or reads in another way than PySide6: code that relied on it would fail in Slicer.

Justification: PythonQt.cpp, PythonQtConversion.cpp, PythonQtSlot.cpp, PythonQtSignalReceiver.cpp and
PythonQtInstanceWrapper.cpp of PythonQt; ctkWrapPythonQt.py of CTK.
"""
from __future__ import annotations

import ctk
import pytest
import qt
import slicer
from slicerhost import errors


class Panel(qt.QWidget):
    """A class derived in Python."""


def test_signal_without_its_signature_is_not_connected():
    # PythonQtSignalReceiver::getSignalIndex: QMetaObject::indexOfSignal("clicked") is -1
    assert qt.QPushButton().connect("clicked", print) is False
    assert "clicked" in errors.take("pythonqt")[0].text


def test_signal_declared_in_python_is_not_connected_by_signature():
    # its meta object belongs to the Python class; handlers connected by signature are never called
    class Sender(qt.QObject):
        happened = qt.Signal(int)

    sender, received = Sender(), []
    sender.connect("happened(int)", received.append)
    assert errors.take("pythonqt")
    sender.happened.connect(received.append)
    sender.happened.emit(3)
    assert received == [3]


@pytest.mark.parametrize("base", [qt.QAbstractButton, qt.QWidget, qt.QObject])
def test_wrapped_class_is_no_instance_of_its_base_classes(base):
    # createNewPythonQtClassWrapper: the only base is PythonQtInstanceWrapper
    button = qt.QPushButton()
    assert isinstance(button, qt.QPushButton) and not isinstance(button, base)
    assert not issubclass(qt.QPushButton, base)
    assert button.inherits(base.__name__)


def test_emulated_class_is_no_instance_of_its_base_classes():
    selector = slicer.qMRMLCheckableNodeComboBox()
    assert isinstance(selector, slicer.qMRMLCheckableNodeComboBox)
    assert not isinstance(selector, slicer.qMRMLNodeComboBox) and not isinstance(selector, qt.QWidget)
    assert not isinstance(ctk.ctkPushButton(), qt.QPushButton)


def test_class_derived_in_python_is_an_instance_of_the_base_it_names():
    assert isinstance(Panel(), qt.QWidget) and issubclass(Panel, qt.QWidget)
    assert not isinstance(Panel(), qt.QObject)


def test_widget_constructor_takes_no_keyword_arguments():
    # PythonQtSlotFunction_CallImpl: "called slot does not support kwargs"
    with pytest.raises(ValueError, match="kwargs"):
        qt.QLabel(text="Volume")
    with pytest.raises(ValueError, match="kwargs"):
        ctk.ctkCollapsibleButton(parent=None)


@pytest.mark.parametrize("make", [
    lambda: ctk.ctkCollapsibleButton("Inputs"), lambda: ctk.ctkPushButton("Apply"), lambda: ctk.ctkCheckBox("Smooth"),
    lambda: ctk.ctkSliderWidget(qt.Qt.Horizontal), lambda: slicer.qMRMLNodeComboBox("vtkMRMLModelNode"),
])
def test_class_of_ctk_or_slicer_takes_a_parent_alone(make):
    # PYTHONQT_WRAPPER_WITH_PARENT: new_<class>(QWidget* parent = nullptr)
    with pytest.raises(ValueError, match="matching overload"):
        make()
    parent = qt.QWidget()
    assert ctk.ctkCollapsibleButton(parent).parent() is parent and ctk.ctkPushButton(None).parent() is None


@pytest.mark.parametrize("value", ["5", None, [1]])
def test_number_property_takes_no_text_and_no_none(value):
    # PyObjGetInt and PyObjGetDouble fail, setattro: "does not accept an object of type ..."
    box, real = qt.QSpinBox(), qt.QDoubleSpinBox()
    for widget, name in ((box, "value"), (real, "value"), (box, "maximum"), (real, "singleStep")):
        with pytest.raises(AttributeError, match="does not accept"):
            setattr(widget, name, value)
    with pytest.raises((TypeError, ValueError)):
        real.setValue(value)


@pytest.mark.parametrize("items", [(text for text in "ab"), {"a", "b"}, {"a": 1}, {"a": 1}.keys()],
                         ids=["generator", "set", "dictionary", "keys"])
def test_list_argument_takes_sequences_alone(items):
    # PyObjToStringList: PySequence_Check
    box = qt.QComboBox()
    with pytest.raises(ValueError, match="no sequence"):
        box.addItems(items)
    box.addItems(("a", "b"))
    assert box.count == 2


def test_single_shot_of_a_timer_is_not_writable():
    # classInfo()->member() finds the static function: "Slot ... can not be overwritten"
    timer = qt.QTimer()
    with pytest.raises(AttributeError, match="overwritten"):
        timer.singleShot = True
    timer.setSingleShot(True)
    assert timer.isSingleShot()


def test_margins_of_a_layout_are_a_method():
    # QLayout has the property since Qt 6.1 only; Slicer's stable releases are built with Qt 5
    layout = qt.QVBoxLayout()
    layout.setContentsMargins(1, 2, 3, 4)
    assert layout.contentsMargins().top() == 2


def test_lists_are_tuples():
    # QStringListToPyObject, QVariantListToPyObject, ConvertQListOfPointerTypeToPythonList
    parent, widget, splitter = qt.QWidget(), qt.QListWidget(), qt.QSplitter()
    child = qt.QLabel(parent)
    splitter.addWidget(qt.QLabel())
    assert parent.children() == (child,) == parent.findChildren(qt.QLabel)
    widget.addItem("a")
    widget.setCurrentRow(0)
    assert [item.text() for item in widget.selectedItems()] == ["a"] and type(widget.selectedItems()) is tuple
    assert type(splitter.sizes()) is tuple and parent.actions() == ()


def test_lists_kept_in_items_and_settings_come_back_as_tuples():
    # QVariantList
    box, settings = qt.QComboBox(), qt.QSettings()
    box.addItem("both", ["right", "left"])
    assert box.itemData(0) == ("right", "left") == box.currentData
    settings.setValue("SlicerHostTest/list", ["a", "b"])
    assert settings.value("SlicerHostTest/list") == ("a", "b")


def test_none_given_for_text_is_the_word():
    # PyObjGetString: PyObject_Str; a pointer would take None as null
    label = qt.QLabel("before")
    label.setText(None)
    assert label.text == "None"
    label.setParent(None)


def test_negative_fraction_given_for_int_is_floored():
    # PyObjGetLongLong: floor(PyFloat_AS_DOUBLE(val))
    box = qt.QSpinBox()
    box.setRange(-10, 10)
    box.setValue(-2.7)
    assert box.value == -3
    real = qt.QDoubleSpinBox()
    real.minimum = -10
    real.setValue(-2.7)
    assert real.value == -2.7


def test_text_of_an_enumeration_value_is_its_number():
    # the enum classes derive from int and have no __str__ of their own
    box = qt.QCheckBox()
    box.checked = True
    assert str(box.checkState()) == "2" and f"{qt.Qt.Checked}" == "2"


@pytest.mark.parametrize(("given", "shown"), [(None, False), ("yes", True), ([], False)])
def test_visibility_takes_anything_by_its_truth(given, shown):
    # PyObjGetBool: PyObject_IsTrue; modules write setVisible(node and node.GetDisplayNode())
    parent = qt.QWidget()
    label = qt.QLabel(parent)
    label.setVisible(given)
    assert label.isVisibleTo(parent) is shown


def test_any_object_can_be_asked_whether_it_is_of_a_qt_class():
    # a metaclass made in C may have a descriptor for its module's name
    class Meta(type):
        __module__ = property(lambda cls: "made in C")

    class Odd(metaclass=Meta):
        pass

    assert not isinstance(Odd, qt.QTimer) and not isinstance(Odd(), qt.QTimer) and not isinstance(3, qt.QTimer)
