"""The options of AutoCorrection: widgets, and the parameters in the segment editor node that they represent."""

from __future__ import annotations

from collections.abc import Callable

import ctk
import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.option_widgets import push_button, quietly, radio_button, slider, within

_DEFAULTS = {"WholeSegment": 0, "DistanceLimitMm": 3.0, "OthersAreBackground": 1, "ShowConfidence": 1}
_SMALLEST_MM, _LARGEST_MM = 0.5, 10.0


class CorrectionOptions:
    """Builds the option widgets and keeps them and the parameters synchronised.

    :param scripted_effect: the effect; parameters are stored under its name.
    """

    def __init__(self, scripted_effect: object) -> None:
        self._effect = scripted_effect

    def set_defaults(self) -> None:
        """Set the parameters that are not set yet."""
        for name, value in _DEFAULTS.items():
            self._effect.setParameterDefault(name, value)

    @property
    def whole_segment(self) -> bool:
        """Whether the whole segment is corrected in 3-D, rather than one slice of it."""
        return bool(self._effect.integerParameter("WholeSegment"))

    @property
    def limit_mm(self) -> float:
        """Distance (mm) that the border may move from the drawing."""
        return within(self._effect.doubleParameter("DistanceLimitMm"), 0.1, 50.0)

    @property
    def others_are_background(self) -> bool:
        """Whether the other visible segments keep what they have."""
        return bool(self._effect.integerParameter("OthersAreBackground"))

    @property
    def shows_confidence(self) -> bool:
        """Whether voxels that are likely to be wrong are shown."""
        return bool(self._effect.integerParameter("ShowConfidence"))

    def add_to_panel(self, preview: Callable[[], None], apply: Callable[[], None], cancel: Callable[[], None]) -> None:
        """Build the widgets; the buttons call the given functions."""
        self.slice_button = self._choice(_("Slice"), _("Click in a slice view to correct the segment in that slice"), 0)
        self.whole_button = self._choice(
            _("Whole segment (3D)"), _("Correct all slices at once; a click in a slice view or Preview begins"), 1)
        row = qt.QHBoxLayout()
        row.addWidget(self.slice_button)
        row.addWidget(self.whole_button)
        self._effect.addLabeledOptionsWidget(_("Correct:"), row)
        self.limit = self._limit_slider()
        self.others = qt.QCheckBox(_("Other visible segments are background"))
        self.others.toolTip = _("The corrected segment takes nothing from segments that are shown, for example from "
                                "neighbours that are done")
        self.others.connect("toggled(bool)", lambda _checked: self.store_parameters())
        self._effect.addOptionsWidget(self.others)
        self.confidence = qt.QCheckBox(_("Show where the correction is unsure (orange)"))
        self.confidence.connect("toggled(bool)", lambda _checked: self.store_parameters())
        self._effect.addOptionsWidget(self.confidence)
        self.preview_button = push_button(_("Preview"), preview)
        self.apply_button = push_button(_("Apply"), apply)
        self.cancel_button = push_button(_("Cancel"), cancel)
        buttons = qt.QHBoxLayout()
        for button in (self.preview_button, self.apply_button, self.cancel_button):
            buttons.addWidget(button)
        self._effect.addOptionsWidget(buttons)
        self.status = self._text_label()
        self.method = self._text_label()
        self.show_state("", busy=False, proposed=False)

    def show_parameters(self) -> None:
        """Update the widgets from the parameters."""
        whole = self.whole_segment
        quietly(self.limit, self.limit.setValue, self.limit_mm)
        quietly(self.others, self.others.setChecked, self.others_are_background)
        quietly(self.confidence, self.confidence.setChecked, self.shows_confidence)
        quietly(self.slice_button, self.slice_button.setChecked, not whole)
        quietly(self.whole_button, self.whole_button.setChecked, whole)

    def store_parameters(self) -> None:
        """Set the parameters from the widgets."""
        self._effect.setParameter("DistanceLimitMm", float(self.limit.value))
        self._effect.setParameter("OthersAreBackground", int(self.others.checked))
        self._effect.setParameter("ShowConfidence", int(self.confidence.checked))

    def show_state(self, text: str, busy: bool, proposed: bool) -> None:
        """Show a status text and enable the buttons that can be used.

        :param text: status text; "" to hide it.
        :param busy: whether a correction is being computed.
        :param proposed: whether a correction is shown and can be applied.
        """
        self.status.text = text
        self.status.visible = bool(text)
        self.apply_button.enabled = proposed and not busy
        self.cancel_button.enabled = proposed or busy
        self.apply_button.toolTip = "" if proposed else _("Preview a correction first.")

    def show_method(self, text: str) -> None:
        """Show a text about the method: method, model, training data."""
        self.method.text = text
        self.method.visible = bool(text)

    def _choice(self, text: str, tip: str, value: int) -> qt.QRadioButton:
        button = radio_button(text, tip)
        button.connect("clicked()", lambda: self._effect.setParameter("WholeSegment", value))
        return button

    def _limit_slider(self) -> ctk.ctkSliderWidget:
        tip = _("The corrected border is never further than this from the border that you drew")
        limit = slider(_SMALLEST_MM, _LARGEST_MM, tip, step=0.5, suffix=" mm")
        limit.connect("valueChanged(double)", lambda _value: self.store_parameters())
        self._effect.addLabeledOptionsWidget(_("Distance limit:"), limit)
        return limit

    def _text_label(self) -> qt.QLabel:
        label = qt.QLabel()
        label.wordWrap = True
        label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)  # wraps, never widens
        self._effect.addOptionsWidget(label)
        return label
