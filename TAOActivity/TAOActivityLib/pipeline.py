"""Classifying one scan: the one way in for the panel, the command line, batches and tests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.classifiers.novelty import Novelty
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.sentences import sentence as _
from TAOActivityLib.inventory import ACTIVE, ACTIVITY_MODEL
from TAOActivityLib.inventory import PACKAGE_KIND as PACKAGE_KIND

if TYPE_CHECKING:
    from torch import Tensor, nn

    from NeuroOrbitLib.measurements.signal_ratio import SignalRatios
    from NeuroOrbitLib.models import ModelPackage
    from TAOActivityLib.preparation import Crop, Prepared


@dataclass(frozen=True)
class Activity:
    """What is said about a scan.

    :param probability: of active disease, calibrated where the model is.
    :param calibrated: whether it is.
    :param threshold: from which probability on the disease is called active.
    :param ratios: signal of the muscles and of the reference tissues.
    :param prepared: what the network saw.
    :param notices: what the user should know, an unusual scan among it.
    :param interval: where the probability would lie in 95 of 100 trainings on other patients of the same kind, see
        :mod:`NeuroOrbitLib.classifiers.interval`; None where the model does not say.
    :param novelty: how unlike the images of its training the model finds the scan; None where it does not say.
    """

    probability: float
    calibrated: bool
    threshold: float
    ratios: SignalRatios
    prepared: Prepared
    notices: tuple[str, ...]
    interval: tuple[float, float] | None = None
    novelty: Novelty | None = None

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
    :param tags: DICOM fields, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    :param crop: where to look, as the user confirmed it; placed automatically when None.
    :param corrected: the scan after bias correction if that is known.
    :raises Problem: when the scan is no fat-suppressed T2, shows no eyes, or the model does not fit.
    """
    from NeuroOrbitLib.classifiers.answer import interval_of
    from NeuroOrbitLib.imaging.checks import check_volume
    from TAOActivityLib.familiarity import ADVICE
    from TAOActivityLib.orbits import orbits_of
    from TAOActivityLib.preparation import place_crop, prepare
    from TAOActivityLib.sequence import refuse_early, require_usable

    network = classifier_of(package, device)
    scan = check_volume(scan)
    refuse_early(scan, tags)
    labels = orbits_of(scan, device, part(progress, 0.0, 0.7)) if labels is None else labels
    check = require_usable(scan, _on_grid(labels, scan.grid), tags)
    progress(0.75, _("Correcting the bias field"))
    crop = place_crop(scan.grid, labels, package.facts.settings.get("region", "both")) if crop is None else crop
    prepared = prepare(scan, labels, crop, corrected)
    progress(0.95, _("Classifying"))
    probability, calibrated = calibrated_probability(network, package, stored_crop(prepared))
    novelty = novelty_of_crop(network, package, prepared)
    texts = (novelty.text(ADVICE) if novelty else "", check.text, *crop.notices)
    return Activity(probability, calibrated, float(package.facts.settings["threshold"]), prepared.signal_ratios(),
                    prepared, tuple(filter(None, texts)), interval_of(package, probability), novelty)


def classify_file(scan: str, model: str, labels: str | None = None, device: str = "auto",
                  model_folders: tuple[str, ...] = (), progress: Progress = silent, report: str | None = None
                  ) -> dict[str, Any]:
    """:func:`classify_image` for files, as plain data.

    :param scan: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series.
    :param model: name of a model package, or its folder.
    :param report: file of a report that is to be written, ``.html`` or ``.pdf``.
    """
    from NeuroOrbitLib.classifiers.answer_report import check_report_path, write_answer_report
    from NeuroOrbitLib.classifiers.steps import provenance
    from NeuroOrbitLib.dicom.fields import scan_fields
    from NeuroOrbitLib.dicom.scans import read_one
    from NeuroOrbitLib.imaging.files import file_notes, load_image
    from NeuroOrbitLib.measurements.signal_ratio import CUT_OFFS
    from NeuroOrbitLib.models import choose_device, find_package, passed_over
    from TAOActivityLib.report import report_words

    started = time.monotonic()
    check_report_path(report)
    package, choice = find_package(model, model_folders, ACTIVITY_MODEL.includes), choose_device(device)
    given = None if labels is None else load_image(labels)
    image, reading = read_one(scan)
    found = classify_image(image, package, given, scan_fields(scan), device=choice.device, progress=progress)
    found = replace(found, notices=(*passed_over(model, model_folders), *reading, *file_notes(scan), *found.notices))
    data = activity_data(found, package)
    if report is not None:
        record = {**data, "cut_offs": dict(CUT_OFFS), "crop": {"region": found.prepared.crop.region},
                  **provenance(package, choice, started)}
        write_answer_report(report, record, image, found.prepared.image, report_words)
    return {**data, "scan": str(scan), "seconds": time.monotonic() - started}


def activity_data(found: Activity, package: ModelPackage) -> dict[str, Any]:
    """What is said about a scan as plain data."""
    from NeuroOrbitLib.research_use import RESEARCH_USE
    from TAOActivityLib.familiarity import ADVICE

    return {
        "probability": found.probability, "calibrated": found.calibrated,
        "interval": list(found.interval) if found.interval else None,
        "novelty": found.novelty.told(ADVICE) if found.novelty else None,
        "threshold": found.threshold, "decision": "active" if found.active else "inactive",
        "ratios": _ratio_rows(found.ratios), "notices": list(found.notices), "model": package.provenance(),
        "synthetic_training": package.facts.is_synthetic, "research_use": RESEARCH_USE,
    }  # fmt: skip


def classifier_of(package: ModelPackage, device: str = "cpu") -> nn.Module:
    """The package's network with its verified weights; kept for the next scan.

    :raises ModelProblem: when the package is no classifier of activity.
    """
    from TAOActivityLib.networks.registry import load

    ACTIVITY_MODEL.require(package)

    return load(package, device)


def calibrated_probability(network: nn.Module, package: ModelPackage, crop: Tensor) -> tuple[float, bool]:
    """Return the probability of active disease of a stored crop (5, 164, 164), and whether it is calibrated."""
    from NeuroOrbitLib.classifiers import answer
    from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor
    from TAOActivityLib.augmentation import views

    raw = NetworkPredictor(network, views).of_arrays(crop[None])[0, ACTIVE]
    return answer.calibrated_probability(package, float(raw))


def novelty_of_crop(network: nn.Module, package: ModelPackage, prepared: Prepared) -> Novelty | None:
    """How unlike the training crops a prepared scan is, None where the package does not tell."""
    from NeuroOrbitLib.classifiers.familiarity import DOCUMENT
    from TAOActivityLib.familiarity import novelty_of

    document = package.document(DOCUMENT)
    if document is None:
        return None
    return novelty_of(network, stored_crop(prepared).numpy(), prepared.labels.array, document)


def stored_crop(prepared: Prepared) -> Tensor:
    """The prepared scan as cohorts store it."""
    import torch

    return torch.from_numpy(prepared.image.array.astype(np.float16))


def _on_grid(labels: Image, grid: Grid) -> Image:
    from NeuroOrbitLib.imaging.resampling import resample

    return labels if labels.grid.same_as(grid) else resample(labels, grid, "nearest")


def _ratio_rows(ratios: SignalRatios) -> list[dict[str, Any]]:
    from NeuroOrbitLib.evaluation.segmentation.tables import finite

    return [finite({"side": muscle.side.value, "muscle": muscle.muscle,
                    **{f"to_{name}": ratios.ratio(muscle, name) for name in ratios.references},
                    **{f"hottest_to_{name}": ratios.ratio(muscle, name, True) for name in ratios.references}})
            for muscle in ratios.muscles]
