"""A scan that is ready to be classified: its orbits, the box where the classifier looks, and the worker's findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.mrml import folders, provenance, segmentations
from NeuroOrbitLib.mrml.classifier_results import SEGMENTATION_REFERENCE
from NeuroOrbitLib.mrml.crop_boxes import add_crop_box, displacement, put_box_around
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import lies_where_it_was, notices_about_inputs, record_of_run
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, scan_of
from NeuroOrbitLib.mrml.segment_masks import labelled_segments
from NeuroOrbitLib.mrml.volumes import image_on_grid
from NeuroOrbitLib.problem import Problem

REGION_ATTRIBUTE = f"{provenance.PREFIX}.Region"
#: Share of the crop's edge that the classifier looks at: the middle 128 of 164 pixels.
SHOWN_SHARE = 128 / 164


@dataclass(frozen=True)
class Move:
    """Displacement of the box by the user: mm to the patient's right, forwards, upwards, and whole slices upwards."""

    right: float
    forwards: float
    upwards: float
    slices: int

    @property
    def is_none(self) -> bool:
        """Whether the box is visibly where it was placed."""
        return self.slices == 0 and max(abs(self.right), abs(self.forwards)) < 0.05


class PreparedScan:
    """The box of a prepared scan with all nodes that belong to it.

    :param box: box made by :func:`insert_preparation`; the worker's findings are in its record, so that work can
        continue in a saved scene.
    """

    def __init__(self, box: slicer.vtkMRMLMarkupsROINode) -> None:
        self.box = box

    @property
    def record(self) -> Mapping[str, object]:
        """Findings of the worker, see :func:`TAOActivityLib.run_activity.prepare_file`."""
        return provenance.record_of(self.box) or {}

    @property
    def scan(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """The scan; ``None`` if it has been removed from the scene."""
        return self.box.GetNodeReference(SCAN_REFERENCE)

    @property
    def orbits(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The segmentation of the orbits; ``None`` if it has been removed from the scene."""
        return self.box.GetNodeReference(SEGMENTATION_REFERENCE)

    @property
    def region(self) -> str:
        """Region that the box is placed for: "both", "right" or "left"."""
        return self.box.GetAttribute(REGION_ATTRIBUTE)

    def warnings(self) -> list[dict[str, str]]:
        """Return the notices about the scan that are shown before the next step."""
        told = self.record
        texts = [told["sequence"]["text"], *told["crops"][self.region]["notices"], *told["notes"]]
        return [*({"level": "warning", "text": text} for text in texts if text), *told["notices"]]

    def problem(self, volume: slicer.vtkMRMLScalarVolumeNode, region: str) -> str:
        """Return the reason why ``volume`` cannot be classified with this preparation, "" if it can."""
        if self.scan is None or self.scan is not volume:
            return _("Press Prepare: the crop of this scan has not been placed yet.")
        if self.orbits is None:
            return _("The segmentation of the orbits was removed. Press Prepare again.")
        if region not in self.record.get("crops", {}):
            missing = self.record.get("missing", {}).get(region)
            return _("{reason} After a correction, press Prepare again.").format(
                reason=missing) if missing else _("Press Prepare again.")
        if not lies_where_it_was(self.record, volume):
            return _("The scan was moved since it was prepared. Press Prepare again.")
        return ""

    def show_region(self, region: str) -> None:
        """Move the box to its place for ``region``, unless it shows this region already."""
        if region in self.record.get("crops", {}) and region != self.region:
            self.box.SetAttribute(REGION_ATTRIBUTE, region)
            self.put_back()

    def put_back(self) -> None:
        """Move the box back to where it was placed."""
        put_box_around(self.box, seen_grid(self._placed_grid()))

    def move(self) -> Move:
        """Return the displacement of the box by the user."""
        placed = self._placed_grid()
        distance = displacement(self.box, placed)
        up = distance @ self.axes()[:, 2]
        return Move(float(distance[0]), float(distance[1]), float(up), round(up / placed.spacing[2]))

    def snap(self) -> None:
        """Move the box to the nearest possible place of the crop: by whole slices, with its own size and direction."""
        put_box_around(self.box, seen_grid(self.grid()))

    def grid(self) -> Grid:
        """Return the grid of the crop as the user has confirmed it: 5 x 164 x 164 voxels."""
        placed = self._placed_grid()
        axes, spacing = self.axes(), np.array(placed.spacing)
        steps = displacement(self.box, placed) @ axes
        steps[2] = round(steps[2] / spacing[2]) * spacing[2]
        affine = placed.affine.copy()
        affine[:3, 3] += axes @ steps
        return Grid(placed.shape, affine)

    def crop(self) -> dict[str, object]:
        """Return the crop as plain data for :func:`TAOActivityLib.run_activity.classify_crop`."""
        return {**self.record["crops"][self.region], "affine": self.grid().affine.tolist()}

    def slice_center(self, number: int) -> np.ndarray:
        """Return the centre (R, A, S; mm) of slice ``number``, counted from 0 at the lowest."""
        grid = self.grid()
        middle = (np.array(grid.shape[::-1]) - 1) / 2
        return grid.ras_from_ijk(np.array([*middle[:2], number]))

    def look_at(self) -> np.ndarray:
        """Return a point (R, A, S; mm) in the middle slice where all planes show an orbit: beside the optic nerve."""
        side = "left" if self.region == "left" else "right"
        nerve = np.array(self.orbits.GetSegmentCenterRAS(
            labelled_segments(self.orbits)[anatomy.label_value("optic_nerve", side)]))
        axes = self.axes()
        return self.slice_center(2) + axes[:, 0] * (axes[:, 0] @ (nerve - self.slice_center(2)))

    def axes(self) -> np.ndarray:
        """Return the directions (RAS) of the crop's columns, rows and slices, as the columns of a matrix (3, 3)."""
        grid = self._placed_grid()
        return grid.affine[:3, :3] / grid.spacing

    def remove(self) -> None:
        """Remove the box and its record from the scene; segmentation and results are kept."""
        text = self.box.GetNodeReference(provenance.RECORD_REFERENCE)
        if text is not None and not any(node is not self.box for node in provenance.described_by(text)):
            slicer.mrmlScene.RemoveNode(text)
        slicer.mrmlScene.RemoveNode(self.box)

    def _placed_grid(self) -> Grid:
        crop = self.record["crops"][self.region]
        return Grid(tuple(crop["shape"]), np.array(crop["affine"]))


def box_over(scan: slicer.vtkMRMLScalarVolumeNode | None) -> slicer.vtkMRMLMarkupsROINode | None:
    """Return the box of a scan's last preparation; ``None`` if there is none."""
    boxes = [node for node in slicer.util.getNodesByClass("vtkMRMLMarkupsROINode")
             if node.GetAttribute(REGION_ATTRIBUTE) and scan is not None and scan_of(node) is scan]
    return boxes[-1] if boxes else None


def seen_grid(grid: Grid) -> Grid:
    """Return the grid of the middle of a crop, which the classifier looks at."""
    count = round(grid.shape[1] * SHOWN_SHARE)
    first = (grid.shape[1] - count) // 2
    affine = grid.affine.copy()
    affine[:3, 3] = grid.ras_from_ijk(np.array([first, first, 0]))
    return Grid((grid.shape[0], count, count), affine)


def insert_preparation(run: VolumeRun, answer: Mapping[str, object], module: str, regions: tuple[str, ...],
                       orbits: slicer.vtkMRMLSegmentationNode | None) -> PreparedScan:
    """Insert the worker's findings into the scene, in a folder beside the scan.

    :param run: run of the worker.
    :param answer: its result, see :func:`TAOActivityLib.run_activity.prepare_file`.
    :param module: name of the module.
    :param regions: regions that the model is trained for, the preferred one first.
    :param orbits: segmentation that was given; if ``None``, the worker's label map is inserted as one.
    :return: the prepared scan.
    :raises Problem: if the label map's grid differs from the scan's, or the scan shows no region of the model.
    """
    volume = run.snapshot.node
    region = next((name for name in regions if name in answer["crops"]), None)
    if region is None:
        raise Problem(str(answer["missing"][regions[0]]))
    folder = folders.create_run_folder(volume, _("{name} - activity, prepared").format(name=volume.GetName()))
    found = [] if orbits else [_add_orbits(run, Path(str(answer["labels"])))]
    crop = answer["crops"][region]
    box = add_crop_box(_("What the classifier sees"), seen_grid(Grid(tuple(crop["shape"]), np.array(crop["affine"]))))
    box.SetAttribute(REGION_ATTRIBUTE, region)
    box.SetNodeReferenceID(SCAN_REFERENCE, volume.GetID())
    box.SetNodeReferenceID(SEGMENTATION_REFERENCE, (orbits or found[0]).GetID())
    told = {key: value for key, value in answer.items() if key != "labels"}
    record = record_of_run(run, {**told, "notices": notices_about_inputs(run)}, module)
    text = provenance.add_record(f"{volume.GetName()} - preparation record", record, [box, *found])
    folders.put_in_folder(folder, [*found, box, text])
    return PreparedScan(box)


def _add_orbits(run: VolumeRun, path: Path) -> slicer.vtkMRMLSegmentationNode:
    volume = run.snapshot.node
    name = _("{name} - orbits").format(name=volume.GetName())
    node = segmentations.add_segmentation(image_on_grid(path, run.snapshot.grid), volume, name)
    node.SetNodeReferenceID(SCAN_REFERENCE, volume.GetID())
    node.GetDisplayNode().SetVisibility2DFill(False)
    return node
