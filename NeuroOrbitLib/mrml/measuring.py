"""Measuring a segmentation of the scene in the worker process; the measures become a table node that belongs to it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.measurements.rows import Row
from NeuroOrbitLib.mrml import folders, provenance
from NeuroOrbitLib.mrml.belongings import give
from NeuroOrbitLib.mrml.measurement_table import (
    CONTENT_ATTRIBUTE,
    MEASUREMENTS_REFERENCE,
    add_measurement_table,
    bring_drawn_values,
    lies_at_drawn_values,
    mark_out_of_date,
    measurements_of,
    rows_of,
    with_edits_of,
)
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import lies_where_it_was, notices_told_at_start, record_of_run
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, is_scan, scan_of
from NeuroOrbitLib.mrml.segment_content import content_of, differing_labels, edited_labels, has_other_voxels
from NeuroOrbitLib.mrml.segment_masks import label_image, labelled_segments
from NeuroOrbitLib.mrml.segmentation_results import table_of
from NeuroOrbitLib.mrml.storage_check import whole_image
from NeuroOrbitLib.mrml.visits import differ, patient_of
from NeuroOrbitLib.mrml.volumes import ijk_to_local, world_from_ijk
from NeuroOrbitLib.problem import Problem

FUNCTION = "NeuroOrbitLib.measurements.job:measure_file"
#: Attribute of a segmentation whose optic nerve is outlined without the sheath.
SHEATH_ATTRIBUTE = f"{provenance.PREFIX}.NerveSheath"
_LABEL_MAP = slicer.vtkSegmentationConverter.GetBinaryLabelmapRepresentationName()
_BOTH_SIDES = frozenset(side.value for side in anatomy.Side)


def adopt_scan(segmentation: slicer.vtkMRMLSegmentationNode | None,
               scan: slicer.vtkMRMLScalarVolumeNode | None) -> None:
    """Make a scan that the user has chosen the scan of a segmentation from a file, which refers to none.

    Nothing happens unless the voxels of the segmentation are a part of those of the scan.
    """
    if segmentation is not None and scan_of(segmentation) is None and _has_voxels_of(segmentation, scan):
        segmentation.SetReferenceImageGeometryParameterFromVolumeNode(scan)


def _has_voxels_of(segmentation: slicer.vtkMRMLSegmentationNode, scan: slicer.vtkMRMLScalarVolumeNode | None) -> bool:
    """Return whether the voxels of a segmentation's first label map are a part of the scan's, under one transform."""
    layers = (segmentation.GetSegmentation().GetSegment(name).GetRepresentation(_LABEL_MAP)
              for name in labelled_segments(segmentation).values())
    layer = next(filter(None, layers), None)
    if layer is None or not is_scan(scan) or scan.GetParentTransformNode() is not segmentation.GetParentTransformNode():
        return False
    matrix = vtk.vtkMatrix4x4()
    layer.GetImageToWorldMatrix(matrix)
    voxels = np.linalg.inv(ijk_to_local(scan)) @ slicer.util.arrayFromVTKMatrix(matrix)
    extent = np.array(layer.GetExtent()).reshape(3, 2) + np.round(voxels[:3, 3:])
    inside = (extent[:, 0] >= 0) & (extent[:, 1] < np.array(scan.GetImageData().GetDimensions()))
    expected = np.eye(4)
    expected[:3, 3] = np.round(voxels[:3, 3])
    return bool(np.allclose(voxels, expected, atol=0.01) and inside.all())


def why_not_measurable(segmentation: slicer.vtkMRMLSegmentationNode | None,
                       chosen: slicer.vtkMRMLScalarVolumeNode | None = None) -> str:
    """Return why a segmentation cannot be measured, as a sentence that says what to do; "" if it can.

    :param segmentation: the segmentation.
    :param chosen: scan that the user has chosen, which may become that of a segmentation from a file, see
        :func:`adopt_scan`.
    """
    if segmentation is None:
        return _("Select a segmentation of the orbits first.")
    if scan_of(segmentation) is None and not _has_voxels_of(segmentation, chosen):
        return _("The scan of '{name}' is not in the scene, or not known. Load it and choose it as the scan; if its "
                 "voxels differ from those of the segmentation, choose it as the source geometry in the module Segment "
                 "Editor.").format(name=segmentation.GetName())
    if not labelled_segments(segmentation):
        return _("'{name}' has no segments of the orbit. Choose a segmentation whose segments have the extension's "
                 "names or codes.").format(name=segmentation.GetName())
    return ""


def start_measuring(runner: JobRunner, segmentation: slicer.vtkMRMLSegmentationNode | None, module: str,
                    maps: Mapping[str, slicer.vtkMRMLScalarVolumeNode | None] | None = None,
                    function: str = FUNCTION) -> VolumeRun:
    """Start measuring a segmentation on its scan.

    :param runner: runner of the worker process.
    :param segmentation: the segmentation.
    :param module: name of the module, for the record.
    :param maps: further volumes of the patient by the names "t2", "fat" and "water".
    :param function: function of the worker, as "package.module:function".
    :raises Problem: if the segmentation cannot be measured; the message says why.
    """
    problem = why_not_measurable(segmentation)
    if problem:
        raise Problem(problem)
    scan = scan_of(segmentation)
    _check_maps(scan, maps or {})
    labels = label_image(segmentation, scan)
    content = content_of(segmentation)

    def insert(run: VolumeRun, answer: Mapping[str, object]) -> slicer.vtkMRMLTableNode:
        return _insert(run, answer, segmentation, content, module)

    told = {"expected_dice": expected_dice(segmentation), "nerve_with_sheath": has_sheath(segmentation)}
    return VolumeRun(runner, function, scan, told, insert,
                     {"labels": labels, **{name: whole_image(node) for name, node in (maps or {}).items() if node}},
                     [segmentation])


def has_sheath(segmentation: slicer.vtkMRMLSegmentationNode) -> bool:
    """Return whether the optic nerve of a segmentation is outlined with its sheath, which the user can change."""
    return not segmentation.GetAttribute(SHEATH_ATTRIBUTE)


def set_has_sheath(segmentation: slicer.vtkMRMLSegmentationNode, has: bool) -> None:
    """Set whether a segmentation's optic nerve is outlined with its sheath; a change puts its measures out of date."""
    if has != has_sheath(segmentation):
        segmentation.SetAttribute(SHEATH_ATTRIBUTE, None if has else "without")
        table = measurements_of(segmentation)
        if table is not None:
            mark_out_of_date(table, _BOTH_SIDES)


def _check_maps(scan: slicer.vtkMRMLScalarVolumeNode,
                maps: Mapping[str, slicer.vtkMRMLScalarVolumeNode | None]) -> None:
    """Refuse maps that are known to be another patient's."""
    for node in filter(None, maps.values()):
        if differ(patient_of(node), patient_of(scan)):
            raise Problem(_("The map '{map}' is of another patient than '{scan}'. Choose a map of the same patient, or "
                            "none.").format(map=node.GetName(), scan=scan.GetName()))


def expected_dice(segmentation: slicer.vtkMRMLSegmentationNode) -> dict[str, float]:
    """Return the expected overlap (Dice, 0 to 1) of a model's outlines with a reader's, by label value as text.

    Outlines that the user has edited since are no longer the model's, and have none.
    """
    record = provenance.record_of(segmentation) or {}
    known = {str(row["label"]): row["confidence"] for row in record.get("measurements", []) if row.get("confidence")}
    edited = edited_labels(table_of(segmentation), segmentation) if known else ()
    return {value: dice for value, dice in known.items() if value not in edited}


def _insert(run: VolumeRun, answer: Mapping[str, object], segmentation: slicer.vtkMRMLSegmentationNode,
            content: Mapping[str, list[float]], module: str) -> slicer.vtkMRMLTableNode:
    old = measurements_of(segmentation)
    if old is not None and _shows_the_same(old, run.snapshot.identity):
        bring_drawn_values(old, run.snapshot.grid.affine)
    rows = with_edits_of([Row.from_data(data) for data in answer["measures"]], rows_of(old))
    name = _("{name} measures").format(name=segmentation.GetName())
    table = add_measurement_table(name, rows, str(answer["modality"]))
    table.SetAttribute(CONTENT_ATTRIBUTE, json.dumps(content))
    table.SetNodeReferenceID(SCAN_REFERENCE, run.snapshot.node.GetID())
    told = {key: value for key, value in answer.items() if key != "measures"}
    told["notices"] = notices_told_at_start(run)
    record = provenance.add_record(f"{name} record", record_of_run(run, told, module), [table])
    give(segmentation, MEASUREMENTS_REFERENCE, table)
    if run.arguments["nerve_with_sheath"] != has_sheath(segmentation):  # changed while it was being measured
        mark_out_of_date(table, _BOTH_SIDES)
    folder = folders.folder_of(segmentation)
    if folder:
        folders.put_in_folder(folder, [table, record])
    if old is not None:
        for node in (old.GetNodeReference(provenance.RECORD_REFERENCE), old):
            if node is not None:
                slicer.mrmlScene.RemoveNode(node)
    return table


def mark_changes(segmentation: slicer.vtkMRMLSegmentationNode | None) -> bool:
    """Mark the measures that are out of date because segmentation or scan have changed; return whether they have.

    If the scan was moved, all measures are marked, since their places have not moved with it; so they are if its voxels
    were changed, whose signal is measured, too. The places that the user has drawn are moved.
    """
    table = measurements_of(segmentation)
    if table is None:
        return False
    changed = differing_labels(json.loads(table.GetAttribute(CONTENT_ATTRIBUTE) or "{}"), content_of(segmentation))
    is_other = _was_moved(table) or has_other_voxels(scan_of(table), provenance.record_of(table))
    _let_drawn_values_follow(table)
    mark_out_of_date(table, {side.value for side in anatomy.Side
                             if is_other or any(anatomy.side_of(int(key)) in (side, None) for key in changed)})
    return is_other or bool(changed)


def _was_moved(table: slicer.vtkMRMLTableNode) -> bool:
    """Return whether the scan was moved since it was measured."""
    record, scan = provenance.record_of(table), scan_of(table)
    if record is None or scan is None:
        return False
    try:
        return not lies_where_it_was(record, scan)
    except Problem:  # the scan is under a transform that bends it
        return True


def _let_drawn_values_follow(table: slicer.vtkMRMLTableNode) -> None:
    scan = scan_of(table)
    if scan is None:
        return
    try:
        pose = world_from_ijk(scan)
    except Problem:  # the scan is under a transform that bends it
        return
    if not lies_at_drawn_values(table, pose) and _shows_the_same(table, provenance.volume_identity(scan)):
        bring_drawn_values(table, pose)


def _shows_the_same(table: slicer.vtkMRMLTableNode, identity: Mapping[str, object]) -> bool:
    """Return whether a scan has the voxels that were measured, so that it may have been moved, but not cropped."""
    record = provenance.record_of(table)
    return record is not None and record["input"]["voxels_sha256"] == identity["voxels_sha256"]
