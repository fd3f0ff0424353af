"""The answer of a classifier at one glance: decision, probability with its interval on a scale, and its limits."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.number_text import unbroken
from NeuroOrbitLib.research_use import RESEARCH_USE
from NeuroOrbitLib.widgets.labels import wrapping_label

_SCALE_WIDTH, _SCALE_HEIGHT, _MARGIN = 640, 56, 18
_POSITIVE, _NEGATIVE, _LINE, _UNSURE = "#c8621a", "#2f86bf", "#8a8a8a", "#b9b9b9"


class ResultCard(qt.QFrame):
    """Shows an :class:`~NeuroOrbitLib.classifiers.card.Answer`; hidden if there is none."""

    def __init__(self, parent: qt.QWidget | None = None) -> None:
        qt.QFrame.__init__(self, parent)
        self.objectName = "resultCard"
        self.frameShape = qt.QFrame.StyledPanel
        self.headline_label = wrapping_label("headlineLabel")
        self.scale_label = qt.QLabel()
        self.scale_label.objectName = "probabilityScaleLabel"
        self.scale_label.scaledContents = True
        self.scale_label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        self.scale_label.setFixedHeight(_SCALE_HEIGHT // 2)
        self.scale_label.toolTip = _("Probability from 0 % to 100 %: the dot is the estimate, the band its interval, "
                                     "the dashed line the threshold of the decision.")
        self.lines_label = wrapping_label("answerLinesLabel", is_rich=True)
        self.research_label = wrapping_label("cardResearchUseLabel")
        self.research_label.text = translated(RESEARCH_USE)
        self.research_label.styleSheet = "QLabel { font-size: 10px; }"
        layout = qt.QVBoxLayout(self)
        for widget in (self.headline_label, self.scale_label, self.lines_label, self.research_label):
            layout.addWidget(widget)
        self.set_answer(None)

    def set_answer(self, answer: Answer | None) -> None:
        """Show an answer; ``None`` hides the card."""
        self.visible = answer is not None
        if answer is None:
            return
        color = _POSITIVE if answer.positive else _NEGATIVE
        self.headline_label.text = unbroken(translated(answer.headline))
        self.headline_label.styleSheet = f"QLabel {{ font-size: 17px; font-weight: bold; color: {color}; }}"
        self.scale_label.setPixmap(_scale(answer, color))
        self.lines_label.text = _as_html(answer.lines)


def _scale(answer: Answer, color: str) -> qt.QPixmap:
    """Return a picture of the probability on a scale from 0 to 1, at twice the size at which it is shown."""
    pixmap = qt.QPixmap(_SCALE_WIDTH, _SCALE_HEIGHT)
    pixmap.fill(qt.QColor(0, 0, 0, 0))
    painter = qt.QPainter(pixmap)
    painter.setRenderHint(qt.QPainter.Antialiasing)
    middle = _SCALE_HEIGHT // 2
    painter.fillRect(_MARGIN, middle - 3, _SCALE_WIDTH - 2 * _MARGIN, 6, qt.QColor(_LINE))
    if answer.interval is not None:
        low, high = (_place(value) for value in answer.interval)
        painter.fillRect(low, middle - 10, max(high - low, 2), 20, qt.QColor(_UNSURE))
    pen = qt.QPen(qt.QColor(_LINE))
    pen.setWidth(4)
    pen.setStyle(qt.Qt.DashLine)
    painter.setPen(pen)
    painter.drawLine(_place(answer.threshold), 4, _place(answer.threshold), _SCALE_HEIGHT - 4)
    painter.setPen(qt.QPen(qt.QColor("#ffffff")))
    painter.setBrush(qt.QBrush(qt.QColor(color)))
    painter.drawEllipse(_place(answer.probability) - 13, middle - 13, 26, 26)
    painter.end()
    return pixmap


def _as_html(lines: Sequence[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><td style='padding-right: 10px'><b>{escape(translated(heading))}</b></td>"
                   f"<td>{escape(unbroken(translated(text)))}</td></tr>" for heading, text in lines)
    return f"<table cellspacing='0' cellpadding='2'>{rows}</table>"


def _place(probability: float) -> int:
    return round(_MARGIN + probability * (_SCALE_WIDTH - 2 * _MARGIN))
