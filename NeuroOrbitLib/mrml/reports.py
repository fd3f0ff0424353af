"""The report of a classifier's result, written from the nodes of the scene."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.explanation_run import (
    ChangesOf,
    ImagesOf,
    age_notices,
    labels_of_result,
    no_changes,
    was_edited,
)
from NeuroOrbitLib.mrml.heat_maps import HeatLook
from NeuroOrbitLib.mrml.run_records import image_then
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.volumes import image_from_node
from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.report import ReportWords

#: Function that returns the words of a module's report, given the record of the result.
ReportWordsOf = Callable[[Mapping[str, object]], "ReportWords"]


def write_result_report(result: ClassifierResult, path: Path, look: HeatLook, words_of: ReportWordsOf,
                        images_of: ImagesOf = labels_of_result, changes_of: ChangesOf = no_changes) -> None:
    """Write the report of a result; it says so if what it rests on was changed since.

    :param result: the result.
    :param path: file to write, ending in .html or .pdf.
    :param look: threshold and opacity of the heat map.
    :param words_of: function that returns the words of the report.
    :param images_of: function that returns the images that the result rests on, see
        :func:`NeuroOrbitLib.mrml.explanation_run.was_edited`.
    :param changes_of: function that returns sentences on what else is different now.
    :raises Problem: if the result's images are no longer in the scene, or the file cannot be written.
    """
    from NeuroOrbitLib.classifiers.report import HeatView, write_report  # not needed before a report is written

    if result.seen is None:
        raise Problem(_("What the classifier saw has left the scene. Press Apply again."))
    heat = HeatView(image_from_node(result.heat), result.explanation, look.threshold, look.opacity) \
        if result.heat else None
    record, edited = result.record, not result.problem() and was_edited(result, images_of)
    record = {**record, "notices": [*age_notices(result, edited, changes_of), *record.get("notices", [])]}
    try:
        write_report(path, record, words_of(record), image_from_node(result.seen), heat,
                     image_then(record, result.scan) if result.scan is not None else None, translated)
    except OSError as error:
        raise Problem(_("{path} cannot be written. Choose another folder.").format(path=path)) from error
