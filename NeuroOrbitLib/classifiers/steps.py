"""Shared parts of the steps that a classifier's panel runs in the worker process; plain data in and out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.imaging.image import Image, voxels_sha256
from NeuroOrbitLib.jobs.progress import Progress
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.model_kind import ModelKind
    from NeuroOrbitLib.models import DeviceChoice, ModelPackage


def read_checked(scan: str) -> tuple[Image, list[str]]:
    """Return a scan with a few bad voxels repaired, and notices for the user about them.

    :param scan: file of the scan.
    :raises Problem: when the scan cannot be used.
    """
    from NeuroOrbitLib.imaging.checks import check_grey_values, check_volume, volume_notes
    from NeuroOrbitLib.imaging.files import load_image

    image = load_image(scan)
    return check_grey_values(check_volume(image)), volume_notes(image)


def provenance(package: ModelPackage, choice: DeviceChoice, started: float) -> dict[str, Any]:
    """Return the provenance of an answer: model, device, versions, and seconds since ``started`` (monotonic clock)."""
    from NeuroOrbitLib.software import software_versions

    return {
        "model": {"name": package.name, "title": package.title, **package.provenance()},
        "device": choice.as_data(), "versions": software_versions(),
        "seconds": time.monotonic() - started,
    }  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A step of a panel in the worker process, with the data that every step needs.

    :param package: package of the model.
    :param choice: device that computes, and why.
    :param image: scan with a few bad voxels repaired.
    :param notes: notices for the user about the scan.
    :param started: time when the step began (seconds of the monotonic clock).
    """

    package: ModelPackage
    choice: DeviceChoice
    image: Image
    notes: list[str]
    started: float

    @classmethod
    def begun(cls, kind: ModelKind, scan: str, model: str, model_folders: Sequence[str], device: str,
              progress: Progress) -> Step:
        """Return a step with its model found and its scan read.

        :param kind: selects the packages that belong to the module.
        :param scan: file of the scan.
        :param model: name of a model package, or its folder.
        :param model_folders: further folders to look for model packages in.
        :param device: "auto", "cpu" or "cuda".
        :param progress: receives the fraction done and a message.
        :raises Problem: when the scan or the model cannot be used.
        """
        started = time.monotonic()
        progress(0.0, _("Reading the scan"))
        package, choice = kind.tools(model, model_folders, device)
        image, notes = read_checked(scan)
        return cls(package, choice, image, notes, started)

    def provenance(self) -> dict[str, Any]:
        """Return the provenance of the step's answer, see :func:`provenance`."""
        return provenance(self.package, self.choice, self.started)


class LastAnswer:
    """A computation on an image that keeps its last result, as consecutive steps of a panel need the same one.

    :param compute: the computation.
    """

    def __init__(self, compute: Callable[[Image], Image]) -> None:
        self._compute = compute
        self._key = ""
        self._answer: Image | None = None

    def __call__(self, image: Image) -> Image:
        """Return the computation's result for an image, computed only if the image differs from the last one."""
        key = voxels_sha256(image.array) + repr(image.grid.key)
        if key != self._key:
            self._key, self._answer = key, self._compute(image)
        return self._answer
