"""Records of a first step that examines segmented structures before anything is estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml import folders, provenance, segment_content, segmentations
from NeuroOrbitLib.mrml.classifier_results import short_name
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import notices_about_inputs, record_of_run
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, latest_that_refers
from NeuroOrbitLib.mrml.volumes import image_on_grid


class LookedAt:
    """Keeps the record of the run that examined a segmentation with that segmentation.

    :param module: name of the module, for records.
    :param reference: name of the reference from the segmentation to the record.
    """

    def __init__(self, module: str, reference: str) -> None:
        self._module, self._reference = module, f"{provenance.PREFIX}.{reference}"

    def insert(self, run: VolumeRun, answer: Mapping[str, object], name: str,
               given: slicer.vtkMRMLSegmentationNode | None,
               content: Mapping[str, list[float]] | None) -> slicer.vtkMRMLSegmentationNode:
        """Add the structures to the scene unless they were given, and keep the findings with them.

        :param run: run that gave the answer.
        :param answer: answer of the worker, with ``labels`` (file of the label map) and ``notices`` (sentences).
        :param name: name of a new segmentation.
        :param given: segmentation that was examined; None if the run has segmented the structures.
        :param content: content of the given segmentation when the run began, see
            :func:`~NeuroOrbitLib.mrml.segment_content.content_of`; it may have been edited since.
        """
        volume = run.snapshot.node
        node = _added(run, Path(str(answer["labels"])), name) if given is None else given
        node.SetNodeReferenceID(SCAN_REFERENCE, volume.GetID())
        told = {key: value for key, value in answer.items() if key != "labels"}
        notices = [{"level": "warning", "text": text} for text in answer["notices"]] + notices_about_inputs(run)
        record = record_of_run(run, {**told, "notices": notices}, self._module)
        text = provenance.add_record(_("{name}, record").format(name=name), record, [node] if given is None else [])
        node.SetNodeReferenceID(self._reference, text.GetID())
        segment_content.keep_content(node, node, content)
        if given is None:
            folders.put_in_folder(folders.create_run_folder(volume, name), [node, text])
        return node

    def latest(self, scan: slicer.vtkMRMLScalarVolumeNode | None) -> slicer.vtkMRMLSegmentationNode | None:
        """Return the newest segmentation of a scan that was examined; None without one."""
        return latest_that_refers(scan, "vtkMRMLSegmentationNode", self._reference)

    def record(self, node: slicer.vtkMRMLSegmentationNode | None) -> Mapping[str, object] | None:
        """Return the record of the run that examined a segmentation; None if it was not examined."""
        return provenance.read_record(node.GetNodeReference(self._reference)) if node is not None else None

    def was_edited(self, node: slicer.vtkMRMLSegmentationNode | None) -> bool:
        """Return whether a segmentation is known to have been edited since it was examined."""
        return segment_content.was_edited(node, node)

    def notices(self, node: slicer.vtkMRMLSegmentationNode | None) -> list[dict[str, str]]:
        """Return notices for the user to be shown before an estimate."""
        record = self.record(node)
        return list(record["notices"]) if record is not None else []


def volumes_text(rows: Sequence[Mapping[str, object]], key: str) -> str:
    """Return the volumes of structures on both sides as text, one line per structure.

    :param rows: rows with ``side``, ``volume_ml`` and the structure's key.
    :param key: name under which a row holds the structure's key.
    """
    volumes: dict[str, dict[str, float]] = {}
    for row in rows:
        volumes.setdefault(str(row[key]), {})[str(row["side"])] = float(row["volume_ml"])
    return "\n".join(_("{structure}: right {right} ml, left {left} ml").format(
        structure=short_name(name), right=f"{sides['right']:.2f}", left=f"{sides['left']:.2f}")
        for name, sides in volumes.items())


def _added(run: VolumeRun, path: Path, name: str) -> slicer.vtkMRMLSegmentationNode:
    node = segmentations.add_segmentation(image_on_grid(path, run.snapshot.grid), run.snapshot.node, name)
    node.GetDisplayNode().SetVisibility2DFill(False)
    return node
