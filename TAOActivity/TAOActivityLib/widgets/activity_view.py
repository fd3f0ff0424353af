"""A result in the panel: the card with the answer, and the table of signal ratios."""

from __future__ import annotations

from collections.abc import Mapping

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml import provenance, views
from NeuroOrbitLib.widgets.labels import wrapping_label
from NeuroOrbitLib.widgets.node_table import NodeTable
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.result_card import Answer, ResultCard
from TAOActivityLib import wording
from TAOActivityLib.mrml.activity_results import ActivityResult


class ActivityView(qt.QWidget):
    """Shows an :class:`ActivityResult`."""

    def __init__(self, parent: qt.QWidget | None = None) -> None:
        qt.QWidget.__init__(self, parent)
        self.objectName = "activityView"
        self._result: ActivityResult | None = None
        self.card = ResultCard()
        self.notices = NoticeBanner()
        self.notices.objectName = "resultNotices"
        self.ratio_view = NodeTable("ratioTableView", _("Signal of each muscle over that of a tissue that the disease "
                                                        "spares. Click a row to see the muscle in all views."),
                                    self._show_row)
        self.ratio_label = wrapping_label("ratioLabel")
        self.ratio_label.text = _("Signal of each muscle over that of brain and of temporal muscle, with the published "
                                  "cut-offs of active disease:")
        self.summary_label = wrapping_label("activitySummaryLabel")
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.card, self.notices, self.ratio_label, self.ratio_view, self.summary_label):
            layout.addWidget(widget)
        self.set_result(None)

    def set_result(self, result: ActivityResult | None) -> None:
        """Show a result; ``None`` empties the view."""
        self._result = result
        record = result.record if result is not None else None
        self.card.set_answer(_answer(record) if record else None)
        self.notices.show_notices(record["notices"] if record else [])
        self.ratio_view.setMRMLTableNode(result.table if result is not None else None)
        self.ratio_label.visible = self.ratio_view.visible = result is not None
        self.summary_label.text = provenance.summary_of(result.table) if record else ""
        self.summary_label.visible = bool(record)

    def _show_row(self, row: int) -> None:
        """Show the muscle of a row in the middle of all views."""
        ratios, orbits = self._result.record["ratios"], self._result.orbits
        if orbits is not None and row < len(ratios):
            views.jump_to_segment(orbits, f"{ratios[row]['side']}_{ratios[row]['muscle']}")


def _answer(record: Mapping[str, object]) -> Answer:
    interval = record.get("interval")
    headline = _("{decision}: probability of active disease {percent}").format(
        decision=wording.decision_text(record), percent=wording.percent(record["probability"]))
    return Answer(headline, record["decision"] == "active", float(record["probability"]),
                  tuple(interval) if interval else None, float(record["threshold"]), wording.limit_lines(record))
