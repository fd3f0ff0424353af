"""Answers about the patients of a table or of a folder of scans, one by one or on a cluster, resumable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.classifiers.listed_patients import Patient
from NeuroOrbitLib.classifiers.question import Question
from NeuroOrbitLib.classifiers.typed_values import values_of_cells
from NeuroOrbitLib.files.safe import write_json, write_rows
from NeuroOrbitLib.jobs.folders import keep_files_of_others
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import PLAN_NAME, PROBLEM, check_plan, forget, read_result, result_path, run_tasks
from NeuroOrbitLib.number_text import fixed
from NeuroOrbitLib.privacy import without_paths

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.region_classifier import RegionClassifier

#: Names of the table of answers and of the folder of finished work, in the folder of a batch.
TABLE_NAME, DONE_NAME = "answers.csv", "done"
#: Key, in a kept answer, of the fingerprint of the patient.
_ASKED = "asked"
COLUMNS = ("case", "decision", "probability", "low", "high", "calibrated", "missing", "notices", "problem")


@dataclass(frozen=True)
class Wish:
    """The question that is asked about all patients.

    :param model: name of a model package, or its folder.
    :param sha256: SHA-256 of the package's weights.
    :param anyway: whether to answer also about patients for whom the models were not made.
    :param engine: engine of the radiomics features: "auto", "pyradiomics" or "own".
    :param device: device that computes: "auto", "cpu" or "cuda".
    :param recalibration: file of a fit to one's own patients; None without one.
    """

    model: str
    sha256: str
    anyway: bool = False
    engine: str = "auto"
    device: str = "auto"
    recalibration: str | None = None


def answers(patients: Sequence[Patient], wish: Wish, classifier: Callable[[], RegionClassifier], folder: Path,
            scheduler: str | None = None, progress: Progress = silent) -> list[dict[str, Any]]:
    """Classify every patient without an answer yet and return the answers about all patients, in order.

    The table :data:`TABLE_NAME` is written, and each answer as CASE.json. A patient who could not be classified has a
    problem instead of an answer, and is tried again the next time.

    :param patients: patients to classify.
    :param wish: the question about all of them.
    :param classifier: function of a module that returns its classifier; must be importable by workers.
    :param folder: folder of the answers.
    :param scheduler: see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param progress: receives the fraction done and a message.
    :raises Problem: when the folder holds answers of another model or to another question, or foreign files.
    """
    done = folder / DONE_NAME
    plan = {"kind": "answers", **asdict(replace(wish, model="", device="", recalibration=None)),
            "recalibration": Path(wish.recalibration).read_text(encoding="utf-8") if wish.recalibration else None}
    _check_place(patients, folder)
    check_plan(done, plan)
    for patient in patients:
        if result_path(done, patient.case).exists() and not _is_answered(patient, done):
            _answer_path(folder, patient).unlink(missing_ok=True)  # while it is still known to be the batch's own
            forget(done, patient.case)
    found = run_tasks(partial(answer_one, wish=wish, classifier=classifier),
                      {patient.case: patient for patient in patients}, done, plan, scheduler, progress,
                      record_problems=True)
    told = [{key: value for key, value in answer.items() if key != _ASKED} for answer in found]
    for patient, answer in zip(patients, told, strict=True):
        if PROBLEM not in answer:
            write_json(_answer_path(folder, patient), answer)
    write_rows(folder / TABLE_NAME, COLUMNS, [_row(patient.case, answer, classifier().probability)
                                              for patient, answer in zip(patients, told, strict=True)])
    return told


def _answer_path(folder: Path, patient: Patient) -> Path:
    return folder / f"{patient.case}.json"


def _check_place(patients: Sequence[Patient], folder: Path) -> None:
    """Refuse to overwrite files that no batch has written: the facts of a scan are often beside it as NAME.json."""
    done = folder / DONE_NAME
    taken = [_answer_path(folder, patient) for patient in patients if not result_path(done, patient.case).exists()]
    if not (done / PLAN_NAME).exists():
        taken.insert(0, folder / TABLE_NAME)
    keep_files_of_others(folder, [path.name for path in taken])


def _is_answered(patient: Patient, done: Path) -> bool:
    """Return whether the kept answer is about exactly this patient, as rows of a table may have been corrected."""
    return read_result(done, patient.case).get(_ASKED) == patient.fingerprint()


def answer_one(patient: Patient, folder: Path, progress: Progress = silent, *, wish: Wish,
               classifier: Callable[[], RegionClassifier]) -> dict[str, Any]:
    """Return the answer about one patient as plain data, without names of files."""
    from NeuroOrbitLib.classifiers.column_file import columns_kept

    asked = classifier()
    package, _device = asked.kind.tools(wish.model, (), wish.device)
    with asked.columns.of(columns_kept(package)):
        clinical = values_of_cells(patient.cells, asked.columns.columns())
    gate = {key: value == 1 for key, value in values_of_cells(patient.cells, asked.gate.columns()).items()}
    question = Question(clinical, gate=gate, anyway=wish.anyway, engine=wish.engine)
    found, _case = asked.classify_file(
        str(patient.image), wish.model, None if patient.labels is None else str(patient.labels), question, wish.device,
        progress=progress, recalibration=wish.recalibration)
    return {**without_paths(found), _ASKED: patient.fingerprint()}


def _row(case: str, answer: Mapping[str, Any], probability: str) -> list[str]:
    if PROBLEM in answer:
        return [case, *[""] * (len(COLUMNS) - 2), str(answer[PROBLEM])]
    low, high = answer["interval"] or (None, None)
    return [case, answer["decision"], fixed(answer[probability], 4), *("" if end is None else fixed(end, 4)
                                                                     for end in (low, high)),
            "yes" if answer["calibrated"] else "no", " ".join(answer["imputed"]), " ".join(answer["notices"]), ""]
