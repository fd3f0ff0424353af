"""DICOM fields of a volume that was loaded from the application's DICOM database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import slicer

INSTANCES_ATTRIBUTE = "DICOM.instanceUIDs"


def dicom_fields(volume: slicer.vtkMRMLVolumeNode, tags: Mapping[str, str]) -> dict[str, str]:
    """Return DICOM fields of the volume's first image, without missing ones; empty if it is not from the database.

    :param volume: the volume.
    :param tags: name of each wanted field in the result ("EchoTime"), by its tag ("0018|0081").
    """
    instances = (volume.GetAttribute(INSTANCES_ATTRIBUTE) or "").split()
    database = getattr(slicer, "dicomDatabase", None)
    if not instances or database is None:
        return {}
    values = {name: database.instanceValue(instances[0], tag.replace("|", ",").upper()) for tag, name in tags.items()}
    return {name: value.strip() for name, value in values.items() if value and value.strip()}


def files_in_database(volume: slicer.vtkMRMLVolumeNode) -> list[Path]:
    """Return the DICOM files, existing or not, that a volume was loaded from by the database; none without it."""
    instances = (volume.GetAttribute(INSTANCES_ATTRIBUTE) or "").split()
    database = getattr(slicer, "dicomDatabase", None)
    if database is None:
        return []
    return [Path(database.fileForInstance(uid) or "missing") for uid in instances]


def dicom_files_of(volume: slicer.vtkMRMLVolumeNode) -> list[Path]:
    """Return the DICOM files that a volume was read from without the database; none if it was not read from DICOM."""
    stored = volume.GetStorageNode()
    if stored is None:
        return []
    names = [stored.GetFullNameFromNthFileName(number) for number in range(stored.GetNumberOfFileNames())]
    files = [Path(name) for name in names or [stored.GetFullNameFromFileName() or ""]]
    return files if all(map(_may_be_dicom, files)) else []


def _may_be_dicom(path: Path) -> bool:
    """Return whether a file is a DICOM file or, if it no longer exists, had a DICOM ending (.dcm)."""
    if not path.is_file():
        return path.suffix.lower() == ".dcm"
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def technique_fields(volume: slicer.vtkMRMLScalarVolumeNode) -> dict[str, str]:
    """Return the DICOM fields that describe the sequence of a scan, from its DICOM file or the JSON file of BIDS.

    The database itself does not look into the groups of fields of an enhanced file.
    """
    # Not needed before the first run.
    from NeuroOrbitLib.dicom.fields import TECHNIQUE_FIELDS, fields_of_file, scan_fields

    in_database = files_in_database(volume)
    if in_database and in_database[0].is_file():
        return fields_of_file(in_database[0])
    stored = volume.GetStorageNode()
    file = stored.GetFileName() if stored is not None else None
    return dicom_fields(volume, TECHNIQUE_FIELDS) or (scan_fields(file) if file else {})
