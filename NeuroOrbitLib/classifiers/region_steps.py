"""The steps that a panel runs in the worker process with a :class:`.RegionClassifier`; plain data in and out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from NeuroOrbitLib.classifiers.question import Question
from NeuroOrbitLib.classifiers.region_classifier import RegionClassifier
from NeuroOrbitLib.classifiers.steps import Step, read_checked
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.models.card_failure import repeated_on_cpu
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class RegionSteps:
    """The steps of one module.

    :param classifier: the module's classifier.
    """

    classifier: RegionClassifier

    @repeated_on_cpu
    def prepare_file(self, scan: str, output: str, labels: str | None = None, tags: Mapping[str, str] | None = None,
                     device: str = "auto", progress: Progress = silent) -> dict[str, Any]:
        """Prepare a scan before anything is estimated: check the series, segment and measure the structures.

        :param scan: file of the scan.
        :param output: file for the label map if the structures are segmented in this step.
        :param labels: file of a segmentation; None to segment the scan.
        :param tags: DICOM fields, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`; None if there are none.
        :param device: "auto", "cpu" or "cuda".
        :param progress: receives the fraction done and a message.
        :return: ``labels`` (file of the new label map, None if one was given), a row with ``side`` and ``volume_ml``
            for each structure under the plural of the classifier's noun, ``notices`` (sentences), ``device``,
            ``versions``, ``seconds``.
        :raises Problem: when the scan is of another kind, or structures are missing.
        """
        from NeuroOrbitLib.imaging.files import load_image, save_image
        from NeuroOrbitLib.measurements.volumes import structure_volumes
        from NeuroOrbitLib.models import choose_device
        from NeuroOrbitLib.software import software_versions

        started, asked = time.monotonic(), self.classifier
        progress(0.0, _("Reading the scan"))
        choice = choose_device(device)
        image, notes = read_checked(scan)
        asked.refuse_early(image, tags)
        given = load_image(labels) if labels else None
        found = given or asked.segment(image, choice.device, part(progress, 0.05, 0.9))
        progress(0.9, _("Checking the series and the structures"))
        notices = asked.require_usable(image, found, tags)
        asked.study.box.require(found)
        if given is None:
            save_image(found, output)
        return {
            "labels": None if labels else str(output), "notices": [*notes, *notices],
            f"{asked.noun}s": structure_volumes(found, asked.study.groups.keys, asked.noun),
            "device": choice.as_data(), "versions": software_versions(),
            "seconds": time.monotonic() - started,
        }  # fmt: skip

    @repeated_on_cpu
    def classify_volume(self, scan: str, output: str, labels: str, model: str, clinical: Mapping[str, float],
                        gate: Mapping[str, bool] | None = None, anyway: bool = False,
                        tags: Mapping[str, str] | None = None, device: str = "auto",
                        model_folders: Sequence[str] = (), recalibration: Mapping[str, Any] | None = None,
                        progress: Progress = silent) -> dict[str, Any]:
        """Return the estimated probability for a patient whose structures are segmented.

        :param scan: file of the scan.
        :param output: file for the network's input volume, as z-scores.
        :param labels: file of the segmentation.
        :param model: name of a model package, or its folder.
        :param clinical: see :class:`.Question`.
        :param gate: see :class:`.Question`.
        :param anyway: see :class:`.Question`.
        :param tags: see :class:`.Question`.
        :param device: "auto", "cpu" or "cuda".
        :param model_folders: further folders to look for model packages in.
        :param recalibration: content of a file written by the command ``recalibrate``, to apply to the probability.
        :param progress: receives the fraction done and a message.
        :return: :meth:`.RegionClassifier.data`, ``performance`` (of the model, with ``prevalence`` of its training;
            None if it does not state it), ``volume_file``, ``grid``, and the provenance of the answer.
        :raises Problem: see :meth:`.RegionClassifier.classify`.
        """
        from NeuroOrbitLib.classifiers.answer import performance_of
        from NeuroOrbitLib.imaging.files import load_image, save_image

        step = Step.begun(self.classifier.kind, scan, model, model_folders, device, progress)
        question = _question(step, clinical, tags, gate, anyway, recalibration)
        found = self.classifier.classify(step.image, step.package, load_image(labels), question,
                                         part(progress, 0.05, 0.97))
        save_image(found.prepared.image, output)
        said = self.classifier.data(found, step.package)
        return {**said, "novelty": self.classifier.novelty_data(found), "notices": [*step.notes, *said["notices"]],
                "clinical": dict(clinical), "performance": performance_of(step.package), "volume_file": str(output),
                "grid": found.prepared.image.grid.as_data(), **step.provenance()}

    @repeated_on_cpu
    def explain_volume(self, scan: str, output: str, labels: str, model: str, clinical: Mapping[str, float],
                       gate: Mapping[str, bool] | None = None, tags: Mapping[str, str] | None = None,
                       device: str = "auto", model_folders: Sequence[str] = (),
                       recalibration: Mapping[str, Any] | None = None, progress: Progress = silent) -> dict[str, Any]:
        """Return the explanation of an answer of :meth:`classify_volume`, which has the same parameters.

        :param output: file for the heat map, on the grid of the network's input volume.
        :return: :meth:`.StructureReasons.as_data`, ``heat_file`` (None if the model takes numbers alone), ``grid``,
            ``unit``, ``largest``, and the provenance of the explanation.
        """
        from NeuroOrbitLib.imaging.files import load_image, save_image

        step = Step.begun(self.classifier.kind, scan, model, model_folders, device, progress)
        question = _question(step, clinical, tags, gate, True, recalibration)
        answer, found = self.classifier.explain(step.image, step.package, load_image(labels), question,
                                                part(progress, 0.05, 0.97))
        if found.heat is not None:
            save_image(found.heat, output)
        return {**found.as_data(self.classifier.noun), "heat_file": str(output) if found.heat is not None else None,
                "grid": answer.prepared.image.grid.as_data(), "unit": "logit",
                "largest": float(found.heat.array.max()) if found.heat is not None else 0.0, **step.provenance()}


def _question(step: Step, clinical: Mapping[str, float], tags: Mapping[str, str] | None,
              gate: Mapping[str, bool] | None, anyway: bool, recalibration: Mapping[str, Any] | None) -> Question:
    from NeuroOrbitLib.classifiers.recalibration import given_recalibration

    return Question(clinical, tags, gate, anyway, given_recalibration(recalibration, step.package),
                    step.choice.device)
