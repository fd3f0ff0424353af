"""Classifying one scan: the one way in for the panel, the command line, batches and tests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent

from .inventory import PACKAGE_KIND as PACKAGE_KIND
from .inventory import require_activity

if TYPE_CHECKING:
    from torch import Tensor, nn

    from NeuroOrbitLib.models import ModelPackage

    from .preparation import Crop, Prepared
    from .signal_ratio import SignalRatios

ACTIVE = 1


@dataclass(frozen=True)
class Activity:
    """What is said about a scan.

    :param probability: of active disease, calibrated where the model is.
    :param calibrated: whether it is.
    :param threshold: from which probability on the disease is called active.
    :param ratios: signal of the muscles and of the reference tissues.
    :param prepared: what the network saw.
    :param notices: what the user should know.
    """

    probability: float
    calibrated: bool
    threshold: float
    ratios: SignalRatios
    prepared: Prepared
    notices: tuple[str, ...]

    @property
    def active(self) -> bool:
        """The decision at the threshold."""
        return self.probability >= self.threshold


def classify_image(scan: Image, package: ModelPackage, labels: Image | None = None,
                   tags: Mapping[str, str] | None = None, crop: Crop | None = None, device: str = "cpu",
                   progress: Progress = silent, corrected: Image | None = None) -> Activity:
    """Estimate the activity of thyroid-associated ophthalmopathy.

    :param scan: axial fat-suppressed T2 MRI, any axis order; it is not changed.
    :param labels: segmentation of the orbits on any grid; found when None.
    :param tags: DICOM fields, see :func:`TAOActivityLib.sequence.scan_tags`.
    :param crop: where to look, as the user confirmed it; placed automatically when None.
    :param corrected: the scan after bias correction if that is known.
    :raises Problem: when the scan is no fat-suppressed T2, shows no eyes, or the model does not fit.
    """
    from NeuroOrbitLib.imaging.checks import check_volume

    from .orbits import orbits_of
    from .preparation import place_crop, prepare
    from .sequence import require_usable
    from .signal_ratio import measure_ratios

    network = classifier_of(package, device)
    scan = check_volume(scan)
    labels = orbits_of(scan, device, part(progress, 0.0, 0.7)) if labels is None else labels
    check = require_usable(scan, _on_grid(labels, scan.grid), tags)
    progress(0.75, "Correcting the bias field")
    crop = place_crop(scan.grid, labels, package.facts.settings.get("region", "both")) if crop is None else crop
    prepared = prepare(scan, labels, crop, corrected)
    progress(0.95, "Classifying")
    probability, calibrated = calibrated_probability(network, package, stored_crop(prepared))
    notices = (*([check.text] if check.text else []), *crop.notices)
    return Activity(probability, calibrated, float(package.facts.settings["threshold"]), measure_ratios(prepared),
                    prepared, notices)


def classify_file(scan: str, model: str, labels: str | None = None, device: str = "auto",
                  model_folders: tuple[str, ...] = (), progress: Progress = silent) -> dict[str, Any]:
    """:func:`classify_image` for files, as plain data.

    :param scan: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series.
    :param model: name of a model package, or its folder.
    """
    from NeuroOrbitLib.imaging.files import load_image
    from NeuroOrbitLib.models import choose_device, find_package

    from .sequence import scan_tags

    started = time.monotonic()
    package, choice = find_package(model, model_folders), choose_device(device)
    given = None if labels is None else load_image(labels)
    found = classify_image(load_image(scan), package, given, scan_tags(scan), device=choice.device, progress=progress)
    return {**activity_data(found, package), "scan": str(scan), "seconds": time.monotonic() - started}


def activity_data(found: Activity, package: ModelPackage) -> dict[str, Any]:
    """What is said about a scan as plain data."""
    from NeuroOrbitLib.research_use import RESEARCH_USE

    return {
        "probability": found.probability, "calibrated": found.calibrated,
        "threshold": found.threshold, "decision": "active" if found.active else "inactive",
        "ratios": _ratio_rows(found.ratios), "notices": list(found.notices), "model": package.provenance(),
        "synthetic_training": package.facts.is_synthetic, "research_use": RESEARCH_USE,
    }  # fmt: skip


def classifier_of(package: ModelPackage, device: str = "cpu") -> nn.Module:
    """The package's network with its verified weights; kept for the next scan.

    :raises ModelProblem: when the package is no classifier of activity.
    """
    from .networks.registry import load

    require_activity(package)

    return load(package, device)


def calibrated_probability(network: nn.Module, package: ModelPackage, crop: Tensor) -> tuple[float, bool]:
    """Probability of active disease of a stored crop (5, 164, 164), and whether it is calibrated."""
    from NeuroOrbitLib.evaluation.calibration import with_temperature

    from .experiment import active_probabilities

    raw = active_probabilities(network, crop[None])
    temperature = package.facts.calibration.get("temperature")
    if temperature is None:
        return float(raw[0]), False
    return float(with_temperature(raw, float(temperature))[0]), True


def stored_crop(prepared: Prepared) -> Tensor:
    """The prepared scan as cohorts store it."""
    import torch

    return torch.from_numpy(prepared.image.array.astype(np.float16))


def _on_grid(labels: Image, grid: Grid) -> Image:
    from NeuroOrbitLib.imaging.resampling import resample

    return labels if labels.grid.same_as(grid) else resample(labels, grid, "nearest")


def _ratio_rows(ratios: SignalRatios) -> list[dict[str, Any]]:
    from NeuroOrbitLib.evaluation.tables import finite

    return [finite({"side": muscle.side.value, "muscle": muscle.muscle,
                    **{f"to_{name}": ratios.ratio(muscle, name) for name in ratios.references},
                    **{f"hottest_to_{name}": ratios.ratio(muscle, name, True) for name in ratios.references}})
            for muscle in ratios.muscles]
