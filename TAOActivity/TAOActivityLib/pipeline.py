"""Classification of one scan, for the panel, the command line, batches and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.classifiers.estimate import Estimate
from NeuroOrbitLib.classifiers.file_answers import FileAnswer, answer_file
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.sentences import sentence as _
from TAOActivityLib.inventory import ACTIVE, ACTIVITY_MODEL
from TAOActivityLib.inventory import PACKAGE_KIND as PACKAGE_KIND

if TYPE_CHECKING:
    from torch import Tensor, nn

    from NeuroOrbitLib.measurements.signal_ratio import SignalRatios
    from NeuroOrbitLib.models import ModelPackage
    from TAOActivityLib.preparation import Crop, Prepared


@dataclass(frozen=True, kw_only=True)
class Activity(Estimate):
    """The answer for a scan; its probability is the probability of active disease.

    :param ratios: signal of whole muscles, in all slices of the scan, and of the reference tissues.
    :param prepared: crop that the network was given.
    """

    ratios: SignalRatios
    prepared: Prepared

    @property
    def active(self) -> bool:
        """Whether the disease is active, by the threshold of the model."""
        return self.positive


def classify_image(scan: Image, package: ModelPackage, labels: Image | None = None,
                   tags: Mapping[str, str] | None = None, crop: Crop | None = None, device: str = "cpu",
                   progress: Progress = silent, corrected: Image | None = None) -> Activity:
    """Estimate the activity of thyroid-associated ophthalmopathy.

    :param scan: axial fat-suppressed T2 MRI, any axis order; it is not changed.
    :param package: model package.
    :param labels: segmentation of the orbits on any grid; ``None`` to segment them.
    :param tags: DICOM fields, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    :param crop: place of the crop as the user has confirmed it; ``None`` to place it automatically.
    :param device: "cpu" or "cuda".
    :param progress: receives the fraction done and a message.
    :param corrected: answer of :func:`~TAOActivityLib.preparation.bias_corrected`, if known; ``None`` to compute it.
    :raises Problem: when the scan is not a fat-suppressed T2, shows no eyes, or does not fit the model.
    """
    from NeuroOrbitLib.imaging.checks import check_volume
    from NeuroOrbitLib.imaging.resampling import on_grid
    from NeuroOrbitLib.measurements.scan_ratios import scan_ratios
    from NeuroOrbitLib.measurements.signal_ratio import corrected_for_ratios
    from OrbitSegmentationLib.pipeline import orbits_of
    from TAOActivityLib.familiarity import ADVICE, FAMILIARITY
    from TAOActivityLib.preparation import bias_corrected, place_crop, prepare, sides_of
    from TAOActivityLib.sequence import refuse_early, require_usable
    from TAOActivityLib.task import predictor_of

    predictor = predictor_of(package, device)
    scan = check_volume(scan)
    refuse_early(scan, tags)
    labels = orbits_of(scan, device, part(progress, 0.0, 0.7)) if labels is None else labels
    check = require_usable(scan, on_grid(labels, scan.grid), tags)
    progress(0.75, _("Correcting the bias field"))
    crop = place_crop(scan.grid, labels, package.facts.settings.get("region", "both")) if crop is None else crop
    corrected = bias_corrected(scan) if corrected is None else corrected
    prepared = prepare(scan, labels, crop, corrected)
    progress(0.95, _("Classifying"))
    image = stored_crop(prepared).numpy()
    novelty = FAMILIARITY.novelty(package, predictor, image, prepared.labels.array)
    texts = (novelty.text(ADVICE) if novelty else "", check.text, *crop.notices)
    ratios = scan_ratios(corrected_for_ratios(scan), labels, sides_of(crop.region))
    return Activity.of(package, float(predictor.of_case(image, {})[ACTIVE]), notices=tuple(filter(None, texts)),
                       novelty=novelty, ratios=ratios, prepared=prepared)


def classify_file(scan: str, model: str, labels: str | None = None, device: str = "auto",
                  model_folders: tuple[str, ...] = (), progress: Progress = silent, report: str | None = None
                  ) -> dict[str, Any]:
    """Classify the scan in a file; return the answer of :func:`classify_image` as plain data.

    :param scan: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series.
    :param model: name of a model package, or its folder.
    :param labels: file of a segmentation, see :func:`NeuroOrbitLib.label_maps.mapping.read_patient_labels`.
    :param device: "auto", "cpu" or "cuda".
    :param model_folders: further folders with model packages.
    :param progress: receives the fraction done and a message.
    :param report: file of a report to write, ``.html`` or ``.pdf``; ``None`` for no report.
    :raises Problem: for input that cannot be used.
    """
    from NeuroOrbitLib.dicom.fields import scan_fields
    from NeuroOrbitLib.label_maps.mapping import read_patient_labels
    from NeuroOrbitLib.measurements.signal_ratio import CUT_OFFS
    from TAOActivityLib.report import report_words

    def ask(image: Image, package: ModelPackage, chosen: str) -> FileAnswer:
        given = None if labels is None else read_patient_labels(labels)
        found = classify_image(image, package, given, scan_fields(scan), device=chosen, progress=progress)
        return FileAnswer(activity_data(found, package), found.prepared.image,
                          {"cut_offs": dict(CUT_OFFS), "crop": {"region": found.prepared.crop.region}})

    return answer_file(scan, model, ACTIVITY_MODEL, ask, report_words, device, model_folders, report)[0]


def activity_data(found: Activity, package: ModelPackage) -> dict[str, Any]:
    """Return the answer for a scan as plain data."""
    from TAOActivityLib.familiarity import ADVICE

    return {**found.as_data(package, "active" if found.active else "inactive"),
            "novelty": found.novelty.data_with_text(ADVICE) if found.novelty else None,
            "ratios": _ratio_rows(found.ratios)}


def classifier_of(package: ModelPackage, device: str = "cpu") -> nn.Module:
    """Return the package's network with its verified weights, which is cached for the next scan.

    :raises ModelProblem: when the package is not a classifier of activity.
    """
    from TAOActivityLib.networks.registry import load

    ACTIVITY_MODEL.require(package)

    return load(package, device)


def stored_crop(prepared: Prepared) -> Tensor:
    """Return the prepared scan as cohorts store it: float16, shape (5, 164, 164)."""
    import torch

    return torch.from_numpy(prepared.image.array.astype(np.float16))


def _ratio_rows(ratios: SignalRatios) -> list[dict[str, Any]]:
    from NeuroOrbitLib.evaluation.segmentation.tables import finite

    return [finite({"side": muscle.side.value, "muscle": muscle.muscle,
                    **{f"to_{name}": ratios.ratio(muscle, name) for name in ratios.references},
                    **{f"hottest_to_{name}": ratios.ratio(muscle, name, True) for name in ratios.references}})
            for muscle in ratios.muscles]
