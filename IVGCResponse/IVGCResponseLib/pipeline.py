"""Estimating the response of one patient: the one way in for the panel, the command line, batches and tests."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.gate import GATE
from IVGCResponseLib.inventory import RESPONSE_MODEL
from NeuroOrbitLib.classifiers.novelty import Novelty
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from IVGCResponseLib.answers import Asked
    from IVGCResponseLib.explanation import Explanation
    from IVGCResponseLib.preparation import Prepared
    from NeuroOrbitLib.classifiers.distribution import NumberPlace
    from NeuroOrbitLib.classifiers.recalibration import Recalibration
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True)
class Response:
    """What is said about a patient.

    :param probability: of a response to intravenous glucocorticoids, calibrated where the model is.
    :param calibrated: whether it is.
    :param threshold: from which probability on the patient is called a responder.
    :param numbers: that the model was given beside the image, by column.
    :param imputed: names of the clinical features that the model uses and nobody gave; it took the training's mean.
    :param possible: for each of them the probabilities if it were as low, and as high, as in a tenth of the training.
    :param places: where the numbers lie among those of the training.
    :param ratios: signal ratios of the groups of muscles, by column.
    :param prepared: what the network saw.
    :param notices: what the user should know, an unusual scan or patient among it.
    :param interval: where the probability would lie in 95 of 100 trainings on other patients of the same kind; None
        where the model does not say.
    :param novelty: how unlike the images of its training the model finds the scan; None where it does not say.
    :param recalibration: to one's own patients, by which the probability was changed; None where it was not.
    """

    probability: float
    calibrated: bool
    threshold: float
    numbers: Mapping[str, float]
    imputed: tuple[str, ...]
    possible: Mapping[str, tuple[float, float]]
    places: tuple[NumberPlace, ...]
    ratios: Mapping[str, float]
    prepared: Prepared
    notices: tuple[str, ...]
    interval: tuple[float, float] | None = None
    novelty: Novelty | None = None
    recalibration: Recalibration | None = None

    @property
    def responder(self) -> bool:
        """Return the decision at the threshold."""
        return self.probability >= self.threshold


def classify_image(scan: Image, package: ModelPackage, labels: Image | None = None,
                   clinical: Mapping[str, float] | None = None, tags: Mapping[str, str] | None = None,
                   device: str = "cpu", engine: str = "auto", progress: Progress = silent, *,
                   gate: Mapping[str, bool] | None = None, anyway: bool = False,
                   recalibration: Recalibration | None = None) -> Response:
    """Estimate the response to intravenous glucocorticoids.

    :param scan: coronal T2 MRI, any axis order; it is not changed.
    :param labels: segmentation of the orbits on any grid; made when None.
    :param clinical: value of each clinical feature, NaN where missing; all may be missing.
    :param tags: DICOM fields, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    :param engine: of the radiomics features.
    :param gate: answers to the questions of :mod:`IVGCResponseLib.gate`.
    :param anyway: estimate also for a patient that the model was not made for.
    :param recalibration: of the model to one's own patients.
    :raises Problem: when the patient is not what the model was made for, the scan is no T2 or shows no orbits, or the
        model does not fit.
    """
    from IVGCResponseLib.answers import Asked
    from IVGCResponseLib.sequence import refuse_early, require_usable
    from NeuroOrbitLib.imaging.checks import check_volume

    RESPONSE_MODEL.require(package)
    passed = GATE.passed(clinical or {}, gate, anyway)
    scan = check_volume(scan)
    refuse_early(scan, tags)
    labels = labels_of(scan, device, part(progress, 0.0, 0.6)) if labels is None else labels
    notices = require_usable(scan, _on_grid(labels, scan), tags)
    progress(0.65, _("Preparing the muscles"))
    asked = Asked.of(package, scan, labels, clinical or {}, device, engine)
    progress(0.95, _("Estimating the response"))
    return _said(asked, [*passed, *notices], recalibration)


def explain_image(scan: Image, package: ModelPackage, labels: Image | None = None,
                  clinical: Mapping[str, float] | None = None, tags: Mapping[str, str] | None = None,
                  device: str = "cpu", engine: str = "auto", progress: Progress = silent, *,
                  gate: Mapping[str, bool] | None = None, anyway: bool = False,
                  recalibration: Recalibration | None = None) -> tuple[Response, Explanation]:
    """Estimate the response and say what in the image speaks for it; parameters as in :func:`classify_image`.

    :return: the answer, and the heat and falls that explain it.
    """
    from IVGCResponseLib.answers import Asked
    from IVGCResponseLib.explanation import explain
    from IVGCResponseLib.sequence import refuse_early
    from NeuroOrbitLib.imaging.checks import check_volume

    RESPONSE_MODEL.require(package)
    GATE.passed(clinical or {}, gate, anyway)
    scan = check_volume(scan)
    refuse_early(scan, tags)
    labels = labels_of(scan, device, part(progress, 0.0, 0.4)) if labels is None else labels
    found = classify_image(scan, package, labels, clinical, tags, device, engine, part(progress, 0.4, 0.6), gate=gate,
                           anyway=anyway, recalibration=recalibration)
    asked = Asked.of(package, scan, labels, clinical or {}, device, engine, found)
    return found, explain(package, asked, part(progress, 0.6, 1.0), recalibration)


def classify_file(scan: str, model: str, labels: str | None = None, clinical: Mapping[str, float] | None = None,
                  device: str = "auto", engine: str = "auto", model_folders: tuple[str, ...] = (),
                  progress: Progress = silent, *, gate: Mapping[str, bool] | None = None, anyway: bool = False,
                  recalibration: str | None = None, report: str | None = None) -> dict[str, Any]:
    """Return :func:`classify_image` for files, as plain data.

    :param scan: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series.
    :param model: name of a model package, or its folder.
    :param recalibration: file made by the command ``recalibrate``.
    :param report: file of a report that is to be written, ``.html`` or ``.pdf``.
    """
    from IVGCResponseLib.familiarity import ADVICE
    from IVGCResponseLib.report import report_words
    from NeuroOrbitLib.classifiers.answer_report import check_report_path, write_answer_report
    from NeuroOrbitLib.classifiers.recalibration import read_recalibration
    from NeuroOrbitLib.classifiers.steps import provenance
    from NeuroOrbitLib.dicom.fields import scan_fields
    from NeuroOrbitLib.dicom.scans import read_one
    from NeuroOrbitLib.imaging.files import file_notes, load_image
    from NeuroOrbitLib.models import choose_device, find_package, passed_over

    started = time.monotonic()
    check_report_path(report)
    package, choice = find_package(model, model_folders, RESPONSE_MODEL.includes), choose_device(device)
    given = None if labels is None else load_image(labels)
    own = None if recalibration is None else read_recalibration(recalibration, package.sha256)
    image, reading = read_one(scan)
    found = classify_image(image, package, given, clinical, scan_fields(scan), choice.device, engine, progress,
                           gate=gate, anyway=anyway, recalibration=own)
    found = replace(found, notices=(*passed_over(model, model_folders), *reading, *file_notes(scan), *found.notices))
    data = response_data(found, package)
    if report is not None:
        seen = found.prepared.image
        record = {**data, "novelty": found.novelty.told(ADVICE) if found.novelty else None,
                  "clinical": dict(clinical or {}), "grid": {"shape": list(seen.array.shape)},
                  **provenance(package, choice, started)}
        write_answer_report(report, record, image, seen, report_words)
    return {**data, "scan": str(scan), "seconds": time.monotonic() - started}


def response_data(found: Response, package: ModelPackage) -> dict[str, Any]:
    """Return what is said about a patient as plain data."""
    from NeuroOrbitLib.evaluation.segmentation.tables import finite
    from NeuroOrbitLib.research_use import RESEARCH_USE

    return finite({
        "probability_of_response": found.probability, "calibrated": found.calibrated,
        "recalibrated": found.recalibration is not None,
        "recalibration": found.recalibration.as_data() if found.recalibration else None,
        "interval": list(found.interval) if found.interval else None,
        "novelty": found.novelty.as_data() if found.novelty else None,
        "threshold": found.threshold, "decision": "responder" if found.responder else "non-responder",
        "numbers": dict(found.numbers), "imputed": list(found.imputed),
        "possible": {name: list(pair) for name, pair in found.possible.items()},
        "places": [place.as_data() for place in found.places], "ratios": dict(found.ratios),
        "notices": list(found.notices), "model": package.provenance(),
        "synthetic_training": package.facts.is_synthetic, "research_use": RESEARCH_USE,
    })  # fmt: skip


def _said(asked: Asked, notices: list[str], recalibration: Recalibration | None) -> Response:
    """What is said about a patient; without an interval where the probability was fitted to one's own patients."""
    from IVGCResponseLib.familiarity import ADVICE
    from NeuroOrbitLib.classifiers.answer import calibrated_probability, interval_of

    package = asked.package

    def spoken(raw: float) -> float:
        probability, _calibrated = calibrated_probability(package, raw)
        return probability if recalibration is None else recalibration.probability(probability)

    raw = asked.raw()
    probability, calibrated = calibrated_probability(package, raw)
    novelty, places = asked.novelty(), asked.places()
    texts = [novelty.text(ADVICE) if novelty else "", *notices, *_number_notices(asked.imputed, places)]
    pairs = {name: asked.possible(name) for name in asked.imputed}
    possible = {name: (spoken(min(pair)), spoken(max(pair))) for name, pair in pairs.items() if pair is not None}
    return Response(spoken(raw), calibrated, float(package.facts.settings["threshold"]), asked.numbers, asked.imputed,
                    possible, tuple(places), asked.ratios, asked.prepared, tuple(filter(None, texts)),
                    interval_of(package, probability) if recalibration is None else None, novelty,
                    recalibration)


def _number_notices(imputed: Sequence[str], places: Sequence[NumberPlace]) -> list[str]:
    """Which numbers are missing, and which are as no patient of the training had them."""
    titles = {column.name: column.title for column in clinical_columns()}
    notices = []
    if imputed:
        missing = ", ".join(titles.get(name, name) for name in imputed)
        notices.append(_("Not given and replaced by the mean of the training: {missing}.").format(missing=missing))
    outside = [titles.get(place.name, place.name) for place in places if place.outside]
    if outside:
        notices.append(_("No patient of the training had such values: {outside}. The probability is less "
                         "certain.").format(
            outside=outside))
    return notices


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
