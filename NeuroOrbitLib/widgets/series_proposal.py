"""The proposal of the most suitable of several series of a CT study."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.study_series import Proposal, propose_series
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.widgets.labels import wrapping_label


class SeriesProposal(qt.QWidget):
    """Shows which series of a CT study suits best, with a button to choose it.

    The widget is hidden if the chosen scan is the only series of its study, or is not a CT.

    :param choose: function called with the proposed volume when the user chooses it.
    """

    def __init__(self, choose: Callable[[slicer.vtkMRMLScalarVolumeNode], None],
                 parent: qt.QWidget | None = None) -> None:
        qt.QWidget.__init__(self, parent)
        self.objectName = "seriesProposal"
        self._choose = choose
        self._proposal: Proposal | None = None
        self._volume: slicer.vtkMRMLScalarVolumeNode | None = None
        self.label = wrapping_label("seriesProposalLabel")
        self.button = qt.QPushButton(_("Choose that series"))
        self.button.objectName = "chooseSeriesButton"
        self.button.connect("clicked()", self._on_clicked)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.label)
        layout.addWidget(self.button)
        self.visible = False

    def set_scan(self, volume: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        """Propose a series of the study of the chosen scan; nothing happens if the scan is the same as before."""
        if volume is self._volume:
            return
        self._volume = volume
        self._proposal = proposal = propose_series(volume)
        self.visible = proposal is not None
        if proposal is None:
            return
        is_chosen = proposal.volume is volume
        text = (_("This one of the {count} CT series of the study is proposed: {reason}.") if is_chosen else
                _("Of the {count} CT series of this study '{name}' suits better: {reason}."))
        self.label.text = text.format(count=proposal.count, name=proposal.volume.GetName(),
                                      reason=translated(proposal.reason))
        self.button.visible = not is_chosen

    def _on_clicked(self) -> None:
        if self._proposal is not None:
            self._choose(self._proposal.volume)
