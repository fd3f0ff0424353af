"""Synthetic patients as volume nodes, made on this computer without network."""

from __future__ import annotations

from collections.abc import Callable

import slicer

from NeuroOrbitLib.jobs import Event, JobFailed, JobRequest, JobRunner
from NeuroOrbitLib.mrml.run import keep_application_alive
from NeuroOrbitLib.mrml.volumes import node_from_image

_FUNCTION = "NeuroOrbitLib.phantom.sample:write_sample"


def add_phantom(kind: str, name: str, on_event: Callable[[Event], None] | None = None,
                function: str = _FUNCTION) -> slicer.vtkMRMLScalarVolumeNode:
    """Compute a phantom in a worker process and add it to the scene; the application stays responsive.

    :param kind: one of the kinds of :func:`NeuroOrbitLib.phantom.sample.write_sample`, e.g. "TED-CT".
    :param name: name of the new node.
    :param on_event: told the progress; an exception that it raises ends the computation and goes on to the caller.
    :param function: what computes, as "package.module:function".
    :raises JobFailed: if the computation failed.
    """
    from NeuroOrbitLib.imaging.files import load_image  # not needed when the application starts

    with JobRunner(temporary_folder=slicer.app.temporaryPath) as runner:
        folder = runner.new_folder()
        path = folder / "phantom.nii"
        job = runner.start(JobRequest(function, {"kind": kind, "path": str(path)}), folder)
        while job.state == "running":
            for event in job.poll():
                if on_event is not None:
                    on_event(event)
            keep_application_alive()
        if job.failure is not None:
            raise JobFailed(job.failure)
        # not loaded through the application: its storage node would point to a file that is removed now
        return node_from_image(load_image(path), name)
