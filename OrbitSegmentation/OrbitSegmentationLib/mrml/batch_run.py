"""A batch of scans in a worker process, started from the panel."""

from __future__ import annotations

from collections.abc import Mapping

from NeuroOrbitLib.jobs import Event, Job, JobRequest, JobRunner

FUNCTION = "OrbitSegmentationLib.batch.run:run_batch"


class BatchRun:
    """A batch under way in a worker process.

    :param runner: starts the worker. :param arguments: of :func:`OrbitSegmentationLib.batch.run.run_batch`.
    """

    def __init__(self, runner: JobRunner, arguments: Mapping[str, object], function: str = FUNCTION) -> None:
        self._runner, self._folder = runner, runner.new_folder()
        self._job: Job = runner.start(JobRequest(function, {**arguments, "resume": True}), self._folder)

    def poll(self) -> list[Event]:
        """What happened since the last call; never waits."""
        events = self._job.poll()
        if self.finished:
            self._runner.remove_folder(self._folder)
        return events

    def cancel(self) -> None:
        """Stop; the scans that are done stay done."""
        self._job.cancel()

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self._job.state != "running"
