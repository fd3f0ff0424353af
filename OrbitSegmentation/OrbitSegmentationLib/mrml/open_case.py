"""The case that is being annotated: its nodes, its progress, and its files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace as changed
from pathlib import Path

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.imaging.image import Grid, Image, voxels_sha256
from NeuroOrbitLib.imaging.label_values import values_in
from NeuroOrbitLib.label_maps.merging import may_share, merge_masks
from NeuroOrbitLib.mrml import segment_masks, segmentations, views
from NeuroOrbitLib.mrml.orbit_views import show_orbits
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import notices_about_inputs
from NeuroOrbitLib.mrml.shown import show_only
from NeuroOrbitLib.mrml.transaction import scene_transaction
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.annotation import progress
from OrbitSegmentationLib.annotation.cases import AnnotationCase
from OrbitSegmentationLib.annotation.export import Format, with_master
from OrbitSegmentationLib.annotation.scan_facts import check_same_scan, facts_of, other_voxels_notice
from OrbitSegmentationLib.annotation.structures import labels_for_task
from OrbitSegmentationLib.annotation.writing import file_hash
from OrbitSegmentationLib.mrml import annotation_loading as loading
from OrbitSegmentationLib.mrml.done_marks import DoneMarks


class OpenCase:
    """An annotation case that is open in the scene.

    A structure is done if its segment has the status "completed", which Slicer shows in the segment list and stores in
    ``.seg.nrrd`` files, so that it can be marked there as well. Undo does not revert the mark.

    :param case: the case with its files.
    :param folder: folder that annotations are written to.
    :param annotator: name of the annotator, who must have claimed the case already.
    :raises Problem: if a file cannot be used; the scene is left unchanged.
    """

    def __init__(self, case: AnnotationCase, folder: Path, annotator: str) -> None:
        self.case, self.folder, self.annotator = case, folder, annotator
        self.state = progress.load_state(folder, case.name)
        self._written: dict[Path, str] = {}
        with scene_transaction():
            self.volume, self.grid, reading = loading.load_scan(case)
            check_same_scan(case.name, self.state.scan, self.grid)
            self.segmentation, notices = self._load_labels()
            self._voxels = voxels_sha256(slicer.util.arrayFromVolume(self.volume))
            other = other_voxels_notice(case.name, self.state.scan, self._voxels)
            self.notices = [*filter(None, [other]), *reading, *notices]
        self._marks = DoneMarks(self.segmentation, self.state.done)
        self.unsaved = False

    def _load_labels(self) -> tuple[slicer.vtkMRMLSegmentationNode, list[str]]:
        """Load the labels of the last save, else those found with the scan; return them with notices."""
        saved = loading.saved_labels(self.case, self.state, self.folder)
        segmentation, notices = loading.load_labels(saved or self.case.labels, self.volume, self.grid, self.case.name,
                                                    is_own=saved is not None)
        changed_text = _("{name} was changed or removed by another program since it was saved here. Check the labels.")
        notices += [changed_text.format(name=name) for name in self.state.changed_files(self.folder)]
        if self.state.files and saved is None:
            self.state = changed(self.state, done=frozenset())  # of labels that are not here
            notices.append(_("{name} cannot be opened as it was saved: neither its .seg.nrrd file nor its label map of "
                             "the last save is there. It begins anew, and nothing counts as done.").format(
                                 name=self.case.name))
        return segmentation, notices

    # Structures

    def segment(self, value: int) -> str:
        """Return the identifier of the structure's segment, which is made if there is none yet."""
        return segment_masks.add_label_segment(self.segmentation, value)

    def value_of(self, segment_id: str) -> int | None:
        """Return the label value of a segment; ``None`` if there is no such segment or it has no label value."""
        segment = self.segmentation.GetSegmentation().GetSegment(segment_id)
        return segment_masks.label_of_segment(segment_id, segment) if segment else None

    def filled(self) -> set[int]:
        """Return the label values of the structures that have voxels."""
        return segment_masks.filled_labels(self.segmentation)

    def done(self) -> set[int]:
        """Return the label values of the structures that are marked as done."""
        return self._marks.values()

    def mark_done(self, value: int, done: bool) -> None:
        """Mark a structure as done, or as not done."""
        self._marks.mark(value, done)
        self.unsaved = True

    def empty_but_done(self) -> list[int]:
        """Return the label values that are marked as done but have no voxels."""
        return sorted(self.done() - self.filled())

    # The model's labels

    def take_prelabels(self, run: VolumeRun, answer: Mapping[str, object], wanted: Collection[int]) -> list[str]:
        """Insert a pipeline's label map into the structures that are empty and not done; called by :class:`VolumeRun`.

        What is drawn keeps its voxels, also where the model saw another structure there.

        :param run: the run that made the label map.
        :param answer: its result.
        :param wanted: label values of the structures that the task asks for; others are not inserted.
        :return: sentences for the annotator.
        :raises Problem: if the label map's grid differs from the scan's.
        """
        from NeuroOrbitLib.imaging.files import load_image

        labels = load_image(Path(str(answer["labels"])))
        if not labels.grid.same_as(run.snapshot.grid, tolerance=0.01):
            raise Problem(_("The model's result does not lie on the scan. Nothing was added; please report this."))
        kept = self.filled() | self.done()
        array = labels_for_task(labels.array, wanted)
        offered = values_in(array) - {anatomy.BACKGROUND}
        new = []
        drawn, _conflicts = merge_masks(segment_masks.label_masks(self.segmentation, self.volume), array.shape)
        for value in sorted(offered - kept):
            theirs = [other for other in values_in(drawn) - {anatomy.BACKGROUND} if not may_share(other, value)]
            mask = (array == value) & ~np.isin(drawn, theirs)
            if mask.any():
                segment_masks.set_segment_mask(self.segmentation, self.segment(value), mask, self.volume)
                new.append(value)
        if new:
            self._remember_model(answer["model"], new)
        return [_prelabel_sentence(len(new), len(offered & kept)),
                *(str(notice["text"]) for notice in (*answer.get("notices", []), *notices_about_inputs(run)))]

    def _remember_model(self, model: Mapping[str, object], values: Iterable[int]) -> None:
        self.state = self.state.with_prelabels(model, values)
        self.unsaved = True

    # Files

    def label_map(self) -> tuple[Image, list[str]]:
        """Return the label map on the grid of the scan's file, and a notice about each overlap and omitted segment."""
        from_file = np.linalg.inv(self._to_file())
        grid = Grid(self.grid.shape, from_file @ self.grid.affine)
        labels, notices = merge_masks(segment_masks.label_masks_on(self.segmentation, grid), self.grid.shape)
        cut = segment_masks.beyond(self.segmentation, grid)
        if cut:
            notices.append(_("Beyond the scan, and only in the .seg.nrrd file: {structures}. Check that they were "
                             "drawn on this scan.").format(structures=segment_masks.cut_in_words(cut)))
        others = segment_masks.other_segments(self.segmentation)
        if others:
            notices.append(_("{names}: not a structure of the orbit, and only in the .seg.nrrd file.").format(
                names=", ".join(others)))
        doubled = _("'{name}' stands for the same structure as '{first}', and is only in the .seg.nrrd file. Merge "
                    "them in the Segment Editor, or delete one.")
        notices += [doubled.format(name=name, first=first)
                    for name, first in segment_masks.passed_over_segments(self.segmentation)]
        notices += segment_masks.misnamed_segments(self.segmentation)
        return Image(labels, self.grid.affine), notices

    def _to_file(self) -> np.ndarray:
        return loading.place_in_file(self.segmentation, self.volume, self.grid)

    def files_to_ask_about(self, formats: Iterable[Format]) -> list[Path]:
        """Return the files that would be replaced, except those that this annotator has just saved."""
        return [path for path in self._paths(with_master(formats)) if path.exists() and not self._is_my_own(path)]

    def _paths(self, formats: Iterable[Format]) -> list[Path]:
        return [kind.path(self.folder, self.case.name) for kind in formats]

    def _is_my_own(self, path: Path) -> bool:
        return path in self._written and self._written[path] == file_hash(path)

    def save(self, formats: Iterable[Format] = (), dicom_file: Path | None = None, replace: bool = False,
             replace_others: bool = False) -> list[str]:
        """Write labels and progress, all files or none.

        :param formats: formats to write besides the ``.seg.nrrd`` file, which is always written.
        :param dicom_file: DICOM segmentation, made beforehand, if it is among the formats.
        :param replace: whether existing files may be replaced, as the annotator has agreed.
        :param replace_others: whether the work that somebody else has saved in the meantime may be replaced.
        :return: sentences for the annotator.
        :raises ChangedByOther: if somebody else has saved the case since it was opened; nothing is written in that
            case.
        :raises Problem: if files exist or cannot be written; nothing is written in that case.
        """
        formats = with_master(formats)
        self._marks.write()
        labels, notices = self.label_map()
        writers = {kind.path(self.folder, self.case.name): self._writer(kind, labels, dicom_file) for kind in formats}
        state = changed(self.state, done=frozenset(self.done()), scan=facts_of(self.grid, self._voxels))
        self.state = progress.save_state(self.folder, state, self.annotator, writers, replace_others,
                                         replace or not self.files_to_ask_about(formats))
        self._written |= {path: self.state.files[path.name] for path in writers}
        self.unsaved = False
        return [*notices, *self._outdated(formats)]

    def _outdated(self, formats: list[Format]) -> list[str]:
        paths = self._paths(kind for kind in Format if kind not in formats)
        text = _("{name} was not written anew: it is older than the labels.")
        return [text.format(name=path.name) for path in paths if path.exists()]

    def _writer(self, kind: Format, labels: Image, dicom_file: Path | None) -> Callable[[Path], object]:
        from NeuroOrbitLib.imaging.files import save_image

        to_file = self._to_file()
        return {
            Format.LABEL_MAP: lambda path: save_image(labels, path),
            Format.SEGMENTATION: lambda path: loading.write_segmentation(self.segmentation, path, to_file),
            Format.DICOM: lambda path: shutil.copyfile(dicom_file, path),
        }[kind]

    # Views and end

    def show(self) -> None:
        """Show the scan in slice views along its own slices, without results of other scans.

        In a view that is tilted against the slices, Slicer's brush would draw across several of them.
        """
        views.align_with(self.volume)
        slicer.util.setSliceViewerLayers(background=self.volume, fit=True)
        show_only(self.volume, [])
        if self.filled():
            show_orbits(self.segmentation)

    def toggle_3d(self) -> None:
        """Show the labels as surfaces in the 3-D views, or hide them."""
        display = self.segmentation.GetDisplayNode()
        surfaces = slicer.vtkSegmentationConverter.GetClosedSurfaceRepresentationName()
        if display.GetVisibility3D() and self.segmentation.GetSegmentation().ContainsRepresentation(surfaces):
            self.segmentation.RemoveClosedSurfaceRepresentation()
        else:
            segmentations.show_in_3d(self.segmentation)
            views.frame_in_3d(self.segmentation)

    def show_structure(self, value: int) -> None:
        """Move the slices to the centre of a structure, if it has voxels."""
        if value in self.filled():
            center = self.segmentation.GetSegmentCenterRAS(self.segment(value))
            for node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
                node.JumpSliceByOffsetting(*center)

    def in_scene(self) -> bool:
        """Return whether the scan and the labels are still in the scene."""
        return all(slicer.mrmlScene.IsNodePresent(node) for node in (self.volume, self.segmentation))

    def close(self) -> None:
        """Remove the nodes from the scene and let others work on the case."""
        for node in (self.segmentation, self.volume):
            if slicer.mrmlScene.IsNodePresent(node):
                slicer.mrmlScene.RemoveNode(node)
        self.release()

    def release(self) -> None:
        """Let others work on the case."""
        progress.release_case(self.folder, self.case.name, self.annotator)


def _prelabel_sentence(new: int, kept: int) -> str:
    text = _("The model labelled {new} structures. Check and correct each before you mark it as done. SmartFill "
             "between slices, with 'The segment is a proposal', carries a correction on to the next slices.").format(
                 new=new)
    if not kept:
        return text
    return f"{text} " + _("{kept} that were drawn or done already stayed as they were.").format(kept=kept)
