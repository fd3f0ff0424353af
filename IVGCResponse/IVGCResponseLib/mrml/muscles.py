"""The segmented muscles of a scan, and what was found out about them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from IVGCResponseLib.mrml.parameters import IVGCResponseParameterNode
from NeuroOrbitLib.mrml import folders, provenance, segmentations, views
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult, short_name, show_result
from NeuroOrbitLib.mrml.heat_maps import HeatLook
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import notices_about_scan, record_of_run
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, latest_that_refers, scan_of
from NeuroOrbitLib.mrml.volumes import image_on_grid

#: From a segmentation to the record of the run that looked at it.
MUSCLES_REFERENCE = f"{provenance.PREFIX}.muscles"


def insert_muscles(run: VolumeRun, answer: Mapping[str, object], module: str,
                   given: slicer.vtkMRMLSegmentationNode | None) -> slicer.vtkMRMLSegmentationNode:
    """Bring the segmented orbits into the scene unless they were given, and keep what was found out with them."""
    volume = run.snapshot.node
    name = _("{name} - muscles").format(name=volume.GetName())
    node = _added(run, Path(str(answer["labels"])), name) if given is None else given
    node.SetNodeReferenceID(SCAN_REFERENCE, volume.GetID())
    told = {key: value for key, value in answer.items() if key != "labels"}
    notices = [{"level": "warning", "text": text} for text in answer["notices"]] + notices_about_scan(run)
    record = record_of_run(run, {**told, "notices": notices}, module)
    text = provenance.add_record(_("{name}, record").format(name=name), record, [node] if given is None else [])
    node.SetNodeReferenceID(MUSCLES_REFERENCE, text.GetID())
    if given is None:
        folders.put_in_folder(folders.create_run_folder(volume, name), [node, text])
    return node


def show_found_muscles(scan: slicer.vtkMRMLScalarVolumeNode, result: ClassifierResult | None, look: HeatLook,
                       muscles: slicer.vtkMRMLSegmentationNode) -> None:
    """Show the muscles over the scan, in large slices and in 3-D."""
    views.show_large_slices()
    show_result(scan, result, look, [muscles])
    segmentations.show_in_3d(muscles)


def forget_foreign_choices(node: IVGCResponseParameterNode) -> None:
    """Choose neither segmentation nor features any more when another scan is chosen than that which they are of."""
    muscles = node.inputSegmentation
    made_for = muscles.GetNodeReference(SCAN_REFERENCE) if muscles else None
    if made_for is not None and made_for is not node.inputVolume:
        node.inputSegmentation = None
    if node.features and scan_of(node.features) is not node.inputVolume:
        node.features = None


def show_choice(node: IVGCResponseParameterNode, result: ClassifierResult | None, look: HeatLook) -> None:
    """Choose the muscles of the chosen scan and result, and show them with the heat, and nothing of others.

    Without a result the muscles are the newest that were looked at in the scan.
    """
    muscles = result.segmentation if result else None
    found = muscles or latest_that_refers(node.inputVolume, "vtkMRMLSegmentationNode", MUSCLES_REFERENCE)
    if found is not None:
        node.inputSegmentation = found
    show_result(node.inputVolume, result, look, [node.inputSegmentation])


def muscles_text(node: slicer.vtkMRMLSegmentationNode | None) -> str:
    """Return the volumes of the recti when the muscles were looked at, "" if they were not."""
    record = _record(node)
    if record is None:
        return ""
    volumes: dict[str, dict[str, float]] = {}
    for row in record["muscles"]:
        volumes.setdefault(str(row["muscle"]), {})[str(row["side"])] = float(row["volume_ml"])
    lines = [_("{muscle}: right {right} ml, left {left} ml").format(
        muscle=short_name(key), right=f"{sides['right']:.2f}", left=f"{sides['left']:.2f}")
        for key, sides in volumes.items()]
    return "\n".join(lines)


def muscle_notices(node: slicer.vtkMRMLSegmentationNode | None) -> list[dict[str, str]]:
    """Return what the user should know of the scan before anything is estimated."""
    record = _record(node)
    return list(record["notices"]) if record is not None else []


def _record(node: slicer.vtkMRMLSegmentationNode | None) -> Mapping[str, object] | None:
    return provenance.read_record(node.GetNodeReference(MUSCLES_REFERENCE)) if node is not None else None


def _added(run: VolumeRun, path: Path, name: str) -> slicer.vtkMRMLSegmentationNode:
    node = segmentations.add_segmentation(image_on_grid(path, run.snapshot.grid), run.snapshot.node, name)
    node.GetDisplayNode().SetVisibility2DFill(False)
    return node
