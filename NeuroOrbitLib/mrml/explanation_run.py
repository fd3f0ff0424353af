"""The run that explains a result, and the checks before it: the same in every module."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import require_same_images, require_same_scan
from NeuroOrbitLib.mrml.segment_content import has_other_voxels
from NeuroOrbitLib.mrml.segment_masks import label_image
from NeuroOrbitLib.mrml.tools import Tool
from NeuroOrbitLib.problem import Problem

#: Function that returns the images that a result rests on, by the names under which the worker was given them.
ImagesOf = Callable[[ClassifierResult], dict[str, Image]]

#: Returns sentences on what is different now from what a result rests on, beside scan and segmentation.
ChangesOf = Callable[[ClassifierResult], Sequence[str]]


def no_changes(_result: ClassifierResult) -> Sequence[str]:
    """Say nothing: results rest on scan and segmentation alone."""
    return ()


def labels_of_result(result: ClassifierResult) -> dict[str, Image]:
    """Return the label map of a result's segmentation on its scan, as the worker's steps take it."""
    return {"labels": label_image(result.segmentation, result.scan)}


def was_edited(result: ClassifierResult, images_of: ImagesOf = labels_of_result) -> bool:
    """Return whether the scan that an answer rests on holds other voxels now, or its segmentation was edited since.

    A segmentation that was taken off the scan counts as edited.

    :param images_of: function that returns the images that the result rests on.
    """
    try:
        if has_other_voxels(result.scan, result.record):
            return True
        require_same_images(result.record, images_of(result))
    except Problem:
        return True
    return False


def age_notices(result: ClassifierResult, edited: bool, changes_of: ChangesOf) -> list[dict[str, str]]:
    """Return what is said of an answer that does not rest on what there is now.

    :param result: the result.
    :param edited: whether scan or segmentation were edited, see :func:`was_edited`.
    :param changes_of: function that returns sentences on what else is different.
    """
    texts = [_("The scan or its segmentation was changed after this answer and its table were computed. Press Apply "
               "for a new answer.")] if edited else []
    if result.scan is None:
        texts.append(_("The scan that this answer is about is no longer in the scene, so that the answer cannot be "
                       "checked against it. Load it again and press Apply for an answer about it."))
    elif result.segmentation is None:
        texts.append(_("The segmentation that this answer rests on is no longer in the scene, so that the answer "
                       "cannot be checked against it. Press Apply for an answer about another one."))
    return [{"level": "warning", "text": text} for text in (*texts, *changes_of(result))]


def explanation_run(runner: JobRunner, function: str, result: ClassifierResult, tool: Tool,
                    given: Mapping[str, object], insert: Callable[[VolumeRun, Mapping[str, Any]], ClassifierResult],
                    images_of: ImagesOf = labels_of_result) -> VolumeRun:
    """Start a run that explains a result with the model that gave it, even if ``tool`` names another one.

    :param runner: runner of the worker process.
    :param function: function of the worker, as "package.module:function".
    :param result: result to explain.
    :param tool: device to compute on.
    :param given: further arguments of the function.
    :param insert: function that adds the worker's answer to the scene.
    :param images_of: function that returns the images that the result rests on, by the names under which the worker was
        given them.
    :raises Problem: if the scan or the segmentation of the result is gone or has changed.
    """
    if result.problem():
        raise Problem(result.problem())
    require_same_scan(result.record, result.scan)
    images = images_of(result)
    require_same_images(result.record, images)
    arguments = {**tool.arguments(), **given, "model": result.record["parameters"]["model"]}
    return VolumeRun(runner, function, result.scan, arguments, insert, images, [result.table, result.segmentation])
