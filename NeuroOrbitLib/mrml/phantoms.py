"""Synthetic patients as volume nodes, computed on this computer without network access."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import slicer

from NeuroOrbitLib.jobs import Event, JobRequest, JobRunner
from NeuroOrbitLib.mrml.run import follow_job
from NeuroOrbitLib.mrml.volumes import node_from_image

FUNCTION = "NeuroOrbitLib.phantom.patients.sample_scans:write_sample"


def add_phantom(kind: str, name: str, on_event: Callable[[Event], None] | None = None,
                runner: JobRunner | None = None, function: str = FUNCTION,
                paths: Sequence[Path] = ()) -> slicer.vtkMRMLScalarVolumeNode:
    """Compute a phantom in a worker process and add it to the scene; the application stays responsive.

    The other parameters and the errors are those of :func:`write_phantom`.

    :param name: name of the new node.
    """
    from NeuroOrbitLib.imaging.files import load_image  # imported here, so that Slicer starts without it

    with _worker(runner, paths) as worker:
        folder = worker.new_folder()
        image = load_image(_compute(worker, folder, folder / "phantom.nii", kind, on_event, function))
        worker.remove_folder(folder)
    # Not loaded by the application, whose storage node would refer to a file that no longer exists.
    return node_from_image(image, name)


def write_phantom(kind: str, path: Path, on_event: Callable[[Event], None] | None = None,
                  runner: JobRunner | None = None, function: str = FUNCTION, paths: Sequence[Path] = ()) -> None:
    """Compute a phantom in a worker process and write it to a file.

    :param kind: one of the kinds of :func:`NeuroOrbitLib.phantom.patients.sample_scans.write_sample`, e.g. "TED-CT".
    :param path: image file to write.
    :param on_event: function called with each event, such as progress; an exception that it raises ends the computation
        and reaches the caller.
    :param runner: runner of the worker process; by default a new one that ends afterwards.
    :param function: function that computes the phantom, as "package.module:function".
    :param paths: folders from which the worker process imports the function, if ``runner`` is None.
    :raises JobFailed: if the computation failed.
    :raises NotWritten: if the file cannot be written.
    """
    from NeuroOrbitLib.files.safe import write_files  # imported here, so that Slicer starts without it

    with _worker(runner, paths) as worker:
        folder = worker.new_folder()
        made = _compute(worker, folder, folder / "phantom.nii", kind, on_event, function)
        write_files({path: lambda place: shutil.move(made, place)}, made.stat().st_size)
        worker.remove_folder(folder)


def _compute(worker: JobRunner, folder: Path, path: Path, kind: str, on_event: Callable[[Event], None] | None,
             function: str) -> Path:
    follow_job(worker.start(JobRequest(function, {"kind": kind, "path": str(path)}), folder), on_event)
    return path


def _worker(runner: JobRunner | None, paths: Sequence[Path]) -> contextlib.AbstractContextManager[JobRunner]:
    return contextlib.nullcontext(runner) if runner else JobRunner(
        extra_paths=paths, temporary_folder=slicer.app.temporaryPath)
