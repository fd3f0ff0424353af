"""The worker process of AutoCorrection, shared by all editors, so that the application never waits for PyTorch."""

from __future__ import annotations

import atexit
import contextlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.jobs import Event, Failure, Job, JobRequest, JobRunner, Progress, Result
from NeuroOrbitLib.problem import Problem

_JOB = "OrbitSegmentationLib.refinement.correction.job"
_LIBRARY = Path(__file__).resolve().parents[2]


class Request:
    """A requested correction; :meth:`CorrectionWorker.poll` sets its :attr:`answer`.

    :param image, mask, spacing: see :class:`~OrbitSegmentationLib.effects.correction_drawing.Drawing`.
    :param limit: distance (mm) that the border may move.
    :ivar answer: corrected mask and confidence; ``None`` until they have arrived.
    """

    def __init__(self, image: np.ndarray, mask: np.ndarray, spacing: tuple[float, ...], limit: float) -> None:
        self._image, self._mask = image, mask
        self._spacing, self._limit = spacing, limit
        self.job: Job | None = None
        self.answer: tuple[np.ndarray, np.ndarray] | None = None
        self._folder: Path | None = None

    def start(self, runner: JobRunner) -> None:
        """Send the drawing to the worker.

        :raises Problem: if no folder can be made for its files.
        :raises OSError: if they cannot be written.
        """
        self._folder = runner.new_folder()
        try:
            np.savez(self._folder / "drawing.npz", image=self._image, mask=self._mask)
        except OSError:
            runner.remove_folder(self._folder)
            raise
        arguments = {"drawing": self._folder / "drawing.npz", "output": self._folder / "correction.npz",
                     "spacing_mm": list(self._spacing), "distance_limit_mm": self._limit}
        self.job = runner.start(JobRequest(f"{_JOB}:correct_file", arguments), self._folder)

    def take_answer(self) -> None:
        """Read the answer of a finished job and remove the job's files.

        :raises OSError, ValueError, KeyError: if the answer cannot be read.
        """
        try:
            with np.load(self._folder / "correction.npz", allow_pickle=False) as arrays:
                self.answer = arrays["mask"], arrays["confidence"]
        finally:
            self.job.clean()


class CorrectionWorker:
    """One worker process; a new request replaces an earlier one that is still waiting."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        self._warming: Job | None = None
        self._request: Request | None = None
        self.about: Mapping[str, Any] | None = None  # the worker's description of its model, see job.describe

    def warm_up(self) -> None:
        """Start the process and load the network, unless this has already been done."""
        if self._runner.worker_pid is None and not self._runner.is_busy:
            with contextlib.suppress(Problem):  # no correction is under way: the first request reports it
                self._warming = self._runner.start(JobRequest(f"{_JOB}:warm_up"))

    def ask(self, request: Request) -> None:
        """Request a correction, replacing an earlier request; :meth:`poll` starts it as soon as the worker is ready."""
        self.drop()
        self._request = request

    def drop(self) -> None:
        """Cancel the current request."""
        if self._request is not None and self._request.job is not None:
            self._request.job.cancel()
        self._request = None

    def poll(self, request: Request) -> list[Event]:
        """Return the events of a request since the last call; its last event is a Result or a Failure."""
        try:
            return self._events_of(request)
        except Problem as problem:
            self.drop()
            return [Failure(str(problem))]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            self.drop()
            return [Failure(_("The drawing or its correction could not be kept in the folder for temporary files, "
                              "{folder} ({error}). Free some space on its disk, then click again.").format(
                                  folder=slicer.app.temporaryPath, error=getattr(error, "strerror", None) or error))]

    def _events_of(self, request: Request) -> list[Event]:
        if self._warming is not None:
            self._see_warm_up()
        if request is not self._request:
            return [Failure("", "stopped")]
        if request.job is None:
            if self._warming is not None:
                return [Progress(0.0, "", None)]
            request.start(self._runner)
        events = request.job.poll()
        if any(isinstance(event, Result | Failure) for event in events):
            self._request = None
            self.about = request.job.result or self.about
        if any(isinstance(event, Result) for event in events):
            request.take_answer()
        return events

    def close(self) -> None:
        """End the worker process."""
        self._request = self._warming = None
        self._runner.close()

    def _see_warm_up(self) -> None:
        self._warming.poll()
        if self._warming.state != "running":
            self.about = self._warming.result or self.about
            self._warming = None


_shared: list[CorrectionWorker] = []


def shared_worker() -> CorrectionWorker:
    """Return the worker of this application; it ends with the application."""
    if not _shared:
        worker = CorrectionWorker(JobRunner(extra_paths=[_LIBRARY], temporary_folder=slicer.app.temporaryPath))
        atexit.register(worker.close)
        _shared.append(worker)
    return _shared[0]
