"""Published criteria as tick boxes, computed from the lesions, which the reader can change."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import qt
from slicer.i18n import tr as _

from NeuroDifferentialLib.criteria import is_fulfilled
from NeuroDifferentialLib.mrml.results import edit_tick, edited_ticks
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.widgets.labels import wrapping_label


class CriteriaView(qt.QWidget):
    """Widget that shows the criteria of a result and stores the reader's changes with the result."""

    def __init__(self) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "criteriaView"
        self.boxes: dict[str, qt.QCheckBox] = {}
        self.headings: list[tuple[Mapping[str, object], qt.QLabel]] = []
        self._parts: list[qt.QWidget] = []
        self._result: ClassifierResult | None = None
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    def set_result(self, result: ClassifierResult | None) -> None:
        """Show the criteria of a result; ``None`` empties the view."""
        if result == self._result:
            return
        self._result = result
        for widget in self._parts:
            self.layout().removeWidget(widget)
            widget.deleteLater()
        self._parts, self.headings, self.boxes = [], [], {}
        for criteria in result.record.get("criteria", []) if result is not None else []:
            self._add_set(criteria, edited_ticks(result))

    def _add_set(self, criteria: Mapping[str, object], edited: Mapping[str, bool]) -> None:
        heading = wrapping_label("criteriaLabel")
        heading.text = _heading(criteria, edited)
        self.headings.append((criteria, heading))
        self._add(heading)
        for box in criteria["boxes"]:
            self._add_box(f"{criteria['name']}: {box['name']}", box, edited)

    def _add_box(self, key: str, box: Mapping[str, object], edited: Mapping[str, bool]) -> None:
        widget = qt.QCheckBox(_box_text(box))
        widget.toolTip = translated(str(box["cannot_tell"])) or _(
            "Computed from the lesions; change it if you see it otherwise.")
        widget.checked = edited.get(key, bool(box["fulfilled"]))
        widget.connect("toggled(bool)", partial(self._on_toggled, key))
        self.boxes[key] = widget
        self._add(widget)

    def _add(self, widget: qt.QWidget) -> None:
        self._parts.append(widget)
        self.layout().addWidget(widget)

    def _on_toggled(self, key: str, checked: bool) -> None:
        if self._result is not None:
            edit_tick(self._result, key, checked)
            for criteria, heading in self.headings:
                heading.text = _heading(criteria, edited_ticks(self._result))


def _heading(criteria: Mapping[str, object], edited: Mapping[str, bool]) -> str:
    """Return whether a set is fulfilled by the lesions, or by the ticks that the reader has changed, as text."""
    ticks = [edited.get(f"{criteria['name']}: {box['name']}", bool(box["fulfilled"])) for box in criteria["boxes"]]
    computed = [bool(box["fulfilled"]) for box in criteria["boxes"]]
    if ticks == computed or "ways" not in criteria:  # results of earlier versions lack the ways
        text = _("{name}: fulfilled by brain MRI. {note}") if criteria["fulfilled"] else \
            _("{name}: not fulfilled by brain MRI. {note}")
    else:
        text = _("{name}: fulfilled by your ticks. {note}") if is_fulfilled(criteria["ways"], ticks) else \
            _("{name}: not fulfilled by your ticks. {note}")
    return text.format(name=translated(criteria["name"]), note=translated(criteria["note"]))


def _box_text(box: Mapping[str, object]) -> str:
    name = translated(str(box["name"]))
    if box["cannot_tell"]:
        return _("{name} (brain MRI cannot tell)").format(name=name)
    if not box["lesions"]:
        return name
    return _("{name} (lesions {numbers})").format(name=name, numbers=", ".join(map(str, box["lesions"])))
