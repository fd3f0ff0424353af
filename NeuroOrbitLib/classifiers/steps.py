"""What the steps of a classifier's panel have in common in the worker process. Plain data in and out."""

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
    """Return a scan with its few bad voxels repaired, with notices about them for the user.

    :raises Problem: when the scan cannot be used.
    """
    from NeuroOrbitLib.imaging.checks import check_grey_values, check_volume, volume_notes
    from NeuroOrbitLib.imaging.files import load_image

    image = load_image(scan)
    return check_grey_values(check_volume(image)), volume_notes(image)


def provenance(package: ModelPackage, choice: DeviceChoice, started: float) -> dict[str, Any]:
    """Return how an answer came about: model, device, versions, and the seconds since ``started`` (monotonic clock)."""
    from NeuroOrbitLib.software import software_versions

    return {
        "model": {"name": package.name, "title": package.title, **package.provenance()},
        "device": {"name": choice.device, "reason": choice.reason}, "versions": software_versions(),
        "seconds": time.monotonic() - started,
    }  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A step of a panel in the worker, with what every step needs.

    :param package: of the model. :param choice: where to compute.
    :param image: the scan, its few bad voxels repaired. :param notes: what the user should know of them.
    :param started: when the step began (monotonic clock).
    """

    package: ModelPackage
    choice: DeviceChoice
    image: Image
    notes: list[str]
    started: float

    @classmethod
    def begun(cls, kind: ModelKind, scan: str, model: str, model_folders: Sequence[str], device: str,
              progress: Progress) -> Step:
        """Return a step after its model and scan are there.

        :param kind: which packages are the module's. :param scan: file of the scan.
        :raises Problem: when the scan cannot be used, or there is no such model.
        """
        started = time.monotonic()
        progress(0.0, _("Reading the scan"))
        package, choice = kind.tools(model, model_folders, device)
        image, notes = read_checked(scan)
        return cls(package, choice, image, notes, started)

    def provenance(self) -> dict[str, Any]:
        """Return how the step's answer came about, see :func:`provenance`."""
        return provenance(self.package, self.choice, self.started)


class LastAnswer:
    """A computation on an image that keeps its last answer: the steps of a panel ask the same one after the other.

    :param compute: the computation.
    """

    def __init__(self, compute: Callable[[Image], Image]) -> None:
        self._compute = compute
        self._key = ""
        self._answer: Image | None = None

    def __call__(self, image: Image) -> Image:
        """Return the computation's answer to an image; only another image than the last is computed."""
        key = voxels_sha256(image.array) + repr(image.grid.key)
        if key != self._key:
            self._key, self._answer = key, self._compute(image)
        return self._answer
