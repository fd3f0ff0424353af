"""A check box for whether the optic nerve of a segmentation is outlined without its sheath, which only the user knows.
"""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.measuring import has_sheath, set_has_sheath


class SheathBox(qt.QCheckBox):
    """A check box about the segmentation that is measured; its state is kept with the segmentation.

    :param changed: function called after the user has changed it.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        qt.QCheckBox.__init__(self)
        self.objectName = "sheathCheckBox"
        self.text = _("Optic nerve outlined without its sheath")
        self.toolTip = _(
            "Tick it for a segmentation that outlines the nerve alone, as some readers and programs do: its diameters "
            "are then given as those of the nerve, never as those of the sheath. Then measure again.")
        self._changed = changed
        self._segmentation: slicer.vtkMRMLSegmentationNode | None = None
        self.connect("toggled(bool)", self._on_toggled)

    def set_segmentation(self, segmentation: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Show the state of a segmentation; ``None`` disables the box."""
        self._segmentation = segmentation
        self.enabled = segmentation is not None
        blocked = self.blockSignals(True)
        self.checked = segmentation is not None and not has_sheath(segmentation)
        self.blockSignals(blocked)

    def _on_toggled(self, checked: bool) -> None:
        if self._segmentation is not None:
            set_has_sheath(self._segmentation, not checked)
            self._changed()
