"""The scans of one patient, with the choice of those to compare and their dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.follow_up import other_visits
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.visits import date_of, set_date

_DATE_WIDTH = 92


class VisitList(qt.QWidget):
    """A line for the chosen segmentation and for each segmentation of another scan, with a check box and a date.

    :param changed: function called after the user has ticked a scan or typed a date.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "visitList"
        self._changed = changed
        self._segmentation: slicer.vtkMRMLSegmentationNode | None = None
        self._lines: list[tuple[slicer.vtkMRMLSegmentationNode, qt.QCheckBox, qt.QLineEdit]] = []
        self._grid = qt.QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)

    def set_segmentation(self, segmentation: slicer.vtkMRMLSegmentationNode | None,
                         compared: Sequence[slicer.vtkMRMLSegmentationNode] = ()) -> None:
        """Show the segmentations that a segmentation can be compared with.

        :param segmentation: the segmentation; if it is the same as before, the ticks remain.
        :param compared: segmentations that it was compared with before, which are ticked at first.
        """
        ticked = self.chosen() if segmentation is self._segmentation else compared
        self._segmentation = segmentation
        others = other_visits(segmentation)
        wanted = [segmentation, *others] if others else []
        if wanted == [node for node, _box, _edit in self._lines]:
            return self._show_dates()
        self._clear()
        for number, node in enumerate(wanted):
            self._add(number, node, number == 0 or node in ticked)
        self._show_dates()

    def chosen(self) -> list[slicer.vtkMRMLSegmentationNode]:
        """Return the ticked segmentations, without the one that they are compared with."""
        return [node for node, box, _edit in self._lines[1:] if box.checked]

    def _add(self, number: int, node: slicer.vtkMRMLSegmentationNode, ticked: bool) -> None:
        scan = scan_of(node)
        box = qt.QCheckBox(scan.GetName())
        box.objectName = f"visitCheckBox{number}"
        box.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        box.toolTip = node.GetName()
        box.checked, box.enabled = ticked, number > 0
        edit = qt.QLineEdit()
        edit.objectName = f"visitDateEdit{number}"
        edit.placeholderText = _("Date unknown")
        edit.toolTip = _("Day of the scan, from DICOM where it has one; type it otherwise, e.g. 2024-03-01.")
        edit.setFixedWidth(_DATE_WIDTH)
        box.connect("toggled(bool)", lambda _checked: self._changed())
        edit.connect("editingFinished()", partial(self._on_date, scan, edit))
        self._grid.addWidget(box, number, 0)
        self._grid.addWidget(edit, number, 1)
        self._lines.append((node, box, edit))

    def _on_date(self, scan: slicer.vtkMRMLScalarVolumeNode, edit: qt.QLineEdit) -> None:
        set_date(scan, edit.text)
        self._show_dates()
        self._changed()

    def _show_dates(self) -> None:
        for node, _box, edit in self._lines:
            scan = scan_of(node)
            day = date_of(scan) if scan is not None else None
            edit.text = day.isoformat() if day else ""

    def _clear(self) -> None:
        for _node, box, edit in self._lines:
            for widget in (box, edit):
                self._grid.removeWidget(widget)
                widget.deleteLater()
        self._lines = []
