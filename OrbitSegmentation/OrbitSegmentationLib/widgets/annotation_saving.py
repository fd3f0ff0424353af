"""Saving of the open case from the page: files, questions, and the DICOM segmentation with its progress."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.dicom.segmentation import reason_against
from NeuroOrbitLib.jobs import Cancelled, JobFailed, JobRunner
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.progress_dialog import progress_dialog
from NeuroOrbitLib.widgets.replacing import ask_to_replace
from OrbitSegmentationLib.annotation.export import Format
from OrbitSegmentationLib.annotation.progress import ChangedByOther, check_unchanged
from OrbitSegmentationLib.mrml.dicom_export import make_dicom_segmentation
from OrbitSegmentationLib.mrml.open_case import OpenCase
from OrbitSegmentationLib.widgets import unsaved_work

_LIBRARIES = Path(__file__).resolve().parents[2]


def formats_for(opened: OpenCase, chosen: list[Format]) -> list[Format]:
    """Return the chosen formats without those that are not possible for this case."""
    return [kind for kind in chosen if kind is not Format.DICOM or not reason_against(opened.case.scan)]


def save_case(opened: OpenCase, chosen: list[Format]) -> list[str] | None:
    """Save the case, asking before anything is replaced.

    :param opened: the open case.
    :param chosen: formats to write besides the Slicer segmentation.
    :return: sentences for the annotator; ``None`` if the annotator has cancelled and nothing was written.
    :raises Problem: if the case cannot be saved; nothing is written in that case.
    """
    formats = formats_for(opened, chosen)
    agreed = _ask(opened, formats)
    if agreed is None:
        return None
    with _dicom_file(opened, Format.DICOM in formats) as dicom_file:
        return opened.save(formats, dicom_file, replace=True, replace_others=agreed)


def _ask(opened: OpenCase, formats: list[Format]) -> bool | None:
    """Return whether another annotator's work may be replaced; ``None`` if the annotator cancels."""
    overrule = False
    try:
        check_unchanged(opened.folder, opened.state)
    except ChangedByOther as problem:
        if not unsaved_work.ask_to_overrule(str(problem)):
            return None
        overrule = True
    existing = opened.files_to_ask_about(formats)
    if existing and not overrule and not ask_to_replace(existing):
        return None
    return overrule


@contextlib.contextmanager
def _dicom_file(opened: OpenCase, wanted: bool) -> Iterator[Path | None]:
    """Make the DICOM segmentation in a temporary folder and yield its path; ``None`` if it is not wanted."""
    if not wanted:
        yield None
        return
    runner = JobRunner(extra_paths=[_LIBRARIES], temporary_folder=slicer.app.temporaryPath)
    with runner, progress_dialog(_("Save"), _("Writing the DICOM segmentation…")) as follow:
        try:
            yield make_dicom_segmentation(opened, runner, runner.new_folder(), follow)
        except Cancelled:
            raise Problem(_("Cancelled. Nothing was saved.")) from None
        except JobFailed as error:
            raise Problem(_("The DICOM segmentation could not be made: {error} Nothing was saved.").format(
                error=error)) from error
