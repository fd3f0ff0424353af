"""A result as a case to annotate: the model's outlines become labels that a reader corrects."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_masks import label_image
from NeuroOrbitLib.mrml.storage_check import whole_image
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.annotation.cases import LABEL_MARKS

_FORBIDDEN = re.compile(r"[^\w.-]+")


def write_result_case(result: slicer.vtkMRMLSegmentationNode, folder: Path) -> str:
    """Write the scan of a result, and its outlines as the labels to begin with, into a folder.

    :return: what the files' names begin with.
    :raises Problem: if the scan has left the scene, a case of this name is in the folder already, or it cannot be
        written; nothing is left there then.
    """
    from NeuroOrbitLib.imaging.files import save_image  # not needed before the first correction

    scan = scan_of(result)
    if scan is None:
        raise Problem(_("The scan of this result has left the scene. Load it and segment it again."))
    name = _FORBIDDEN.sub("_", scan.GetName()).strip("._") or "scan"
    if name.lower().endswith(LABEL_MARKS):
        name += "_scan"  # or it would be taken for a label map
    # uncompressed: compressing a scan would take seconds in which the application does not react
    files = {folder / f"{name}.nii": whole_image(scan), folder / f"{name}_labels.nii.gz": label_image(result, scan)}
    for path in files:
        if path.exists():
            raise Problem(_("{path} exists already. Choose another folder, or open the case '{name}' of this folder on "
                            "the page Annotate.").format(path=path, name=name))
    with contextlib.ExitStack() as stack:
        for path, image in files.items():
            save_image(image, path)
            stack.callback(path.unlink)  # a case without its outlines would begin empty
        stack.pop_all()
    return name
