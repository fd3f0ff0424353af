"""Both spellings of connect, disconnect, and what a handler is given.

Justification: PythonQtStdDecorators.cpp and PythonQtSignalReceiver.cpp of PythonQt.
"""
from __future__ import annotations

import gc

import pytest
import qt
import shiboken6
import slicer
from PySide6 import QtCore, QtWidgets
from slicerhost import errors
from slicerhost.pythonqt import signals


@pytest.fixture
def received():
    return []


def test_connect_by_signature_and_by_attribute(received):
    # addSignalHandler; PythonQtSignalFunction
    button = qt.QPushButton()
    button.checkable = True
    assert button.connect("clicked(bool)", lambda checked: received.append(("string", checked)))
    button.clicked.connect(lambda checked: received.append(("attribute", checked)))
    button.click()
    assert received == [("string", True), ("attribute", True)]


def test_handler_gets_as_many_arguments_as_it_takes(received):
    # PythonQtSignalTarget::call: co_argcount of functions and bound methods
    box = qt.QSpinBox()
    box.connect("valueChanged(int)", lambda: received.append("none"))
    box.connect("valueChanged(int)", lambda value: received.append(value))
    box.connect("valueChanged(int)", lambda *values: received.append(values))
    box.value = 7
    assert received == ["none", 7, (7,)]


def test_signature_without_arguments_passes_none(received):
    # the signal "clicked()" has no argument to pass
    button = qt.QPushButton()
    button.connect("clicked()", lambda *values: received.append(values))
    button.click()
    assert received == [()]


def test_connect_signal_to_slot_of_an_object():
    # connect(sender, signal, receiver, slot)
    box, label = qt.QCheckBox(), qt.QLabel()
    assert box.connect("toggled(bool)", label, "setEnabled(bool)")
    box.checked = True
    box.checked = False
    assert not label.enabled


def test_static_connect(received):
    # static_QObject_connect
    button = qt.QPushButton()
    qt.QObject.connect(button, "clicked()", lambda: received.append(1))
    button.click()
    assert received == [1]


def test_signal_that_does_not_exist_gives_false_and_a_problem():
    # "QObject::connect() signal ... does not exist on ..." is printed, False returned
    assert qt.QPushButton().connect("pushed()", print) is False
    assert "pushed()" in errors.take("pythonqt")[0].text


def test_wrong_argument_types_give_false_and_a_problem():
    # indexOfSignal of the normalised signature fails
    assert slicer.qMRMLNodeComboBox().connect("currentNodeChanged(int)", print) is False
    assert errors.take("pythonqt")


def test_signature_is_normalised(received):
    # QMetaObject::normalizedSignature
    edit = qt.QLineEdit()
    assert edit.connect("textChanged( const QString & )", received.append)
    edit.text = "a"
    assert received == ["a"]


def test_disconnect_by_equality_of_the_handler(received):
    # PythonQtSignalTarget::isSame uses Py_EQ: a bound method can be named again
    class Receiver:
        def take(self, value):
            received.append(value)

    receiver, box = Receiver(), qt.QSpinBox()
    box.connect("valueChanged(int)", receiver.take)
    assert box.disconnect("valueChanged(int)", receiver.take)
    box.value = 3
    assert received == []
    assert not box.disconnect("valueChanged(int)", receiver.take)


def test_disconnect_without_handler_removes_all(received):
    # removeSignalHandler with no callable
    box = qt.QSpinBox()
    box.connect("valueChanged(int)", received.append)
    box.connect("valueChanged(int)", lambda: received.append("x"))
    assert box.disconnect("valueChanged(int)")
    box.value = 3
    assert received == []


def test_handler_is_held_by_a_strong_reference(received):
    # PythonQtSignalTarget keeps a PythonQtObjectPtr
    class Receiver:
        def take(self):
            received.append(1)

    button = qt.QPushButton()
    button.connect("clicked()", Receiver().take)
    gc.collect()
    button.click()
    assert received == [1]


def test_exception_in_a_slot_does_not_reach_the_caller():
    # handleError prints it
    button = qt.QPushButton()
    button.connect("clicked()", lambda: 1 / 0)
    button.click()
    assert isinstance(errors.take("exception")[0].exception, ZeroDivisionError)


def test_single_shot_timer(slicer_session, received):
    # static_QTimer_singleShot
    qt.QTimer.singleShot(0, lambda: received.append(1))
    slicer_session.process_events()
    assert received == [1]


def test_find_children_by_class_name_and_object_name():
    # PythonQtStdDecorators::findChildren
    parent = qt.QWidget()
    first, second = qt.QPushButton(parent), qt.QPushButton(parent)
    second.objectName = "second"
    assert parent.findChildren("QPushButton") == (first, second)
    assert parent.findChild(qt.QAbstractButton, "second") is second
    assert parent.findChild(qt.QLabel) is None


def test_pythonqt_modules_have_the_same_classes():
    # Slicer's qt module collects PythonQt.QtGui, PythonQt.QtCore...
    from PythonQt.QtCore import QTimer
    from PythonQt.QtGui import QPushButton

    assert QPushButton is qt.QPushButton and QTimer is qt.QTimer


def test_single_shot_to_a_destroyed_receiver_is_dropped(slicer_session):
    # QTimer::singleShot(msec, receiver, member)
    label = qt.QLabel("before")
    qt.QTimer.singleShot(0, label, "clear()")
    label.delete()
    slicer_session.process_events()
    assert not errors.problems()


def test_a_deleted_item_that_lay_where_a_meta_object_lies_is_not_taken_for_it():
    # Python remembers items of layouts that Qt has deleted; a QMetaObject that takes their place is answered as one.
    button = qt.QPushButton()
    panel = qt.QWidget()
    layout = qt.QGridLayout(panel)
    layout.addWidget(qt.QLabel(panel), 0, 0)
    answers = [layout.itemAt(0), button.metaObject()]

    class Sender:
        def metaObject(self):
            return answers.pop(0)

    assert isinstance(signals._meta_object(Sender()), QtCore.QMetaObject)


@pytest.mark.parametrize("outer", ["QVBoxLayout", "QGridLayout", "QFormLayout"])
def test_layouts_that_are_added_leave_no_items_that_outlive_their_widgets(outer):
    # What Qt created later at the place of a deleted item came back as that item: a menu, a rectangle.
    def items():
        return [each for each in shiboken6.getAllValidWrappers() if type(each) is QtWidgets.QWidgetItem]

    before = len(items())
    panel = qt.QWidget()
    around, inner, innermost = getattr(qt, outer)(panel), qt.QHBoxLayout(), qt.QHBoxLayout()
    labels = [qt.QLabel("a"), qt.QLabel("b")]
    inner.addWidget(labels[0])
    innermost.addWidget(labels[1])
    inner.addLayout(innermost)
    if outer == "QVBoxLayout":
        around.addLayout(inner)
    elif outer == "QGridLayout":
        around.addLayout(inner, 0, 0)
    else:
        around.addRow(inner)
    assert len(items()) <= before
    assert labels[0].parent() is panel and labels[1].parent() is panel
    shiboken6.delete(labels[0])
    assert inner.count() == 1 and panel.children()
