"""A classifier's result in a panel: the card with the answer, notices about it, and the table behind it."""

from __future__ import annotations

from collections.abc import Callable

import qt

from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.explanation_run import (
    ChangesOf,
    ImagesOf,
    age_notices,
    labels_of_result,
    no_changes,
    was_edited,
)
from NeuroOrbitLib.mrml.segment_content import EditedSince
from NeuroOrbitLib.widgets.labels import wrapping_label
from NeuroOrbitLib.widgets.node_table import NodeTable
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.result_card import ResultCard


class AnswerView(qt.QWidget):
    """Shows a :class:`~NeuroOrbitLib.mrml.classifier_results.ClassifierResult`.

    :param name: object name of the widget.
    :param answer_of: function that returns the answer to show for a result.
    :param table_text: sentence above the table, translated.
    :param table_tip: tool tip of the table, translated.
    :param show_row: function that shows the subject of a row (by its number) in the views; None if there is nothing to
        show.
    :param images_of: function that returns the images that a result rests on, see
        :func:`NeuroOrbitLib.mrml.explanation_run.was_edited`.
    :param changes_of: function that returns sentences on what else is different now.
    """

    def __init__(self, name: str, answer_of: Callable[[ClassifierResult], Answer], table_text: str, table_tip: str,
                 show_row: Callable[[ClassifierResult, int], None] | None = None,
                 images_of: ImagesOf = labels_of_result, changes_of: ChangesOf = no_changes) -> None:
        qt.QWidget.__init__(self)
        self.objectName = name
        self._answer_of, self._show_row, self._changes_of = answer_of, show_row, changes_of
        self._result: ClassifierResult | None = None
        self._edited_since = EditedSince(lambda result: was_edited(result, images_of))
        self.card = ResultCard()
        self.notices = NoticeBanner()
        self.notices.objectName = "resultNotices"
        self.table_label = wrapping_label("resultTableLabel")
        self.table_label.text = table_text
        self.table_view = NodeTable("resultTableView", table_tip, self._on_row)
        self.summary_label = wrapping_label("answerSummaryLabel")
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.card, self.notices, self.table_label, self.table_view, self.summary_label):
            layout.addWidget(widget)
        self.set_result(None)

    def set_result(self, result: ClassifierResult | None) -> None:
        """Show a result; ``None`` empties the view."""
        self._result = result
        record = result.record if result is not None else None
        self.card.set_answer(self._answer_of(result) if record else None)
        self.notices.show_notices([*self._age_of(result), *record["notices"]] if record else [])
        self.table_view.setMRMLTableNode(result.table if result is not None else None)
        self.table_label.visible = self.table_view.visible = result is not None
        self.summary_label.text = provenance.summary_of(result.table) if record else ""
        self.summary_label.visible = bool(record)

    def _age_of(self, result: ClassifierResult) -> list[dict[str, str]]:
        """Return notices if the answer does not rest on what there is now."""
        edited = not result.problem() and self._edited_since(result, result.table, result.segmentation)
        return age_notices(result, edited, self._changes_of)

    def _on_row(self, row: int) -> None:
        if self._show_row is not None and self._result is not None:
            self._show_row(self._result, row)
