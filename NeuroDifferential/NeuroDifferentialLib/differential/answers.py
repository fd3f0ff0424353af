"""Classification of one patient as NMOSD or MS: the entry point of panel, command line, batches and tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from NeuroDifferentialLib.commands.showing import LIMITS
from NeuroDifferentialLib.differential.inventory import DIFFERENTIAL_MODEL
from NeuroDifferentialLib.differential.lesion_table import lesion_numbers
from NeuroDifferentialLib.differential.patient import Patient, patient_of
from NeuroDifferentialLib.differential.words import NO_LESIONS, about_training
from NeuroOrbitLib.classifiers.estimate import Estimate
from NeuroOrbitLib.classifiers.file_answers import FileAnswer, answer_file
from NeuroOrbitLib.dicom.flair_series import read_flair
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroDifferentialLib.differential.explanation import Explanation
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True, kw_only=True)
class Differential(Estimate):
    """The answer for a patient: the probability of NMOSD against MS, None without lesions."""

    @property
    def decision(self) -> str:
        """Name of the decision at the threshold."""
        if self.probability is None:
            return _("no estimate")
        return "NMOSD" if self.positive else "MS"


def classify_patient(patient: Patient, package: ModelPackage, device: str = "cpu") -> Differential:
    """Return the estimate of NMOSD against MS; without lesions the answer has no probability.

    :param patient: patient with measured lesions.
    :param package: model package.
    :param device: device that computes, "cpu" or "cuda".
    :raises ModelProblem: when the package does not distinguish NMOSD from MS.
    """
    from NeuroDifferentialLib.differential.asking import raw_probability
    from NeuroDifferentialLib.differential.familiarity import ADVICE, FAMILIARITY
    from NeuroDifferentialLib.task import input_of, predictor_of

    DIFFERENTIAL_MODEL.require(package)
    if not patient.report.lesions:
        return Differential(probability=None, calibrated=False, threshold=float(package.facts.settings["threshold"]),
                            notices=(NO_LESIONS,))
    predictor = predictor_of(package, device)
    image = patient.array(input_of(package))
    novelty = FAMILIARITY.novelty(package, predictor, image, numbers=lesion_numbers(patient.report))
    notices = (*patient.notices, novelty.text(ADVICE) if novelty else "",
               about_training(str(package.facts.settings.get("masks", ""))))
    return Differential.of(package, raw_probability(predictor, image, patient.report), novelty=novelty,
                           notices=tuple(filter(None, notices)))


def classify_files(flair: str, model: str, t1: str | None = None, lesions: str | None = None,
                   anatomy: str | None = None, device: str = "auto", model_folders: tuple[str, ...] = (),
                   progress: Progress = silent, report: str | None = None) -> dict[str, Any]:
    """Return the answer of :func:`classify_patient` about image files, as plain data.

    :param flair: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series or a study, whose FLAIR is used.
    :param model: name of a model package, or its folder.
    :param t1: file of a T1 of the same visit.
    :param lesions: file of a lesion mask on the FLAIR's grid; None to segment the FLAIR.
    :param anatomy: file of the parts of the brain that ``segment`` wrote; None to segment the FLAIR.
    :param device: "auto", "cpu" or "cuda".
    :param model_folders: further folders to look for model packages in.
    :param progress: receives the fraction done and a message.
    :param report: path of a report to write, ``.html`` or ``.pdf``.
    :raises Problem: when a scan, mask, model or report path cannot be used.
    """
    from NeuroDifferentialLib.report import report_words

    return answer_file(flair, model, DIFFERENTIAL_MODEL, partial(_answer, t1=t1, masks=(lesions, anatomy),
                                                                 progress=progress),
                       report_words, device, model_folders, report, read_flair)[0]


def explain_files(flair: str, model: str, t1: str | None = None, lesions: str | None = None,
                  anatomy: str | None = None, device: str = "auto", model_folders: tuple[str, ...] = (),
                  progress: Progress = silent) -> tuple[dict[str, Any], Patient, Explanation | None]:
    """Return the answer about image files as plain data, the patient, and the explanation of the answer.

    The explanation is None if there are no lesions. The parameters are those of :func:`classify_files`.
    """
    from NeuroDifferentialLib.differential.explanation import explain

    def ask(image: Image, package: ModelPackage, chosen: str) -> FileAnswer:
        answer = _answer(image, package, chosen, t1, (lesions, anatomy), part(progress, 0.0, 0.7))
        patient = answer.case
        if not patient.report.lesions:
            return replace(answer, case=(patient, None))
        found = explain(patient, package, chosen, part(progress, 0.7, 1.0))
        return replace(answer, data={**answer.data, "explanation": found.as_data()}, case=(patient, found))

    data, answer = answer_file(flair, model, DIFFERENTIAL_MODEL, ask, None, device, model_folders, read=read_flair)
    return data, *answer.case


def differential_data(found: Differential, package: ModelPackage) -> dict[str, Any]:
    """Return the answer for a patient as plain data."""
    return {**found.as_data(package, found.decision, "probability_of_nmosd"), "limits": LIMITS}


def _answer(image: Image, package: ModelPackage, device: str, t1: str | None, masks: tuple[str | None, str | None],
            progress: Progress) -> FileAnswer:
    from NeuroDifferentialLib.t1 import read_t1
    from NeuroOrbitLib.imaging.files import load_image

    given = [None if path is None else load_image(path) for path in masks]
    second, notices = read_t1(t1)
    patient = patient_of(image, second, *given, progress=part(progress, 0.0, 0.9))
    progress(0.95, _("Estimating NMOSD and MS"))
    data = differential_data(classify_patient(patient, package, device), package)
    data["notices"] = [*notices, *data["notices"]]
    return FileAnswer({**data, **patient.report.as_dict()}, patient.lesions.image, case=patient)
