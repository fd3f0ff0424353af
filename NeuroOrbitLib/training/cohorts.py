"""Reading of cohorts, which list images with their label maps and patients; unusable rows are explained."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from NeuroOrbitLib.files.below import files_below
from NeuroOrbitLib.files.tables import TableRow, read_table_file, require_columns
from NeuroOrbitLib.imaging.file_names import (
    NNUNET_CHANNEL,
    file_name_key,
    is_image_name,
    safe_file_name,
    strip_ending,
    without_channel,
)
from NeuroOrbitLib.imaging.image import Image, voxels_sha256
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.label_maps.mapping import LabelMapping, labels_in_words, mapping_for, read_labels, read_mapping
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.patients import merged_spellings, one_spelling_each, patient_key, possible_visits

COHORT_FILES = ("cohort.csv", "manifest.csv")
COLUMNS = ("patient", "image", "labels")
LABEL_MARK = "_labels"
#: Words of the column ``modality`` in capital letters, with their meaning; "" where it is not said.
_MODALITIES = {"": "", "CT": "CT", "MR": "MR", "MRI": "MR", "MRT": "MR"}


@dataclass(frozen=True)
class LabelledCase:
    """One scan with its label map.

    :param patient: identifier of the patient; all scans of one patient stay together in every split.
    :param image: file of the scan.
    :param labels: file of the label map, on the scan's grid.
    :param modality: ``CT``, ``MR``, or empty if it is not known.
    :param synthetic: whether the scan is of a phantom, according to the table that lists it.
    :param mapping: meaning of the values of the label map; None if they are the vocabulary's.
    :param visit: part of the scan's folder that distinguishes it from the patient's other scans with the same file
        name; empty if there are none.
    """

    patient: str
    image: Path
    labels: Path
    modality: str = ""
    visit: str = ""
    mapping: LabelMapping | None = None
    synthetic: bool = False

    @property
    def name(self) -> str:
        """Patient and file name of the image, unique within a cohort and safe as the name of a file or folder."""
        stem = strip_ending(self.image.name)
        name = stem if stem.startswith(self.patient) else f"{self.patient}_{stem}"
        return safe_file_name(f"{name}_{self.visit}" if self.visit else name)

    def load_labels(self) -> Image:
        """Return the label map in the vocabulary's values, uint8 (K, J, I).

        :raises Problem: if its values have no meaning or contradict the anatomy; the message names the case.
        """
        try:
            return read_labels(self.labels, self.mapping)
        except Problem as problem:
            raise Problem(f"{self.name}: {problem}") from problem


@dataclass(frozen=True)
class Cohort:
    """The usable cases of a table or folder, and what the user should know about the others.

    :param cases: the cases that can be used, with one spelling for each patient.
    :param problems: one line about each row that cannot be used.
    :param notices: one line about each patient whose identifier has several spellings, about patients who may be
        visits of one, about modalities that are not understood, and about how label values of other projects are read.
    """

    cases: tuple[LabelledCase, ...]
    problems: tuple[str, ...]
    notices: tuple[str, ...] = ()

    @property
    def patients(self) -> list[str]:
        """Patient of each case."""
        return [case.patient for case in self.cases]


def read_cohort(path: str | Path, label_names: Path | None = None) -> Cohort:
    """Read a cohort from a table or a folder.

    - a CSV file, or a folder with ``cohort.csv`` or ``manifest.csv`` (the phantom's): columns ``patient, image,
      labels`` and, if wanted, ``modality``; files relative to the table;
    - a folder with ``imagesTr/NAME_0000.nii.gz`` and ``labelsTr/NAME.nii.gz`` (nnU-Net's layout);
    - a folder with pairs ``NAME.nii.gz`` and ``NAME_labels.nii.gz``, also in subfolders.

    Without a table the patient is the subfolder a pair lies in, else the part ``sub-XX`` at the start of the name,
    else the name. Give a table when a patient has several scans under different names.

    :param path: the table or the folder.
    :param label_names: file that names the values of all label maps, see
        :func:`NeuroOrbitLib.label_maps.files.read_label_names`; by default nnU-Net's ``dataset.json`` beside the label
        maps where there is one, else they are the vocabulary's.
    :raises Problem: if there is no such cohort, or none of its cases can be used.
    """
    path = Path(path)
    if not path.exists():
        raise Problem(f"There is no cohort {path}. Give a folder or a CSV table.")
    table = _table_of(path)
    rows = _rows_of_folder(path) if table is None else _rows_of_table(table)
    cohort = _checked(rows)
    if not cohort.cases:
        reasons = "".join(f"\n  {line}" for line in cohort.problems)
        raise Problem(
            f"{path} has no usable case. Give a {COHORT_FILES[0]} with the columns {', '.join(COLUMNS)}, "
            f"or pairs NAME.nii.gz and NAME{LABEL_MARK}.nii.gz.{reasons}"
        )
    return _with_mappings(cohort, label_names)


def check_labels(cases: Sequence[LabelledCase], progress: Progress = silent) -> None:
    """Read every label map once, so that an unusable one stops the training at its start and not after hours.

    :raises Problem: if values of label maps have no meaning or contradict the anatomy; the message names the first
        five.
    """
    problems = []
    for number, case in enumerate(cases):
        progress(number / len(cases), f"Checking the label map of {case.name}")
        try:
            case.load_labels()
        except Problem as problem:
            problems.append(str(problem))
    if problems:
        raise Problem(f"{len(problems)} of {len(cases)} label maps cannot be used:\n" + "\n".join(problems[:5]))


def _with_mappings(cohort: Cohort, label_names: Path | None) -> Cohort:
    """Return the cohort with the meaning of the label values set in each case."""
    found = cache(lambda folder: mapping_for(folder / "labels.nii.gz"))
    given = None if label_names is None else read_mapping(label_names)
    cases = tuple(replace(case, mapping=given or found(case.labels.parent)) for case in cohort.cases)
    read_as = sorted({f"Labels of {case.mapping.source}: {labels_in_words(case.mapping)}"
                      for case in cases if case.mapping})
    return replace(cohort, cases=cases, notices=(*cohort.notices, *read_as))


def _table_of(path: Path) -> Path | None:
    if path.is_file():
        return path
    return next((path / name for name in COHORT_FILES if (path / name).exists()), None)


def _rows_of_table(path: Path) -> list[tuple[str, LabelledCase]]:
    from NeuroOrbitLib.phantom.patients.cohort import MANIFEST_COLUMNS

    table = read_table_file(path)
    require_columns(path, table, COLUMNS)
    synthetic = set(MANIFEST_COLUMNS) <= set(table.columns)
    return [(f"row {row.line}", _case_of_row(row, path.parent, synthetic)) for row in table.rows]


def _case_of_row(row: TableRow, folder: Path, synthetic: bool) -> LabelledCase:
    patient, image, labels = (row.cells[column] for column in COLUMNS)
    return LabelledCase(patient, folder / image, folder / labels, row.cells.get("modality", ""), synthetic=synthetic)


def _rows_of_folder(folder: Path) -> list[tuple[str, LabelledCase]]:
    pairs = nnunet_pairs(folder) if (folder / "imagesTr").is_dir() else _named_pairs(folder)
    return [(image.name, LabelledCase(_patient_of(image, folder), image, labels)) for image, labels in pairs]


def nnunet_pairs(folder: Path) -> list[tuple[Path, Path]]:
    """Return pairs of image and label map in nnU-Net's layout; the label map need not exist."""
    return [(image, folder / "labelsTr" / without_channel(image.name))
            for image in sorted((folder / "imagesTr").iterdir()) if strip_ending(image.name).endswith(NNUNET_CHANNEL)]


def _named_pairs(folder: Path) -> list[tuple[Path, Path]]:
    files = [file for file in files_below(folder) if is_image_name(file.name)]
    masks = [file for file in files if strip_ending(file.name).lower().endswith(LABEL_MARK)]
    return [(file, _labels_of(file, masks)) for file in files if file not in masks]


def _labels_of(image: Path, masks: Sequence[Path]) -> Path:
    """Return the label map beside a scan, if possible of its file type; where there is none, what it would be called.

    The mark may be in capitals, but the name before it is the scan's own: ``p1`` and ``P1`` may be two scans.
    """
    stem = strip_ending(image.name)
    usual = image.with_name(f"{stem}{LABEL_MARK}{image.name[len(stem):]}")
    beside = [mask for mask in masks
              if mask.parent == image.parent and strip_ending(mask.name)[: -len(LABEL_MARK)] == stem]
    return min(beside, key=lambda mask: mask.name.lower() != usual.name.lower(), default=usual)


def _patient_of(image: Path, folder: Path) -> str:
    inner = image.parent.relative_to(folder).parts
    if inner and inner[0] != "imagesTr":
        return inner[0]
    stem = strip_ending(image.name).removesuffix(NNUNET_CHANNEL)
    subject = re.match(r"sub-[A-Za-z0-9]+", stem)
    return subject.group() if subject else stem


def _checked(rows: list[tuple[str, LabelledCase]]) -> Cohort:
    usable: list[tuple[str, LabelledCase]] = []
    problems: list[str] = []
    seen: dict[Path, str] = {}
    scans = _Scans()
    for place, case in rows:
        reason = _reason_against(case, seen) or scans.reason_against(place, case)
        if reason:
            problems.append(f"{place}: {reason}")
        else:
            seen[case.image.resolve()] = place
            usable.append((place, case))
    spellings = [case.patient for _place, case in usable]
    odd = sorted({case.modality for _place, case in usable if case.modality.upper() not in _MODALITIES})
    notices = [*merged_spellings(spellings), *possible_visits(one_spelling_each(spellings)),
               *(f"the modality {word!r} is neither CT nor MR: its scans count as of unknown modality" for word in odd)]
    cases: dict[str, LabelledCase] = {}
    named = _told_apart([replace(case, patient=patient, modality=_MODALITIES.get(case.modality.upper(), ""))
                         for (_place, case), patient in zip(usable, one_spelling_each(spellings), strict=True)])
    for (place, _case), case in zip(usable, named, strict=True):
        if (key := file_name_key(case.name)) in cases:
            problems.append(f"{place}: another scan is called {cases[key].name}, too; rename one of them")
        else:
            cases[key] = case
    return Cohort(tuple(cases.values()), tuple(problems), tuple(notices))


def _told_apart(cases: list[LabelledCase]) -> list[LabelledCase]:
    """Return the cases, with the differing part of the folders as ``visit`` where cases have the same name."""
    folders = [case.image.resolve().parent.parts for case in cases]
    alike: dict[str, list[tuple[str, ...]]] = {}
    for case, parts in zip(cases, folders, strict=True):
        alike.setdefault(case.name, []).append(parts)
    return [replace(case, visit="_".join(_differing(parts, alike[case.name])))
            for case, parts in zip(cases, folders, strict=True)]


def _differing(parts: tuple[str, ...], others: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the part of a file's folders that differs between files of the same name."""
    shortest = min(map(len, others))
    first = next((n for n in range(shortest) if len({other[n] for other in others}) > 1), shortest)
    last = next((n for n in range(shortest - first) if len({other[-1 - n] for other in others}) > 1), shortest - first)
    return parts[first:len(parts) - last]


def _reason_against(case: LabelledCase, seen: dict[Path, str]) -> str:
    """Return the reason why a row cannot be used; empty if it can."""
    if not patient_key(case.patient):
        return "the patient is empty; without it the scan could be on both sides of a split"
    if (image := case.image.resolve()) in seen:
        return f"the image {case.image.name} is already used in {seen[image]}"
    for kind, file in (("image", case.image), ("label map", case.labels)):
        if not file.is_file():
            return f"the {kind} {file.name} does not exist in {file.parent}"
    return _geometry_mismatch(case)


def _voxels_of(image: Path) -> str:
    """Return a text that is equal for scans with the same voxels; a scan that cannot be read is like no other."""
    from NeuroOrbitLib.imaging.checks import ImageProblem
    from NeuroOrbitLib.imaging.files import load_image

    try:
        return voxels_sha256(load_image(image).array)
    except ImageProblem:
        return str(image)


class _Scans:
    """The scans of a cohort, by their voxels; those of two patients must differ.

    Voxels are compared only where two scans lie at the same place, which hardly ever happens between patients.
    """

    def __init__(self) -> None:
        self._at: dict[Hashable, list[tuple[str, LabelledCase]]] = {}
        self._voxels = cache(_voxels_of)

    def reason_against(self, place: str, case: LabelledCase) -> str:
        """Return the reason why a scan cannot be used beside the earlier ones, "" if it can; it is one of them then."""
        from NeuroOrbitLib.imaging.reading import read_grid

        grid = read_grid(case.image)
        alike = self._at.setdefault((grid.shape, tuple(grid.affine.round(2).ravel())), [])
        for other, earlier in alike:
            if patient_key(earlier.patient) != patient_key(case.patient) and (
                    self._voxels(earlier.image) == self._voxels(case.image)):
                return f"its scan is that of the patient {earlier.patient} ({other}); keep one of them"
        alike.append((place, case))
        return ""


def _geometry_mismatch(case: LabelledCase) -> str:
    from NeuroOrbitLib.imaging.checks import ImageProblem
    from NeuroOrbitLib.imaging.reading import read_grid

    try:
        image, labels = read_grid(case.image), read_grid(case.labels)
    except ImageProblem as problem:
        return str(problem)
    if image.shape != labels.shape:
        return f"the label map has {labels.shape[::-1]} voxels, the image {image.shape[::-1]}"
    same = image.same_as(labels, tolerance=0.1)
    return "" if same else "the label map lies elsewhere than the image (origin, spacing or direction differ)"
