"""What the panel lets the worker process do: segment the muscles, estimate, explain, measure. Plain data in and out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from IVGCResponseLib.inventory import RESPONSE_MODEL
from NeuroOrbitLib.anatomy.structures import RECTI
from NeuroOrbitLib.classifiers.steps import Step, read_checked
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.sentences import sentence as _


def prepare_file(scan: str, output: str, labels: str | None = None, tags: Mapping[str, str] | None = None,
                 device: str = "auto", progress: Progress = silent) -> dict[str, Any]:
    """Look at a scan before anything is estimated: check the series, segment the orbits, measure the recti.

    :param scan: file of the scan.
    :param output: where the label map goes when the orbits are segmented here.
    :param labels: file of a segmentation of the orbits.
    :param tags: DICOM fields, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    :return: ``labels`` (file of what was segmented, None when it was given), ``muscles`` (``muscle``, ``side`` and
        ``volume_ml`` of each rectus), ``notices`` (sentences), ``device``, ``versions``, ``seconds``.
    :raises Problem: when the scan is no T2, or muscles are missing.
    """
    from IVGCResponseLib.preparation import require_recti
    from IVGCResponseLib.sequence import refuse_early, require_usable
    from NeuroOrbitLib.imaging.files import load_image, save_image
    from NeuroOrbitLib.measurements.volumes import structure_volumes
    from NeuroOrbitLib.models import choose_device
    from NeuroOrbitLib.software import software_versions
    from OrbitSegmentationLib.pipeline import orbits_of

    started = time.monotonic()
    progress(0.0, _("Reading the scan"))
    choice = choose_device(device)
    image, notes = read_checked(scan)
    refuse_early(image, tags)
    given = load_image(labels) if labels else None
    found = given or orbits_of(image, choice.device, part(progress, 0.05, 0.9))
    progress(0.9, _("Checking the series and the muscles"))
    notices = require_usable(image, found, tags)
    require_recti(found)
    if given is None:
        save_image(found, output)
    return {
        "labels": None if labels else str(output), "muscles": structure_volumes(found, RECTI, "muscle"),
        "notices": [*notes, *notices],
        "device": {"name": choice.device, "reason": choice.reason}, "versions": software_versions(),
        "seconds": time.monotonic() - started,
    }  # fmt: skip


def classify_volume(scan: str, output: str, labels: str, model: str, clinical: Mapping[str, float],
                    gate: Mapping[str, bool] | None = None, anyway: bool = False, tags: Mapping[str, str] | None = None,
                    device: str = "auto", model_folders: Sequence[str] = (),
                    recalibration: Mapping[str, Any] | None = None, progress: Progress = silent) -> dict[str, Any]:
    """Estimate the response of a patient whose muscles are segmented.

    :param output: where the volume goes that the network saw, as z-scores (32, 128, 128).
    :param clinical: clinical features that are known, by name.
    :param gate: answers to the questions of :mod:`IVGCResponseLib.gate`.
    :param anyway: estimate also for a patient that the model was not made for.
    :param recalibration: content of a file that the command ``recalibrate`` wrote, to fit the probability to it.
    :return: :func:`IVGCResponseLib.pipeline.response_data`, ``performance`` (of the model, with ``prevalence`` of its
        training; None where it does not say), ``volume_file`` and ``grid``, and how the answer came about.
    :raises Problem: as :func:`IVGCResponseLib.pipeline.classify_image`.
    """
    from IVGCResponseLib.familiarity import ADVICE
    from IVGCResponseLib.pipeline import classify_image, response_data
    from NeuroOrbitLib.classifiers.answer import performance_of
    from NeuroOrbitLib.classifiers.recalibration import given_recalibration
    from NeuroOrbitLib.imaging.files import load_image, save_image

    step = Step.begun(RESPONSE_MODEL, scan, model, model_folders, device, progress)
    found = classify_image(step.image, step.package, load_image(labels), clinical, tags, step.choice.device,
                           progress=part(progress, 0.05, 0.97), gate=gate, anyway=anyway,
                           recalibration=given_recalibration(recalibration, step.package))
    save_image(found.prepared.image, output)
    said = response_data(found, step.package)
    novelty = found.novelty.told(ADVICE) if found.novelty else None
    return {**said, "novelty": novelty, "notices": [*step.notes, *said["notices"]], "clinical": dict(clinical),
            "performance": performance_of(step.package), "volume_file": str(output),
            "grid": found.prepared.image.grid.as_data(), **step.provenance()}


def explain_volume(scan: str, output: str, labels: str, model: str, clinical: Mapping[str, float],
                   gate: Mapping[str, bool] | None = None, tags: Mapping[str, str] | None = None, device: str = "auto",
                   model_folders: Sequence[str] = (), recalibration: Mapping[str, Any] | None = None,
                   progress: Progress = silent) -> dict[str, Any]:
    """Explain an answer of :func:`classify_volume`; parameters as there.

    :param output: where the heat map goes, on the grid of what the network saw.
    :return: :meth:`IVGCResponseLib.explanation.Explanation.as_data`, ``heat_file`` (None where the model takes numbers
        alone), ``grid``, ``unit``, ``largest``, and how it came about.
    """
    from IVGCResponseLib.pipeline import explain_image
    from NeuroOrbitLib.classifiers.recalibration import given_recalibration
    from NeuroOrbitLib.imaging.files import load_image, save_image

    step = Step.begun(RESPONSE_MODEL, scan, model, model_folders, device, progress)
    answer, found = explain_image(step.image, step.package, load_image(labels), clinical, tags, step.choice.device,
                                  progress=part(progress, 0.05, 0.97), gate=gate, anyway=True,
                                  recalibration=given_recalibration(recalibration, step.package))
    if found.heat is not None:
        save_image(found.heat, output)
    return {**found.as_data(), "heat_file": str(output) if found.heat is not None else None,
            "grid": answer.prepared.image.grid.as_data(), "unit": "logit",
            "largest": float(found.heat.array.max()) if found.heat is not None else 0.0,
            **step.provenance()}
