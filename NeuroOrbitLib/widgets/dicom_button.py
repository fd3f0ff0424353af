"""A button that writes the results of a scan as DICOM, asking for destination, pseudonym and series where needed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.jobs import Cancelled, JobFailed
from NeuroOrbitLib.mrml.dicom_results import UnknownSeries, database_is_open, series_files
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.replacing import ask_to_replace

#: Function that writes the objects and returns the names of the files. Its arguments are the output folder (``None``
#: for the application's DICOM database), the folder of the series if the user had to choose it, the patient's pseudonym
#: if there is one, and the report (PDF) if it is to be included; else ``None``.
Write = Callable[[Path | None, Path | None, str | None, Path | None], Sequence[str]]


class DicomButton:
    """Controller of a button that exports DICOM: it asks for the destination and for information the scene lacks.

    :param button: button of the panel, to which the menu is added.
    :param banner: banner that shows where the objects are, or why there are none.
    :param scan: function that returns the scan that the results belong to.
    :param write: function that writes the objects.
    :param report: function that writes the report to a PDF file.
    """

    def __init__(self, button: qt.QPushButton, banner: NoticeBanner,
                 scan: Callable[[], slicer.vtkMRMLScalarVolumeNode | None], write: Write,
                 report: Callable[[Path], None]) -> None:
        self._button, self._banner, self._scan, self._write, self._report = button, banner, scan, write, report
        self.menu = qt.QMenu(button)
        self._into_database, self._into_folder = self.menu.addAction(""), self.menu.addAction(_("Into a folder…"))
        self._into_database.connect("triggered()", self._fill_database)
        self._into_folder.connect("triggered()", self._fill_folder)
        self.menu.addAction(_("De-identified, into a folder…")).connect("triggered()", self._fill_deidentified)
        self.menu.addSeparator()
        self._with_report = self.menu.addAction(_("With the report (PDF)"))
        self._with_report.setCheckable(True)
        self._with_report.toolTip = _("The report goes into the patient's study as well; never into a de-identified "
                                      "export, as it may name the patient.")
        self.menu.toolTipsVisible = True
        self.menu.connect("aboutToShow()", self._propose)
        button.setMenu(self.menu)

    def export(self, folder: Path | None, series: Path | None = None, pseudonym: str | None = None) -> None:
        """Write the DICOM objects and show the user where they are or what went wrong.

        :param folder: folder to write to; ``None`` for the application's DICOM database.
        :param series: folder of the original series if the scene does not know it, else ``None``.
        :param pseudonym: pseudonym that replaces the patient's name and identifier; ``None`` to keep them.
        """
        try:
            files = self._written(folder, series, pseudonym)
        except Cancelled:
            self._banner.show_notice("info", _("Cancelled. Nothing was written."))
        except (Problem, JobFailed) as error:
            self._banner.show_notice("error", str(error))
        else:
            self._banner.show_notice("info", _in_database(files) if folder is None else _(
                "Written to {folder}: {files}").format(folder=folder, files=", ".join(_shortened(files))))

    def _written(self, folder: Path | None, series: Path | None, pseudonym: str | None) -> Sequence[str]:
        """Write the objects, with the report if the user wants it; a de-identified export has none."""
        if not self._takes_report(pseudonym):
            return self._write(folder, series, pseudonym, None)
        with tempfile.TemporaryDirectory(dir=slicer.app.temporaryPath) as place:
            page = Path(place) / "report.pdf"
            self._report(page)
            return self._write(folder, series, None, page)

    def _takes_report(self, pseudonym: str | None) -> bool:
        return self._with_report.checked and pseudonym is None

    def _propose(self) -> None:
        """Make the database the default destination if one is open, else a folder."""
        is_open = database_is_open()
        self._into_database.text = _("Into the DICOM database") if is_open else _(
            "Into the DICOM database (none is open)")
        self.menu.setDefaultAction(self._into_database if is_open else self._into_folder)

    def _fill_database(self) -> None:
        known, series = self._series()
        if known:
            self.export(None, series)

    def _fill_folder(self) -> None:
        known, series = self._series()
        if known:  # before the user spends time on finding a folder
            self._ask_for_folder(series)

    def _fill_deidentified(self) -> None:
        known, series = self._series()
        pseudonym = qt.QInputDialog.getText(self._button, _("DICOM"), _(
            "Pseudonym of the patient. A copy of the images is written, too; names, dates and identifiers are left out "
            "or replaced.")).strip() if known else ""
        if pseudonym:
            self._ask_for_folder(series, pseudonym)

    def _ask_for_folder(self, series: Path | None, pseudonym: str | None = None) -> None:
        # Imported here, so that Slicer starts without it.
        from NeuroOrbitLib.dicom.export import MEASUREMENTS_NAME, REPORT_NAME, SEGMENTATION_NAME

        name = qt.QFileDialog.getExistingDirectory(self._button, _("Folder for the DICOM objects"))
        files = [SEGMENTATION_NAME, MEASUREMENTS_NAME, *([REPORT_NAME] if self._takes_report(pseudonym) else [])]
        places = [Path(name, file) for file in files]
        there = [place for place in places if name and place.exists()]
        there += sorted(Path(name).glob("heat_map_*.dcm")) if name else []
        if there and not ask_to_replace(there):
            self._banner.show_notice("info", _(
                "Nothing was written: the folder holds results already. Choose another folder."))
        elif name:
            self.export(Path(name), series, pseudonym)

    def _series(self) -> tuple[bool, Path | None]:
        """Return whether the scan's DICOM files are known, and their folder if the user had to choose it.

        If they are not known, a notice says what to do.
        """
        try:
            series_files(self._scan())
        except UnknownSeries as unknown:
            folder = self._ask_for_series(str(unknown))
            if folder is None:
                self._banner.show_notice("info", _(
                    "Nothing was written. {reason} Choose the folder with its original series, or import the series "
                    "into the DICOM module and load it from there.").format(reason=str(unknown)))
            return folder is not None, folder
        except Problem as problem:
            self._banner.show_notice("error", str(problem))
            return False, None
        return True, None

    def _ask_for_series(self, reason: str) -> Path | None:
        if not slicer.util.confirmOkCancelDisplay(
                _("{reason} Choose the folder that holds its original DICOM series: the results become part of that "
                  "study.").format(reason=reason), _("DICOM")):
            return None
        name = qt.QFileDialog.getExistingDirectory(self._button, _("Folder of the original DICOM series"))
        return Path(name) if name else None


def _shortened(files: Sequence[str]) -> list[str]:
    """Return the names of written files, with copies of images only counted."""
    images = [name for name in files if name.startswith("image_")]
    others = [name for name in files if name not in images]
    return [*others, _("images: {count}").format(count=len(images))] if images else others


def _in_database(files: Sequence[str]) -> str:
    """Return the notice about results that were filed in the database."""
    from NeuroOrbitLib.dicom.export import MEASUREMENTS_NAME, REPORT_NAME  # so that Slicer starts without it

    told = _("The segmentation and its measures are in the DICOM database, as new series of the scan's study. Open the "
             "DICOM module to see or send them.") if MEASUREMENTS_NAME in files else _(
        "The segmentation is in the DICOM database, as a new series of the scan's study; nothing could be measured. "
        "Open the DICOM module to see or send it.")
    maps = sum(name.startswith("heat_map") for name in files)
    more = [_("Heat maps filed with them: {count}.").format(count=maps) if maps else "",
            _("The report is filed with them.") if REPORT_NAME in files else ""]
    return " ".join(filter(None, [told, *more]))
