"""NMOSD or MS in one patient: the one way in for the panel, the command line, batches and tests."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from NeuroDifferentialLib.commands.showing import LIMITS
from NeuroDifferentialLib.differential.inventory import DIFFERENTIAL_MODEL
from NeuroDifferentialLib.differential.lesion_table import lesion_numbers
from NeuroDifferentialLib.differential.patient import Patient, patient_of
from NeuroDifferentialLib.differential.words import BRAIN_ONLY, NO_LESIONS
from NeuroOrbitLib.classifiers.novelty import Novelty
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroDifferentialLib.differential.explanation import Explanation
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True)
class Differential:
    """What is said about a patient.

    :param probability: of NMOSD against MS, calibrated where the model is; None without lesions.
    :param calibrated: whether it is.
    :param threshold: from which probability on NMOSD is called.
    :param interval: where the probability would lie in 95 of 100 trainings on other patients of the same kind; None
        where the model does not say.
    :param novelty: how unlike those of its training the model finds the lesions; None where it does not say.
    :param notices: what the user should know.
    """

    probability: float | None
    calibrated: bool
    threshold: float
    interval: tuple[float, float] | None
    novelty: Novelty | None
    notices: tuple[str, ...]

    @property
    def decision(self) -> str:
        """Return what the patient is called at the threshold."""
        if self.probability is None:
            return _("no estimate")
        return "NMOSD" if self.probability >= self.threshold else "MS"


def classify_patient(patient: Patient, package: ModelPackage, device: str = "cpu") -> Differential:
    """Estimate NMOSD against MS; a patient without lesions gets an answer without an estimate.

    :raises ModelProblem: when the package does not tell NMOSD from MS.
    """
    from NeuroDifferentialLib.differential.asking import raw_probability
    from NeuroDifferentialLib.differential.familiarity import ADVICE
    from NeuroDifferentialLib.task import input_of, novelty_of_case, predictor_of
    from NeuroOrbitLib.classifiers.answer import calibrated_probability, interval_of

    DIFFERENTIAL_MODEL.require(package)
    threshold = float(package.facts.settings["threshold"])
    if not patient.report.lesions:
        return Differential(None, False, threshold, None, None, (NO_LESIONS,))
    predictor = predictor_of(package, device)
    image = patient.array(input_of(package))
    probability, calibrated = calibrated_probability(package, raw_probability(predictor, image, patient.report))
    novelty = novelty_of_case(package, predictor, image, lesion_numbers(patient.report))
    notices = (BRAIN_ONLY, novelty.text(ADVICE) if novelty else "")
    return Differential(probability, calibrated, threshold, interval_of(package, probability), novelty,
                        tuple(filter(None, notices)))


def classify_files(flair: str, model: str, t1: str | None = None, lesions: str | None = None,
                   anatomy: str | None = None, device: str = "auto", model_folders: tuple[str, ...] = (),
                   progress: Progress = silent, report: str | None = None) -> dict[str, Any]:
    """Return :func:`classify_patient` for files, as plain data.

    :param flair: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series. :param model: name of a model
        package, or its folder. :param report: file of a report that is to be written, ``.html`` or ``.pdf``.
    """
    from NeuroDifferentialLib.report import report_words
    from NeuroOrbitLib.classifiers.answer_report import check_report_path, write_answer_report
    from NeuroOrbitLib.classifiers.steps import provenance
    from NeuroOrbitLib.models import choose_device

    started = time.monotonic()
    check_report_path(report)
    data, patient, package, _device = _asked(flair, model, t1, lesions, anatomy, device, model_folders, progress)
    if report is not None:
        record = {**data, **provenance(package, choose_device(device), started)}
        write_answer_report(report, record, patient.flair, patient.lesions.image, report_words)
    return data


def explain_files(flair: str, model: str, t1: str | None = None, lesions: str | None = None,
                  anatomy: str | None = None, device: str = "auto", model_folders: tuple[str, ...] = (),
                  progress: Progress = silent) -> tuple[dict[str, Any], Patient, Explanation | None]:
    """Return the answer about files as plain data, the patient, and what in the lesions speaks for NMOSD.

    The explanation is None where there are no lesions.
    """
    from NeuroDifferentialLib.differential.explanation import explain

    data, patient, package, chosen = _asked(flair, model, t1, lesions, anatomy, device, model_folders,
                                            part(progress, 0.0, 0.7))
    if not patient.report.lesions:
        return data, patient, None
    found = explain(patient, package, chosen, part(progress, 0.7, 1.0))
    return {**data, "explanation": found.as_data()}, patient, found


def differential_data(found: Differential, package: ModelPackage) -> dict[str, Any]:
    """Return what is said about a patient as plain data."""
    from NeuroOrbitLib.research_use import RESEARCH_USE

    return {
        "probability_of_nmosd": found.probability, "calibrated": found.calibrated,
        "interval": list(found.interval) if found.interval else None,
        "novelty": found.novelty.as_data() if found.novelty else None, "threshold": found.threshold,
        "decision": found.decision, "notices": list(found.notices), "model": package.provenance(),
        "synthetic_training": package.facts.is_synthetic, "limits": LIMITS, "research_use": RESEARCH_USE,
    }  # fmt: skip


def _asked(flair: str, model: str, t1: str | None, lesions: str | None, anatomy: str | None, device: str,
           model_folders: tuple[str, ...], progress: Progress) -> tuple[dict[str, Any], Patient, ModelPackage, str]:
    from NeuroOrbitLib.dicom.scans import read_one
    from NeuroOrbitLib.imaging.files import file_notes, load_image
    from NeuroOrbitLib.models import passed_over

    started = time.monotonic()
    package, choice = DIFFERENTIAL_MODEL.tools(model, model_folders, device)
    image, reading = read_one(flair)
    masks = [None if path is None else load_image(path) for path in (lesions, anatomy)]
    second = None if t1 is None else read_one(t1)[0]
    patient = patient_of(image, second, *masks, progress=part(progress, 0.0, 0.9))
    progress(0.95, _("Estimating NMOSD and MS"))
    data = differential_data(classify_patient(patient, package, choice.device), package)
    notices = [*passed_over(model, model_folders), *reading, *file_notes(flair), *data["notices"]]
    return ({**data, "notices": notices, **patient.report.as_dict(), "scan": str(flair),
             "seconds": time.monotonic() - started}, patient, package, choice.device)
