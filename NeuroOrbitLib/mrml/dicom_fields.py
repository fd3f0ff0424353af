"""DICOM fields of a volume that was loaded from the application's DICOM database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import slicer

INSTANCES_ATTRIBUTE = "DICOM.instanceUIDs"


def dicom_fields(volume: slicer.vtkMRMLVolumeNode, tags: Mapping[str, str]) -> dict[str, str]:
    """The fields of the volume's first image that are there; empty if it did not come from the database.

    :param tags: wanted fields: tag ("0018|0081") to the name that it gets in the result ("EchoTime").
    """
    instances = (volume.GetAttribute(INSTANCES_ATTRIBUTE) or "").split()
    database = getattr(slicer, "dicomDatabase", None)
    if not instances or database is None:
        return {}
    values = {name: database.instanceValue(instances[0], tag.replace("|", ",").upper()) for tag, name in tags.items()}
    return {name: value.strip() for name, value in values.items() if value and value.strip()}


def files_in_database(volume: slicer.vtkMRMLVolumeNode) -> list[Path]:
    """The DICOM files that a volume was loaded from, where the database puts them; none if it did not come from it."""
    instances = (volume.GetAttribute(INSTANCES_ATTRIBUTE) or "").split()
    database = getattr(slicer, "dicomDatabase", None)
    if database is None:
        return []
    return [Path(database.fileForInstance(uid) or "missing") for uid in instances]


def technique_fields(volume: slicer.vtkMRMLScalarVolumeNode) -> dict[str, str]:
    """DICOM fields that tell the sequence of a scan, from the database or the JSON file beside a NIfTI (BIDS)."""
    from NeuroOrbitLib.dicom.fields import TECHNIQUE_FIELDS, scan_fields  # not needed before the first run

    stored = volume.GetStorageNode()
    file = stored.GetFileName() if stored is not None else None
    return dicom_fields(volume, TECHNIQUE_FIELDS) or (scan_fields(file) if file else {})
