"""An answer of a classifier as nodes: a table of numbers, the input of the network, heat map, record of the run.

The names of references and attributes must not change, since scenes were saved with them from the first version on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import folders, provenance, tables, views
from NeuroOrbitLib.mrml.heat_maps import HeatLook, add_heat_map, is_heat_map, show_heat
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import keep_places, notices_about_inputs, record_of_run
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, if_loaded
from NeuroOrbitLib.mrml.segment_masks import labelled_segments
from NeuroOrbitLib.mrml.shown import blend_no_more, show_only
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.problem import Problem

#: Attribute of the tables that a panel offers as results; its value is the module's name.
RESULT_ATTRIBUTE = f"{provenance.PREFIX}.Result"
#: References from the table to the other nodes of the result.
SEGMENTATION_REFERENCE = f"{provenance.PREFIX}.orbits"
SEEN_REFERENCE = f"{provenance.PREFIX}.crop"
HEAT_REFERENCE = f"{provenance.PREFIX}.heat"
HEAT_TABLE_REFERENCE = f"{provenance.PREFIX}.heatTable"


@dataclass(frozen=True)
class TableResult:
    """A result in the scene, represented by the table with its numbers."""

    table: slicer.vtkMRMLTableNode

    @property
    def record(self) -> Mapping[str, object]:
        """Return the record of the run with the worker's answer, as plain data; empty without one."""
        return provenance.record_of(self.table) or {}

    @property
    def scan(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """Return the scan; None if it is no longer in the scene, or its file was missing when the scene was opened."""
        return if_loaded(self.table.GetNodeReference(SCAN_REFERENCE))


@dataclass(frozen=True)
class ClassifierResult(TableResult):
    """An answer of a classifier in the scene."""

    @property
    def segmentation(self) -> slicer.vtkMRMLSegmentationNode | None:
        """Return the segmentation that the answer rests on; None if it is no longer in the scene."""
        return self.table.GetNodeReference(SEGMENTATION_REFERENCE)

    @property
    def seen(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """Return the input of the network (z-scores); None if it is no longer in the scene."""
        return self.table.GetNodeReference(SEEN_REFERENCE)

    @property
    def heat(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """Return the latest heat map; None if there is none, e.g. because the answer was not explained yet."""
        return self.table.GetNodeReference(HEAT_REFERENCE)

    @property
    def heat_table(self) -> slicer.vtkMRMLTableNode | None:
        """Return the latest table of the heat of each structure; None if the answer was not explained yet."""
        return self.table.GetNodeReference(HEAT_TABLE_REFERENCE)

    @property
    def explanation(self) -> Mapping[str, object] | None:
        """Return the record of the explanation with the worker's answer; None if the answer was not explained yet."""
        return provenance.record_of(self.heat or self.heat_table)

    @property
    def nodes(self) -> tuple[slicer.vtkMRMLNode | None, ...]:
        """Return all nodes that are shown with the result except segmentation and scan."""
        return self.table, self.seen, self.heat, self.heat_table

    def problem(self) -> str:
        """Return why the answer cannot be explained; "" if it can."""
        if self.scan is None or self.segmentation is None:
            return _("The scan or its segmentation has left the scene. Load them again and press Apply.")
        return ""


@dataclass(frozen=True)
class ResultWords:
    """Names of a result, and the content of its table.

    :param name: name of the folder and, with more words behind it, of the nodes.
    :param table_name: name of the table that represents the result.
    :param columns: columns of that table.
    :param rows: rows of that table, values by column key.
    :param hidden: keys of the worker's answer that are paths of temporary files and are left out of the record.
    """

    name: str
    table_name: str
    columns: Sequence[tables.Column]
    rows: Sequence[Mapping[str, object]]
    hidden: Sequence[str] = field(default=())


def insert_result(run: VolumeRun, answer: Mapping[str, object], module: str, words: ResultWords, seen: Image,
                  segmentation: slicer.vtkMRMLSegmentationNode) -> ClassifierResult:
    """Add a worker's answer to the scene, in a new folder beside the scan.

    :param run: run that gave the answer.
    :param answer: answer of the worker, with ``notices``, a list of sentences.
    :param module: name of the module, for the record.
    :param words: names of the result and the content of its table.
    :param seen: input of the network (z-scores).
    :param segmentation: segmentation that the answer rests on.
    """
    volume = run.snapshot.node
    folder = folders.create_run_folder(volume, words.name)
    table = tables.add_table(words.table_name, words.columns, words.rows)
    node = node_from_image(seen, _("{name}, what the classifier saw").format(name=words.name))
    table.SetAttribute(RESULT_ATTRIBUTE, module)
    references = ((SCAN_REFERENCE, volume), (SEGMENTATION_REFERENCE, segmentation), (SEEN_REFERENCE, node))
    for role, target in references:
        table.SetNodeReferenceID(role, target.GetID())
    told = {key: value for key, value in answer.items() if key not in words.hidden}
    notices = [{"level": "warning", "text": text} for text in answer["notices"]] + notices_about_inputs(run)
    record = provenance.add_record(_("{name}, record").format(name=words.name),
                                   record_of_run(run, {**told, "notices": notices}, module), [table, node])
    folders.put_in_folder(folder, [table, node, record])
    return ClassifierResult(table)


def insert_explanation(run: VolumeRun, answer: Mapping[str, object], module: str, result: ClassifierResult,
                       heat: Image | None, columns: Sequence[tables.Column],
                       rows: Sequence[Mapping[str, object]],
                       others: Sequence[slicer.vtkMRMLDisplayableNode] = (), table_name: str = "") -> ClassifierResult:
    """Add a heat map to the scene, in the folder of the result that it explains; earlier heat maps stay.

    :param run: run that gave the explanation.
    :param answer: answer of the worker; ``heat_file`` is left out of the record.
    :param module: name of the module, for the record.
    :param result: result that is explained.
    :param heat: heat map; None for a model that takes numbers alone, whose explanation is only a table.
    :param columns: columns of the table of structures.
    :param rows: rows of that table, values by column key.
    :param others: further nodes of the explanation, which are put under its record and into its folder.
    :param table_name: name of the table; by default that of a table of heat by structure.
    :raises Problem: if another version of the model made the explanation.
    """
    if answer["model"]["sha256"] != result.record["model"]["sha256"]:
        raise Problem(_("The model has been replaced since the result was computed. Press Apply first."))
    name = _("{name} - heat").format(name=run.snapshot.node.GetName())
    table = tables.add_table(table_name or _("{name} by structure").format(name=name), columns, rows)
    nodes = [*([] if heat is None else [add_heat_map(heat, name)]), table, *others]
    for each in nodes:
        each.SetNodeReferenceID(SCAN_REFERENCE, run.snapshot.node.GetID())
    told = {key: value for key, value in answer.items() if key != "heat_file"}
    record = provenance.add_record(_("{name}, record").format(name=name), record_of_run(run, told, module), nodes)
    folders.put_in_folder(folders.folder_of(result.table), [*nodes, record])
    if heat is not None:
        keep_places(nodes[0], run.snapshot.grid.affine)
        result.table.SetNodeReferenceID(HEAT_REFERENCE, nodes[0].GetID())
    result.table.SetNodeReferenceID(HEAT_TABLE_REFERENCE, table.GetID())
    return result


def heat_columns(title: str, unit: str, explained: str) -> list[tables.Column]:
    """Return the columns of a table of heat.

    :param title: title of the column that names the structures, translated.
    :param unit: unit of the heat, e.g. "probability" or "logit".
    :param explained: sentence that explains the heat of a structure, translated.
    """
    return [tables.Column("muscle", title), tables.Column("side", _("Side"), "", _("The patient's side.")),
            tables.Column("heat", _("Mean heat"), unit, explained, 4),
            tables.Column("share", _("Share of the largest heat"), "%", _("Mean heat over the largest of the map."), 0)]


def heat_rows(by_structure: Mapping[str, float], largest: float) -> list[dict[str, object]]:
    """Return the rows of a table of heat, the hottest structure first.

    :param by_structure: mean heat by the name of a label, see :func:`NeuroOrbitLib.anatomy.label_name`.
    :param largest: largest heat of the map.
    """
    rows = []
    for value in hottest_first(by_structure):
        heat = by_structure[anatomy.label_name(value)]
        rows.append({"muscle": short_name(anatomy.structure_of(value).key), "side": anatomy.side_of(value).value,
                     "heat": heat, "share": 100 * heat / largest if largest > 0 else None})
    return rows


def hottest_first(by_structure: Mapping[str, float]) -> list[int]:
    """Return the label values of structures in the order of :func:`heat_rows`."""
    values = {anatomy.label_name(value): value for value in anatomy.LABEL_VALUES}
    return [values[label] for label, _heat in sorted(by_structure.items(), key=lambda item: -item[1])]


def show_structure(result: ClassifierResult, value: int) -> None:
    """Centre all views on the structure of a label value, if the result's segmentation has it."""
    segmentation = result.segmentation
    segment = labelled_segments(segmentation).get(value) if segmentation is not None else None
    if segment is not None:
        views.jump_to_segment(segmentation, segment)


def short_name(key: str) -> str:
    """Return the name of a structure for a narrow table, e.g. "Medial rectus" for the key "medial_rectus"."""
    return key.replace("_", " ").capitalize()


def show_result(scan: slicer.vtkMRMLScalarVolumeNode | None, result: ClassifierResult | None, look: HeatLook,
                others: Sequence[slicer.vtkMRMLNode | None] = ()) -> None:
    """Show the chosen scan and result with its heat map, and hide what belongs to other scans and results.

    :param scan: the chosen scan.
    :param result: the chosen result.
    :param look: threshold and opacity of the heat map.
    :param others: further nodes of the chosen scan to show, such as a box or a segmentation.
    """
    show_only(scan, [*others, *(result.nodes if result is not None else ())])
    if result is None or result.scan is None:  # heat of an answer that was deleted, or is no longer chosen
        blend_no_more(is_heat_map)
    elif result.heat is not None:
        show_heat(result.scan, result.heat, look)
