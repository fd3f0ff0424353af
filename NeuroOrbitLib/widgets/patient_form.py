"""The step of a panel in which the user enters what is known about the patient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.classifiers.columns import Column
from NeuroOrbitLib.classifiers.gate import Gate
from NeuroOrbitLib.mrml.patient_data import PatientData, PatientStore
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.widgets.column_form import ColumnForm
from NeuroOrbitLib.widgets.labels import wrapping_label
from NeuroOrbitLib.widgets.tab_order import follow_in_tab_order

#: Function that returns a hint about a scan's patient, given the scan and the patient's data; "" for no hint.
Hint = Callable[[slicer.vtkMRMLScalarVolumeNode | None, PatientData], str]


class PatientForm(qt.QWidget):
    """Shows the data of a patient, which are kept with the scan, and lets the user change them.

    :param columns: columns of the form.
    :param gate: conditions of an estimate, whose questions are asked below the form.
    :param store: store that keeps the data.
    :param hint: function that returns a hint about the patient, e.g. from other results.
    :param changed: function called when the user has changed something.
    """

    def __init__(self, columns: Sequence[Column], gate: Gate, store: PatientStore, hint: Hint,
                 changed: Callable[[], None]) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "patientForm"
        self._gate, self._store, self._hint, self._changed = gate, store, hint, changed
        self._scan: slicer.vtkMRMLScalarVolumeNode | None = None
        self.data = PatientData()
        self.source_label = wrapping_label("patientSourceLabel")
        self.hint_label = wrapping_label("patientHintLabel")
        self.form = ColumnForm(columns, self._on_value)
        self.gate_boxes = {question.key: self._box(translated(question.text), partial(self._on_gate, question.key))
                           for question in gate.questions}
        self.gate_label = wrapping_label("gateLabel")
        self.anyway_box = self._box(_("Estimate all the same"), self._on_anyway)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        boxes = self.gate_boxes.values()
        for widget in (self.source_label, self.hint_label, self.form, *boxes, self.gate_label, self.anyway_box):
            layout.addWidget(widget)
        self.follow(None)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Replace the columns of the form by those in use; nothing happens if they are the same."""
        if tuple(columns) == self.form.columns:
            return
        old, self.form = self.form, ColumnForm(columns, self._on_value)
        self.layout().replaceWidget(old, self.form)
        for last in [*old.fields.values()][-1:]:
            follow_in_tab_order(self.form, last)
        old.setParent(None)
        old.deleteLater()
        self.data = self._store.patient_of(self._scan)
        self.form.set_values(self.data.clinical, self.data.sources)

    def follow(self, scan: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        """Show the data of a scan's patient; data entered for another patient stay with that patient's scan."""
        data = self._store.patient_of(scan)
        if scan is None or scan is not self._scan or data != self.data:
            self._scan, self.data = scan, data
            self.form.set_values(self.data.clinical, self.data.sources)
            for key, box in self.gate_boxes.items():
                _set_checked(box, bool(self.data.gate.get(key)))
            _set_checked(self.anyway_box, self.data.anyway)
        self.enabled = scan is not None
        self._update()

    def problem(self) -> str:
        """Return why no estimate is possible with these data; "" if one is."""
        reasons = [] if self.data.anyway else self._gate.reasons(self.data.clinical, self.data.gate)
        return self.form.problem() or translated(joined(reasons))

    def finished(self) -> PatientData:
        """Return the data with what is being typed.

        :raises Problem: that says why nothing can be estimated with these data.
        """
        self.form.finish()
        if self.problem():
            raise Problem(self.problem())
        return self.data

    def _update(self) -> None:
        known = ", ".join(sorted({translated(source) for source in self.data.sources.values()}))
        self.source_label.text = _("Filled in from: {sources}. Check it, and add what you know.").format(
            sources=known) if known else _("Add what you know; a model takes the mean of its training for the rest.")
        self.hint_label.text = self._hint(self._scan, self.data)
        self.hint_label.visible = bool(self.hint_label.text)
        reasons = self._gate.reasons(self.data.clinical, self.data.gate)
        self.gate_label.text = self.form.problem() or " ".join(
            [_("Not what the models were made for."), *map(translated, reasons)] if reasons else [])
        self.gate_label.visible = bool(self.gate_label.text)
        self.anyway_box.visible = bool(reasons)

    def _box(self, text: str, toggled: Callable[[bool], None]) -> qt.QCheckBox:
        box = qt.QCheckBox(text)
        box.connect("toggled(bool)", toggled)
        return box

    def _on_value(self, name: str, value: float | None) -> None:
        self._keep(self.data.with_value(name, value))

    def _on_gate(self, key: str, checked: bool) -> None:
        self._keep(replace(self.data, gate={**self.data.gate, key: checked}))

    def _on_anyway(self, checked: bool) -> None:
        self._keep(replace(self.data, anyway=checked))

    def _keep(self, data: PatientData) -> None:
        self.data = data
        if self._scan is not None:
            self._store.remember(self._scan, data, self.form.columns)
        self._update()
        self._changed()


def _set_checked(box: qt.QCheckBox, checked: bool) -> None:
    was_blocked = box.blockSignals(True)
    box.checked = checked
    box.blockSignals(was_blocked)
