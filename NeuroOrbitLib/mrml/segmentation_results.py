"""The answer of a segmentation pipeline as nodes: segmentation, table of measurements, record of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.anatomy.normative import published_range, volume_level
from NeuroOrbitLib.mrml import folders, provenance, segment_content, segmentations, tables
from NeuroOrbitLib.mrml.doubt_maps import DOUBT_REFERENCE, add_doubt_map, doubt_of
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import notices_about_inputs, record_of_run
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.volumes import image_on_grid

TABLE_REFERENCE = f"{provenance.PREFIX}.table"
#: Entries of an answer that name files of the run, which are removed at its end.
_FILES = ("labels", "doubt")


@dataclass(frozen=True)
class SegmentationResults:
    """The nodes of one run.

    :param segmentation: one segment per structure and side.
    :param table: measurements, one row per segment.
    :param record: text node with the provenance as JSON.
    :param notices: notices for the user (``level`` and ``text``).
    """

    segmentation: slicer.vtkMRMLSegmentationNode
    table: slicer.vtkMRMLTableNode
    record: slicer.vtkMRMLTextNode
    notices: Sequence[Mapping[str, str]]


def measurement_columns(intensity_unit: str) -> list[tables.Column]:
    """Return the columns of the table of measurements.

    :param intensity_unit: unit of the scan's grey values, "HU" or "a.u.".
    """
    return [
        tables.Column("structure", _("Structure")),
        tables.Column("side", _("Side"), description=_("The patient's side.")),
        tables.Column("volume_ml", _("Volume"), "ml",
                      _("Number of voxels times the voxel volume. The optic nerve counts up to the optic canal."), 2),
        tables.Column(tables.REMARK, _("Remark"), "",
                      _("Volume below or above the published range, no image where the structure was drawn, or why an "
                        "eye was not measured.")),
        tables.Column("published_range", _("Published"), "ml",
                      _("The published range: from the smallest to the largest normal volume that any group of healthy "
                        "adults gives."),
                      None),
        tables.Column("mean_intensity", _("Mean intensity"), "HU" if intensity_unit == "HU" else _("arbitrary units"),
                      _("Mean of the scan's grey values inside the structure: Hounsfield units (HU) in CT, "
                        "arbitrary units in MRI."), 1),
        tables.Column("confidence_percent", _("Confidence"), "%",
                      _("How sure the model is of the outline: the overlap (Dice) with a careful reader's outline "
                        "that is to be expected."), 0, optional=True),
    ]


def insert_segmentation_results(run: VolumeRun, answer: Mapping[str, object], module: str,
                                title: str) -> SegmentationResults:
    """Add a pipeline's answer to the scene, in a new folder beside the scan.

    :param run: run that gave the answer.
    :param answer: answer of the worker, with ``labels`` (file), ``measurements``, ``notices``, ``model``, ``device``,
        ``seconds``, ``versions`` and, if the model gives one, ``doubt`` (file, see
        :mod:`~NeuroOrbitLib.mrml.doubt_maps`).
    :param module: name of the module, for the record.
    :param title: title in the names of the nodes, e.g. "Orbit segmentation".
    :raises Problem: if the label map does not lie on the scan that was sent.
    """
    volume = run.snapshot.node
    name = f"{volume.GetName()} - {title}"
    labels = image_on_grid(str(answer["labels"]), run.snapshot.grid)
    folder = folders.create_run_folder(volume, name)
    segmentation = segmentations.add_segmentation(labels, volume, name)
    table = tables.add_table(f"{name} measurements", measurement_columns(str(answer.get("intensity_unit", "a.u."))),
                             table_rows(answer["measurements"]))
    segment_content.keep_content(table, segmentation)
    segmentation.SetNodeReferenceID(TABLE_REFERENCE, table.GetID())
    nodes = [segmentation, table, *_doubt_nodes(answer, segmentation, name)]
    for node in nodes:
        node.SetNodeReferenceID(SCAN_REFERENCE, volume.GetID())
    notices = [*answer.get("notices", []), *notices_about_inputs(run)]
    told = {key: value for key, value in answer.items() if key not in _FILES}
    record = provenance.add_record(f"{name} record", record_of_run(run, {**told, "notices": notices}, module), nodes)
    folders.put_in_folder(folder, [*nodes, record])
    return SegmentationResults(segmentation, table, record, notices)


def table_of(segmentation: slicer.vtkMRMLSegmentationNode | None) -> slicer.vtkMRMLTableNode | None:
    """Return the table of measurements that belongs to a segmentation; ``None`` if there is none."""
    return None if segmentation is None else segmentation.GetNodeReference(TABLE_REFERENCE)


def was_edited(segmentation: slicer.vtkMRMLSegmentationNode) -> bool:
    """Return whether the outlines were edited since the result's table was made.

    Tables saved by earlier versions do not tell; they count as current.
    """
    return segment_content.was_edited(table_of(segmentation), segmentation)


def nodes_of(segmentation: slicer.vtkMRMLSegmentationNode | None) -> list[slicer.vtkMRMLNode | None]:
    """Return the nodes of a result that views show: segmentation, table and map of doubt."""
    return [segmentation, table_of(segmentation), doubt_of(segmentation)]


def _doubt_nodes(answer: Mapping[str, object], segmentation: slicer.vtkMRMLSegmentationNode,
                 name: str) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """Add a node for an answer's map of doubt, to which the segmentation then refers; none if there is no map."""
    if not answer.get("doubt"):
        return []
    from NeuroOrbitLib.imaging.files import load_image  # not needed before the first run

    node = add_doubt_map(load_image(str(answer["doubt"])), f"{name} doubt", segmentation)
    segmentation.SetNodeReferenceID(DOUBT_REFERENCE, node.GetID())
    return [node]


def table_rows(measurements: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return the rows of the table, with the structure's name and its side in separate columns."""
    return [{**row, "structure": _structure_name(str(row["structure"])), "side": _side_word(row.get("side")),
             "confidence_percent": _percent(row.get("confidence")),
             "published_range": _range_text(str(row["structure"])), tables.REMARK: _remark(row)}
            for row in measurements]


def _structure_name(key: str) -> str:
    name = translated(anatomy.structure(key).name)
    return name[:1].upper() + name[1:]


def _side_word(side: object) -> str:
    return translated(anatomy.Side(side).word) if side else ""


def _remark(row: Mapping[str, object]) -> str:
    """Return the reason why a structure needs attention; "" if it does not. The volume is judged as it is shown."""
    if row.get("not_measured"):
        return translated(str(row["not_measured"]))
    if row.get("empty_image"):
        return _("no image")
    level = volume_level(str(row["structure"]), float(row["volume_ml"]))
    return {"low": _("below"), "high": _("above")}.get(level, "")


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _range_text(key: str) -> str:
    published = published_range(key)
    if published is None:
        return ""
    return _("{low} to {high}").format(low=f"{published[0]:.2f}", high=f"{published[1]:.2f}")
