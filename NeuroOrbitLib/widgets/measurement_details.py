"""The details of the chosen measure: value, definition, source and uncertainty, or the reason why it has no value."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.measurements.edits import can_be_edited
from NeuroOrbitLib.measurements.meanings import meaning
from NeuroOrbitLib.measurements.normal import Judgement
from NeuroOrbitLib.mrml.measurement_table import TableRow
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.number_text import fixed
from NeuroOrbitLib.widgets.labels import push_button, wrapping_label


class MeasurementDetails(qt.QWidget):
    """Shows the details of one measure.

    :param reset: function called when the user wants to restore the automatic value.
    :param undo: function called when the user wants to undo the last change.
    """

    def __init__(self, reset: Callable[[], None], undo: Callable[[], None]) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "measureDetails"
        self.label = wrapping_label("measureDetailsLabel", is_rich=True)
        self.reset_button = push_button("resetMeasureButton", _("Reset to automatic"),
                                        _("Take the value that was measured, not the one you have drawn."), reset)
        self.undo_button = push_button("undoMeasureButton", _("Undo"), _("Take back the last change of a measure."),
                                       undo)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.label)
        buttons = qt.QHBoxLayout()
        buttons.addWidget(self.reset_button)
        buttons.addWidget(self.undo_button)
        buttons.addStretch(1)
        layout.addLayout(buttons)
        self.show_row(None, None, False)

    def show_row(self, row: TableRow | None, judged: Judgement | None, can_undo: bool) -> None:
        """Show the details of a measure.

        :param row: the measure; ``None`` shows what the user can do.
        :param judged: comparison of the measure with normal values, if there is one.
        :param can_undo: whether there is a change to undo.
        """
        self.undo_button.visible = can_undo
        self.reset_button.visible = row is not None and row.is_edited
        self.label.text = (escape(_("Click a value to see where and how it was measured.")) if row is None
                           else "<br>".join(_lines(row, judged)))


def _lines(row: TableRow, judged: Judgement | None) -> list[str]:
    """Return the paragraphs of the details as HTML."""
    measured, explained = row.row.measured, meaning(row.row.quantity)
    lines = [f"<b>{escape(translated(row.row.name))}: {escape(translated(row.row.text))}</b>",
             escape(translated(explained.definition))]
    if measured.method:
        lines.append(escape(_("Method: {method}.").format(method=translated(measured.method))))
    if measured.note:
        lines.append(f"<b>{escape(translated(measured.note))}</b>")
    if judged is not None:
        lines.append(escape(_("Compared with {title}: {text}.").format(
            title=translated(judged.table.title), text=translated(judged.text))))
        lines.append(escape(_("Source of the normal values: {source}.").format(
            source=translated(judged.table.source))))
        if judged.table.differs:
            lines.append(escape(_("Not the same method: {difference}.").format(
                difference=translated(judged.table.differs))))
    lines.append(escape(_("Definition: {source}.").format(source=translated(explained.source))))
    if row.is_edited:
        automatic = "–" if row.automatic.value is None else f"{fixed(row.automatic.value, 2)} {row.row.unit}"
        lines.append(escape(_("Edited; measured automatically: {value}.").format(value=automatic)))
    elif measured.uncertainty is not None:
        lines.append(escape(_("± is one standard deviation, from how far the outline may lie off.")))
    if row.is_out_of_date:
        old = _("Out of date: the segmentation was changed or moved since. Press Measure again.")
        lines.append(f"<i>{escape(old)}</i>")
    if can_be_edited(row.row):
        lines.append(f"<i>{escape(_('Drag an end point in the slice to correct it.'))}</i>")
    return lines
