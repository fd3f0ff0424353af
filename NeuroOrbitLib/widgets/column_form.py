"""A form for the clinical values of a patient, generated from the columns of a task."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.classifiers.columns import NO, YES, Column
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.problem import Problem

#: Width (pixels) that a field needs besides its text, for frame and cursor.
_FIELD_MARGIN = 16
_WRONG = "QLineEdit { border: 1px solid #c8321a; }"


class ColumnForm(qt.QWidget):
    """A form with one field per column: a line with unit and range for numbers, a list of words for choices.

    Every value may be left out. A field with an invalid value is marked, and :meth:`problem` says what is wrong.

    :param columns: columns of the form, in their order.
    :param changed: function called with a column's name and its new value when the user has changed it; the value is
        None if it is left out or invalid.
    """

    def __init__(self, columns: Sequence[Column], changed: Callable[[str, float | None], None]) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "columnForm"
        self._columns = {column.name: column for column in columns}
        self._changed = changed
        self._problems: dict[str, str] = {}
        self.fields: dict[str, qt.QWidget] = {}
        layout = qt.QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for column in columns:
            field = self._choice(column) if _words(column) else self._line(column)
            field.objectName = f"{column.name}Field"
            self.fields[column.name] = field
            layout.addRow(f"{translated(column.heading)}:", field)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns of the form."""
        return tuple(self._columns.values())

    def set_values(self, values: Mapping[str, float], sources: Mapping[str, str] | None = None) -> None:
        """Show these values; fields of other columns are emptied.

        :param values: values by the name of their column; missing ones and NaN are left out.
        :param sources: source of each value that was filled in automatically, by the name of its column; shown in the
            field's tool tip.
        """
        self._problems = {}
        for name, column in self._columns.items():
            self._show(column, float(values.get(name, math.nan)))
            source = (sources or {}).get(name)
            told = _("Taken from: {source}.").format(source=translated(source)) if source else ""
            parts = (told, translated(column.help), translated(column.expected))
            self.fields[name].toolTip = " ".join(filter(None, parts))

    def problem(self) -> str:
        """Return what is wrong with the form; "" if nothing is."""
        return " ".join(self._problems.values())

    def finish(self) -> None:
        """Take what is being typed: on macOS a click on a button leaves the cursor in the field."""
        for name, field in self.fields.items():
            if isinstance(field, qt.QLineEdit) and field.modified:
                self._on_typed(name)

    def _show(self, column: Column, value: float) -> None:
        field, text = self.fields[column.name], column.write(value) if _words(column) else _number(value)
        was_blocked = field.blockSignals(True)
        if _words(column):
            field.currentIndex = _words(column).index(text) + 1 if text else 0
        elif text != field.text or column.name in self._problems:
            field.text = text
            field.styleSheet = ""
        field.blockSignals(was_blocked)

    def _line(self, column: Column) -> qt.QLineEdit:
        field = qt.QLineEdit()
        field.placeholderText = _range(column)
        field.setMinimumWidth(field.fontMetrics().horizontalAdvance(field.placeholderText) + _FIELD_MARGIN)
        field.connect("editingFinished()", partial(self._on_typed, column.name))
        return field

    def _choice(self, column: Column) -> qt.QComboBox:
        field = qt.QComboBox()
        field.addItem(_("not known"))
        for word in _words(column):
            field.addItem(translated(word))
        field.connect("currentIndexChanged(int)", partial(self._on_chosen, column.name))
        return field

    def _on_typed(self, name: str) -> None:
        field = self.fields[name]
        field.modified = False
        try:
            value = self._columns[name].read(field.text)
        except Problem as problem:
            self._problems[name] = translated(str(problem))
            field.styleSheet = _WRONG
            self._changed(name, None)
            return
        self._show(self._columns[name], value)  # in the column's own unit
        self._problems.pop(name, None)
        self._changed(name, None if math.isnan(value) else value)

    def _on_chosen(self, name: str, index: int) -> None:
        words = _words(self._columns[name])
        self._changed(name, self._columns[name].read(words[index - 1]) if index > 0 else None)


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"


def _words(column: Column) -> list[str]:
    """Return the words to choose from; empty for numbers."""
    return {"choice": list(column.choices), "yes_no": [YES, NO]}.get(column.kind, [])


def _range(column: Column) -> str:
    if column.low is None or column.high is None:
        return _("not known")
    return _("not known ({low} to {high})").format(low=f"{column.low:g}", high=f"{column.high:g}")
