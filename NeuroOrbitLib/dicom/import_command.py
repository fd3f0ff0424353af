"""Functions that the ``import-dicom`` commands have in common: writing a segmentation, and asking for its series."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from NeuroOrbitLib.dicom.read_results import ReadSegmentation
from NeuroOrbitLib.dicom.result_files import is_segmentation
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


def import_segmentation(file: Path, series: Path, output: Path, read: Callable[[Path, Path], ReadSegmentation]) -> None:
    """Write a DICOM segmentation as a label map, and print the notices and the name of the file.

    :param file: file of the segmentation.
    :param series: folder of the series on which it was drawn.
    :param output: label map to write.
    :param read: function that reads the segmentation, given its file and the folder of the series.
    :raises Problem: if the file cannot be read as a segmentation of the series, or ``output`` cannot be written.
    """
    from NeuroOrbitLib.imaging.files import check_output, save_image

    check_output(str(output), str(file))
    found = read(file, series)
    save_image(found.labels, output)
    for notice in found.notices:
        print(f"Warning: {notice}")
    print(f"{output} written.")


def refuse_segmentation(file: Path) -> None:
    """Refuse a segmentation that is to be read without its series.

    :raises Problem: if it is a segmentation.
    """
    if is_segmentation(file):
        raise Problem(_("A segmentation is read onto the series that it was drawn on. Give its folder with --series."))
