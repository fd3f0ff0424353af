"""Classification of a patient from a scan with segmented structures and from numbers.

This is the common entry point of panel, command line, batches and tests; a module states its own parts in a
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

    :param numbers: numbers that the model was given beside the image, by column.
    :param imputed: names of input numbers without a value, for which the mean or median of the training was used.
    :param possible: range of the probability for each of them, see :meth:`.AskedCase.possible`.
    :param places: positions of the numbers among those of the training.
    :param ratios: measurements of the structures, by column.
    :param prepared: input of the network.
    """

    numbers: Mapping[str, float]
    imputed: tuple[str, ...]
    possible: Mapping[str, tuple[float, float]]
    places: tuple[NumberPlace, ...]
    ratios: Mapping[str, float]
    prepared: PreparedImage


@dataclass(frozen=True)
class RegionClassifier:
    """The parts from which a module classifies a patient.

    :param kind: selects the packages that belong to the module.
    :param task: the module ``task.py`` of the Lib.
    :param study: structures that are examined, and measurements of them.
    :param gate: conditions on patients for whom the models were made.
    :param refuse_early: refuses a scan, given its DICOM fields, if that is possible without a segmentation.
    :param require_usable: returns sentences on what is unusual about a scan, given a label map on its grid and its
        DICOM fields, or refuses it.
    :param segment: returns the label map of a scan, computed on a device.
    :param familiarity: comparison of cases with those of the training.
    :param advice: sentence on what to do with an unusual case.
    :param columns: columns of the task; a package that was trained on other columns contains these.
    :param means: name of the packages' document with the mean signal of every structure in the training.
    :param decisions: names of the decision below the threshold, and from the threshold on.
    :param probability: key of the probability in plain data.
    :param noun: name for a structure in keys of plain data.
    :param words_of: returns the texts of the report for a record.
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
        """Return the estimated probability of the task's class, with its limits and notices.

        :param scan: scan in any axis order; it is not changed.
        :param package: model package.
        :param labels: label map of the structures on any grid; None to segment the scan.
        :param question: what else is known of the patient, and how to answer.
        :param progress: receives the fraction done and a message.
        :raises Problem: when the models were not made for the patient, the scan is of another kind or shows no
            structures, or the model does not fit.
        """
        with self.columns.of(columns_kept(package)):
            asked, notices = self._asked(scan, package, labels, question, progress)
            return self._estimate(asked, notices, question)

    def explain(self, scan: Image, package: ModelPackage, labels: Image | None = None,
                question: Question = NOTHING_KNOWN, progress: Progress = silent
                ) -> tuple[RegionEstimate, StructureReasons]:
        """Return the answer of :meth:`classify`, which has the same parameters, and its explanation on the image.

        :return: the answer, and heat and falls of the probability that explain it.
        """
        with self.columns.of(columns_kept(package)):
            asked, notices = self._asked(scan, package, labels, question, part(progress, 0.0, 0.6))
            return self._estimate(asked, notices, question), self.reasons(asked, question, part(progress, 0.6, 1.0))

    def reasons(self, asked: AskedRegions, question: Question = NOTHING_KNOWN, progress: Progress = silent
                ) -> StructureReasons:
        """Return the explanation of the answer about a patient.

        :param asked: the patient together with the model, see :meth:`ask`.
        :param question: question whose recalibration applies to the answer.
        :param progress: receives the fraction done and a message.
        :raises Problem: when the package does not state the structures' mean signal.
        """
        from NeuroOrbitLib.classifiers.augmentation import seen

        means = asked.package.document(self.means)
        if means is None:
            raise Problem(_("The model {name} does not state the mean signal of the structures. Train it "
                            "again.").format(name=asked.package.name))
        return StructureReasons.of(asked, self.study.groups.keys, means, seen, question.recalibration, progress)

    def ask(self, package: ModelPackage, scan: Image, labels: Image, question: Question = NOTHING_KNOWN
            ) -> AskedRegions:
        """Return a patient together with the model: the scan is prepared and the model's input numbers are measured."""
        return AskedRegions.of(self.study, package, self.task.predictor_of(package, question.device),
                               self.task.TASK.positive, scan, labels, question.clinical, question.engine)

    def classify_file(self, scan: str, model: str, labels: str | None = None, question: Question = NOTHING_KNOWN,
                      device: str = "auto", model_folders: tuple[str, ...] = (), progress: Progress = silent, *,
                      recalibration: str | None = None, report: str | None = None, reasons: bool = False
                      ) -> tuple[dict[str, Any], tuple[RegionEstimate, StructureReasons | None]]:
        """Return the answer of :meth:`classify` about image files, as plain data and as it was given.

        :param scan: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series.
        :param model: name of a model package, or its folder.
        :param labels: file of a segmentation, see :func:`NeuroOrbitLib.label_maps.mapping.read_patient_labels`.
        :param question: what else is known of the patient; its tags, device and recalibration are replaced.
        :param device: "auto", "cpu" or "cuda".
        :param model_folders: further folders to look for model packages in.
        :param progress: receives the fraction done and a message.
        :param recalibration: file made by the command ``recalibrate``.
        :param report: path of a report to write, ``.html`` or ``.pdf``.
        :param reasons: whether to explain the answer, too.
        :return: the answer as plain data; and the answer as given, with its explanation (None without ``reasons``).
        :raises Problem: see :meth:`classify`; also when a file cannot be read or the report cannot be written.
        """
        from NeuroOrbitLib.classifiers.recalibration import of_this_calibration, read_recalibration
        from NeuroOrbitLib.dicom.fields import scan_fields
        from NeuroOrbitLib.label_maps.mapping import read_patient_labels

        def answer(image: Image, package: ModelPackage, chosen: str) -> FileAnswer:
            own = None if recalibration is None else of_this_calibration(
                read_recalibration(recalibration, package.sha256), package)
            asked = replace(question, tags=scan_fields(scan), device=chosen, recalibration=own)
            given = None if labels is None else read_patient_labels(labels)
            found, why = self.explain(image, package, given, asked, progress) if reasons else (
                self.classify(image, package, given, asked, progress), None)
            data, seen = self.data(found, package), found.prepared.image
            return FileAnswer(data if why is None else {**data, "explanation": why.as_data(self.noun)}, seen, {
                "novelty": self.novelty_data(found), "clinical": dict(question.clinical),
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

    def novelty_data(self, found: RegionEstimate) -> dict[str, Any] | None:
        """Return how unusual the case is for the model, with advice; None if the model does not measure it."""
        return found.novelty.data_with_text(self.advice) if found.novelty else None

    def _asked(self, scan: Image, package: ModelPackage, labels: Image | None, question: Question,
               progress: Progress) -> tuple[AskedRegions, list[str]]:
        """Return a patient together with the model, and notices for the user; refuse as early as possible."""
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

    def _estimate(self, asked: AskedRegions, notices: list[str], question: Question) -> RegionEstimate:
        """Return the answer for a patient, with the possible effect of missing numbers."""
        from NeuroOrbitLib.classifiers.distribution import MEAN, MEDIAN, number_notices
        from NeuroOrbitLib.classifiers.number_predictor import NumberPredictor

        missing, places, own = asked.missing(), asked.places(), question.recalibration
        novelty = self.familiarity.novelty(asked.package, asked.predictor, asked.image(),
                                           asked.prepared.labels.array, asked.numbers)
        filled_with = MEDIAN if isinstance(asked.predictor, NumberPredictor) else MEAN
        texts = [novelty.text(self.advice) if novelty else "", own.doubt if own else "", *notices,
                 *number_notices(missing, places, self.columns.titles(), asked.unmeasured(), filled_with)]
        return RegionEstimate.of(
            asked.package, asked.raw(), own, novelty=novelty, notices=tuple(filter(None, texts)),
            numbers=asked.numbers, imputed=missing, possible=asked.possible(own, self.columns.of_words()),
            places=tuple(places), ratios=asked.ratios, prepared=asked.prepared)
