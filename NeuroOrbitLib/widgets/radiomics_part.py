"""The part of a panel with radiomics features, and Table 1 of a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.cohort_tables import add_table_one
from NeuroOrbitLib.mrml.provenance import notices_of
from NeuroOrbitLib.mrml.radiomics_table import segmentation_of, was_edited
from NeuroOrbitLib.mrml.segment_content import EditedSince
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.notice import NoticeBanner

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.task_module import ModuleWords


class RadiomicsPart:
    """Shows the table of radiomics features, or Table 1 of a cohort that the user chooses.

    :param ui: widgets of the panel, with ``featureTablePlaceholder`` and ``tableOneButton``.
    :param banner: banner that shows what went wrong.
    :param module: words of the module whose cohorts are described.
    """

    def __init__(self, ui: object, banner: NoticeBanner, module: ModuleWords) -> None:
        self._banner, self._module = banner, module
        self.table_view = slicer.qMRMLTableView()
        self.table_view.objectName = "featureTableView"
        self.table_view.setMRMLScene(slicer.mrmlScene)
        self.table_view.setMinimumHeight(220)
        self.notices = NoticeBanner()
        self.notices.objectName = "featureNotices"
        for widget in (self.notices, self.table_view):
            ui.featureTablePlaceholder.layout().addWidget(widget)
        ui.tableOneButton.connect("clicked(bool)", self._on_table_one)
        self._features: slicer.vtkMRMLTableNode | None = None
        self._edited_since = EditedSince(was_edited)
        self._show(None)

    def set_features(self, table: slicer.vtkMRMLTableNode | None) -> None:
        """Show the table of a scan's features, with notices about it, if it is another one than before.

        Otherwise what is shown, such as a Table 1, stays.
        """
        if table is not self._features:
            self._features = table
            self._show(table)
            notices = notices_of(table)
            if notices:
                self._banner.show_notices(notices)
        self._tell_age()

    def _tell_age(self) -> None:
        """Show a notice if the scan or the segmentation of the shown features was changed since."""
        segmentation, shown = segmentation_of(self._features), self.table_view.mrmlTableNode() is self._features
        if segmentation is not None and shown and self._edited_since(self._features, self._features, segmentation):
            self.notices.show_notice("warning", _("The scan or its segmentation was changed after these features were "
                                                  "computed. Compute them again."))
        else:
            self.notices.clear_notices()

    def _show(self, table: slicer.vtkMRMLTableNode | None) -> None:
        self.table_view.visible = table is not None
        self.table_view.setMRMLTableNode(table)

    def _on_table_one(self, _checked: bool = False) -> None:
        folder = qt.QFileDialog.getExistingDirectory(None, _("Folder of a prepared cohort"), "")
        if folder:
            self.show_table_one(Path(folder))

    def show_table_one(self, folder: Path) -> None:
        """Add Table 1 of a cohort to the scene and show it, or show why that is not possible."""
        try:
            self._show(add_table_one(folder, self._module))
            self._tell_age()
        except Problem as problem:
            self._banner.show_notice("error", str(problem))
