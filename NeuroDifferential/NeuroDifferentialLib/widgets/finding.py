"""The first step of the panel: choosing the model that finds lesions, and finding them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import qt
from slicer.i18n import tr as _

from NeuroDifferentialLib.lesions.inventory import CLASSICAL, lesion_packages, model_titles
from NeuroDifferentialLib.mrml.choice import choose_found
from NeuroDifferentialLib.mrml.lesion_nodes import show_lesions
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.tools import Tool
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.widgets.analysis_panel import AnalysisPanel
from NeuroOrbitLib.widgets.model_chooser import ModelChooser, facts
from NeuroOrbitLib.widgets.step import Step

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage


class LesionModelBox(qt.QComboBox):
    """List of the models that find lesions: networks and the classical method.

    :param chooser: list of the packages that classify, whose folder and readings of the inventory this one follows.
    :param chosen: called with the model's name when the user chooses another model.
    """

    def __init__(self, chooser: ModelChooser, chosen: Callable[[str], None]) -> None:
        qt.QComboBox.__init__(self)
        self.objectName = "lesionModelComboBox"
        self.sizeAdjustPolicy = qt.QComboBox.AdjustToMinimumContentsLengthWithIcon
        self.minimumContentsLength = 12
        self._folder, self._chosen = chooser.folder, chosen
        self._packages: dict[str, ModelPackage] = {}
        self._names: list[str] = []
        self._name = ""
        self.connect("activated(int)", self._on_activated)
        self.reload()
        chooser.follow(self.reload)

    def set_current_name(self, name: str) -> None:
        """Show the model with this name; if it is not installed, :meth:`problem` says so."""
        if name != self._name:
            self._name = name
            self._show_current()

    def reload(self) -> None:
        """Read the packages again and update the list."""
        self._packages = lesion_packages(self._folder())
        titles = model_titles(self._packages)
        self._names = list(titles)
        self.clear()
        for title in titles.values():
            self.addItem(translated(title))
        self._show_current()

    def _show_current(self) -> None:
        self.currentIndex = self._names.index(self._name) if self._name in self._names else -1
        self.toolTip = self._facts()

    def problem(self) -> str:
        """Return the reason why lesions cannot be found with the chosen model, "" if they can."""
        return "" if self._name in self._names else _(
            "The model '{name}' is not installed. Choose another one under 'Find with'.").format(name=self._name)

    def _facts(self) -> str:
        if self._name == CLASSICAL:
            return _("Needs no network: tissue classes, and what is brighter than the tissue expected at its place.")
        return self.problem() or facts(self._packages[self._name])

    def _on_activated(self, index: int) -> None:
        self.set_current_name(self._names[index])
        self._chosen(self._name)


def lesion_tool(panel: AnalysisPanel) -> Tool:
    """Return the model that finds lesions, as the user chose it."""
    return Tool(panel._parameterNode.lesionModel, folder=panel.modelChooser.folder())


def finding_step(panel: AnalysisPanel) -> Step:
    """Return the step that finds the lesions of the chosen FLAIR, and add the choice of the model above its button."""

    def chosen(name: str) -> None:
        if panel._parameterNode:
            panel._parameterNode.lesionModel = name

    def start() -> VolumeRun:
        node = panel._parameterNode
        return panel.logic.find(node.inputVolume, node.t1Volume, lesion_tool(panel), waitForCompletion=False)

    def show(run: VolumeRun) -> None:
        choose_found(panel.logic.getParameterNode(), run.results)
        show_lesions(run.snapshot.node, run.results)
        panel.noticeBanner.show_notices(run.results.notices)

    box = LesionModelBox(panel.modelChooser, chosen)
    panel.lesionModelBox = box
    panel.ui.inputChoicesLayout.addRow(_("Find with:"), box)
    return Step(panel.ui.findButton, panel.ui.findPlaceholder, start, show, _("Find the lesions."), box.problem,
                needs_model=False)
