"""Estimating the response of one patient: the one way in for the panel, the command line, batches and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IVGCResponseLib.clinical import FEATURES
from IVGCResponseLib.gate import GATE
from IVGCResponseLib.inventory import RESPONSE_MODEL
from NeuroOrbitLib.classifiers.estimate import Estimate
from NeuroOrbitLib.classifiers.file_answers import FileAnswer, answer_file
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from IVGCResponseLib.answers import Asked
    from IVGCResponseLib.explanation import Explanation
    from NeuroOrbitLib.classifiers.distribution import NumberPlace
    from NeuroOrbitLib.classifiers.prepared_image import PreparedImage
    from NeuroOrbitLib.classifiers.recalibration import Recalibration
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True, kw_only=True)
class Response(Estimate):
    """What is said about a patient; the probability is that of a response to intravenous glucocorticoids.

    :param numbers: that the model was given beside the image, by column.
    :param imputed: names of the clinical features that the model uses and nobody gave; it took the training's mean.
    :param possible: for each of them the probabilities if it were as low, and as high, as in a tenth of the training.
    :param places: where the numbers lie among those of the training.
    :param ratios: signal ratios of the groups of muscles, by column.
    :param prepared: what the network saw.
    """

    numbers: Mapping[str, float]
    imputed: tuple[str, ...]
    possible: Mapping[str, tuple[float, float]]
    places: tuple[NumberPlace, ...]
    ratios: Mapping[str, float]
    prepared: PreparedImage

    @property
    def responder(self) -> bool:
        """Return the decision at the threshold."""
        return self.positive


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
    from IVGCResponseLib.sequence import require_usable
    from NeuroOrbitLib.imaging.resampling import on_grid
    from OrbitSegmentationLib.pipeline import orbits_of

    passed = GATE.passed(clinical or {}, gate, anyway)
    scan = _accepted(scan, package, tags)
    labels = orbits_of(scan, device, part(progress, 0.0, 0.6)) if labels is None else labels
    notices = require_usable(scan, on_grid(labels, scan.grid), tags)
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
    from OrbitSegmentationLib.pipeline import orbits_of

    GATE.passed(clinical or {}, gate, anyway)
    scan = _accepted(scan, package, tags)
    labels = orbits_of(scan, device, part(progress, 0.0, 0.4)) if labels is None else labels
    found = classify_image(scan, package, labels, clinical, tags, device, engine, part(progress, 0.4, 0.6), gate=gate,
                           anyway=anyway, recalibration=recalibration)
    asked = Asked.of(package, scan, labels, clinical or {}, device, engine, found)
    return found, explain(package, asked, part(progress, 0.6, 1.0), recalibration)


def _accepted(scan: Image, package: ModelPackage, tags: Mapping[str, str] | None) -> Image:
    """A scan that may be asked about, as far as can be told before its orbits are segmented."""
    from IVGCResponseLib.sequence import refuse_early
    from NeuroOrbitLib.imaging.checks import check_volume

    RESPONSE_MODEL.require(package)
    scan = check_volume(scan)
    refuse_early(scan, tags)
    return scan


def classify_file(scan: str, model: str, labels: str | None = None, clinical: Mapping[str, float] | None = None,
                  device: str = "auto", engine: str = "auto", model_folders: tuple[str, ...] = (),
                  progress: Progress = silent, *, gate: Mapping[str, bool] | None = None, anyway: bool = False,
                  recalibration: str | None = None, report: str | None = None, reasons: bool = False
                  ) -> tuple[dict[str, Any], tuple[Response, Explanation | None]]:
    """Return :func:`classify_image` for files, as plain data and as it was answered.

    :param scan: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series.
    :param model: name of a model package, or its folder.
    :param recalibration: file made by the command ``recalibrate``.
    :param report: file of a report that is to be written, ``.html`` or ``.pdf``.
    :param reasons: whether the answer is explained, too (:func:`explain_image`).
    """
    from IVGCResponseLib.familiarity import ADVICE
    from IVGCResponseLib.report import report_words
    from NeuroOrbitLib.classifiers.recalibration import read_recalibration
    from NeuroOrbitLib.dicom.fields import scan_fields
    from NeuroOrbitLib.imaging.files import load_image

    def ask(image: Image, package: ModelPackage, chosen: str) -> FileAnswer:
        given = None if labels is None else load_image(labels)
        own = None if recalibration is None else read_recalibration(recalibration, package.sha256)
        answered = (explain_image if reasons else classify_image)(
            image, package, given, clinical, scan_fields(scan), chosen, engine, progress, gate=gate, anyway=anyway,
            recalibration=own)
        found, why = answered if reasons else (answered, None)
        data, seen = response_data(found, package), found.prepared.image
        return FileAnswer(data if why is None else {**data, "explanation": why.as_data()}, seen, {
            "novelty": found.novelty.told(ADVICE) if found.novelty else None, "clinical": dict(clinical or {}),
            "grid": {"shape": list(seen.array.shape)}}, (found, why))

    data, answer = answer_file(scan, model, RESPONSE_MODEL, ask, report_words, device, model_folders, report)
    return data, answer.case


def response_data(found: Response, package: ModelPackage) -> dict[str, Any]:
    """Return what is said about a patient as plain data."""
    from NeuroOrbitLib.evaluation.segmentation.tables import finite

    own = found.recalibration
    return finite({
        **found.as_data(package, "responder" if found.responder else "non-responder", "probability_of_response"),
        "recalibrated": own is not None, "recalibration": own.as_data() if own else None,
        "numbers": dict(found.numbers), "imputed": list(found.imputed),
        "possible": {name: list(pair) for name, pair in found.possible.items()},
        "places": [place.as_data() for place in found.places], "ratios": dict(found.ratios),
    })  # fmt: skip


def _said(asked: Asked, notices: list[str], recalibration: Recalibration | None) -> Response:
    """What is said about a patient, with what the missing clinical features could change."""
    from IVGCResponseLib.familiarity import ADVICE, FAMILIARITY
    from NeuroOrbitLib.classifiers.distribution import number_notices

    missing, places = asked.missing(), asked.places()
    novelty = FAMILIARITY.novelty(asked.package, asked.predictor, asked.image(), asked.prepared.labels.array,
                                  asked.numbers)
    texts = [novelty.text(ADVICE) if novelty else "", *notices, *number_notices(missing, places, FEATURES.titles())]
    return Response.of(
        asked.package, asked.raw(), recalibration, novelty=novelty, notices=tuple(filter(None, texts)),
        numbers=asked.numbers, imputed=missing, possible=asked.possible(recalibration),
        places=tuple(places), ratios=asked.ratios, prepared=asked.prepared)
