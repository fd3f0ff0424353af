"""Records of runs in the scene, and whether their results still fit the scan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import segmentations
from NeuroOrbitLib.mrml.provenance import PREFIX, image_sha256, keeps_names, record_of
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_content import has_other_voxels
from NeuroOrbitLib.mrml.segment_masks import misnamed_segments, passed_over_segments
from NeuroOrbitLib.mrml.storage_check import notes_about_file, notes_about_slices
from NeuroOrbitLib.mrml.volumes import ijk_to_local, image_from_node, interpolation_notices, world_from_ijk
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.research_use import RESEARCH_USE_IN_RECORDS

#: Attribute of a volume computed from a scan with its own pose and that of the scan (4x4, voxel index to RAS mm).
_PLACES_ATTRIBUTE = f"{PREFIX}.Places"
#: Stands in a record for a folder whose path is left out.
_LEFT_OUT = "(left out)"


def record_of_run(run: VolumeRun, answer: Mapping[str, object], module: str) -> dict[str, object]:
    """Return the plain data of a run for :func:`NeuroOrbitLib.mrml.provenance.add_record`.

    :param run: the run.
    :param answer: answer of the pipeline, without paths of temporary files.
    :param module: name of the module.
    """
    return {
        "module": module,
        "run": run.id,
        "time": run.started.isoformat(timespec="seconds"),
        "research_use": RESEARCH_USE_IN_RECORDS,
        "function": run.function,
        "parameters": _without_folders(run.arguments),
        "input": {**run.snapshot.identity, "ijk_to_world": run.snapshot.grid.affine.tolist()},
        "images_sha256": run.images_sha256,
        **answer,
        "application": f"{slicer.app.applicationName} {slicer.app.applicationVersion}",
    }


def _without_folders(arguments: Mapping[str, object]) -> dict[str, object]:
    """Return a run's arguments without the user's folders of models, in whose paths there often is a person's name.

    The model itself is identified by the SHA-256 of its weights.
    """
    folders = arguments.get("model_folders")
    if not folders or keeps_names():
        return dict(arguments)
    return {**arguments, "model_folders": [_LEFT_OUT for _folder in folders]}


def lies_where_it_was(record: Mapping[str, object], volume: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Return whether the scan of a record still has the same pose in RAS, parent transforms included."""
    return bool(np.allclose(record["input"]["ijk_to_world"], world_from_ijk(volume), atol=1e-3))


def place_now(record: Mapping[str, object], volume: slicer.vtkMRMLScalarVolumeNode | None,
              place: Sequence[float]) -> Sequence[float]:
    """Return the present position (RAS mm) of a place in a record, which moves with a scan that was moved since.

    The place is returned unchanged if the scan is gone, was cropped, or is under a transform that bends it.
    """
    moved = movement(record, volume)
    return place if moved is None else (moved @ [*place, 1.0])[:3].tolist()


def image_then(record: Mapping[str, object], volume: slicer.vtkMRMLScalarVolumeNode) -> Image:
    """Return a scan in the pose that it had when the record was made; in its present pose if it was cropped.

    :raises UnsuitableVolume: if the volume cannot be analysed, see :func:`NeuroOrbitLib.mrml.volumes.image_from_node`.
    """
    image, moved = image_from_node(volume), movement(record, volume)
    return image if moved is None else Image(image.array, np.linalg.inv(moved) @ image.affine)


def keep_places(node: slicer.vtkMRMLScalarVolumeNode, scan_pose: np.ndarray) -> None:
    """Keep the poses of a volume computed from a scan and of the scan with the volume, for :func:`bring_along`.

    :param node: the computed volume.
    :param scan_pose: pose of the scan, 4x4 matrix from voxel index (I, J, K, 1) to RAS mm.
    """
    node.SetAttribute(_PLACES_ATTRIBUTE, json.dumps([ijk_to_local(node).tolist(), np.asarray(scan_pose).tolist()]))


def bring_along(node: slicer.vtkMRMLScalarVolumeNode, scan: slicer.vtkMRMLScalarVolumeNode | None) -> None:
    """Move a volume computed from a scan with the scan, so that it lies over the same anatomy again.

    A volume that the user has moved stays, and so does one whose poses were not kept.
    """
    record, places = record_of(node), json.loads(node.GetAttribute(_PLACES_ATTRIBUTE) or "[]")
    if record is None or not places or node.GetParentTransformNode() is not None:
        return
    own, scan_pose = places
    record = {**record, "input": {**record["input"], "ijk_to_world": scan_pose}}
    moved = movement(record, scan)
    if moved is None or lies_where_it_was(record, scan) or not np.allclose(ijk_to_local(node), own, atol=1e-3):
        return
    node.ApplyTransformMatrix(slicer.util.vtkMatrixFromArray(moved))
    keep_places(node, world_from_ijk(scan))


def movement(record: Mapping[str, object], volume: slicer.vtkMRMLScalarVolumeNode | None) -> np.ndarray | None:
    """Return how a scan was moved since a record was made (4x4 matrix, RAS mm); None if that is not known."""
    source = record.get("input", {})
    if volume is None or volume.GetImageData() is None or "ijk_to_world" not in source:
        return None
    if tuple(source["shape_kji"]) != volume.GetImageData().GetDimensions()[::-1]:
        return None
    try:
        return world_from_ijk(volume) @ np.linalg.inv(np.array(source["ijk_to_world"]))
    except Problem:
        return None


def require_same_scan(record: Mapping[str, object], volume: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Make sure that a later step of an analysis gets the same scan as the previous step.

    :raises Problem: if the volume was moved or changed in the meantime.
    """
    if has_other_voxels(volume, record) or not lies_where_it_was(record, volume):
        raise Problem(_("'{name}' was changed or moved since the step before. Begin again with the first step.").format(
            name=volume.GetName()))


def require_same_images(record: Mapping[str, object], images: Mapping[str, Image]) -> None:
    """Make sure that an answer is explained with the segmentation that it rests on, not with one edited since.

    :param record: record of the answer; records of earlier versions have no hashes of images and always pass.
    :param images: images for the explanation, by the names under which the answer was given them.
    :raises Problem: if one of them differs from that of the answer.
    """
    known = record.get("images_sha256") or {}
    if any(name in known and known[name] != image_sha256(image) for name, image in images.items()):
        raise Problem(_("The segmentation was changed since this result was computed. Press Apply again: the new "
                        "result can be explained."))


def notices_about_inputs(run: VolumeRun) -> list[dict[str, str]]:
    """Return notices for the user about the scan and the segmentations of a run that only the scene can give."""
    texts = notices_about_scan(run.snapshot.node)
    return [*({"level": "warning", "text": text} for text in texts), *_changes_since_start(run),
            *_notices_about_former_voxels(run.rests_on), *notices_about_segments(run.rests_on),
            *notices_told_at_start(run)]


def notices_about_scan(node: slicer.vtkMRMLScalarVolumeNode) -> list[str]:
    """Return sentences for the user about the file and the slices of a scan that only the scene can give."""
    return [*notes_about_file(node), *notes_about_slices(node), *interpolation_notices(node)]


def _notices_about_former_voxels(nodes: Iterable[slicer.vtkMRMLNode]) -> list[dict[str, str]]:
    """Return notices for the user about segmentations that a step made in other voxels than their scan has now."""
    text = _("'{scan}' holds other voxels now than when '{segmentation}' was made from it. Check whether its outlines "
             "still fit, or make it anew.")
    pairs = [(node, scan_of(node)) for node in nodes if node.IsA("vtkMRMLSegmentationNode")]
    return [{"level": "warning", "text": text.format(scan=scan.GetName(), segmentation=node.GetName())}
            for node, scan in pairs if has_other_voxels(scan, record_of(node))]


def notices_about_segments(nodes: Iterable[slicer.vtkMRMLNode]) -> list[dict[str, str]]:
    """Return notices for the user about segments that are left out, or that count as something else than their name.

    :param nodes: nodes of any class; only segmentations are examined.
    """
    text = _("The segment '{name}' of '{segmentation}' is not used: '{first}' stands for the same structure. Merge "
             "them in the Segment Editor, or delete one, and begin again.")
    told = []
    for node in (node for node in nodes if node.IsA("vtkMRMLSegmentationNode")):
        told += [text.format(name=name, first=first, segmentation=node.GetName())
                 for name, first in passed_over_segments(node)]
        told += misnamed_segments(node)
    return [{"level": "warning", "text": each} for each in told]


def notices_told_at_start(run: VolumeRun) -> list[dict[str, str]]:
    """Return notices for the user about segments that shared voxels or were cut when the run started."""
    return [{"level": "warning", "text": text} for text in run.told_of_segments]


def _changes_since_start(run: VolumeRun) -> list[dict[str, str]]:
    """Return notices for the user if the scan was moved or changed while it was being analysed."""
    snapshot = run.snapshot
    if not segmentations.lies_on(snapshot.grid, snapshot.node):
        return [{"level": "warning", "text": _(
            "The scan was moved while it was being analysed. "
            "The result lies where the scan was when Apply was pressed.")}]
    if snapshot.voxels_changed():
        return [{"level": "warning", "text": _(
            "The scan was changed while it was being analysed. "
            "The result belongs to the scan as it was when Apply was pressed.")}]
    return []
