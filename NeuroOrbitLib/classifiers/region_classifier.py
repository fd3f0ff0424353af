"""Answers about a patient from a scan with segmented structures and from numbers.

The one way in for panel, command line, batches and tests: a module says what is special to it in a
:class:`RegionClassifier`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.classifiers.column_file import ColumnFile, columns_kept
from NeuroOrbitLib.classifiers.estimate import Estimate
from NeuroOrbitLib.classifiers.file_answers import FileAnswer, answer_file
from NeuroOrbitLib.classifiers.question import NOTHING_KNOWN, Question
from NeuroOrbitLib.classifiers.region_study import AskedRegions, RegionStudy
from NeuroOrbitLib.classifiers.structure_reasons import StructureReasons
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.distribution import NumberPlace
    from NeuroOrbitLib.classifiers.familiarity import Familiarity
    from NeuroOrbitLib.classifiers.gate import Gate
    from NeuroOrbitLib.classifiers.model_kind import ModelKind
    from NeuroOrbitLib.classifiers.prepared_image import PreparedImage
    from NeuroOrbitLib.classifiers.report import ReportWords
    from NeuroOrbitLib.classifiers.task_module import TaskModule
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True, kw_only=True)
class RegionEstimate(Estimate):
    """The answer for a patient.

    :param numbers: that the model was given beside the image, by column.
    :param imputed: names of input numbers without a value, for which a usual one of the training was used.
    :param possible: for each of them the probabilities if it were as low, and as high, as in a tenth of the training.
    :param places: where the numbers lie among those of the training.
    :param ratios: measured of the structures, by column.
    :param prepared: what the network saw.
    """

    numbers: Mapping[str, float]
    imputed: tuple[str, ...]
    possible: Mapping[str, tuple[float, float]]
    places: tuple[NumberPlace, ...]
    ratios: Mapping[str, float]
    prepared: PreparedImage


@dataclass(frozen=True)
class RegionClassifier:
    """How a module answers about a patient.

    :param kind: which packages are the module's.
    :param task: the Lib's ``task.py``.
    :param study: what is looked at.
    :param gate: for which patients the models were made.
    :param refuse_early: refuses a scan, with its DICOM fields, that needs no segmentation to be refused.
    :param require_usable: returns what is unusual about a scan with a label map on its grid and DICOM fields, in
        sentences, or refuses it.
    :param segment: returns the label map of a scan on a device.
    :param familiarity: how cases are compared with those of the training.
    :param advice: sentence on what to do with an unusual case.
    :param columns: of the task; a package that has learned from other ones keeps these.
    :param means: document of a package with the mean signal of every structure in the training.
    :param decisions: what a case is called below the threshold, and from it on.
    :param probability: key of the probability in plain data.
    :param noun: what the structures are called in keys of plain data.
    :param words_of: says what the report of a record says.
    """

    kind: ModelKind
    task: TaskModule
    study: RegionStudy
    gate: Gate
    refuse_early: Callable[[Image, Mapping[str, str] | None], object]
    require_usable: Callable[[Image, Image, Mapping[str, str] | None], list[str]]
    segment: Callable[[Image, str, Progress], Image]
    familiarity: Familiarity
    advice: str
    columns: ColumnFile
    means: str
    decisions: tuple[str, str]
    probability: str = "probability"
    noun: str = "structure"
    words_of: Callable[[Mapping[str, object]], ReportWords] | None = None

    def classify(self, scan: Image, package: ModelPackage, labels: Image | None = None,
                 question: Question = NOTHING_KNOWN, progress: Progress = silent) -> RegionEstimate:
        """Estimate the probability of the task's class.

        :param scan: any axis order; it is not changed.
        :param labels: segmentation of the structures on any grid; made when None.
        :raises Problem: when the patient is not what the model was made for, the scan is of another kind or shows no
            structures, or the model does not fit.
        """
        with self.columns.of(columns_kept(package)):
            asked, notices = self._asked(scan, package, labels, question, progress)
            return self._said(asked, notices, question)

    def explain(self, scan: Image, package: ModelPackage, labels: Image | None = None,
                question: Question = NOTHING_KNOWN, progress: Progress = silent
                ) -> tuple[RegionEstimate, StructureReasons]:
        """Estimate as :meth:`classify` does, and explain the answer on the image; parameters as there.

        :return: the answer, and the heat and falls that explain it.
        """
        with self.columns.of(columns_kept(package)):
            asked, notices = self._asked(scan, package, labels, question, part(progress, 0.0, 0.6))
            return self._said(asked, notices, question), self.reasons(asked, question, part(progress, 0.6, 1.0))

    def reasons(self, asked: AskedRegions, question: Question = NOTHING_KNOWN, progress: Progress = silent
                ) -> StructureReasons:
        """Explain the answer about a patient who was asked about.

        :raises Problem: when the package does not say what the structures' mean signal is.
        """
        from NeuroOrbitLib.classifiers.augmentation import seen

        means = asked.package.document(self.means)
        if means is None:
            raise Problem(_("The model {name} does not state the mean signal of the structures. Train it "
                            "again.").format(name=asked.package.name))
        return StructureReasons.of(asked, self.study.groups.keys, means, seen, question.recalibration, progress)

    def ask(self, package: ModelPackage, scan: Image, labels: Image, question: Question = NOTHING_KNOWN
            ) -> AskedRegions:
        """Prepare a segmented scan and measure what the model takes."""
        return AskedRegions.of(self.study, package, self.task.predictor_of(package, question.device),
                               self.task.TASK.positive, scan, labels, question.clinical, question.engine)

    def classify_file(self, scan: str, model: str, labels: str | None = None, question: Question = NOTHING_KNOWN,
                      device: str = "auto", model_folders: tuple[str, ...] = (), progress: Progress = silent, *,
                      recalibration: str | None = None, report: str | None = None, reasons: bool = False
                      ) -> tuple[dict[str, Any], tuple[RegionEstimate, StructureReasons | None]]:
        """Return :meth:`classify` for files, as plain data and as it was answered.

        :param scan: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series.
        :param model: name of a model package, or its folder.
        :param labels: file of a segmentation, see :func:`NeuroOrbitLib.label_maps.mapping.read_patient_labels`.
        :param question: its tags, device and recalibration are those of the files and of the other parameters.
        :param recalibration: file made by the command ``recalibrate``.
        :param report: file of a report that is to be written, ``.html`` or ``.pdf``.
        :param reasons: whether the answer is explained, too.
        """
        from NeuroOrbitLib.classifiers.recalibration import read_recalibration
        from NeuroOrbitLib.dicom.fields import scan_fields
        from NeuroOrbitLib.label_maps.mapping import read_patient_labels

        def answer(image: Image, package: ModelPackage, chosen: str) -> FileAnswer:
            own = None if recalibration is None else read_recalibration(recalibration, package.sha256)
            asked = replace(question, tags=scan_fields(scan), device=chosen, recalibration=own)
            given = None if labels is None else read_patient_labels(labels)
            found, why = self.explain(image, package, given, asked, progress) if reasons else (
                self.classify(image, package, given, asked, progress), None)
            data, seen = self.data(found, package), found.prepared.image
            return FileAnswer(data if why is None else {**data, "explanation": why.as_data(self.noun)}, seen, {
                "novelty": self.told_novelty(found), "clinical": dict(question.clinical),
                "grid": {"shape": list(seen.array.shape)}}, (found, why))

        data, answered = answer_file(scan, model, self.kind, answer, self.words_of, device, model_folders, report)
        return data, answered.case

    def data(self, found: RegionEstimate, package: ModelPackage) -> dict[str, Any]:
        """Return the answer for a patient as plain data."""
        from NeuroOrbitLib.evaluation.segmentation.tables import finite

        own = found.recalibration
        return finite({
            **found.as_data(package, self.decisions[found.positive], self.probability),
            "recalibrated": own is not None, "recalibration": own.as_data() if own else None,
            "numbers": dict(found.numbers), "imputed": list(found.imputed),
            "possible": {name: list(pair) for name, pair in found.possible.items()},
            "places": [place.as_data() for place in found.places], "ratios": dict(found.ratios),
            **columns_kept(package),
        })  # fmt: skip

    def told_novelty(self, found: RegionEstimate) -> dict[str, Any] | None:
        """Return how unusual the model finds the case, with what to do about it; None where it does not say."""
        return found.novelty.told(self.advice) if found.novelty else None

    def _asked(self, scan: Image, package: ModelPackage, labels: Image | None, question: Question,
               progress: Progress) -> tuple[AskedRegions, list[str]]:
        """A patient before the model, and what the user should know; refuses early what can be refused early."""
        from NeuroOrbitLib.imaging.checks import check_volume
        from NeuroOrbitLib.imaging.resampling import on_grid

        passed = self.gate.passed(question.clinical, question.gate, question.anyway)
        self.kind.require(package)
        scan = check_volume(scan)
        self.refuse_early(scan, question.tags)
        found = self.segment(scan, question.device, part(progress, 0.0, 0.6)) if labels is None else labels
        notices = self.require_usable(scan, on_grid(found, scan.grid), question.tags)
        progress(0.65, _("Preparing the structures"))
        asked = self.ask(package, scan, found, question)
        progress(0.95, _("Estimating the probability"))
        return asked, [*passed, *notices]

    def _said(self, asked: AskedRegions, notices: list[str], question: Question) -> RegionEstimate:
        """The answer for a patient, with the possible effect of missing numbers."""
        from NeuroOrbitLib.classifiers.distribution import MEAN, MEDIAN, number_notices
        from NeuroOrbitLib.classifiers.number_predictor import NumberPredictor

        missing, places, own = asked.missing(), asked.places(), question.recalibration
        novelty = self.familiarity.novelty(asked.package, asked.predictor, asked.image(),
                                           asked.prepared.labels.array, asked.numbers)
        filled_with = MEDIAN if isinstance(asked.predictor, NumberPredictor) else MEAN
        texts = [novelty.text(self.advice) if novelty else "", *notices,
                 *number_notices(missing, places, self.columns.titles(), asked.unmeasured(), filled_with)]
        return RegionEstimate.of(
            asked.package, asked.raw(), own, novelty=novelty, notices=tuple(filter(None, texts)),
            numbers=asked.numbers, imputed=missing, possible=asked.possible(own), places=tuple(places),
            ratios=asked.ratios, prepared=asked.prepared)
