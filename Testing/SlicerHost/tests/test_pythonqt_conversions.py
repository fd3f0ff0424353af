"""Lenient conversion of arguments and PythonQt's return types.

Justification: PythonQtConversion.cpp of PythonQt (PyObjGetInt, PyObjGetBool, PyObjGetString, QStringListToPyObject).
"""
from __future__ import annotations

import ctk
import pytest
import qt


def test_float_given_for_int_is_floored():
    # PyObjGetInt: floor(PyFloat_AS_DOUBLE(val))
    box = qt.QSpinBox()
    box.minimum = -10
    box.value = -1.5
    assert box.value == -2
    box.setValue(3.9)
    assert box.value == 3


@pytest.mark.parametrize(("given", "stored"), [([], False), ([1], True), ("", False), (None, False), (2, True)])
def test_anything_given_for_bool_counts_by_its_truth(given, stored):
    # PyObjGetBool: PyObject_IsTrue
    button = qt.QPushButton()
    button.enabled = given
    assert button.enabled is stored
    button.setEnabled(given)
    assert button.enabled is stored


def test_anything_given_for_text_is_made_a_string():
    # PyObjGetString: PyObject_Str
    label = qt.QLabel()
    label.text = 12
    assert label.text == "12"
    label.setText(1.5)
    assert label.text == "1.5"


def test_enumeration_values_are_integers():
    # PythonQt's enum values derive from int
    assert qt.Qt.Checked == 2 and int(qt.Qt.LeftButton) == 1 and {2: "on"}[qt.Qt.Checked] == "on"
    assert qt.Qt.UserRole + 1 == 257


def test_integer_given_for_enumeration():
    # as above: any int is accepted where an enum is wanted
    label, box = qt.QLabel(), qt.QCheckBox()
    label.setAlignment(0x84)
    box.setCheckState(2)
    assert label.alignment == 0x84 and box.checked
    assert qt.QSizePolicy(1, 3).verticalPolicy() == qt.QSizePolicy.MinimumExpanding


def test_enumeration_value_through_an_instance():
    # getattro: PythonQtMemberInfo::EnumValue
    assert qt.QProcess().Running == 2


def test_string_list_property_of_an_emulated_class_is_a_tuple():
    # QStringListToPyObject: PyTuple_New
    edit = ctk.ctkPathLineEdit()
    edit.nameFilters = ["*.nrrd", "*.nii"]
    assert edit.nameFilters == ("*.nrrd", "*.nii")


def test_wrong_type_still_fails():
    # no conversion applies: the call is refused, as in PythonQt
    with pytest.raises((TypeError, ValueError)):
        qt.QSpinBox().setValue("many")


def test_input_dialog_reports_acceptance_through_bool_result(slicer_dialogs):
    # bool* arguments take a BoolResult (PythonQtBoolResult.cpp); the function returns the text alone
    accepted = qt.BoolResult()
    slicer_dialogs.answer("OK")
    text = qt.QInputDialog.getText(None, "Name", "Name:", qt.QLineEdit.Normal, "orbit", accepted)
    assert text == "orbit" and accepted


def test_file_dialog_returns_the_name_alone(slicer_dialogs, tmp_path):
    # QFileDialog::getSaveFileName returns a QString; PySide6 would add the filter
    slicer_dialogs.answer("Cancel")
    assert qt.QFileDialog.getSaveFileName(None, "Save", str(tmp_path)) == ""
