"""Is the file whole that a volume or a segmentation was loaded from? Slicer reads damaged files without a word."""

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

#: Size and time of change of a file and of the one that holds its voxels.
_State = tuple[tuple[str, int, int], ...]

#: What was found wrong with the files that were looked at, by who looked; None for whole ones.
_checked: dict[tuple[Callable[[Path], str | None], _State], str | None] = {}
#: What the headers of DICOM series say.
_checked_series: dict[_State, SeriesCheck] = {}


def check_storage(node: slicer.vtkMRMLVolumeNode) -> None:
    """Make sure that the file which a volume was loaded from is whole and says clearly where it lies.

    Volumes that were changed since and those whose file is gone are taken as they are. A file is read once; it is read
    again only when it has changed. Of a DICOM series, all headers are looked at, and whether the files are whole: for
    a pixel spacing that is no number, Slicer takes 1 mm.

    :raises UnsuitableVolume: saying what is wrong with the file.
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
    """Make sure that the file which a segmentation was loaded from is whole.

    Slicer counts a segmentation as changed as soon as it is shown in 3-D, so that changes do not tell whether its
    voxels were put right; saving it does, since that writes a whole file.

    :raises Problem: saying what is wrong with the file.
    """
    path = _image_file(node)
    fault = _known_fault(path, _fault_of_segments) if path is not None else None
    if fault:
        raise Problem(_("The file that '{name}' was loaded from is not in order, so that its segments may be wrong. "
                        "{fault} Then load it anew; or look at every segment, correct what is wrong and save it under "
                        "the same name.").format(name=node.GetName(), fault=fault))


def whole_image(node: slicer.vtkMRMLScalarVolumeNode) -> Image:
    """Return the voxels and the place of a volume that an analysis takes beside its scan.

    :raises UnsuitableVolume: as :func:`check_storage` and :func:`~NeuroOrbitLib.mrml.volumes.image_from_node`.
    """
    check_storage(node)
    return image_from_node(node)


def notes_about_slices(node: slicer.vtkMRMLVolumeNode) -> list[str]:
    """Say of a volume from DICOM whether slices that are missing, double or unevenly spaced were spaced alike.

    Volumes under a transform that puts slices where they were taken, and resampled ones, are taken as they are.
    """
    series, transform = _check_of_series(node), node.GetParentTransformNode()
    is_as_loaded = series is not None and node.GetImageData().GetDimensions()[2] == series.slices
    if not is_as_loaded or (transform is not None and not transform.IsTransformToWorldLinear()):
        return []
    return [translated(series.unevenness)] if series.unevenness else []


def notes_about_file(node: slicer.vtkMRMLVolumeNode) -> list[str]:
    """What the file of a volume leaves open about where the patient lies, in sentences; none if it is gone."""
    from NeuroOrbitLib.imaging.files import file_notes  # not needed before the first run

    path = _image_file(node)
    if path is None:
        return []
    try:
        return file_notes(path)
    except (OSError, Problem):
        return []


def file_of_unchanged(node: slicer.vtkMRMLVolumeNode) -> Path | None:
    """The image file of a volume whose voxels and place are still those of the file; ``None`` otherwise."""
    path = _image_file(node)
    return None if path is None or not path.is_file() or node.GetModifiedSinceRead() else path


def _image_file(node: slicer.vtkMRMLStorableNode) -> Path | None:
    storage = node.GetStorageNode()
    path = Path((storage.GetFullNameFromFileName() if storage is not None else None) or "")
    return path if is_image_name(path.name) else None


def _known_fault(path: Path, find: Callable[[Path], str | None]) -> str | None:
    """What ``find`` says of a file as it is now; a file is read anew only when it has changed."""
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
    """What the DICOM files of a volume say; None for another volume, and where the files are gone."""
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
    """As :func:`_fault`; segments that overlap lie in layers, which no volume has."""
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
