"""Lesions in the scene: a segmentation with a segment for each region, and a label map of the brain's parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroDifferentialLib.places.regions import (
    LESION_CATEGORY,
    LESION_TYPE,
    REGION_CODES,
    REGION_COLORS,
    REGION_WORDS,
    Region,
)
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import folders, provenance, segmentations, views
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import notices_about_inputs, record_of_run
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, if_loaded, latest_that_refers
from NeuroOrbitLib.mrml.segment_masks import union_of_segments
from NeuroOrbitLib.mrml.shown import show_only
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.volumes import image_on_grid, node_from_image

ANATOMY_REFERENCE = f"{provenance.PREFIX}.anatomy"
#: Node reference from the segmentation to the label map of the lesions as the model found them.
FOUND_REFERENCE = f"{provenance.PREFIX}.foundLesions"
_CONTEXTS = ("Segmentation category and type - NeuroOrbit", "Anatomic codes - DICOM master list")


@dataclass(frozen=True)
class FoundLesions:
    """Lesions that were just found.

    :param segmentation: segmentation of the lesions.
    :param notices: notices for the user, each with ``level`` and ``text``.
    """

    segmentation: slicer.vtkMRMLSegmentationNode
    notices: tuple[Mapping[str, str], ...]


def show_lesions(scan: slicer.vtkMRMLScalarVolumeNode, found: FoundLesions) -> None:
    """Show the lesions over the scan, in large slices through the largest lesion, and in 3-D."""
    views.show_large_slices()
    views.show_volume(scan)
    show_only(scan, [found.segmentation])
    segmentations.show_in_3d(found.segmentation)
    views.frame_in_3d(found.segmentation)
    place = _place_of_largest(found.segmentation, scan)
    if place is not None:
        views.cut_through(place)


def _place_of_largest(lesions: slicer.vtkMRMLSegmentationNode,
                      scan: slicer.vtkMRMLScalarVolumeNode) -> np.ndarray | None:
    """Return a point (RAS mm) of the largest lesion near its centre, or None without lesions."""
    from NeuroOrbitLib.imaging.pieces import largest_piece  # not needed before lesions are found

    mask = union_of_segments(lesions, scan)
    if not mask.array.any():
        return None
    voxels = np.argwhere(largest_piece(mask.array > 0, by_corners=True))
    nearest = voxels[np.linalg.norm(voxels - voxels.mean(axis=0), axis=1).argmin()]
    return mask.grid.ras_from_ijk(nearest[::-1])


def insert_lesions(run: VolumeRun, answer: Mapping[str, object], module: str) -> FoundLesions:
    """Add the lesions that the worker found to the scene, in a folder beside the scan, and return them.

    :param run: run of the search.
    :param answer: answer of the worker.
    :param module: name of the module, for the record.
    :raises Problem: if the lesions are not on the grid of the scan that was sent.
    """
    volume = run.snapshot.node
    name = _("{name} - lesions").format(name=volume.GetName())
    labels, parts = (image_on_grid(str(answer[key]), run.snapshot.grid) for key in ("labels", "anatomy_file"))
    node = segmentations.add_segmentation(labels, volume, name, region_segment)
    anatomy = node_from_image(parts, _("{name} - parts of the brain").format(name=volume.GetName()),
                              "vtkMRMLLabelMapVolumeNode")
    node.SetNodeReferenceID(ANATOMY_REFERENCE, anatomy.GetID())
    found = keep_found(node, volume)
    for each in (node, anatomy, found):
        each.SetNodeReferenceID(SCAN_REFERENCE, volume.GetID())
    told = {key: value for key, value in answer.items() if key not in ("labels", "anatomy_file")}
    notices = [{"level": "warning", "text": text} for text in answer["notices"]] + notices_about_inputs(run)
    record = provenance.add_record(_("{name}, record").format(name=name),
                                   record_of_run(run, {**told, "notices": notices}, module), [node, anatomy, found])
    folders.put_in_folder(folders.create_run_folder(volume, name), [node, anatomy, found, record])
    return FoundLesions(node, tuple(notices))


def found_in(flair: slicer.vtkMRMLScalarVolumeNode | None) -> slicer.vtkMRMLSegmentationNode | None:
    """Return the latest lesions of a scan, None if there are none."""
    return latest_that_refers(flair, "vtkMRMLSegmentationNode", ANATOMY_REFERENCE)


def anatomy_of(node: slicer.vtkMRMLSegmentationNode | None) -> slicer.vtkMRMLLabelMapVolumeNode | None:
    """Return the parts of the brain that belong to a segmentation of lesions, or None if there are none."""
    return node.GetNodeReference(ANATOMY_REFERENCE) if node is not None else None


def keep_found(node: slicer.vtkMRMLSegmentationNode,
               scan: slicer.vtkMRMLScalarVolumeNode) -> slicer.vtkMRMLLabelMapVolumeNode:
    """Store and return a copy of a segmentation's lesions as found in its scan, so that corrections are recognised.

    The copy is not hidden: the application's window for saving leaves out what is.
    """
    found = node_from_image(union_of_segments(node, scan), _("{name} - as found").format(name=node.GetName()),
                            "vtkMRMLLabelMapVolumeNode")
    node.SetNodeReferenceID(FOUND_REFERENCE, found.GetID())
    return found


def corrected_lesions(node: slicer.vtkMRMLSegmentationNode | None,
                      scan: slicer.vtkMRMLScalarVolumeNode) -> dict[str, Image]:
    """Return the lesions of a segmentation on its scan, and as they were found; empty if they are unchanged.

    Lesions count as corrected if it is not known what was found, as in scenes that were saved without it.
    """
    if node is None:
        return {}
    mask, kept = union_of_segments(node, scan), if_loaded(node.GetNodeReference(FOUND_REFERENCE))
    if kept is None:
        return {"lesions": mask}
    before = slicer.util.arrayFromVolume(kept)
    if before.shape != mask.array.shape:  # the scan was cropped
        return {"lesions": mask}
    same = np.array_equal(mask.array > 0, before > 0)
    return {} if same else {"lesions": mask, "found": mask.with_array((before > 0).astype(np.uint8))}


def region_segment(value: int) -> tuple[str, slicer.vtkSegment]:
    """Return the identifier and an empty segment for the lesions of a region.

    :param value: position of the region in :class:`Region`, from 1.
    """
    region = list(Region)[value - 1]
    title = _("Lesions, {region}").format(region=translated(REGION_WORDS[region]))
    segment = segmentations.named_segment(value, title, REGION_COLORS[region], lesion_terminology(region))
    return f"lesions_{region.name.lower()}", segment


def lesion_terminology(region: Region | None = None) -> str:
    """Return the terminology tag of lesions: category, type, and the anatomic region if one is given."""
    category, kind = ("^".join(code) for code in (LESION_CATEGORY, LESION_TYPE))
    context, place = (_CONTEXTS[1], "^".join(REGION_CODES[region])) if region else ("", "^^")
    return "~".join([_CONTEXTS[0], category, kind, "^^", context, place, "^^"])
