"""The selector of a colour table."""
from __future__ import annotations

from PySide6 import QtWidgets

from slicerhost.mrmlwidgets.node_combo_box import qMRMLNodeComboBox
from slicerhost.registry import register


@register
class qMRMLColorTableComboBox(qMRMLNodeComboBox):
    """Offers the colour nodes, the hidden built-in ones too."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.nodeTypes = ["vtkMRMLColorNode"]
        self.showHidden = True
        self.addEnabled = False
        self.removeEnabled = False
