"""Provenance of results, stored with the scene so that it can be read years later."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.image import Image, voxels_sha256
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.volumes import ijk_to_local
from NeuroOrbitLib.sentences import from_plain, to_plain

#: Prefix of the attributes and node references that the product writes on nodes.
PREFIX = "NeuroOrbit"
MODULE_ATTRIBUTE = f"{PREFIX}.Module"
RECORD_REFERENCE = f"{PREFIX}.provenance"
#: Key of the application's setting for whether records may contain names of scans.
KEEP_NAMES_SETTING = f"{PREFIX}/KeepScanNames"


def keeps_names() -> bool:
    """Return whether the user has chosen that records contain the names of scans."""
    return str(slicer.app.userSettings().value(KEEP_NAMES_SETTING)).lower() in ("true", "1")


def volume_identity(volume: slicer.vtkMRMLScalarVolumeNode) -> dict[str, object]:
    """Return plain data that identify a volume: DICOM series, geometry and a hash of its voxels.

    The names of the volume and of its transform are left out unless the application's setting
    :data:`KEEP_NAMES_SETTING` is true, since they often are file names with a patient's name.

    :return: data for JSON; ``ijk_to_ras`` (4x4, mm) does not include parent transforms, ``voxels_sha256`` is the hash
        of the voxels in memory order (K, J, I).
    """
    voxels = slicer.util.arrayFromVolume(volume)
    names = {"name": volume.GetName(), "transform": _transform_name(volume)} if keeps_names() else {}
    return {
        **names,
        "dicom_series": _dicom_series(volume),
        "shape_kji": list(voxels.shape),
        "voxel_type": str(voxels.dtype),
        "spacing_mm": list(volume.GetSpacing()),
        "ijk_to_ras": ijk_to_local(volume).tolist(),
        "is_transformed": volume.GetParentTransformNode() is not None,
        "voxels_sha256": voxels_sha256(voxels),
    }


def image_sha256(image: Image) -> str:
    """Return the SHA-256 of an image's voxels (K, J, I) and their type, which identifies the input of a run."""
    voxels = np.ascontiguousarray(image.array)
    return hashlib.sha256(str(voxels.dtype).encode() + voxels.tobytes()).hexdigest()


def _dicom_series(volume: slicer.vtkMRMLVolumeNode) -> str | None:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(volume)
    return hierarchy.GetItemUID(item, "DICOM") or None if item else None


def _transform_name(volume: slicer.vtkMRMLVolumeNode) -> str | None:
    transform = volume.GetParentTransformNode()
    return transform.GetName() if transform is not None else None


def add_record(name: str, record: Mapping[str, object],
               results: Iterable[slicer.vtkMRMLNode]) -> slicer.vtkMRMLTextNode:
    """Store ``record`` as a JSON text node and link every result node to it.

    The most important facts are also written as attributes of each result (see :func:`headline_attributes`), where the
    subject hierarchy's information view and scripts find them.

    :param name: name of the text node.
    :param record: plain data.
    :param results: nodes of the result.
    """
    text = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode", slicer.mrmlScene.GenerateUniqueName(name))
    text.SetText(json.dumps(to_plain(record), indent=2, ensure_ascii=False))
    for node in results:
        node.SetNodeReferenceID(RECORD_REFERENCE, text.GetID())
        for key, value in headline_attributes(record).items():
            node.SetAttribute(key, value)
    return text


def headline_attributes(record: Mapping[str, object]) -> dict[str, str]:
    """Return the most important facts of a record as node attributes, whose names have the product's prefix."""
    model = record.get("model", {})
    facts = {
        "Module": record.get("module"),
        "Run": record.get("run"),
        "Time": record.get("time"),
        "Model": model.get("name"),
        "ModelVersion": model.get("version"),
        "ModelSHA256": model.get("sha256"),
        "TrainingData": model.get("training_data"),
        "ResearchUse": record.get("research_use"),
    }
    return {f"{PREFIX}.{key}": str(value) for key, value in facts.items() if value}


def described_by(text: slicer.vtkMRMLTextNode) -> list[slicer.vtkMRMLNode]:
    """Return the nodes that are linked to the record in ``text``."""
    scene = slicer.mrmlScene
    nodes = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
    return [node for node in nodes if node.GetNodeReference(RECORD_REFERENCE) is text]


def record_of(node: slicer.vtkMRMLNode | None) -> dict[str, object] | None:
    """Return the record of the run that made ``node``; ``None`` if the product did not make it."""
    return read_record(node.GetNodeReference(RECORD_REFERENCE)) if node is not None else None


def read_record(text: slicer.vtkMRMLTextNode | None) -> dict[str, object] | None:
    """Return the record that a text node holds; ``None`` without a node."""
    return json.loads(text.GetText(), object_hook=from_plain) if text is not None else None


def quality_of(node: slicer.vtkMRMLNode | None) -> dict[str, object] | None:
    """Return the quality control of the run that made ``node``; ``None`` if there was none."""
    record = record_of(node)
    return record.get("quality") if record is not None else None


def notices_of(node: slicer.vtkMRMLNode | None) -> list[dict[str, str]]:
    """Return the notices for the user (``level`` and ``text``) in the record of the run that made ``node``."""
    record = record_of(node)
    return record.get("notices", []) if record is not None else []


def summary_of(node: slicer.vtkMRMLNode | None) -> str:
    """Return a summary of how ``node`` was made: model, training, device with the reason; "" if unknown."""
    record = record_of(node)
    if record is None:
        return ""
    model, device = record["model"], record["device"]
    return _("Model {name} {version}, trained on: {training}. {reason} It took {seconds} s.").format(
        name=model["name"], version=_version(model), training=re.split("[:;]", model["training_data"])[0],
        reason=translated(device["reason"]), seconds=max(round(float(record["seconds"])), 1))


def _version(model: dict[str, str]) -> str:
    """Return the version of a model's weights and, if rules correct its output, the version of the rules."""
    if not model.get("rules"):
        return model["version"]
    return _("{version} with rules {rules}").format(version=model["version"], rules=model["rules"])
