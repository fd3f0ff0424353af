"""A result as a case to annotate: the model's outlines become labels for a reader to correct."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.file_names import is_label_name
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.mrml.run_records import notices_about_segments
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_masks import beyond_scan, filled_labels, label_image, other_segments, overlaps
from NeuroOrbitLib.mrml.storage_check import whole_image
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.annotation.cases import ANNOTATION_FOLDER
from OrbitSegmentationLib.annotation.progress import CaseState, begin_state, state_file

_FORBIDDEN = re.compile(r"[^\w.-]+")


def write_result_case(result: slicer.vtkMRMLSegmentationNode, folder: Path) -> str:
    """Write the scan of a result, and its outlines as initial labels, into a folder.

    The state of the case names the model, as ground truth that began with its outlines must say so.

    :param result: segmentation of the result.
    :param folder: folder of the new case.
    :return: beginning of the files' names, which is the name of the case.
    :raises Problem: if the scan is no longer in the scene, the folder already holds a case with this name, or the case
        cannot be written; no files are left in that case.
    """
    from NeuroOrbitLib.imaging.files import save_image  # not needed before the first correction

    scan = scan_of(result)
    if scan is None:
        raise Problem(_("The scan of this result has left the scene. Load it and segment it again."))
    name = _FORBIDDEN.sub("_", scan.GetName()).strip("._") or "scan"
    if is_label_name(name):
        name += "_scan"  # or it would be taken for a label map
    # Uncompressed, as compressing a scan would block the application for seconds.
    files = {folder / f"{name}.nii": whole_image(scan), folder / f"{name}_labels.nii.gz": label_image(result, scan)}
    for path in (*files, state_file(folder / ANNOTATION_FOLDER, name)):
        if path.exists():
            raise Problem(_("{path} exists already. Choose another folder, or open the case '{name}' of this folder on "
                            "the page Annotate.").format(path=path, name=name))
    with contextlib.ExitStack() as stack:
        for path, image in files.items():
            save_image(image, path)
            stack.callback(path.unlink)  # a case without its outlines would begin empty
        model = (provenance.record_of(result) or {}).get("model")
        if model:
            outlined = sorted(filled_labels(result))
            begin_state(folder / ANNOTATION_FOLDER, CaseState(name).with_prelabels(model, outlined))
        stack.pop_all()
    return name


def not_taken_over(result: slicer.vtkMRMLSegmentationNode) -> list[str]:
    """Return sentences about what the case of :func:`write_result_case` lacks of a result, whose scan is loaded."""
    text = _("{names}: no structure of the orbit, and only in '{result}'.")
    others, scan = other_segments(result), scan_of(result)
    told = [text.format(names=", ".join(others), result=result.GetName())] if others else []
    return [*told, *(notice["text"] for notice in notices_about_segments([result])), *overlaps(result, scan),
            *beyond_scan(result, scan)]
