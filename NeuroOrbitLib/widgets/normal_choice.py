"""The choice of one normative table that all measures are compared with; tables are never mixed."""

from __future__ import annotations

import json
from collections.abc import Callable

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.dicom.patient import PATIENT_FIELDS, age_of, sex_of
from NeuroOrbitLib.measurements.normal import NormalTable, about_age, normal_table, normal_tables
from NeuroOrbitLib.mrml.dicom_fields import dicom_fields
from NeuroOrbitLib.mrml.provenance import PREFIX
from NeuroOrbitLib.mrml.translation import translated

_SETTING = "NeuroOrbit/NormalTable"
#: Attribute of a scan with the patient's age and sex as the user has entered them, in JSON.
PATIENT_ATTRIBUTE = f"{PREFIX}.AgeAndSex"


class NormalChoice(qt.QWidget):
    """Offers the normative tables for the scan's modality and the patient's sex.

    The choice is remembered per modality in the application's settings. Sex and age come from DICOM if it has them;
    what the user enters is kept with the scan.

    :param changed: function called after the user has chosen another table, sex or age.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "normalChoice"
        self._changed, self._modality, self._scan = changed, "", None
        self.table_box = qt.QComboBox()
        self.table_box.objectName = "normalTableComboBox"
        self.table_box.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        self.sex_box = qt.QComboBox()
        self.sex_box.objectName = "patientSexComboBox"
        for text, key in ((_("Sex unknown"), ""), (_("Female"), "female"), (_("Male"), "male")):
            self.sex_box.addItem(text, key)
        self.age_box = qt.QSpinBox()
        self.age_box.objectName = "patientAgeSpinBox"
        self.age_box.setRange(0, 120)
        self.age_box.specialValueText = _("Age unknown")
        self.age_box.suffix = _(" years")
        self.table_box.connect("activated(int)", self._on_table)
        self.sex_box.connect("activated(int)", self._on_patient)
        self.age_box.connect("valueChanged(int)", self._on_patient)
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table_box, 1)
        layout.addWidget(self.sex_box)
        layout.addWidget(self.age_box)

    def set_scan(self, scan: slicer.vtkMRMLScalarVolumeNode | None, modality: str) -> None:
        """Offer the tables that suit a scan.

        :param scan: the scan; ``None`` if there is none.
        :param modality: modality of the scan, "CT" or "MRI".
        """
        if scan is not self._scan:
            self._scan = scan
            self._take_patient(scan)
        self._modality = modality
        self._offer()

    def current(self) -> NormalTable | None:
        """Return the chosen table; ``None`` if measures are not to be compared."""
        key = self.table_box.itemData(self.table_box.currentIndex)
        return normal_table(key) if key else None

    def notice(self) -> str:
        """Return a notice about the choice; "" if there is none."""
        return "" if self.current() is None else "".join(map(translated, about_age(self.age())))

    def age(self) -> float | None:
        """Return the patient's age in years, from DICOM or as entered by the user; ``None`` if it is not known."""
        return float(self.age_box.value) or None

    def _take_patient(self, scan: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        fields = dicom_fields(scan, PATIENT_FIELDS) if scan else {}
        said = json.loads(scan.GetAttribute(PATIENT_ATTRIBUTE) or "{}") if scan else {}
        blocked = self.age_box.blockSignals(True)
        self.sex_box.setCurrentIndex(self.sex_box.findData(said.get("sex", sex_of(fields))))
        age = said.get("age", age_of(fields))
        self.age_box.value = 0 if age is None else max(int(age), 1)  # 0 means that the age is not known
        self.age_box.blockSignals(blocked)

    def _offer(self) -> None:
        sex = self.sex_box.itemData(self.sex_box.currentIndex) or None
        wanted = slicer.app.userSettings().value(f"{_SETTING}/{self._modality}") or ""
        self.table_box.clear()
        self.table_box.addItem(_("Compare with normal values…"), "")
        self.table_box.toolTip = _("Published values of one group. Groups are never mixed; tables by sex need the sex.")
        for table in normal_tables():
            if table.suits(self._modality, sex):
                self.table_box.addItem(translated(table.title), table.key)
                index = self.table_box.count - 1
                self.table_box.setItemData(index, translated(table.origin), qt.Qt.ToolTipRole)
        self.table_box.setCurrentIndex(max(self.table_box.findData(wanted), 0))

    def _on_table(self, _index: int) -> None:
        key = self.table_box.itemData(self.table_box.currentIndex) or ""
        slicer.app.userSettings().setValue(f"{_SETTING}/{self._modality}", key)
        self._changed()

    def _on_patient(self, _value: int) -> None:
        if self._scan is not None:
            sex = self.sex_box.itemData(self.sex_box.currentIndex) or ""
            self._scan.SetAttribute(PATIENT_ATTRIBUTE, json.dumps({"age": self.age(), "sex": sex}))
        self._offer()
        self._changed()
