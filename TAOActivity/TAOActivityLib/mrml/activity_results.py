"""An answer of the classifier as nodes: signal ratios, what the network saw, heat map, record of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.mrml import folders, provenance, tables
from NeuroOrbitLib.mrml.heat_maps import add_heat_map
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import notices_about_scan, record_of_run
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
from NeuroOrbitLib.mrml.volumes import image_on_grid, node_from_image
from NeuroOrbitLib.problem import Problem
from TAOActivityLib.mrml.prepared_scan import ORBITS_REFERENCE

#: Marks the tables that the panel offers as results, and the references from them to what belongs to them.
RESULT_ATTRIBUTE = f"{provenance.PREFIX}.Result"
CROP_REFERENCE = f"{provenance.PREFIX}.crop"
HEAT_REFERENCE = f"{provenance.PREFIX}.heat"
HEAT_TABLE_REFERENCE = f"{provenance.PREFIX}.heatTable"


@dataclass(frozen=True)
class ActivityResult:
    """A result in the scene; ``table``, with the signal ratios, stands for it."""

    table: slicer.vtkMRMLTableNode

    @property
    def record(self) -> Mapping[str, object]:
        """What the worker said, see :func:`TAOActivityLib.run_activity.classify_crop`."""
        return provenance.record_of(self.table) or {}

    @property
    def scan(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """The scan, None if it has left the scene."""
        return self.table.GetNodeReference(SCAN_REFERENCE)

    @property
    def orbits(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The segmentation of the orbits, None if it has left the scene."""
        return self.table.GetNodeReference(ORBITS_REFERENCE)

    @property
    def crop(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """What the network saw: z-scores."""
        return self.table.GetNodeReference(CROP_REFERENCE)

    @property
    def heat(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """The latest heat map, None if the answer was not explained yet."""
        return self.table.GetNodeReference(HEAT_REFERENCE)

    @property
    def heat_table(self) -> slicer.vtkMRMLTableNode | None:
        """Mean heat of each muscle, belonging to :attr:`heat`."""
        return self.table.GetNodeReference(HEAT_TABLE_REFERENCE)

    @property
    def explanation(self) -> Mapping[str, object] | None:
        """What the worker said about the heat map, see :func:`TAOActivityLib.run_activity.explain_crop`."""
        return provenance.record_of(self.heat) if self.heat else None

    def problem(self) -> str:
        """Why the answer cannot be explained, "" if it can."""
        if self.scan is None or self.orbits is None:
            return _("The scan or its orbits have left the scene. Load them again and press Apply.")
        return ""


def ratio_columns(cut_offs: Mapping[str, float]) -> list[tables.Column]:
    """The columns of the table of signal ratios.

    :param cut_offs: published cut-off of active disease by reference tissue.
    """
    titles = {"brain": _("Ratio to brain"), "temporalis": _("Ratio to temporal muscle")}
    columns = [tables.Column("muscle", _("Muscle")), tables.Column("side", _("Side"), "", _("The patient's side."))]
    for name, title in titles.items():
        columns.append(tables.Column(f"to_{name}", title, "", _(
            "Mean signal of the muscle over that of the reference tissue in the same slices, after bias correction. "
            "Published cut-off of active disease: {cut_off}.").format(cut_off=cut_offs[name]), 2))
        columns.append(tables.Column(f"above_{name}", _("At least {cut_off}").format(cut_off=cut_offs[name]), "", _(
            "Whether the ratio reaches the published cut-off. A cut-off belongs to its scanner and protocol.")))
    columns.append(tables.Column("hottest_to_brain", _("Brightest spot to brain"), "", _(
        "The muscle's brightest spot of about 6 mm² over brain."), 2))
    return columns


def heat_columns(unit: str) -> list[tables.Column]:
    """The columns of the table of heat; ``unit`` is "probability" or "logit"."""
    explained = {
        "probability": _("Mean fall of the probability when the surroundings of a voxel of the muscle are covered."),
        "logit": _("Mean class activation (Grad-CAM) in the muscle, in units of the logit."),
    }
    return [tables.Column("muscle", _("Muscle")), tables.Column("side", _("Side"), "", _("The patient's side.")),
            tables.Column("heat", _("Mean heat"), unit, explained[unit], 4),
            tables.Column("share", _("Share of the largest heat"), "%", _("Mean heat over the largest of the map."), 0)]


def insert_activity(run: VolumeRun, answer: Mapping[str, object], module: str,
                    orbits: slicer.vtkMRMLSegmentationNode) -> ActivityResult:
    """Bring the worker's answer into the scene, in a folder of its own beside the scan."""
    volume = run.snapshot.node
    name = _("{name} - activity").format(name=volume.GetName())
    folder = folders.create_run_folder(volume, name)
    cut_offs = answer["cut_offs"]
    rows = [_ratio_row(row, cut_offs) for row in answer["ratios"]]
    table = tables.add_table(_("{name}, signal ratios").format(name=name), ratio_columns(cut_offs), rows)
    crop = node_from_image(image_on_grid(str(answer["crop_file"]), _grid(answer["crop"])),
                           _("{name}, what the classifier saw").format(name=name))
    table.SetAttribute(RESULT_ATTRIBUTE, module)
    for role, node in ((SCAN_REFERENCE, volume), (ORBITS_REFERENCE, orbits), (CROP_REFERENCE, crop)):
        table.SetNodeReferenceID(role, node.GetID())
    told = {key: value for key, value in answer.items() if key != "crop_file"}
    notices = [{"level": "warning", "text": text} for text in answer["notices"]] + notices_about_scan(run)
    record = provenance.add_record(
        _("{name}, record").format(name=name), record_of_run(run, {**told, "notices": notices}, module), [table, crop])
    folders.put_in_folder(folder, [table, crop, record])
    return ActivityResult(table)


def insert_explanation(run: VolumeRun, answer: Mapping[str, object], module: str,
                       result: ActivityResult) -> ActivityResult:
    """Bring a heat map into the scene, beside the result that it explains; earlier ones stay.

    :raises Problem: if another version of the model made it.
    """
    if answer["model"]["sha256"] != result.record["model"]["sha256"]:
        raise Problem(_("The model has been replaced since the result was computed. Press Apply first."))
    name = _("{name} - heat").format(name=run.snapshot.node.GetName())
    grid = _grid(run.arguments["crop"])
    heat = add_heat_map(image_on_grid(str(answer["heat_file"]), grid), name)
    rows = _heat_rows(answer["by_muscle"], float(answer["largest"]))
    table = tables.add_table(_("{name} by muscle").format(name=name), heat_columns(str(answer["unit"])), rows)
    for node in (heat, table):
        node.SetNodeReferenceID(SCAN_REFERENCE, run.snapshot.node.GetID())
    told = {key: value for key, value in answer.items() if key != "heat_file"}
    record = provenance.add_record(_("{name}, record").format(name=name), record_of_run(run, told, module),
                                   [heat, table])
    folders.put_in_folder(folders.folder_of(result.table), [heat, table, record])
    result.table.SetNodeReferenceID(HEAT_REFERENCE, heat.GetID())
    result.table.SetNodeReferenceID(HEAT_TABLE_REFERENCE, table.GetID())
    return result


def _grid(crop: Mapping[str, object]) -> Grid:
    return Grid(tuple(crop["shape"]), np.array(crop["affine"]))


def _ratio_row(row: Mapping[str, object], cut_offs: Mapping[str, float]) -> dict[str, object]:
    above = {f"above_{name}": _yes_or_no(row.get(f"to_{name}"), cut_off) for name, cut_off in cut_offs.items()}
    return {**row, **above, "muscle": short_name(str(row["muscle"]))}


def short_name(key: str) -> str:
    """A muscle's name for a narrow table, without the word muscle: "Medial rectus"."""
    return key.replace("_", " ").capitalize()


def _yes_or_no(ratio: float | None, cut_off: float) -> str:
    if ratio is None:
        return "–"
    return _("yes") if ratio >= cut_off else _("no")


def _heat_rows(by_muscle: Mapping[str, float], largest: float) -> Sequence[dict[str, object]]:
    """Rows, the hottest muscle first."""
    rows = []
    keys = {anatomy.label_name(value): value for value in anatomy.LABEL_VALUES}
    for label, heat in sorted(by_muscle.items(), key=lambda item: -item[1]):
        value = keys[label]
        rows.append({"muscle": short_name(anatomy.structure_of(value).key), "side": anatomy.side_of(value).value,
                     "heat": heat,
                     "share": 100 * heat / largest if largest > 0 else None})
    return rows
