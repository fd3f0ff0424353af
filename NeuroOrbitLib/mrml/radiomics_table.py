"""Radiomics features of a segmentation as a table node, and the run that computes them."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.mrml import folders, provenance, tables
from NeuroOrbitLib.mrml.classifier_results import SEGMENTATION_REFERENCE, TableResult
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import notices_about_inputs, record_of_run, require_same_images
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
from NeuroOrbitLib.mrml.segment_content import has_other_voxels
from NeuroOrbitLib.mrml.segment_masks import label_image, other_segments
from NeuroOrbitLib.mrml.volumes import check_scan
from NeuroOrbitLib.problem import Problem

#: Some features are a millionth or less: with fewer decimals the table would say 0.
_DECIMALS = 15


class FeatureProfile(enum.Enum):
    """Profile of the radiomics features to compute; the value is the profile's name."""

    RDINET = "rdinet-660"
    FULL = "full"

    def label(self) -> str:
        """Return the name for the user."""
        return {"rdinet-660": _("660 features, as in the study"), "full": _("1 037 features, all filters")}[self.value]


def features_run(runner: JobRunner, module: str, volume: slicer.vtkMRMLScalarVolumeNode,
                 segmentation: slicer.vtkMRMLSegmentationNode, regions: Mapping[str, Sequence[int]] | None,
                 profile: FeatureProfile) -> VolumeRun:
    """Start computing the features of a segmentation.

    :param runner: runner of the worker process.
    :param module: name of the module, for the record.
    :param volume: the scan.
    :param segmentation: the segmentation.
    :param regions: label values that form each region, by the region's name; None makes every segment a region.
    :param profile: features to compute.
    :raises Problem: if the scan or the segmentation cannot be used.
    """
    check_scan(volume)
    groups = None if regions is None else {name: list(values) for name, values in regions.items()}
    left_out = other_segments(segmentation) if regions is None else []
    return VolumeRun(runner, "NeuroOrbitLib.radiomics.job:features_of_volume", volume,
                     {"regions": groups, "profile": profile.value},
                     lambda run, answer: insert_features(run, answer, module, segmentation, left_out),
                     {"labels": label_image(segmentation, volume)}, [segmentation])


def insert_features(run: VolumeRun, answer: Mapping[str, object], module: str,
                    segmentation: slicer.vtkMRMLSegmentationNode, left_out: Sequence[str] = ()
                    ) -> slicer.vtkMRMLTableNode:
    """Add a table of radiomics features, each with its meaning in a sentence, to the scene.

    :param run: run that computed the features.
    :param answer: answer of the worker, with ``rows``.
    :param module: name of the module, for the record.
    :param segmentation: segmentation with the regions.
    :param left_out: names of its segments that were not measured.
    """
    name = _("{name} - radiomics").format(name=run.snapshot.node.GetName())
    columns = [
        tables.Column("region", _("Region")), tables.Column("name", _("Feature")),
        tables.Column("value", _("Value"), "", "", _DECIMALS), tables.Column("unit", _("Unit")),
        tables.Column("meaning", _("Meaning")), tables.Column(tables.REMARK, _("Remark")),
    ]
    table = tables.add_table(name, columns, answer["rows"])
    table.SetNodeReferenceID(SCAN_REFERENCE, run.snapshot.node.GetID())
    table.SetNodeReferenceID(SEGMENTATION_REFERENCE, segmentation.GetID())
    told = {key: value for key, value in answer.items() if key != "rows"}
    texts = [*answer.get("notices", ()), *_about_left_out(left_out)]
    notices = [{"level": "warning", "text": text} for text in texts] + notices_about_inputs(run)
    told = {**told, "notices": notices}
    record = provenance.add_record(_("{name}, record").format(name=name), record_of_run(run, told, module), [table])
    folders.put_in_folder(folders.create_run_folder(run.snapshot.node, name), [table, record])
    return table


def _about_left_out(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    return [_("Not measured, since their names or codes are not those of a structure that the extension knows: "
              "{names}. Give them such a name or code, or measure a label map of them on the command line.").format(
        names=", ".join(names))]


def segmentation_of(table: slicer.vtkMRMLTableNode | None) -> slicer.vtkMRMLSegmentationNode | None:
    """Return the segmentation whose regions a table of features describes; None if it or its scan is gone."""
    known = table is not None and TableResult(table).scan is not None
    return table.GetNodeReference(SEGMENTATION_REFERENCE) if known else None


def was_edited(table: slicer.vtkMRMLTableNode) -> bool:
    """Return whether the scan of a table of features, or its segmentation on that scan, was changed since."""
    scan, record = table.GetNodeReference(SCAN_REFERENCE), provenance.record_of(table) or {}
    try:
        if has_other_voxels(scan, record):
            return True
        require_same_images(record, {"labels": label_image(segmentation_of(table), scan)})
    except Problem:
        return True
    return False
