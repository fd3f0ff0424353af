"""The button that writes the report of a result."""

from __future__ import annotations

from pathlib import Path

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.explanation_run import ChangesOf, ImagesOf, labels_of_result, no_changes
from NeuroOrbitLib.mrml.heat_maps import HeatLook
from NeuroOrbitLib.mrml.reports import ReportWordsOf, write_result_report
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.dependencies import ensure_for_page
from NeuroOrbitLib.widgets.file_choice import choose_report
from NeuroOrbitLib.widgets.notice import NoticeBanner


class ReportButton:
    """Controller of the button that asks for a file and writes the report, as HTML or PDF by its name.

    :param button: button of the panel.
    :param banner: banner that shows where the report is, or why there is none.
    :param words_of: function that returns the words of the module's reports.
    :param file_name: suggested file name of the report, e.g. ``"activity.html"``.
    :param images_of: function that returns the images that a result rests on, see
        :func:`NeuroOrbitLib.mrml.explanation_run.was_edited`.
    :param changes_of: function that returns sentences on what else is different now.
    """

    def __init__(self, button: qt.QPushButton, banner: NoticeBanner, words_of: ReportWordsOf, file_name: str,
                 images_of: ImagesOf = labels_of_result, changes_of: ChangesOf = no_changes) -> None:
        self._button, self._banner = button, banner
        self._words_of, self._file_name, self._images_of = words_of, file_name, images_of
        self._changes_of = changes_of
        self._result: ClassifierResult | None = None
        self._look = HeatLook()
        button.connect("clicked(bool)", self._on_clicked)
        self.set_result(None, self._look)

    def set_result(self, result: ClassifierResult | None, look: HeatLook) -> None:
        """Set the result to report and the look of its heat map as shown; without a result the button is disabled."""
        self._result, self._look = result, look
        self._button.enabled = result is not None

    def _on_clicked(self, _checked: bool = False) -> None:
        path = choose_report(self._button, self._result.record["input"].get("name") or "", self._file_name)
        if path is not None:
            self.write(path)

    def write_page(self, path: Path) -> None:
        """Write the report.

        :param path: file to write, ending in .html or .pdf.
        :raises Problem: if something is missing; the message names it, and nothing is written.
        """
        if self._result is None:
            raise Problem(_("The report is that of an answer: press Apply first, or leave the report out."))
        ensure_for_page(path)
        write_result_report(self._result, path, self._look, self._words_of, self._images_of,
                            self._changes_of)

    def write(self, path: Path) -> None:
        """Write the report and show where it is, or why it could not be written."""
        try:
            self.write_page(path)
        except Problem as problem:
            self._banner.show_notice("error", str(problem))
            return
        self._banner.show_notice("info", _("The report was written to {path}").format(path=path))
