"""A batch of scans in a worker process, started from the panel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from NeuroOrbitLib.jobs import Event, Failure, Job, JobRequest, JobRunner, Result
from NeuroOrbitLib.mrml.translation import translated

FUNCTION, OVERVIEW = "OrbitSegmentationLib.batch.run:run_batch", "OrbitSegmentationLib.batch.summary:write_overview"


class BatchRun:
    """A running batch in a worker process; its page of pictures is in the language of the application.

    Only the application can translate: once the batch is done, its worker writes the page again, translated. If that
    fails, the page stays in English, and the result has the reason as ``overview_problem``.

    :param runner: runner that starts the worker.
    :param arguments: arguments of :func:`OrbitSegmentationLib.batch.run.run_batch`.
    :param function: function that runs the batch, as "module:function".
    """

    def __init__(self, runner: JobRunner, arguments: Mapping[str, object], function: str = FUNCTION) -> None:
        self._runner, self._output = runner, arguments["output"]
        self._answer: Result | None = None
        self._start(function, {**arguments, "resume": True})

    def _start(self, function: str, arguments: Mapping[str, object]) -> None:
        self._folder = self._runner.new_folder()
        self._job: Job = self._runner.start(JobRequest(function, arguments), self._folder)

    def poll(self) -> list[Event]:
        """Return the events since the last call, without waiting."""
        events = self._job.poll()
        if self.finished:
            self._runner.remove_folder(self._folder)
        return [told for event in events for told in self._taken_in(event)]

    def _taken_in(self, event: Event) -> Iterable[Event]:
        if not isinstance(event, Result | Failure):
            return [event]
        if self._answer is not None:  # the batch is done, even if its page could not be written
            problem = event.text if isinstance(event, Failure) else ""
            return [Result({**self._answer.value, "overview_problem": problem})]
        if isinstance(event, Failure):
            return [event]
        said = {str(text): translated(text) for text in event.value.get("sentences", ())}
        if all(text == words for text, words in said.items()):
            return [event]
        self._answer = event
        self._start(OVERVIEW, {"output": self._output, "said": said})
        return []

    def cancel(self) -> None:
        """Stop the batch; finished scans are kept."""
        self._job.cancel()

    @property
    def finished(self) -> bool:
        """Whether no further events will follow."""
        return self._job.state != "running"
