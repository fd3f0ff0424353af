"""Changes since an earlier visit in the scene: a segment for each kind of change, a table, and both scans aligned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import slicer
from slicer.i18n import tr as _

from NeuroDifferentialLib.followup.fates import Fate
from NeuroDifferentialLib.mrml.lesion_nodes import corrected_lesions, lesion_terminology
from NeuroOrbitLib.dicom.visit import check_visits
from NeuroOrbitLib.mrml import folders, provenance, segmentations, tables, views
from NeuroOrbitLib.mrml.classifier_results import TableResult
from NeuroOrbitLib.mrml.heat_maps import blend_over
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import (
    bring_along,
    keep_places,
    notices_about_inputs,
    place_now,
    record_of_run,
)
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, if_loaded, scan_of
from NeuroOrbitLib.mrml.segment_content import has_other_voxels
from NeuroOrbitLib.mrml.shown import show_only
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.visits import visit_of
from NeuroOrbitLib.mrml.volumes import image_on_grid, node_from_image
from NeuroOrbitLib.number_text import with_change
from NeuroOrbitLib.problem import Problem

MAP_REFERENCE, EARLIER_REFERENCE, PREVIOUS_REFERENCE = (
    f"{provenance.PREFIX}.{name}" for name in ("changeMap", "earlierVisit", "previousScan"))
#: Colours of the changes (red, green, blue, 0 to 1): warm for an increase, cold for a decrease.
_COLORS = {Fate.NEW: (0.84, 0.15, 0.16), Fate.GROWN: (1.0, 0.6, 0.1), Fate.SHRUNK: (0.35, 0.7, 0.9),
           Fate.VANISHED: (0.1, 0.35, 0.75)}
_FILES = ("changes_file", "earlier_file")
#: Key of the record under which the earlier scan is identified, as the later one is under "input".
_PREVIOUS_INPUT = "previous_input"


@dataclass(frozen=True)
class ChangeResult(TableResult):
    """The changes of a scan's lesions since an earlier visit; :attr:`scan` is the later scan."""

    @property
    def segmentation(self) -> slicer.vtkMRMLSegmentationNode | None:
        """Segmentation of the changes."""
        return self.table.GetNodeReference(MAP_REFERENCE)

    @property
    def previous(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """FLAIR of the earlier visit, None if it is no longer in the scene or its file was missing."""
        return if_loaded(self.table.GetNodeReference(PREVIOUS_REFERENCE))

    @property
    def earlier(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """Earlier FLAIR on the grid of the later one."""
        return self.table.GetNodeReference(EARLIER_REFERENCE)


def corrected_since(changes: ChangeResult, lesions: slicer.vtkMRMLSegmentationNode) -> bool:
    """Return whether lesions of one of the two scans were corrected after the visits were compared.

    For results of earlier versions this is unknown for the earlier scan.
    """
    scan = scan_of(lesions)
    if scan is None or scan not in (changes.scan, changes.previous):
        return False
    mask = corrected_lesions(lesions, scan).get("lesions")
    now = None if mask is None else provenance.image_sha256(mask)
    name = "lesions" if scan is changes.scan else "previous_lesions"
    return changes.record.get("images_sha256", {}).get(name) != now


def why_no_longer_valid(changes: ChangeResult) -> str:
    """Return why changes no longer hold apart from corrected lesions, as a sentence; "" if nothing speaks against them.

    The voxels of a scan may have been changed, or the dates of the visits typed the other way round, e.g. in another
    module. For results of earlier versions the voxels of the earlier scan are unknown.
    """
    scan, previous, record = changes.scan, changes.previous, changes.record
    if has_other_voxels(scan, record):
        return _("The scan was changed since the visits were compared. Press Compare again.")
    if has_other_voxels(previous, {"input": record.get(_PREVIOUS_INPUT, {})}):
        return _("The scan of the earlier visit was changed since the visits were compared. Press Compare again.")
    if scan is not None and previous is not None:
        try:
            check_visits(visit_of(previous), visit_of(scan))
        except Problem as problem:
            return translated(str(problem))
    return ""


def change_columns() -> list[tables.Column]:
    """Return the columns of the table of changes."""
    return [
        tables.Column("lesion", _("Lesion"), "", "", 0), tables.Column("change", _("Change")),
        tables.Column("before_mm3", _("Before"), "mm³", "", 0), tables.Column("after_mm3", _("Now"), "mm³", "", 0),
        tables.Column("noise_mm3", _("Noise"), "mm³", _("A difference of the volumes below this means nothing."), 0),
        tables.Column("changed_mm3", _("Changed"), "mm³", _(
            "Volume of the patch that is new, grown, shrunk or vanished."), 0),
        tables.Column("evidence_sd", _("Evidence"), "SD", _(
            "Largest difference of brightness between the visits, in multiples of what differs there by chance."), 1)]


def insert_changes(run: VolumeRun, answer: Mapping[str, object], module: str,
                   previous: slicer.vtkMRMLScalarVolumeNode, identity: Mapping[str, object]) -> ChangeResult:
    """Add the worker's comparison to the scene, in a folder beside the later scan, and return it.

    :param run: run of the comparison.
    :param answer: answer of the worker.
    :param module: name of the module, for the record.
    :param previous: FLAIR of the earlier visit.
    :param identity: its identity when the run began, see :func:`NeuroOrbitLib.mrml.provenance.volume_identity`.
    :raises Problem: if the map of changes is not on the grid of the scan that was sent.
    """
    volume = run.snapshot.node
    name = _("{name} - changes since the earlier visit").format(name=volume.GetName())
    changed, earlier = (image_on_grid(str(answer[key]), run.snapshot.grid) for key in _FILES)
    table = tables.add_table(name, change_columns(), _with_fates_in_words(answer["lesions"]))
    node = segmentations.add_segmentation(changed, volume, name, change_segment)
    before = node_from_image(earlier, _("{name} - earlier visit, aligned").format(name=volume.GetName()))
    keep_places(before, run.snapshot.grid.affine)
    for each in (table, node, before):
        each.SetNodeReferenceID(SCAN_REFERENCE, volume.GetID())
    table.SetNodeReferenceID(MAP_REFERENCE, node.GetID())
    table.SetNodeReferenceID(EARLIER_REFERENCE, before.GetID())
    table.SetNodeReferenceID(PREVIOUS_REFERENCE, previous.GetID())
    told = {_PREVIOUS_INPUT: identity, **{key: value for key, value in answer.items() if key not in _FILES}}
    notices = [{"level": "warning", "text": text} for text in answer["notices"]] + notices_about_inputs(run)
    record = provenance.add_record(_("{name}, record").format(name=name),
                                   record_of_run(run, {**told, "notices": notices}, module), [table, node, before])
    folders.put_in_folder(folders.create_run_folder(volume, name), [table, node, before, record])
    return ChangeResult(table)


def change_segment(value: int) -> tuple[str, slicer.vtkSegment]:
    """Return the identifier and an empty segment for a kind of change.

    :param value: value of the :class:`Fate`.
    """
    fate = Fate(value)
    return f"lesions_{fate.name.lower()}", segmentations.named_segment(value, title_of(fate), _COLORS[fate],
                                                                       lesion_terminology())


def title_of(fate: Fate) -> str:
    """Return the displayed name of a kind of change."""
    return {Fate.STABLE: _("Stable"), Fate.NEW: _("New"), Fate.GROWN: _("Grown"), Fate.SHRUNK: _("Shrunk"),
            Fate.VANISHED: _("Vanished")}[fate]


def summary_of(record: Mapping[str, object]) -> str:
    """Return volumes, their noise and the number of lesions of each kind, in two sentences."""
    before, after, difference, limit = with_change(record["before_ml"], record["after_ml"], record["noise_ml"], 2)
    change = _("{before} ml before, {after} ml now: {change} ml").format(before=before, after=after, change=difference)
    noise = _("beyond the noise of {noise} ml.") if record["beyond_noise"] else _("within the noise of {noise} ml.")
    counts = ", ".join(f"{record[fate.name.lower()]} {title_of(fate).lower()}" for fate in (
        Fate.NEW, Fate.GROWN, Fate.SHRUNK, Fate.VANISHED, Fate.STABLE))
    told = f"{change}, {noise.format(noise=limit)} {counts}."
    return f"{told} {_whose(record)}".strip()


def _whose(record: Mapping[str, object]) -> str:
    """Return a sentence on the visits whose lesions were corrected, or "" if there are none."""
    before, now = (bool(record.get(name)) for name in ("drawn_before", "drawn_now"))
    if before and now:
        return _("The lesions of both visits count as they were corrected.")
    if now:
        return _("The lesions of this visit count as they were corrected.")
    return _("The lesions of the earlier visit count as they were corrected.") if before else ""


def show_changes(changes: ChangeResult) -> None:
    """Show the segmentation of the changes in slices and in 3-D."""
    show_only(changes.scan, [changes.segmentation, changes.table])
    if changes.segmentation is not None:
        segmentations.show_in_3d(changes.segmentation)


def show_earlier(changes: ChangeResult, shown: bool) -> None:
    """Show the earlier FLAIR over the later one, at its current position, or remove it.

    :param changes: changes between both scans.
    :param shown: whether to show it.
    """
    if shown and changes.earlier is not None:
        bring_along(changes.earlier, changes.scan)
    blend_over(changes.scan, changes.earlier if shown else None, 100.0 if shown else 0.0)


def show_change(changes: ChangeResult | None, row: int) -> None:
    """Show the lesion of a table row (from 0) in all views."""
    lesions = changes.record.get("lesions", []) if changes is not None else []
    if row < len(lesions):
        views.cut_through(place_now(changes.record, changes.scan, lesions[row]["center"]))


def _with_fates_in_words(lesions: list[Mapping[str, object]]) -> list[dict[str, object]]:
    return [{**lesion, "change": _fate_in_words(lesion)} for lesion in lesions]


def _fate_in_words(lesion: Mapping[str, object]) -> str:
    """Return the change of a lesion in words; a stable one of 0 mm3 in a visit is as bright there, but not found."""
    fate = Fate[str(lesion["change"]).upper()]
    if fate is Fate.STABLE and not (lesion["before_mm3"] and lesion["after_mm3"]):
        return _("Stable, found in this visit only") if lesion["after_mm3"] else _(
            "Stable, found in the earlier visit only")
    return title_of(fate)
