"""The places that the user should check in a result, with buttons that go there, and the novelty of the scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.widgets.labels import wrapping_label

Quality = Mapping[str, object]


class QualityView(qt.QWidget):
    """Shows the quality control of a run; hidden when there is nothing to show.

    :param jump: function called with a position (RAS mm) when the user wants to see it.
    """

    def __init__(self, jump: Callable[[Sequence[float]], None], parent: qt.QWidget | None = None) -> None:
        qt.QWidget.__init__(self, parent)
        self.objectName = "qualityView"
        self._jump = jump
        self.buttons: list[qt.QPushButton] = []
        self.novelty_label = wrapping_label("noveltyLabel")
        self.places_label = wrapping_label("placesToCheckLabel")
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.novelty_label)
        layout.addWidget(self.places_label)
        self.set_quality(None)

    def set_quality(self, quality: Quality | None) -> None:
        """Show the quality control of a run (``look_at`` and ``novelty`` of its answer); ``None`` empties the view."""
        for button in self.buttons:
            self.layout().removeWidget(button)
            button.deleteLater()
        places = _one_for_each_structure(quality.get("look_at", []) if quality else [])
        self.buttons = [self._button(place) for place in places]
        novelty = quality.get("novelty") if quality else None
        self.novelty_label.text, self.novelty_label.toolTip = _novelty_text(novelty), _novelty_score(novelty)
        self.places_label.text = _(
            "Check these structures first. The percentage is the agreement with a careful reader that is to be "
            "expected in the slice in doubt:") if places else ""
        for label in (self.novelty_label, self.places_label):
            label.visible = bool(label.text)
        self.visible = bool(quality)

    def _button(self, place: Mapping[str, object]) -> qt.QPushButton:
        button = qt.QPushButton(_("{structure}: {percent} %").format(
            structure=translated(place["name"]), percent=round(100 * place["confidence"])))
        button.objectName = "placeToCheckButton"
        button.toolTip = _place_text(place)
        button.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)  # long names never widen the panel
        button.connect("clicked()", lambda: self._jump(place["position_ras"]))
        self.layout().addWidget(button)
        return button


def _place_text(place: Mapping[str, object]) -> str:
    """Return the tool tip of the button of a place: the details that do not fit on the button."""
    planes = {"axial": _("axial"), "coronal": _("coronal"), "sagittal": _("sagittal")}
    text = _("{structure}: one {plane} slice is in doubt. Expected agreement (Dice) {percent} %. Click to go there in "
             "all views.") if place["slices"] == 1 else _(
        "{structure}: {slices} {plane} slices are in doubt. Expected agreement (Dice) in the worst of them "
        "{percent} %. Click to go there in all views.")
    return text.format(structure=translated(place["name"]), slices=place["slices"], plane=planes[place["plane"]],
                       percent=round(100 * place["confidence"]))


def _one_for_each_structure(places: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Return the worst place of each structure, least agreement first."""
    worst: dict[object, Mapping[str, object]] = {}
    for place in sorted(places, key=lambda place: place["confidence"]):
        worst.setdefault(place["label"], place)
    return list(worst.values())


def _novelty_text(novelty: Mapping[str, object] | None) -> str:
    if novelty is None:
        return ""
    return (_("This scan looks unlike those that the model was trained on. Check every outline.")
            if novelty["unusual"] else _("This scan looks like those that the model was trained on."))


def _novelty_score(novelty: Mapping[str, object] | None) -> str:
    if novelty is None:
        return ""
    return _("How far the scan lies from the training images: {score} standard deviations (up to {usual} is "
             "usual).").format(score=f"{novelty['score']:.1f}", usual=f"{novelty['usual_up_to']:.1f}")
