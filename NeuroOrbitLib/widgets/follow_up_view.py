"""Follow-up in a panel: the patient's scans, the changes, a plot over time, and the growth of muscles in 3D."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.measurements.follow_up import Course
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.mrml.charts import show_chart
from NeuroOrbitLib.mrml.follow_up import (
    bring_growth_along,
    courses_in,
    dates_of,
    follow_up_of,
    growth_of,
    is_out_of_date,
    other_visits,
    show_date,
    visits_by_date,
    visits_in,
)
from NeuroOrbitLib.mrml.follow_up_chart import course_chart
from NeuroOrbitLib.mrml.measured_places import middle_of
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.views import cut_through, is_shown, show_volume
from NeuroOrbitLib.mrml.visits import why_not_comparable
from NeuroOrbitLib.widgets.follow_up_grid import FollowUpGrid
from NeuroOrbitLib.widgets.labels import check_box, push_button, wrapping_label
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.visit_list import VisitList


class FollowUpView(qt.QWidget):
    """Shows the follow-up of one segmentation, with a button to compute it.

    :param changed: function called when the user has ticked another scan or typed a date.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "followUpView"
        self._segmentation: slicer.vtkMRMLSegmentationNode | None = None
        self.visits = VisitList(changed)
        self.button = push_button("compareButton", _("Compare"), "")
        self.place = qt.QWidget()
        self.place.objectName = "followUpPlace"
        qt.QVBoxLayout(self.place).setContentsMargins(0, 0, 0, 0)
        self.banner = NoticeBanner()
        self.banner.objectName = "followUpNotices"
        self.grid = FollowUpGrid(self._look_at)
        self.legend = wrapping_label("followUpLegend")
        self.all_box = check_box("allChangesCheckBox", _("All measures"), _(
            "Show all measures, not only the main ones and those that changed."), lambda _checked: self._show_table())
        self.growth_box = check_box("growthCheckBox", _("Growth in 3D"), _(
            "Colour the muscles by how far their surface moved since the first date: red outwards, blue inwards, full "
            "colour at 2 mm."), self._on_growth)
        self.plot_button = push_button("plotButton", _("Plot over time"), _(
            "Plot the chosen measure of both sides over time."), self.plot)
        self._lay_out()
        self.set_segmentation(None)

    def set_segmentation(self, segmentation: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Show the follow-up of a segmentation; the view is hidden if the scene has no other scan to compare with."""
        self._segmentation = segmentation
        self.visits.set_segmentation(segmentation, visits_in(follow_up_of(segmentation)))
        self._show_table()
        self.visible = follow_up_of(segmentation) is not None or bool(other_visits(segmentation))

    def chosen(self) -> list[slicer.vtkMRMLSegmentationNode]:
        """Return the segmentations to compare with the one that is shown."""
        return self.visits.chosen()

    def problem(self) -> str:
        """Return why the chosen segmentations cannot be compared; "" if they can."""
        if self._segmentation is None:
            return _("Select a segmentation of the orbits first.")
        return why_not_comparable([self._segmentation, *self.chosen()])

    def show_problem(self) -> None:
        """Show what is wrong with the ticked scans, or the warnings of the last comparison."""
        problem = self.problem() if self.chosen() else ""
        table, old = follow_up_of(self._segmentation), ""
        if table is not None and not courses_in(table):
            old = _("The changes cannot be read: the scene was saved by another version, or without its tables. Press "
                    "Compare again.")
        elif is_out_of_date(self._segmentation):
            old = _("A segmentation or its date has changed since they were compared. Press Compare again.")
        told = [text for text in (problem, old) if text]
        notices = [{"level": "warning", "text": text} for text in told]
        self.banner.show_notices(notices or provenance.notices_of(table))

    def plot(self) -> None:
        """Show the chosen measure over time in the layout."""
        table, course = follow_up_of(self._segmentation), self.grid.current()
        if table is not None and course is not None:
            same = [other for other in courses_in(table)
                    if (other.row.structure, other.row.quantity) == (course.row.structure, course.row.quantity)]
            show_chart(course_chart(table, same, dates_of(table)))

    def _look_at(self, course: Course) -> None:
        """Move the slice views to the place of a measure in the scan that is compared with the others."""
        visits, scan = visits_by_date(follow_up_of(self._segmentation)), scan_of(self._segmentation)
        if scan is None or self._segmentation not in visits or len(visits) != len(course.rows):
            return
        row = course.rows[visits.index(self._segmentation)]
        middle = None if row is None else middle_of(row, self._segmentation)
        if middle is not None:
            if not is_shown(scan):
                show_volume(scan)
                show_date(self._segmentation)
            cut_through(middle)

    def _lay_out(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        title = qt.QLabel(f"<b>{_('Follow-up')}</b>")
        title.toolTip = _("Compare with earlier or later scans of the same patient that are in the scene.")
        for widget in (title, self.visits, self.button, self.place, self.banner, self.legend, self.grid):
            layout.addWidget(widget)
        row = qt.QHBoxLayout()
        for widget in (self.all_box, self.growth_box, self.plot_button):
            row.addWidget(widget)
        layout.addLayout(row)

    def _show_table(self) -> None:
        table = follow_up_of(self._segmentation)
        courses = courses_in(table)
        for widget in (self.legend, self.grid, self.all_box, self.plot_button, self.growth_box):
            widget.visible = bool(courses)
        dates = dates_of(table) if table is not None else []
        self.legend.text = _("{first} → {last}; below, the change ± the difference to be expected without a change. ▲ "
                             "increased and ▼ decreased by more than that.").format(
            first=dates[0], last=dates[-1]) if dates else ""
        self.grid.show_courses(courses, dates, self.all_box.checked)
        bring_growth_along(table)
        model = growth_of(table)
        self.growth_box.enabled = model is not None
        blocked = self.growth_box.blockSignals(True)
        self.growth_box.checked = model is not None and bool(model.GetDisplayNode().GetVisibility())
        self.growth_box.blockSignals(blocked)
        self.show_problem()

    def _on_growth(self, shown: bool) -> None:
        """Show the coloured muscles instead of the segmentation's surfaces."""
        table = follow_up_of(self._segmentation)
        model = growth_of(table)
        if model is not None:
            bring_growth_along(table)
            model.GetDisplayNode().SetVisibility(shown)
            self._segmentation.GetDisplayNode().SetVisibility3D(not shown)
