"""The options of SmartPencil: widgets, and the parameters in the segment editor node that they represent."""

from __future__ import annotations

from collections.abc import Callable

import ctk
import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.option_widgets import quietly, slider, within
from OrbitSegmentationLib.effects.pencil_regions import PencilSettings
from OrbitSegmentationLib.refinement.superpixels import DEFAULT_COMPACTNESS, LEVELS

_DEFAULTS = {"Regions": 1000, "Compactness": DEFAULT_COMPACTNESS, "ThreeDimensional": 0, "BlockSizeMm": 30.0,
             "WithinSegments": 0, "ShowBorders": 1}
_FEWEST, _MOST = 20, 5000


class PencilOptions:
    """Builds the option widgets and keeps them and the parameters synchronised.

    :param scripted_effect: the effect; parameters are stored under its name.
    """

    def __init__(self, scripted_effect: object) -> None:
        self._effect = scripted_effect
        self._connected: list[tuple[qt.QWidget, str]] = []

    def set_defaults(self) -> None:
        """Set the parameters that are not set yet."""
        for name, value in _DEFAULTS.items():
            self._effect.setParameterDefault(name, value)

    def settings(self) -> PencilSettings:
        """Return the settings from the parameters, limited to valid values."""
        effect = self._effect
        block = effect.doubleParameter("BlockSizeMm") if effect.integerParameter("ThreeDimensional") else 0.0
        return PencilSettings(within(effect.integerParameter("Regions"), 1, 2 * _MOST),
                              within(effect.doubleParameter("Compactness"), 1e-3, 1e3), within(block, 0.0, 200.0),
                              bool(effect.integerParameter("WithinSegments")))

    def shows_borders(self) -> bool:
        """Return whether the lines between regions are drawn."""
        return bool(self._effect.integerParameter("ShowBorders"))

    def add_to_panel(self) -> None:
        """Build the widgets."""
        self.levels = {level: self._level_button(level) for level in LEVELS}
        row = qt.QHBoxLayout()
        for button in self.levels.values():
            row.addWidget(button)
        self._effect.addLabeledOptionsWidget(_("Level:"), row)
        self.regions = self._slider(_("Regions:"), 0, 10, _FEWEST, _MOST,
                                    _("About how many regions the visible part of the slice is divided into"))
        self.compactness = self._slider(_("Compactness:"), 2, 0.05, 0.02, 1.0,
                                        _("Small: regions follow every edge. Large: regions are round"))
        self.borders = self._box(_("Show the lines between regions"), "")
        self.within = self._box(
            _("Stop at other segments"),
            _("No region reaches across the border of another visible segment"))
        self.three_d = self._box(
            _("Regions in 3D (around the mouse)"),
            _("A click takes a region of several slices, from a cube of voxels around the mouse"))
        self.block = self._slider(_("Size of the cube:"), 0, 5, 10, 80, _("Edge of the cube in mm"))
        self.block.suffix = " mm"

    def show_parameters(self) -> None:
        """Update the widgets from the parameters."""
        effect = self._effect
        values = {self.regions: effect.integerParameter("Regions"),
                  self.compactness: effect.doubleParameter("Compactness"),
                  self.block: effect.doubleParameter("BlockSizeMm")}
        checks = {self.borders: "ShowBorders", self.within: "WithinSegments", self.three_d: "ThreeDimensional"}
        for widget, value in values.items():
            quietly(widget, widget.setValue, value)
        for box, name in checks.items():
            quietly(box, box.setChecked, bool(effect.integerParameter(name)))
        for level, button in self.levels.items():
            quietly(button, button.setChecked, level == effect.integerParameter("Regions"))
        self.block.enabled = bool(effect.integerParameter("ThreeDimensional"))

    def store_parameters(self) -> None:
        """Set the parameters from the widgets."""
        effect = self._effect
        effect.setParameter("Regions", int(self.regions.value))
        effect.setParameter("Compactness", float(self.compactness.value))
        effect.setParameter("BlockSizeMm", float(self.block.value))
        effect.setParameter("ShowBorders", int(self.borders.checked))
        effect.setParameter("WithinSegments", int(self.within.checked))
        effect.setParameter("ThreeDimensional", int(self.three_d.checked))

    def disconnect_widgets(self) -> None:
        """Disconnect the widgets, whose connections would keep the effect alive."""
        for widget, signal in self._connected:
            widget.disconnect(signal)
        self._connected.clear()

    def _connect(self, widget: qt.QWidget, signal: str, handler: Callable[..., object]) -> None:
        widget.connect(signal, handler)
        self._connected.append((widget, signal))

    def _level_button(self, level: int) -> qt.QPushButton:
        button = qt.QPushButton(str(level))
        button.setCheckable(True)
        button.toolTip = _("About {count} regions").format(count=level)
        self._connect(button, "clicked()", lambda: self._choose(level))
        return button

    def _choose(self, level: int) -> None:
        self._effect.setParameter("Regions", level)
        self.show_parameters()  # the button of the present level stays down

    def _slider(self, label: str, decimals: int, step: float, low: float, high: float,
                tip: str) -> ctk.ctkSliderWidget:
        widget = slider(low, high, tip, decimals, step)
        self._connect(widget, "valueChanged(double)", lambda _value: self.store_parameters())
        self._effect.addLabeledOptionsWidget(label, widget)
        return widget

    def _box(self, text: str, tip: str) -> qt.QCheckBox:
        box = qt.QCheckBox(text)
        box.toolTip = tip
        self._connect(box, "toggled(bool)", lambda _checked: self.store_parameters())
        self._effect.addOptionsWidget(box)
        return box
