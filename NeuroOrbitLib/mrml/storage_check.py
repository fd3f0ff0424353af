"""Checks that the file of a volume or segmentation is intact; Slicer reads damaged files without a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.file_names import is_image_name
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.dicom_fields import files_in_database
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.volumes import UnsuitableVolume, image_from_node
from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from NeuroOrbitLib.dicom.series import SeriesCheck

#: Name, size and modification time (ns) of a file and of the file that holds its voxels.
_State = tuple[tuple[str, int, int], ...]

#: Faults of the files that were checked, by checking function and state; None for intact files.
_checked: dict[tuple[Callable[[Path], str | None], _State], str | None] = {}
#: Checks of the headers of DICOM series, by the state of their files.
_checked_series: dict[_State, SeriesCheck] = {}


def check_storage(node: slicer.vtkMRMLVolumeNode) -> None:
    """Make sure that the file of a volume is intact and gives its position without contradiction.

    Volumes that were changed since they were loaded and those whose file is gone are accepted. A file is read again
    only if it has changed. For a DICOM series, all headers and the completeness of the files are checked: Slicer
    assumes 1 mm for a pixel spacing that is not a number.

    :raises UnsuitableVolume: if the file is damaged or contradictory; the message says how.
    """
    series = _check_of_series(node)
    if series is not None and series.fault:
        raise UnsuitableVolume(_("The DICOM files that '{name}' was loaded from are not in order, so that it may show "
                                 "wrong values or sizes. {fault} Then load it anew; a volume that you have put right "
                                 "by hand can be saved as NRRD and loaded from there.").format(
            name=node.GetName(), fault=translated(series.fault)))
    path = file_of_unchanged(node)
    fault = _known_fault(path, _fault) if path is not None else None
    if fault:
        raise UnsuitableVolume(_("The file that '{name}' was loaded from is not in order, so that the volume may show "
                                 "wrong values. {fault} Then load it anew.").format(name=node.GetName(), fault=fault))


def check_segments(node: slicer.vtkMRMLSegmentationNode) -> None:
    """Make sure that the file of a segmentation is intact.

    Slicer marks a segmentation as changed as soon as it is shown in 3-D, so that this does not tell whether its voxels
    were corrected; saving does, since that writes an intact file.

    :raises Problem: if the file is damaged; the message says how.
    """
    path = _image_file(node)
    fault = _known_fault(path, _fault_of_segments) if path is not None else None
    if fault:
        raise Problem(_("The file that '{name}' was loaded from is not in order, so that its segments may be wrong. "
                        "{fault} Then load it anew; or look at every segment, correct what is wrong and save it under "
                        "the same name.").format(name=node.GetName(), fault=fault))


def whole_image(node: slicer.vtkMRMLScalarVolumeNode) -> Image:
    """Return the image of a further volume of an analysis, after checking its file.

    :raises UnsuitableVolume: if its file is damaged, see :func:`check_storage`, or the volume cannot be used, see
        :func:`~NeuroOrbitLib.mrml.volumes.image_from_node`.
    """
    check_storage(node)
    return image_from_node(node)


def notes_about_slices(node: slicer.vtkMRMLVolumeNode) -> list[str]:
    """Return notices about a volume from DICOM whose missing, duplicate or uneven slices were spaced evenly.

    There are none for volumes under a transform that puts slices where they were acquired, and for resampled ones.
    """
    series, transform = _check_of_series(node), node.GetParentTransformNode()
    is_as_loaded = series is not None and node.GetImageData().GetDimensions()[2] == series.slices
    if not is_as_loaded or (transform is not None and not transform.IsTransformToWorldLinear()):
        return []
    return [translated(series.unevenness)] if series.unevenness else []


def notes_about_file(node: slicer.vtkMRMLVolumeNode) -> list[str]:
    """Return notices about doubts in the position that the file of a volume gives; none if the file is gone."""
    from NeuroOrbitLib.imaging.files import file_notes  # not needed before the first run

    path = _image_file(node)
    if path is None:
        return []
    try:
        return file_notes(path)
    except (OSError, Problem):
        return []


def file_of_unchanged(node: slicer.vtkMRMLVolumeNode) -> Path | None:
    """Return the image file of a volume that was not changed since it was read; ``None`` otherwise."""
    path = _image_file(node)
    return None if path is None or not path.is_file() or node.GetModifiedSinceRead() else path


def _image_file(node: slicer.vtkMRMLStorableNode) -> Path | None:
    storage = node.GetStorageNode()
    path = Path((storage.GetFullNameFromFileName() if storage is not None else None) or "")
    return path if is_image_name(path.name) else None


def _known_fault(path: Path, find: Callable[[Path], str | None]) -> str | None:
    """Return the fault that ``find`` finds in a file; a file is read again only if it has changed."""
    try:
        key = (find, _state(path))
        if key not in _checked:
            _checked[key] = find(path)
    except OSError:
        return None
    return _checked[key]


def _state(path: Path) -> _State:
    from NeuroOrbitLib.imaging.stored_voxels import stored_voxels  # not needed before the first run

    try:
        stored = stored_voxels(path)
    except Problem:
        stored = None
    files = [path] if stored is None or not stored.path.is_file() else [path, stored.path]
    return tuple((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files)


def _fault(path: Path) -> str | None:
    from NeuroOrbitLib.imaging.reading import read_file  # not needed before the first run

    try:
        read_file(path)
    except Problem as problem:
        return str(problem)
    return None


def _check_of_series(node: slicer.vtkMRMLVolumeNode) -> SeriesCheck | None:
    """Return the check of the DICOM files of a volume; None if it is not from DICOM or the files are gone."""
    from NeuroOrbitLib.dicom.series import check_series  # not needed before the first run

    files = files_in_database(node)
    try:
        key = tuple((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files)
        if files and key not in _checked_series:
            _checked_series[key] = check_series(files)
    except OSError:
        return None
    return _checked_series.get(key)


def _fault_of_segments(path: Path) -> str | None:
    """Return the fault of a segmentation's file, as :func:`_fault`; overlapping segments make it four-dimensional."""
    from NeuroOrbitLib.imaging.nifti_header import is_nifti  # not needed before the first run
    from NeuroOrbitLib.imaging.stored_voxels import stored_voxels

    if is_nifti(path):
        return _fault(path)
    try:
        stored = stored_voxels(path)
        if stored is not None:
            stored.read()
    except Problem as problem:
        return str(problem)
    return None
