"""Estimating the response of one patient: the one way in for the panel, the command line, batches and tests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from IVGCResponseLib.inventory import is_response_model, require_response
from NeuroOrbitLib.classifiers.novelty import Novelty
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent

if TYPE_CHECKING:
    from IVGCResponseLib.answers import Asked
    from IVGCResponseLib.explanation import Explanation
    from IVGCResponseLib.preparation import Prepared
    from NeuroOrbitLib.models import ModelPackage

#: Clinical activity score from which on the disease is active.
ACTIVE_FROM = 3


@dataclass(frozen=True)
class Response:
    """What is said about a patient.

    :param probability: of a response to intravenous glucocorticoids, calibrated where the model is.
    :param calibrated: whether it is.
    :param threshold: from which probability on the patient is called a responder.
    :param numbers: that the model was given beside the image, by column.
    :param imputed: titles of the clinical features that the model uses and nobody gave; it took the training's mean.
    :param ratios: signal ratios of the groups of muscles, by column.
    :param prepared: what the network saw.
    :param notices: what the user should know, an unusual scan or patient among it.
    :param interval: where the probability would lie in 95 of 100 trainings on other patients of the same kind; None
        where the model does not say.
    :param novelty: how unlike the images of its training the model finds the scan; None where it does not say.
    """

    probability: float
    calibrated: bool
    threshold: float
    numbers: Mapping[str, float]
    imputed: tuple[str, ...]
    ratios: Mapping[str, float]
    prepared: Prepared
    notices: tuple[str, ...]
    interval: tuple[float, float] | None = None
    novelty: Novelty | None = None

    @property
    def responder(self) -> bool:
        """Return the decision at the threshold."""
        return self.probability >= self.threshold


def classify_image(scan: Image, package: ModelPackage, labels: Image | None = None,
                   clinical: Mapping[str, float] | None = None, tags: Mapping[str, str] | None = None,
                   device: str = "cpu", engine: str = "auto", progress: Progress = silent) -> Response:
    """Estimate the response to intravenous glucocorticoids.

    :param scan: coronal T2 MRI, any axis order; it is not changed.
    :param labels: segmentation of the orbits on any grid; made when None.
    :param clinical: value of each clinical feature, NaN where missing; all may be missing.
    :param tags: DICOM fields, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    :param engine: of the radiomics features.
    :raises Problem: when the scan is no T2, shows no orbits, or the model does not fit.
    """
    from IVGCResponseLib.answers import Asked
    from IVGCResponseLib.sequence import refuse_early, require_usable
    from NeuroOrbitLib.imaging.checks import check_volume

    require_response(package)
    scan = check_volume(scan)
    refuse_early(scan, tags)
    labels = labels_of(scan, device, part(progress, 0.0, 0.6)) if labels is None else labels
    notices = require_usable(scan, _on_grid(labels, scan), tags)
    progress(0.65, "Preparing the muscles")
    asked = Asked.of(package, scan, labels, clinical or {}, device, engine)
    progress(0.95, "Estimating the response")
    return _said(package, asked, notices, clinical or {})


def explain_image(scan: Image, package: ModelPackage, labels: Image | None = None,
                  clinical: Mapping[str, float] | None = None, tags: Mapping[str, str] | None = None,
                  device: str = "cpu", engine: str = "auto", progress: Progress = silent) -> tuple[
                  Response, Explanation]:
    """Estimate the response and say what in the image speaks for it; parameters as in :func:`classify_image`.

    :return: the answer, and the heat and falls that explain it.
    """
    from IVGCResponseLib.answers import Asked
    from IVGCResponseLib.explanation import explain
    from IVGCResponseLib.sequence import refuse_early
    from NeuroOrbitLib.imaging.checks import check_volume

    require_response(package)
    scan = check_volume(scan)
    refuse_early(scan, tags)
    labels = labels_of(scan, device, part(progress, 0.0, 0.4)) if labels is None else labels
    found = classify_image(scan, package, labels, clinical, tags, device, engine, part(progress, 0.4, 0.6))
    asked = Asked.of(package, scan, labels, clinical or {}, device, engine, found)
    return found, explain(package, asked, part(progress, 0.6, 1.0))


def classify_file(scan: str, model: str, labels: str | None = None, clinical: Mapping[str, float] | None = None,
                  device: str = "auto", engine: str = "auto", model_folders: tuple[str, ...] = (),
                  progress: Progress = silent) -> dict[str, Any]:
    """Return :func:`classify_image` for files, as plain data.

    :param scan: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series.
    :param model: name of a model package, or its folder.
    """
    from NeuroOrbitLib.dicom.fields import scan_fields
    from NeuroOrbitLib.dicom.scans import read_one
    from NeuroOrbitLib.imaging.files import file_notes, load_image
    from NeuroOrbitLib.models import choose_device, find_package, passed_over

    started = time.monotonic()
    package, choice = find_package(model, model_folders, is_response_model), choose_device(device)
    given = None if labels is None else load_image(labels)
    image, reading = read_one(scan)
    found = classify_image(image, package, given, clinical, scan_fields(scan), choice.device, engine, progress)
    found = replace(found, notices=(*passed_over(model, model_folders), *reading, *file_notes(scan), *found.notices))
    return {**response_data(found, package), "scan": str(scan), "seconds": time.monotonic() - started}


def response_data(found: Response, package: ModelPackage) -> dict[str, Any]:
    """Return what is said about a patient as plain data."""
    from NeuroOrbitLib.evaluation.segmentation.tables import finite
    from NeuroOrbitLib.research_use import RESEARCH_USE

    return finite({
        "probability_of_response": found.probability, "calibrated": found.calibrated,
        "interval": list(found.interval) if found.interval else None,
        "novelty": found.novelty.as_data() if found.novelty else None,
        "threshold": found.threshold, "decision": "responder" if found.responder else "non-responder",
        "numbers": dict(found.numbers), "imputed": list(found.imputed), "ratios": dict(found.ratios),
        "notices": list(found.notices), "model": package.provenance(),
        "synthetic_training": package.facts.is_synthetic, "research_use": RESEARCH_USE,
    })  # fmt: skip


def gate_notices(clinical: Mapping[str, float]) -> list[str]:
    """Return why a patient is not one that the model was made for: active disease before a first treatment."""
    notices = []
    if clinical.get("cas", ACTIVE_FROM) < ACTIVE_FROM:
        notices.append(f"The clinical activity score is below {ACTIVE_FROM}: the model was made for active disease, "
                       "and says nothing about inactive disease.")
    if clinical.get("earlier_steroids") == 1.0:
        notices.append("Glucocorticoids were given before: the model was made for a first treatment.")
    return notices


def _said(package: ModelPackage, asked: Asked, notices: list[str], clinical: Mapping[str, float]) -> Response:
    from IVGCResponseLib.familiarity import ADVICE
    from NeuroOrbitLib.classifiers.answer import calibrated_probability, interval_of

    probability, calibrated = calibrated_probability(package, asked.raw())
    novelty, imputed = asked.novelty(), asked.imputed
    texts = [novelty.text(ADVICE) if novelty else "", *gate_notices(clinical), *notices]
    if imputed:
        texts.append(f"Not given and replaced by the mean of the training: {', '.join(imputed)}.")
    return Response(probability, calibrated, float(package.facts.settings["threshold"]), asked.numbers, imputed,
                    asked.ratios, asked.prepared, tuple(filter(None, texts)), interval_of(package, probability),
                    novelty)


def labels_of(scan: Image, device: str, progress: Progress = silent) -> Image:
    """Return the label map of the orbits on the scan's grid, by the default model of OrbitSegmentation.

    :raises Problem: when the scan cannot be used or shows no eye.
    """
    from NeuroOrbitLib.models import find_package
    from OrbitSegmentationLib.pipeline import DEFAULT_MODEL, segment_image

    return segment_image(scan, find_package(DEFAULT_MODEL), device, progress).labels


def _on_grid(labels: Image, scan: Image) -> Image:
    from NeuroOrbitLib.imaging.resampling import resample

    return labels if labels.grid.same_as(scan.grid) else resample(labels, scan.grid, "nearest")
