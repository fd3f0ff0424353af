"""The list of cases with the progress of each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.annotation import progress
from OrbitSegmentationLib.annotation.cases import AnnotationCase


class CaseTable:
    """Fills a table widget with one row per case: its progress, and who saved it last or has it open.

    :param table: the widget.
    """

    def __init__(self, table: qt.QTableWidget) -> None:
        self._table = table
        self._cases: tuple[AnnotationCase, ...] = ()
        table.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        table.setColumnCount(3)
        table.setHorizontalHeaderLabels([_("Case"), _("Done"), _("Last saved")])
        table.horizontalHeader().setStretchLastSection(True)
        table.verticalHeader().hide()

    def show_cases(self, cases: Iterable[AnnotationCase], folder: Path, wanted: Iterable[int], annotator: str) -> None:
        """List the cases.

        :param cases: the cases.
        :param folder: folder of the annotations.
        :param wanted: label values that the task asks for.
        :param annotator: name of the annotator.
        """
        selected = self.selected()
        self._cases, wanted = tuple(cases), tuple(wanted)
        self._table.setRowCount(len(self._cases))
        for row, case in enumerate(self._cases):
            for column, text in enumerate((case.name, *_progress_texts(folder, case, wanted, annotator))):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(f"{case.scan}\n{text}")
                self._table.setItem(row, column, item)
        self._table.resizeColumnsToContents()
        self.select(selected or (self._cases[0] if self._cases else None))

    def selected(self) -> AnnotationCase | None:
        """Return the selected case; ``None`` if there is none."""
        row = self._table.currentRow()
        return self._cases[row] if 0 <= row < len(self._cases) else None

    def select(self, case: AnnotationCase | None) -> None:
        """Select a case, if it is in the list."""
        names = [listed.name for listed in self._cases]
        if case is not None and case.name in names:
            self._table.setCurrentCell(names.index(case.name), 0)

    def text(self, case: str) -> tuple[str, str]:
        """Return what the list shows for a case: its progress, and who saved it last or has it open."""
        row = [listed.name for listed in self._cases].index(case)
        return self._table.item(row, 1).text(), self._table.item(row, 2).text()


def _progress_texts(folder: Path, case: AnnotationCase, wanted: tuple[int, ...], annotator: str) -> tuple[str, str]:
    try:
        state = progress.load_state(folder, case.name)
    except Problem as problem:
        return "?", str(problem)
    done = _("{done} of {count}").format(done=state.done_of(wanted), count=len(wanted))
    claim = progress.claim_of(folder, case.name)
    if claim is not None and claim.annotator != annotator:
        return done, _("open: {annotator}").format(annotator=claim)
    if not state.saved:
        return done, ""
    return done, _("{annotator}, {time}").format(annotator=state.annotator, time=progress.clock_time(state.saved))
