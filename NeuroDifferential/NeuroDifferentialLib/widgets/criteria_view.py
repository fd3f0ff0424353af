"""Published criteria as tick boxes, computed from the lesions and open to the reader's own judgement."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import qt
from slicer.i18n import tr as _

from NeuroDifferentialLib.mrml.results import edit_tick, edited_ticks
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.widgets.labels import wrapping_label


class CriteriaView(qt.QWidget):
    """Shows the criteria of a result; what the reader ticks is kept with the result."""

    def __init__(self) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "criteriaView"
        self.boxes: dict[str, qt.QCheckBox] = {}
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
        self._parts, self.boxes = [], {}
        for criteria in result.record.get("criteria", []) if result is not None else []:
            self._add_set(criteria, edited_ticks(result))

    def _add_set(self, criteria: Mapping[str, object], edited: Mapping[str, bool]) -> None:
        heading = wrapping_label("criteriaLabel")
        heading.text = _("{name}: {state} by brain MRI. {note}").format(
            name=translated(criteria["name"]), note=translated(criteria["note"]),
            state=_("fulfilled") if criteria["fulfilled"] else _("not fulfilled"))
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


def _box_text(box: Mapping[str, object]) -> str:
    name = translated(str(box["name"]))
    if box["cannot_tell"]:
        return _("{name} (brain MRI cannot tell)").format(name=name)
    if not box["lesions"]:
        return name
    return _("{name} (lesions {numbers})").format(name=name, numbers=", ".join(map(str, box["lesions"])))
