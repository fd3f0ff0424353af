"""The measures of a segmentation in a panel: table, normal values, details, and the places in the slices."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import numpy as np
import qt
import slicer
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from NeuroOrbitLib.measurements.edits import edited
from NeuroOrbitLib.measurements.normal import Judgement, judge
from NeuroOrbitLib.measurements.rows import notes_of
from NeuroOrbitLib.measurements.tables import rows_as_csv
from NeuroOrbitLib.mrml.measurement_table import (
    MODALITY_ATTRIBUTE,
    MeasurementEdits,
    TableRow,
    measurements_of,
    rows_of,
    why_unreadable,
)
from NeuroOrbitLib.mrml.measuring import mark_changes, why_not_measurable
from NeuroOrbitLib.mrml.oblique_view import ObliqueView
from NeuroOrbitLib.mrml.place_markup import PlaceMarkup
from NeuroOrbitLib.mrml.provenance import notices_of
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_masks import misnamed_segments, passed_over_segments
from NeuroOrbitLib.mrml.views import is_shown, show_volume
from NeuroOrbitLib.widgets.labels import check_box, push_button
from NeuroOrbitLib.widgets.measurement_details import MeasurementDetails
from NeuroOrbitLib.widgets.measurement_grid import Key, MeasurementGrid
from NeuroOrbitLib.widgets.normal_choice import NormalChoice
from NeuroOrbitLib.widgets.notice import NoticeBanner

_SEGMENTATION_EVENTS = (slicer.vtkSegmentation.SourceRepresentationModified, slicer.vtkSegmentation.SegmentAdded,
                        slicer.vtkSegmentation.SegmentRemoved, slicer.vtkSegmentation.SegmentModified)
_SCAN_EVENTS = (slicer.vtkMRMLScalarVolumeNode.TransformModifiedEvent,
                slicer.vtkMRMLScalarVolumeNode.ImageDataModifiedEvent)
#: Time (ms) after the last stroke of a correction at which the measures are checked against the segmentation.
_AFTER_EDIT_MS = 400
#: Function called with the segmentation and the rows that are shown.
Follow = Callable[[slicer.vtkMRMLSegmentationNode | None, list[TableRow]], None]


class MeasurementsView(qt.QWidget):
    """Shows the measures of one segmentation, with details and the place of the chosen one."""

    def __init__(self) -> None:
        qt.QWidget.__init__(self)
        self._observers = VTKObservationMixin()
        self.objectName = "measurementsView"
        self._segmentation: slicer.vtkMRMLSegmentationNode | None = None
        self._edits: MeasurementEdits | None = None
        self._rows: list[TableRow] = []
        self._followers: list[Follow] = []
        self._markup, self._oblique = PlaceMarkup(self._on_moved), ObliqueView()
        self.notices = NoticeBanner()
        self.notices.objectName = "measureNotices"
        self.normal_choice = NormalChoice(self.refresh)
        self.grid = MeasurementGrid(self._on_chosen)
        self.details = MeasurementDetails(self._reset, self._undo)
        self.all_box = check_box("allMeasuresCheckBox", _("All measures"), _(
            "Show everything that was measured, not only what a short report holds."), self.refresh)
        self.places_box = check_box("allPlacesCheckBox", _("Show all places"), _(
            "Show all places in the slices and in 3D at once."), self._on_all_places)
        self.copy_button = push_button("copyMeasuresButton", _("Copy"), _(
            "Copy all measures to the clipboard as a table."), self.copy)
        self._timer = qt.QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_EDIT_MS)
        self._timer.connect("timeout()", self._on_segmentation_changed)
        self._lay_out()
        self.set_segmentation(None)

    def set_segmentation(self, segmentation: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Show the measures of a segmentation; a segmentation without measures, or ``None``, empties the view."""
        table = measurements_of(segmentation)
        shown = self.grid.current_key() if self.markup is not None and segmentation is self._segmentation else None
        if segmentation is not self._segmentation or (self._edits.table if self._edits else None) is not table:
            self._let_go()
            self._segmentation = segmentation
            self._edits = MeasurementEdits(table) if table is not None else None
            self._observe()
            mark_changes(segmentation)
        self.refresh()
        if shown is not None and self.markup is None:  # measured again: the row is still chosen
            self._on_chosen(shown)

    def let_go(self) -> None:
        """Remove the markup, restore the turned view and follow no segmentation, when the user leaves the panel."""
        self._let_go()
        self._segmentation, self._edits, self._rows = None, None, []
        self._tell()

    def refresh(self, *_ignored: object) -> None:
        """Update everything that is shown from the table of measures."""
        from NeuroOrbitLib.mrml.all_places import are_shown, show_all_places  # imported here: Slicer starts without it

        table = self._edits.table if self._edits else None
        self._rows = rows_of(table)
        modality = table.GetAttribute(MODALITY_ATTRIBUTE) if table is not None else ""
        self.normal_choice.set_scan(scan_of(self._segmentation), modality)
        for widget in (self.normal_choice, self.grid, self.details, self.all_box, self.places_box, self.copy_button):
            widget.visible = bool(self._rows)
        self.grid.show_rows(self._rows, [self._judged(row) for row in self._rows], self.all_box.checked)
        if self.grid.current_key() is None:
            self._put_away()
        blocked = self.places_box.blockSignals(True)
        self.places_box.checked = are_shown(self._segmentation)
        if self.places_box.checked:
            show_all_places(self._segmentation, [row.row for row in self._rows], True)
        self.places_box.blockSignals(blocked)
        self._show_details()
        self._show_notices()
        self._tell()

    def tell(self, follow: Follow) -> None:
        """Register a function that is called whenever the measures that are shown or their comparison change."""
        self._followers.append(follow)

    def choose(self, structure: str, side: str, quantity: str) -> None:
        """Choose a measure, as a click on its value does."""
        self.grid.choose((structure, side, quantity))

    def copy(self) -> None:
        """Copy all measures to the clipboard, as cells for a spreadsheet."""
        lines = csv.reader(io.StringIO(rows_as_csv([row.row for row in self._rows])))
        qt.QApplication.clipboard().setText("\n".join("\t".join(cells) for cells in lines))

    @property
    def markup(self) -> slicer.vtkMRMLMarkupsNode | None:
        """The markup that shows the chosen measure; ``None`` if none is shown."""
        return self._markup.node

    # Inside

    def _lay_out(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.notices)
        layout.addWidget(self.normal_choice)
        layout.addWidget(self.grid)
        boxes = qt.QHBoxLayout()
        for widget in (self.all_box, self.places_box, self.copy_button):
            boxes.addWidget(widget)
        layout.addLayout(boxes)
        layout.addWidget(self.details)

    def _observe(self) -> None:
        if self._segmentation is not None:
            for event in _SEGMENTATION_EVENTS:
                self._observers.addObserver(self._segmentation.GetSegmentation(), event, self._on_segment_event)
            scan = scan_of(self._segmentation)
            for event in _SCAN_EVENTS if scan is not None else ():
                self._observers.addObserver(scan, event, self._on_segment_event)

    def _let_go(self) -> None:
        self._observers.removeObservers()
        self._timer.stop()
        self._put_away()

    def _put_away(self) -> None:
        """Show the place of no measure: what is not chosen could be dragged without any effect."""
        self._markup.clear()
        self._oblique.restore()

    def _on_segment_event(self, caller: object, event: object) -> None:
        self._timer.start()

    def _on_segmentation_changed(self) -> None:
        mark_changes(self._segmentation)
        self.refresh()

    def _tell(self) -> None:
        for follow in self._followers:
            follow(self._segmentation, self._rows)

    def _index(self, key: Key | None) -> int | None:
        return next((number for number, row in enumerate(self._rows) if row.row.key == key), None)

    def _judged(self, row: TableRow) -> Judgement | None:
        table = self.normal_choice.current()
        return None if table is None else judge(row.row, table, table.modality)

    def _show_details(self) -> None:
        index = self._index(self.grid.current_key())
        row = None if index is None else self._rows[index]
        self.details.show_row(row, self._judged(row) if row else None, bool(self._edits and self._edits.can_undo))

    def _show_notices(self) -> None:
        if not self._rows:
            problem = (why_not_measurable(self._segmentation) if self._segmentation else "") or why_unreadable(
                measurements_of(self._segmentation))
            notices = [{"level": "warning", "text": problem}] if problem else []
        else:
            old = _("The segmentation or its scan was changed or moved: what is grey is out of date. Press Measure "
                    "again.")
            is_old = any(row.is_out_of_date for row in self._rows)
            # What concerns the whole of an outline stands with its volume; what a single value needs, in its details.
            noted = notes_of(row.row for row in self._rows if row.row.quantity == "volume")
            told = [notice["text"] for notice in notices_of(measurements_of(self._segmentation))]
            texts = [old if is_old else "", *self._passed_over(), *misnamed_segments(self._segmentation),
                     *told, self.normal_choice.notice(), *noted]
            notices = [{"level": "warning", "text": text} for text in texts if text]
        self.notices.show_notices(notices)

    def _passed_over(self) -> list[str]:
        """Return sentences about segments that are not measured because another segment is the same structure."""
        return [_("The segment '{name}' is not measured: '{first}' stands for the same structure. Merge them in the "
                  "Segment Editor, or delete one.").format(name=name, first=first)
                for name, first in passed_over_segments(self._segmentation)]

    def _on_chosen(self, key: Key | None) -> None:
        index = self._index(key)
        if index is None:
            self._put_away()
            self._show_details()
            return
        row, scan = self._rows[index].row, scan_of(self._segmentation)
        if scan is not None and not is_shown(scan):
            show_volume(scan)  # another patient's image may be shown
        self._markup.show(row)
        place = row.measured.place
        if place is not None:
            self._oblique.show(place.middle, place.normal)
        self._show_details()

    def _on_moved(self, points: np.ndarray, begins: bool) -> None:
        index = self._index(self.grid.current_key())
        if index is not None:
            row = self._rows[index]
            self._edits.edit(index, edited(row.row, points, row.automatic), begins)
            self.refresh()

    def _reset(self) -> None:
        index = self._index(self.grid.current_key())
        if index is not None:
            self._edits.reset(index)
            self._after_change(index)

    def _undo(self) -> None:
        index = self._edits.undo() if self._edits else None
        if index is not None:
            self._after_change(index)

    def _after_change(self, index: int) -> None:
        self.refresh()
        key = self._rows[index].row.key
        if key == self.grid.current_key():
            self._on_chosen(key)
        else:
            self.grid.choose(key)

    def _on_all_places(self, *_ignored: object) -> None:
        from NeuroOrbitLib.mrml.all_places import show_all_places

        if self._segmentation is not None:
            show_all_places(self._segmentation, [row.row for row in self._rows], self.places_box.checked)
