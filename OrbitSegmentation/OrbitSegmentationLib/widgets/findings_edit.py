"""The findings of the report in the panel, which can be read, edited and reset before the report is written."""

from __future__ import annotations

from collections.abc import Sequence

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.measurements.rows import Row
from NeuroOrbitLib.mrml.measurement_table import MODALITY_ATTRIBUTE, TableRow, measurements_of
from NeuroOrbitLib.mrml.report_findings import (
    Basis,
    EditedFindings,
    edited_findings,
    findings_by_rule,
    forget_findings,
    keep_findings,
)
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.labels import push_button
from NeuroOrbitLib.widgets.normal_choice import NormalChoice
from NeuroOrbitLib.widgets.notice import NoticeBanner


class FindingsEdit(qt.QWidget):
    """The findings of a segmentation's report, one per line, which :attr:`button` shows and hides.

    What the user types is stored with the segmentation at once. Findings that have not been edited follow the measures;
    edited ones are kept, and a notice says so if measures or normal values have changed since.

    :param normal: function that returns the chosen normative table.
    """

    def __init__(self, normal: NormalChoice) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "findingsEdit"
        self._normal = normal
        self._segmentation: slicer.vtkMRMLSegmentationNode | None = None
        self._rows: list[Row] = []
        self._modality = ""
        self.button = push_button("findingsButton", _("Findings"))
        self.button.checkable = True
        self.button.connect("toggled(bool)", self._refresh)
        self.text = qt.QPlainTextEdit()
        self.text.objectName = "findingsTextEdit"
        self.text.tabChangesFocus = True
        self.text.toolTip = _("One finding per line. Change, add or delete lines: the report has what stands here.")
        self.text.connect("textChanged()", self._on_text)
        self.keep_button = push_button("keepFindingsButton", _("Keep edited findings"), _(
            "The edited findings hold for the measures and normal values as they are now."), self._keep)
        self.reset_button = push_button("resetFindingsButton", _("Reset to automatic"), _(
            "Drop the edited findings: the report has those that follow from the measures by rule."), self._reset)
        self.banner = NoticeBanner()
        self.banner.objectName = "findingsNotices"
        layout = qt.QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text, 0, 0, 1, 2)
        layout.addWidget(self.banner, 1, 0, 1, 2)
        layout.addWidget(self.keep_button, 2, 0)
        layout.addWidget(self.reset_button, 2, 1)
        self._refresh()

    def show_measures(self, segmentation: slicer.vtkMRMLSegmentationNode | None, rows: Sequence[TableRow]) -> None:
        """Show the findings of a segmentation, for its present measures and the chosen normal values."""
        self._segmentation, self._rows = segmentation, [row.row for row in rows]
        self._modality = measurements_of(segmentation).GetAttribute(MODALITY_ATTRIBUTE) if rows else ""
        self._refresh()

    def chosen(self) -> list[str] | None:
        """Return the edited findings for the report; ``None`` for the findings made by rule.

        :raises Problem: if the edited findings may not hold for the present measures; the user has to keep or reset
            them.
        """
        edited, doubt = edited_findings(self._segmentation), self._doubt()
        if doubt:
            self.button.checked = True
            raise Problem(_("Nothing was written. {reason}").format(reason=doubt))
        return list(edited.lines) if edited else None

    # Inside

    def _refresh(self, *_ignored: object) -> None:
        self.button.enabled = bool(self._rows)
        self.button.toolTip = _("Read the findings and edit them before the report is written.") if self._rows else _(
            "Press Measure first: findings are sentences about measures.")
        shown = self.button.checked and bool(self._rows)
        self.text.visible = shown
        if shown:
            edited = edited_findings(self._segmentation)
            self._show_lines(list(edited.lines) if edited else self._by_rule())
        self._show_state()

    def _basis(self) -> Basis:
        return Basis.of(self._rows, self._normal.current())

    def _by_rule(self) -> list[str]:
        return findings_by_rule(self._rows, self._normal.current(), self._modality)

    def _doubt(self) -> str:
        """Return the reason why edited findings cannot go into a report unchanged; "" if they can or do not exist."""
        edited = edited_findings(self._segmentation)
        if edited is None:
            return ""
        if not self._rows:
            return _("The findings were edited for measures that are gone. Press Measure, then keep or reset them.")
        return edited.why_doubtful(self._basis())

    def _show_lines(self, lines: list[str]) -> None:
        if lines != _lines_of(self.text):  # setting equal text would move the cursor while the user is typing
            blocked = self.text.blockSignals(True)
            self.text.setPlainText("\n\n".join(lines))  # a blank line separates findings that wrap
            self.text.blockSignals(blocked)

    def _show_state(self) -> None:
        is_edited, doubt = edited_findings(self._segmentation) is not None, self._doubt()
        self.keep_button.visible = bool(doubt) and bool(self._rows)
        self.reset_button.visible = is_edited
        if not is_edited:
            self.banner.clear_notices()
        elif doubt:
            self.banner.show_notice("warning", doubt)
        else:
            self.banner.show_notice("info", _("The report has the findings as you have edited them."))

    def _on_text(self) -> None:
        lines, before = _lines_of(self.text), edited_findings(self._segmentation)
        if lines == self._by_rule():
            forget_findings(self._segmentation)
        else:  # findings edited for earlier measures stay in doubt while they are changed
            basis = before.basis if before else self._basis()
            keep_findings(self._segmentation, EditedFindings(tuple(lines), basis))
        self._show_state()

    def _keep(self) -> None:
        edited = edited_findings(self._segmentation)
        keep_findings(self._segmentation, EditedFindings(edited.lines, self._basis()))
        self._refresh()

    def _reset(self) -> None:
        if slicer.util.confirmYesNoDisplay(_("Drop the edited findings, and take those that follow from the measures "
                                             "by rule?"), windowTitle=_("Findings")):
            forget_findings(self._segmentation)
            self._refresh()


def _lines_of(text: qt.QPlainTextEdit) -> list[str]:
    """Return the lines that are not empty."""
    return [line.strip() for line in text.toPlainText().splitlines() if line.strip()]
