"""One analysis of a volume, from its node through the worker process to result nodes: all of them or none."""

from __future__ import annotations

import contextlib
import datetime
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.jobs import Cancelled, Event, Failure, Job, JobFailed, JobRequest, JobRunner, Result
from NeuroOrbitLib.mrml.provenance import image_sha256, volume_identity
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_masks import beyond_scan, overlaps
from NeuroOrbitLib.mrml.storage_check import check_storage
from NeuroOrbitLib.mrml.transaction import scene_transaction
from NeuroOrbitLib.mrml.volumes import check_scan, image_from_node
from NeuroOrbitLib.problem import Problem

#: Function that adds a pipeline's answer to the scene: (run, answer) -> results.
Insert = Callable[["VolumeRun", Mapping[str, object]], object]
_WAIT_STEP_SECONDS = 0.02


@dataclass(frozen=True)
class VolumeSnapshot:
    """The input of a run at its start.

    :param node: the volume node; it may have been removed from the scene since.
    :param grid: grid of the volume at that time, in RAS mm with parent transforms.
    :param identity: identity of the volume at that time, see
        :func:`NeuroOrbitLib.mrml.provenance.volume_identity`.
    """

    node: slicer.vtkMRMLScalarVolumeNode
    grid: Grid
    identity: Mapping[str, object]

    def in_scene(self) -> bool:
        """Return whether the node is still in the scene."""
        return slicer.mrmlScene.IsNodePresent(self.node) != 0

    def voxels_changed(self) -> bool:
        """Return whether the voxels of the node have changed since."""
        return volume_identity(self.node)["voxels_sha256"] != self.identity["voxels_sha256"]


class VolumeRun:
    """A run of a pipeline on a volume; call :meth:`poll` from time to time, or :meth:`wait`.

    After the run, :attr:`fallback` says why the processor took over from a graphics card that failed; "" if none did.

    :param runner: runner of the worker process.
    :param function: function of the pipeline, as ``package.module:function``. It is called with the file of the scan as
        ``scan``, the file to write as ``output``, and ``arguments``.
    :param volume: the scan.
    :param arguments: further arguments of the function, plain data.
    :param insert: function that adds the pipeline's answer to the scene. It is called inside a transaction, so that an
        exception leaves no nodes behind. Its return value becomes :attr:`results`.
    :param images: further images for the pipeline, by the name of the argument that gets the file; their hashes are
        kept as :attr:`images_sha256`.
    :param rests_on: further nodes that the run and its results depend on; removing one of them ends the run. Where
        segments of one of them share voxels or reach beyond the scan, :attr:`told_of_segments` says so.
    :raises Problem: if the volume cannot be analysed.
    """

    def __init__(self, runner: JobRunner, function: str, volume: slicer.vtkMRMLScalarVolumeNode,
                 arguments: Mapping[str, object], insert: Insert,
                 images: Mapping[str, Image] | None = None,
                 rests_on: Iterable[slicer.vtkMRMLNode | None] = ()) -> None:
        check_scan(volume)
        check_storage(volume)
        image = image_from_node(volume)
        self.id = uuid.uuid4().hex
        self.started = datetime.datetime.now(datetime.timezone.utc)
        self.function, self.arguments = function, dict(arguments)
        self.snapshot = VolumeSnapshot(volume, image.grid, volume_identity(volume))
        self.images_sha256 = {name: image_sha256(each) for name, each in (images or {}).items()}
        self.results: object = None
        self.fallback: str = ""
        self.failure: Failure | None = None
        self.finished = False
        self._insert, self.rests_on = insert, tuple(filter(None, rests_on))
        self.told_of_segments = _about_segments(volume, self.rests_on)
        with contextlib.ExitStack() as stack:
            folder = runner.new_folder()
            stack.callback(runner.remove_folder, folder)
            self._job = runner.start(self._request({"scan": image, **(images or {})}, folder), folder)
            stack.pop_all()

    def _request(self, images: Mapping[str, Image], folder: Path) -> JobRequest:
        from NeuroOrbitLib.imaging.files import save_image  # not needed before the first run

        # Uncompressed: the worker reads the file immediately, and compressing a large scan takes longer than copying.
        files = {name: str(save_image(image, folder / f"{name}.nii")) for name, image in images.items()}
        arguments = {**files, "output": str(folder / "output.nii"), **self.arguments}
        return JobRequest(function=self.function, arguments=arguments)

    def poll(self) -> list[Event]:
        """Return the events since the last call without waiting, and add results to the scene."""
        if self.finished:
            return []
        if not self.snapshot.in_scene():
            self.cancel()
            return [self._fail(_("The scan was removed from the scene while it was being analysed. "
                                 "Load it again and press Apply."))]
        lost = next((node for node in self.rests_on if not slicer.mrmlScene.IsNodePresent(node)), None)
        if lost is not None:
            self.cancel()
            return [self._fail(_("'{name}' was removed from the scene while it was being used. Nothing was added. "
                                 "Load it again or choose another one, and begin again.").format(name=lost.GetName()))]
        if _scene_is_busy():
            return []
        return [self._settle(event) for event in self._job.poll()]

    def _settle(self, event: Event) -> Event:
        """Add a result to the scene; other events are returned unchanged."""
        if isinstance(event, Failure):
            self.failure, self.finished = event, True
        if isinstance(event, Result):
            return self._accept(event)
        return event

    def _accept(self, result: Result) -> Result | Failure:
        try:
            with scene_transaction():
                self.results = self._insert(self, result.value)
            device = result.value.get("device") or {}
            self.fallback = device["reason"] if device.get("is_fallback") else ""
        except Problem as problem:
            return self._fail(str(problem))
        finally:
            self.finished = True
            self._job.clean()
        return result

    def _fail(self, text: str) -> Failure:
        self.failure = Failure(text)
        return self.failure

    def cancel(self) -> None:
        """Stop the run within a second; scene and files are as before."""
        if not self.finished:
            self.finished = True
            self._job.cancel()
            self._job.clean()

    def wait(self, on_event: Callable[[Event], None] | None = None) -> object:
        """Wait for the end, keeping the application alive.

        :param on_event: function called with each event that :meth:`poll` returns.
        :return: what ``insert`` returned, or ``None`` if the run was cancelled.
        :raises Problem: if the scan cannot be used; the message says why.
        :raises JobFailed: if the computation failed for another reason.
        """
        while not self.finished:
            for event in self.poll():
                if on_event is not None:
                    on_event(event)
            keep_application_alive()
        if self.failure is None:
            return self.results
        raise Problem(self.failure.text) if self.failure.kind == "problem" else JobFailed(self.failure)


def follow_job(job: Job, on_event: Callable[[Event], None] | None = None) -> None:
    """Wait for the end of a job, keeping the application alive.

    :param on_event: function called with each event; an exception that it raises cancels the job and reaches the
        caller, except for :class:`Cancelled` if the job had come to its result before it could be cancelled.
    :raises JobFailed: if the job failed.
    """
    try:
        with contextlib.ExitStack() as stack:
            stack.callback(job.cancel)
            while job.state == "running":
                for event in job.poll():
                    if on_event is not None:
                        on_event(event)
                keep_application_alive()
    except Cancelled:
        if job.state != "done":
            raise
    if job.failure is not None:
        raise JobFailed(job.failure)


def job_answer(job: Job, on_event: Callable[[Event], None] | None = None) -> Mapping[str, object]:
    """Return what the function of a job returned; the parameters are those of :func:`follow_job`, which waits for it.

    :raises Problem: if the input cannot be used.
    :raises JobFailed: if the job failed for another reason.
    """
    try:
        follow_job(job, on_event)
    except JobFailed as error:
        if error.failure.kind == "problem":
            raise Problem(str(error)) from error
        raise
    return job.result


def keep_application_alive() -> None:
    """Let the application react to the user for a moment; to be called in loops that wait."""
    slicer.app.processEvents()
    time.sleep(_WAIT_STEP_SECONDS)


def _about_segments(volume: slicer.vtkMRMLScalarVolumeNode, rests_on: Sequence[slicer.vtkMRMLNode]) -> list[str]:
    """Sentences about segments that share voxels, or reach beyond the scan on which their label map was drawn up."""
    found = []
    for node in rests_on:
        if node.IsA("vtkMRMLSegmentationNode"):
            scan = scan_of(node) if scan_of(node) in rests_on else volume
            found += [*overlaps(node, scan), *beyond_scan(node, scan)]
    return found


def _scene_is_busy() -> bool:
    """Return whether nodes must not be added now: a scene is being read, closed or restored."""
    scene = slicer.mrmlScene
    return bool(scene.IsBatchProcessing() or scene.IsImporting() or scene.IsClosing() or scene.IsRestoring())
