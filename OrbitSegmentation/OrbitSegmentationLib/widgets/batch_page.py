"""The page for batches: source, folder of the results, and a run that can be stopped and continued."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.jobs import Failure, JobRunner, Result
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.run_control import Run, RunControl


class BatchRuns(Protocol):
    """Starts the batches of the page."""

    def start(self, source: str, output: str) -> Run:
        """Start or continue a batch.

        :param source: folder or table of scans.
        :param output: folder of the results.
        :raises Problem: if it cannot be started.
        """


class PanelRuns:
    """Starts batches with the model and device that are chosen in the module's panel, in a separate worker."""

    def __init__(self, panel: Any) -> None:
        self._panel = panel
        folder = Path(__file__).resolve().parents[2]  # the worker finds this package here
        self._runner = JobRunner(extra_paths=[folder], temporary_folder=slicer.app.temporaryPath)

    def start(self, source: str, output: str) -> Run:
        """Start or continue a batch."""
        from OrbitSegmentationLib.mrml.batch_run import BatchRun  # here, so that Slicer starts without it

        self._panel.ensureDependencies()
        node, folder = self._panel.logic.getParameterNode(), self._panel.modelChooser.folder()
        return BatchRun(self._runner, {"source": source, "output": output, "model": node.modelName,
                                       "device": node.device.value, "model_folders": [folder] if folder else []})

    def close(self) -> None:
        """End the worker process."""
        self._runner.close()


def add_batch_page(panel: Any) -> None:
    """Add the page to the panel as its last tab; it is closed together with the panel."""
    runs = PanelRuns(panel)
    page = BatchPage(runs)
    panel.ui.pagesTabWidget.addTab(page, _("Batch"))
    panel.endings += [page.end, runs.close]


class BatchPage(qt.QWidget):
    """Two folders, a button to start or continue, progress, and the outcome.

    :param runs: starts the batches.
    """

    def __init__(self, runs: BatchRuns, parent: qt.QWidget | None = None) -> None:
        qt.QWidget.__init__(self, parent)
        self.objectName = "batchPage"
        self._runs = runs
        layout = qt.QVBoxLayout(self)
        form = qt.QFormLayout()
        self.source_edit = self._folder_row(form, "batchSourceLineEdit", _("Scans:"), _(
            "Folder with NIfTI, NRRD or DICOM files, subfolders included; of each DICOM study the series that shows "
            "the orbits best is taken."))
        self.output_edit = self._folder_row(form, "batchOutputLineEdit", _("Results:"), _(
            "Folder for the results, outside of the scans' folder."))
        self.start_button = qt.QPushButton(_("Start or go on"))
        self.start_button.objectName = "batchStartButton"
        self.banner = NoticeBanner()
        self.open_button = qt.QPushButton(_("Open the overview"))
        self.open_button.objectName = "batchOpenButton"
        self.open_button.toolTip = _("Pictures of all results, the most doubtful first, in the web browser.")
        self.open_button.connect("clicked(bool)", self._open)
        self.control = RunControl(self.start_button, self._start, self._report)
        layout.addLayout(form)
        for part in (self.start_button, self.control, self.banner, self.open_button):
            layout.addWidget(part)
        layout.addStretch(1)
        self._update()

    def end(self) -> None:
        """Stop the current run because the panel is being closed."""
        self.control.abandon()

    def _folder_row(self, form: qt.QFormLayout, name: str, label: str, hint: str) -> qt.QLineEdit:
        edit, button, row = qt.QLineEdit(), qt.QPushButton(_("Choose…")), qt.QHBoxLayout()
        edit.objectName, edit.toolTip = name, hint
        button.toolTip = hint
        edit.connect("textChanged(QString)", self._update)
        button.connect("clicked(bool)", lambda _checked=False: self._choose(edit))
        row.addWidget(edit, 1)
        row.addWidget(button)
        form.addRow(label, row)
        form.labelForField(row).setBuddy(edit)
        return edit

    def _choose(self, edit: qt.QLineEdit) -> None:
        folder = qt.QFileDialog.getExistingDirectory(self, edit.toolTip, edit.text)
        if folder:
            edit.text = folder

    def _update(self, _text: str = "") -> None:
        chosen = self.source_edit.text.strip() and self.output_edit.text.strip()
        self.control.set_can_apply("" if chosen else _("Choose the folders of the scans and of the results first."),
                                   _("Segment and measure all scans; what is done already is not done again."))
        self.open_button.visible = self._overview().is_file()

    def _overview(self) -> Path:
        return Path(self.output_edit.text.strip() or "missing") / "index.html"

    def _start(self) -> Run:
        self.banner.show_notices([])
        return self._runs.start(self.source_edit.text.strip(), self.output_edit.text.strip())

    def _report(self, end: Result | Failure | None, _run: Run | None) -> None:
        self._update()
        if isinstance(end, Failure):
            self.banner.show_notices([{"level": "error", "text": end.text}])
        elif end is None:
            self.banner.show_notices([{"level": "info", "text": _(
                "The batch was ended. The scans that are done stay done; start again to go on.")}])
        else:
            self.banner.show_notices([self._summary(end.value)])

    def _summary(self, answer: Mapping[str, Any]) -> dict[str, str]:
        texts = [_("{done} of {scans} scans are segmented and measured.").format(
            done=answer["scans"] - answer["failed"], scans=answer["scans"])]
        if answer["failed"]:
            texts.append(_("{failed} could not be done; failures.csv in the results says why.").format(
                failed=answer["failed"]))
        if answer["noticed"]:
            texts.append(_("Scans with notices: {noticed}. Read notices.csv in the results before you use "
                           "table.csv.").format(noticed=answer["noticed"]))
        if answer.get("overview_problem"):
            texts.append(_("The overview is in English: {problem}").format(problem=answer["overview_problem"]))
        return {"level": "info" if len(texts) == 1 else "warning", "text": " ".join(texts)}

    def _open(self, _checked: bool = False) -> None:
        qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(self._overview())))
