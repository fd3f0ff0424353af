"""Pairs of predictions and references."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from NeuroOrbitLib.imaging.file_names import is_image_name, strip_ending
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.geometry import stored_as
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.label_maps.mapping import (
    LabelMapping,
    check_values_in,
    load_label_map,
    mapping_for,
    read_labels,
    read_mapping,
)
from NeuroOrbitLib.label_maps.merging import with_lenses_as_in
from NeuroOrbitLib.label_maps.plausibility import contradictions
from NeuroOrbitLib.problem import Problem

#: Ends of the names, before the file type and in upper or lower case, of masks of voxels that do not count.
MASK_MARKS = ("_uncertain", "_ignore")
#: All ends that do not count as part of a case's name.
MARKS = ("_labels", "_prediction", "_segmentation", *MASK_MARKS)


@dataclass(frozen=True)
class Pair:
    """The files of one case.

    :param name: name of the case.
    :param reference: label map of the reference.
    :param prediction: label map to evaluate.
    :param ignore: mask of voxels to leave out, or None.
    :param reference_names: file that names the values of the reference, or None.
    :param prediction_names: file that names the values of the prediction, or None.
    """

    name: str
    reference: Path
    prediction: Path
    ignore: Path | None = None
    reference_names: Path | None = None
    prediction_names: Path | None = None

    def load(self) -> tuple[Image, Image, Image | None]:
        """Return (reference, prediction, mask of ignored voxels or None), labels in the vocabulary's values.

        If no file names the values, nnU-Net's ``dataset.json`` beside a label map is used; without one they must be
        those of the vocabulary, and the anatomy of the reference must not contradict them. If the reference has
        eyeballs but no lens, the lenses of the prediction count as eyeball. All are returned in the axis order of the
        reference if they are stored in different ones.

        :raises Problem: if a label map cannot be read or is an image, or its values cannot be understood.
        """
        reference = self.load_reference()
        prediction = stored_as(self._load_prediction(), reference.grid)
        ignore = None if self.ignore is None else stored_as(load_image(self.ignore), reference.grid)
        return reference, with_lenses_as_in(reference, prediction), ignore

    def load_reference(self) -> Image:
        """Return the reference in the vocabulary's values, as :meth:`load` does.

        :raises Problem: if it cannot be read or is an image, or its values cannot be understood.
        """
        return read_labels(self.reference, _mapping(self.reference, self.reference_names))

    def doubts_about_prediction(self) -> list[str]:
        """Return contradictions of the prediction to the anatomy: due to other label values, or just errors.

        :raises Problem: if it cannot be read or is an image, or its values cannot be understood.
        """
        return contradictions(self._load_prediction())

    def _load_prediction(self) -> Image:
        labels, mapping = load_label_map(self.prediction), _mapping(self.prediction, self.prediction_names)
        if mapping is not None:
            return mapping.apply(labels)
        check_values_in(labels, self.prediction.name)
        return labels


def _mapping(labels: Path, names: Path | None) -> LabelMapping | None:
    return mapping_for(labels) if names is None else read_mapping(names)


def find_pairs(reference: Path, prediction: Path, ignore: Path | None = None) -> tuple[list[Pair], list[str]]:
    """Return the pairs of two files or two folders, and a line about each file of references or masks left out.

    In folders, files are paired by name: ``scan_labels.nii.gz`` belongs to ``scan.nii.gz`` or ``scan_prediction.nrrd``.
    If a folder has files with the mark ``_labels``, only those are references.

    :param reference: file or folder of the references.
    :param prediction: file or folder of the predictions.
    :param ignore: file or folder of the masks of voxels to leave out, if any.
    :raises Problem: if something does not exist or cannot be read, files and folders are mixed, no names match, or two
        files belong to the same case.
    """
    given = [reference, prediction, *([ignore] if ignore else [])]
    for path in given:
        if not path.exists():
            raise Problem(f"There is no {path}. Check the name.")
    if len({path.is_dir() for path in given}) > 1:
        raise Problem("Give files only, or folders only: the reference, the prediction and the masks of voxels that do "
                      "not count must be of the same kind.")
    if not reference.is_dir():
        return [Pair(_case_name(reference), reference, prediction, ignore)], []
    return _pairs_of_folders(reference, prediction, ignore)


def _pairs_of_folders(reference: Path, prediction: Path, ignore: Path | None) -> tuple[list[Pair], list[str]]:
    predictions = _by_name(_marked_first(prediction, "_prediction", "_segmentation", "_labels"))
    masks = {} if ignore is None else _by_name(_marked_first(ignore, *MASK_MARKS))
    references, unmarked = _references(reference)
    pairs, left_out = [], []
    for name, file in references.items():
        if name in predictions:
            pairs.append(Pair(name, file, predictions[name], masks.get(name)))
        else:
            left_out.append(f"{file.name} has no prediction in {prediction}")
    if not pairs:
        raise Problem(f"No file in {prediction} has the name of a reference in {reference}. Name them alike.")
    if ignore is not None and not masks.keys() & references.keys():
        raise Problem(f"No mask in {ignore} has the name of a case ({pairs[0].name}, ...). Name the masks like the "
                      "references, with _ignore or _uncertain at the end.")
    left_out += [f"{file.name} is not marked _labels as other references in {reference} are; mark it to compare it"
                 for name, file in unmarked.items() if name in predictions]
    left_out += [f"{file.name} is the mask of no case; all voxels count" for name, file in masks.items()
                 if name not in references]
    return pairs, left_out


def _references(folder: Path) -> tuple[dict[str, Path], dict[str, Path]]:
    """Return the references of a folder by case, and, if only marked files are references, the others' files."""
    found = _by_name(_marked_first(folder, "_labels"))
    others = [file for file in _marked_first(folder) if file not in found.values()]
    return found, {_case_name(file): file for file in others if _case_name(file) not in found}


def _marked_first(folder: Path, *marks: str) -> list[Path]:
    """Return the image files of a folder, or only those with the first of ``marks`` that any file has.

    Files marked as masks of voxels that do not count are left out, unless ``marks`` are :data:`MASK_MARKS`.
    """
    try:
        files = sorted(file for file in folder.iterdir() if is_image_name(file.name))
    except OSError as error:
        raise Problem(f"The folder {folder} cannot be read: {error.strerror}. Ask for permission to read it, or choose "
                      "another folder.") from error
    for mark in marks:
        marked = [file for file in files if _has_mark(file, mark)]
        if marked:
            return marked
    return files if marks == MASK_MARKS else [file for file in files if not _has_mark(file, *MASK_MARKS)]


def _has_mark(file: Path, *marks: str) -> bool:
    return strip_ending(file.name).lower().endswith(marks)


def _by_name(files: list[Path]) -> dict[str, Path]:
    """Return files by the name of their case.

    :raises Problem: if two belong to the same case.
    """
    found: dict[str, Path] = {}
    for file in files:
        first = found.setdefault(_case_name(file), file)
        if first != file:
            raise Problem(f"{first.name} and {file.name} in {file.parent} belong to the same case. Keep one of them.")
    return found


def _case_name(file: Path) -> str:
    stem = strip_ending(file.name)
    mark = next((mark for mark in MARKS if stem.lower().endswith(mark)), "")
    return stem[: len(stem) - len(mark)]
