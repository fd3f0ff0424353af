"""The options of SmartFill: widgets, and the parameters in the segment editor node that they represent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ctk
import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.option_widgets import push_button, quietly, radio_button, slider, within
from OrbitSegmentationLib.refinement.graph_cut import DEFAULT_SMOOTHNESS
from OrbitSegmentationLib.refinement.region import DEFAULT_MARGIN

SLICE, SLAB, VOLUME, DRAWN = range(4)
_DEFAULTS = {"Scope": SLICE, "SlabMm": 6.0, "Smoothness": DEFAULT_SMOOTHNESS, "ReachMm": DEFAULT_MARGIN,
             "MarkSizeMm": 1.5, "OthersAreBackground": 1, "SegmentIsProposal": 0, "Slices": 5}

#: Parameters with which marks correct the content of segments.
CORRECT_PROPOSAL = {"Scope": DRAWN, "SegmentIsProposal": 1}


@dataclass(frozen=True)
class FillSettings:
    """The options as the parameters define them.

    :param scope: ``SLICE``, ``SLAB``, ``VOLUME``, or ``DRAWN`` for all slices between some drawn ones.
    :param slab_mm: thickness (mm) of the slab.
    :param smoothness, reach_mm: smoothness of the border and reach (mm), see
        :class:`~OrbitSegmentationLib.refinement.graph_cut.SmartFillSolver`.
    :param mark_mm: diameter (mm) of the marking brush.
    :param others_are_background: whether the other visible segments count as background.
    :param segment_is_proposal: whether the content of the selected segment may change between drawn slices.
    :param slices: number of slices that a fill is propagated to at once.
    """

    scope: int
    slab_mm: float
    smoothness: float
    reach_mm: float
    mark_mm: float
    others_are_background: bool
    segment_is_proposal: bool
    slices: int

    @property
    def of_slices(self) -> bool:
        """Whether slices of a view are filled, rather than a block of voxels."""
        return self.scope in (SLICE, SLAB)

    @property
    def corrects_proposal(self) -> bool:
        """Whether marks correct the content of the segment at once, without a preview."""
        return self.scope == DRAWN and self.segment_is_proposal


class FillOptions:
    """Builds the option widgets and keeps them and the parameters synchronised.

    :param scripted_effect: the effect; parameters are stored under its name.
    """

    def __init__(self, scripted_effect: object) -> None:
        self._effect = scripted_effect

    def set_defaults(self) -> None:
        """Set the parameters that are not set yet."""
        for name, value in _DEFAULTS.items():
            self._effect.setParameterDefault(name, value)

    def settings(self) -> FillSettings:
        """Return the options from the parameters, limited to valid values because a scene file may hold any."""
        number, whole = self._effect.doubleParameter, self._effect.integerParameter
        return FillSettings(
            within(whole("Scope"), SLICE, DRAWN), within(number("SlabMm"), 0.0, 100.0),
            within(number("Smoothness"), 0.0, 100.0), within(number("ReachMm"), 1.0, 100.0),
            within(number("MarkSizeMm"), 0.0, 100.0), bool(whole("OthersAreBackground")),
            bool(whole("SegmentIsProposal")), within(whole("Slices"), 1, 1000))

    def add_to_panel(self, actions: dict[str, Callable[[], None]]) -> None:
        """Build the widgets.

        :param actions: functions that the buttons call: ``fill``, ``apply``, ``cancel``, ``previous``, ``next``.
        """
        tips = (_("Fill in the slice that you mark"), _("Fill in parallel slices around the one that you mark"),
                _("Fill in all directions, as far as the reach allows"),
                _("Draw the structure roughly on some slices of a view: it is filled on those between them, too"))
        row = qt.QHBoxLayout()
        names = (_("Slice"), _("Slab"), _("3D"), _("Between slices"))
        self.scopes = [radio_button(name, tip) for name, tip in zip(names, tips, strict=True)]
        for scope, button in enumerate(self.scopes):
            button.connect("clicked()", lambda scope=scope: self._effect.setParameter("Scope", scope))
            row.addWidget(button)
        self._effect.addLabeledOptionsWidget(_("Fill:"), row)
        self.slab = self._slider(_("Thickness:"), "SlabMm", 1, 40, _("Thickness of the slab"), " mm")
        self.smoothness = self._slider(
            _("Smoothness:"), "Smoothness", 0, 4, _("Small: the border follows every voxel. Large: it is round"))
        self.reach = self._slider(
            _("Reach:"), "ReachMm", 3, 40, _("The structure ends no further from the marks than this"), " mm")
        self.mark = self._slider(_("Size of marks:"), "MarkSizeMm", 0, 30, _("Diameter of the marking brush"), " mm")
        self.others = qt.QCheckBox(_("Other visible segments are background"))
        self.others.connect("toggled(bool)", lambda on: self._effect.setParameter("OthersAreBackground", int(on)))
        self._effect.addOptionsWidget(self.others)
        self.proposal = qt.QCheckBox(_("The segment is a proposal"))
        self.proposal.toolTip = _("Between slices: every mark corrects what the segment holds already, e.g. the "
                                  "model's outline, at once; the slices around it follow. Undo takes it back. Off: "
                                  "what the segment holds stays as it is.")
        self.proposal.connect("toggled(bool)", lambda on: self._effect.setParameter("SegmentIsProposal", int(on)))
        self._effect.addOptionsWidget(self.proposal)
        self._add_buttons(actions)
        self.status = qt.QLabel()
        self.status.wordWrap = True
        self._effect.addOptionsWidget(self.status)
        self.show_state("", False)

    def _add_buttons(self, actions: dict[str, Callable[[], None]]) -> None:
        self.slices = qt.QSpinBox()
        self.slices.setRange(1, 100)
        self.slices.toolTip = _("How many slices the fill is carried on; it ends before where the structure ends")
        self.slices.connect("valueChanged(int)", lambda count: self._effect.setParameter("Slices", count))
        self.previous = push_button(_("◀ Previous slices"), actions["previous"])
        self.next = push_button(_("Next slices ▶"), actions["next"])
        self._add_row(self.previous, self.slices, self.next, label=_("Propagate:"))
        self.fill_button = push_button(_("Fill"), actions["fill"])
        self.fill_button.toolTip = _("Fill from the selected segment alone, in the slice that was used last")
        self.apply_button = push_button(_("Apply"), actions["apply"])
        self.cancel_button = push_button(_("Cancel"), actions["cancel"])
        self._add_row(self.fill_button, self.apply_button, self.cancel_button)

    def show_parameters(self) -> None:
        """Update the widgets from the parameters."""
        settings = self.settings()
        for widget, value in ((self.slab, settings.slab_mm), (self.smoothness, settings.smoothness),
                              (self.reach, settings.reach_mm), (self.mark, settings.mark_mm)):
            quietly(widget, widget.setValue, value)
        quietly(self.others, self.others.setChecked, settings.others_are_background)
        quietly(self.proposal, self.proposal.setChecked, settings.segment_is_proposal)
        quietly(self.slices, self.slices.setValue, settings.slices)
        for scope, button in enumerate(self.scopes):
            quietly(button, button.setChecked, scope == settings.scope)
        self.slab.enabled = settings.scope == SLAB
        self.reach.enabled = settings.scope != DRAWN
        self.proposal.enabled = settings.scope == DRAWN

    def show_state(self, text: str, proposed: bool, can_go_on: bool = False) -> None:
        """Show a status text and enable the buttons that can be used.

        :param text: status text; "" to hide it.
        :param proposed: whether a fill is shown and can be applied.
        :param can_go_on: whether the fill can be propagated.
        """
        hint = (_("Every mark is applied at once. Undo takes it back.") if self.settings().corrects_proposal
                else _("Mark the structure in a slice view first."))
        self.status.text = text
        self.status.visible = bool(text)
        for button in (self.apply_button, self.cancel_button):
            button.enabled = proposed
            button.toolTip = "" if proposed else hint
        for button in (self.previous, self.next):
            button.enabled = can_go_on
            button.toolTip = "" if can_go_on else _("Fill a slice or a slab first.")

    def _slider(self, label: str, parameter: str, low: float, high: float, tip: str,
                suffix: str = "") -> ctk.ctkSliderWidget:
        widget = slider(low, high, tip, suffix=suffix)
        widget.connect("valueChanged(double)", lambda value: self._effect.setParameter(parameter, float(value)))
        self._effect.addLabeledOptionsWidget(label, widget)
        return widget

    def _add_row(self, *widgets: qt.QWidget, label: str = "") -> None:
        row = qt.QHBoxLayout()
        for widget in widgets:
            row.addWidget(widget)
        if label:
            self._effect.addLabeledOptionsWidget(label, row)
        else:
            self._effect.addOptionsWidget(row)
