"""Is the file whole that a volume was loaded from? Slicer reads damaged files without a word."""

from __future__ import annotations

from pathlib import Path

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.file_names import is_image_name
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.volumes import UnsuitableVolume, image_from_node
from NeuroOrbitLib.problem import Problem

#: Size and time of change of a file and of the one that holds its voxels.
_State = tuple[tuple[str, int, int], ...]

#: What was wrong with the files that were looked at; None for whole ones.
_checked: dict[_State, str | None] = {}


def check_storage(node: slicer.vtkMRMLVolumeNode) -> None:
    """Make sure that the file which a volume was loaded from is whole and says clearly where it lies.

    Volumes that were changed since, that came from a DICOM folder, or whose file is gone are taken as they are. A file
    is read once; it is read again only when it has changed.

    :raises UnsuitableVolume: saying what is wrong with the file.
    """
    path = file_of_unchanged(node)
    if path is None:
        return
    try:
        state = _state(path)
        if state not in _checked:
            _checked[state] = _fault(path)
    except OSError:
        return
    if _checked[state]:
        raise UnsuitableVolume(_("The file that '{name}' was loaded from is not in order, so that the volume may show "
                                 "wrong values. {fault} Then load it anew.").format(
                                     name=node.GetName(), fault=_checked[state]))


def whole_image(node: slicer.vtkMRMLScalarVolumeNode) -> Image:
    """Return the voxels and the place of a volume that an analysis takes beside its scan.

    :raises UnsuitableVolume: as :func:`check_storage` and :func:`~NeuroOrbitLib.mrml.volumes.image_from_node`.
    """
    check_storage(node)
    return image_from_node(node)


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


def _image_file(node: slicer.vtkMRMLVolumeNode) -> Path | None:
    storage = node.GetStorageNode()
    path = Path((storage.GetFullNameFromFileName() if storage is not None else None) or "")
    return path if is_image_name(path.name) else None


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
