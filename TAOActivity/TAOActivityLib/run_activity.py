"""The steps that the panel's worker process computes: prepare a scan, classify it, explain the answer. Plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.classifiers.steps import LastAnswer, Step
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.models.card_failure import repeated_on_cpu
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _
from TAOActivityLib.inventory import ACTIVITY_MODEL

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage
    from TAOActivityLib.explanation import Explanation
    from TAOActivityLib.preparation import Crop, Prepared

#: Ways to explain an answer.
OCCLUSION, GRAD_CAM = "occlusion", "grad_cam"
#: Edge of the covered patch and step to the next one (pixels): 6 mm, small enough to distinguish muscles.
PATCH = STRIDE = 8
#: Distance (mm) between two places of the crop that makes no difference.
_SAME_PLACE_MM = 2.0


@repeated_on_cpu
def prepare_file(scan: str, output: str, model: str, labels: str | None = None,
                 tags: Mapping[str, str] | None = None, device: str = "auto", model_folders: Sequence[str] = (),
                 progress: Progress = silent) -> dict[str, Any]:
    """Prepare a scan for classification: find the orbits, check the sequence, place the crops.

    :param scan: file of the scan.
    :param output: file to write the label map to if the orbits are segmented here.
    :param model: name of a model package, or its folder.
    :param labels: file of a segmentation of the orbits, on any grid; ``None`` to segment them.
    :param tags: DICOM fields, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    :param device: "auto", "cpu" or "cuda".
    :param model_folders: further folders with model packages.
    :param progress: receives the fraction done and a message.
    :return: ``labels`` (file of the label map, ``None`` if it was given), ``sequence``, ``crops`` by region,
        ``missing`` (reason why a region has no crop), ``notes`` (on the voxels), ``model``, ``device``, ``versions``,
        ``seconds``.
    :raises Problem: when the scan is not an axial fat-suppressed T2 or shows no eyes.
    """
    from NeuroOrbitLib.imaging.files import load_image, save_image
    from NeuroOrbitLib.imaging.resampling import on_grid
    from OrbitSegmentationLib.pipeline import orbits_of
    from TAOActivityLib.preparation import slice_axes
    from TAOActivityLib.sequence import refuse_early, require_usable

    step = Step.begun(ACTIVITY_MODEL, scan, model, model_folders, device, progress)
    refuse_early(step.image, tags)
    slice_axes(step.image.grid)
    orbits = load_image(labels) if labels else orbits_of(step.image, step.choice.device, part(progress, 0.02, 0.75))
    progress(0.75, _("Checking the sequence"))
    check = require_usable(step.image, on_grid(orbits, step.image.grid), tags)
    crops, missing = _crops(step.image.grid, orbits)
    if not crops:
        raise Problem(missing["both"])
    progress(0.8, _("Correcting the bias field"))
    _corrected(step.image)
    if not labels:
        save_image(orbits, output)
    return {
        "labels": None if labels else str(output), "crops": crops, "missing": missing, "notes": step.notes,
        "sequence": {"text": check.text, "basis": check.basis, **_finite(vitreous=check.vitreous, fat=check.fat)},
        **step.provenance(),
    }  # fmt: skip


@repeated_on_cpu
def classify_crop(scan: str, output: str, labels: str, crop: Mapping[str, Any], model: str,
                  tags: Mapping[str, str] | None = None, device: str = "auto", model_folders: Sequence[str] = (),
                  placed: Mapping[str, Any] | None = None, progress: Progress = silent) -> dict[str, Any]:
    """Classify a prepared scan in the crop that the user has confirmed.

    :param scan: file of the scan.
    :param output: file to write the crop to, as the network's z-scores (5, 164, 164).
    :param labels: file of the segmentation of the orbits.
    :param crop: crop as :func:`crop_data` returns it.
    :param model, tags, device, model_folders, progress: as for :func:`prepare_file`.
    :param placed: crop as :func:`prepare_file` placed it, so that an answer tells if the outlines would now place it
        elsewhere; ``None`` if they are as they were.
    :return: the data of :func:`TAOActivityLib.pipeline.activity_data`, ``cut_offs``, ``crop``, ``crop_file``, and
        ``model``, ``device``, ``versions`` and ``seconds`` as for :func:`prepare_file`.
    :raises Problem: if the crop or the scan cannot be used.
    """
    from NeuroOrbitLib.imaging.files import load_image, save_image
    from NeuroOrbitLib.measurements.signal_ratio import CUT_OFFS
    from TAOActivityLib.pipeline import activity_data, classify_image

    step = Step.begun(ACTIVITY_MODEL, scan, model, model_folders, device, progress)
    place, orbits = crop_from(crop), load_image(labels)
    _require_region(step.package, place)
    if placed is not None:
        place = _with_notice_of_edits(place, crop_from(placed), step.image.grid, orbits)
    progress(0.1, _("Correcting the bias field"))
    found = classify_image(step.image, step.package, orbits, tags, place, step.choice.device,
                           part(progress, 0.6, 0.95), _corrected(step.image))
    _require_eyes(found.prepared)
    save_image(found.prepared.image, output)
    return {**activity_data(found, step.package), "cut_offs": dict(CUT_OFFS), "crop": dict(crop),
            "crop_file": str(output), **step.provenance()}


@repeated_on_cpu
def explain_crop(scan: str, output: str, labels: str, crop: Mapping[str, Any], model: str, method: str = OCCLUSION,
                 patch: int = PATCH, stride: int = STRIDE, fill: str | float = "image mean", each_slice: bool = True,
                 device: str = "auto", model_folders: Sequence[str] = (),
                 progress: Progress = silent) -> dict[str, Any]:
    """Explain an answer of :func:`classify_crop`.

    :param scan, labels, crop, model: as for :func:`classify_crop`.
    :param output: file to write the heat map to, on the crop's grid.
    :param method: :data:`OCCLUSION` or :data:`GRAD_CAM`; the latter ignores patch, stride, fill and slices.
    :param patch, stride: edge of the covered patch and step to the next one (pixels).
    :param fill: grey value that covers a patch: "image mean", "patch mean" or a z-score.
    :param each_slice: whether to cover one slice at a time instead of all five.
    :param device, model_folders, progress: as for :func:`prepare_file`.
    :return: ``heat_file``, ``by_muscle`` (mean heat by name), ``ratio``, ``unit``, ``largest``, and ``model``,
        ``device``, ``versions`` and ``seconds`` as for :func:`prepare_file`.
    """
    from NeuroOrbitLib.imaging.files import load_image, save_image
    from TAOActivityLib.preparation import prepare

    step = Step.begun(ACTIVITY_MODEL, scan, model, model_folders, device, progress)
    progress(0.05, _("Correcting the bias field"))
    prepared = prepare(step.image, load_image(labels), crop_from(crop), _corrected(step.image))
    question = _Question(method, patch, stride, fill, each_slice, step.choice.device)
    found = question.ask(step.package, prepared, part(progress, 0.2, 0.95))
    save_image(found.heat, output)
    return {
        "heat_file": str(output), "by_muscle": found.by_muscle, **_finite(ratio=found.ratio),
        "unit": "probability" if method == OCCLUSION else "logit", "largest": float(found.heat.array.max()),
        **step.provenance(),
    }  # fmt: skip


@dataclass(frozen=True)
class _Question:
    """The settings of an explanation; see the parameters of :func:`explain_crop`."""

    method: str
    patch: int
    stride: int
    fill: str | float
    each_slice: bool
    device: str

    def ask(self, package: ModelPackage, prepared: Prepared, progress: Progress) -> Explanation:
        from NeuroOrbitLib.models.device import doubles_with_bfloat16
        from NeuroOrbitLib.saliency.patches import OcclusionSettings
        from TAOActivityLib.explanation import explain, explain_by_grad_cam
        from TAOActivityLib.pipeline import classifier_of, stored_crop

        network, stored = classifier_of(package, self.device), stored_crop(prepared)
        if self.method == GRAD_CAM:
            return explain_by_grad_cam(network, stored, prepared)
        settings = OcclusionSettings(self.patch, self.stride, self.fill, self.each_slice)
        return explain(network, stored, prepared, settings, doubles_with_bfloat16(self.device), progress=progress)


def crop_data(crop: Crop) -> dict[str, Any]:
    """Return a crop as plain data: ``affine`` (4 x 4, IJK to RAS mm), ``shape`` (K, J, I), ``region``, ``notices``."""
    return {**crop.grid.as_data(), "region": crop.region, "notices": list(crop.notices)}


def crop_from(data: Mapping[str, Any]) -> Crop:
    """Return the crop from the plain data of :func:`crop_data`."""
    from TAOActivityLib.preparation import Crop

    return Crop(Grid.from_data(data), str(data["region"]), tuple(data["notices"]))


def _crops(scan: Grid, orbits: Image) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the crop of each region as plain data, and by region the reason why there is no crop."""
    from TAOActivityLib.preparation import REGIONS, place_crop

    crops, missing = {}, {}
    for region in REGIONS:
        try:
            crops[region] = crop_data(place_crop(scan, orbits, region))
        except Problem as problem:
            missing[region] = str(problem)
    return crops, missing


def _with_notice_of_edits(crop: Crop, placed: Crop, scan: Grid, orbits: Image) -> Crop:
    """Return a crop with a notice if outlines that were edited since it was placed would now place it elsewhere."""
    from TAOActivityLib.preparation import place_crop

    text = _("The outlines of the eyes or optic nerves were edited after the crop was placed: they would now place it "
             "{distance} mm away. Press Prepare to place it anew, then Apply.")
    try:
        now = place_crop(scan, orbits, crop.region).grid.center
    except Problem as problem:
        gone = _("The outlines were edited after the crop was placed, and can no longer place it: {problem}")
        return replace(crop, notices=(*crop.notices, gone.format(problem=problem)))
    distances = [float(np.linalg.norm(now - other.grid.center)) for other in (crop, placed)]
    if min(distances) < _SAME_PLACE_MM:
        return crop
    return replace(crop, notices=(*crop.notices, text.format(distance=f"{distances[0]:.0f}")))


def _require_region(package: ModelPackage, crop: Crop) -> None:
    from TAOActivityLib.inventory import regions_of

    if crop.region not in regions_of(package):
        raise Problem(_("The model {package} has not learned from crops of this region ({region}). Choose "
                        "{regions_of}, or another model.").format(
            package=package.name, region=crop.region, regions_of=" or ".join(regions_of(package))))


def _require_eyes(prepared: Prepared) -> None:
    """Refuse a crop that the user has dragged to where it no longer shows what the classifier needs."""
    from NeuroOrbitLib.anatomy.structures import label_value
    from TAOActivityLib.augmentation import seen_part
    from TAOActivityLib.preparation import sides_of

    sides = sides_of(prepared.crop.region)
    shown = np.unique(seen_part(prepared.labels.array))
    lost = [side.value for side in sides if label_value("eyeball", side) not in shown]
    if lost:
        raise Problem(_("The crop does not show the {lost} eye. Put it back, or drag it over the eyes.").format(
            lost=" and ".join(lost)))


def _finite(**values: float) -> dict[str, float | None]:
    from NeuroOrbitLib.evaluation.segmentation.tables import finite

    return finite(values)


def _bias_corrected(image: Image) -> Image:
    from TAOActivityLib.preparation import bias_corrected

    return bias_corrected(image)


_corrected = LastAnswer(_bias_corrected)
