"""The cases to annotate: scans in a folder or a table, with existing label maps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from NeuroOrbitLib.files.tables import TableRow, read_table_file
from NeuroOrbitLib.imaging.file_names import (
    IMAGE_ENDINGS,
    LABEL_MARKS,
    NNUNET_CHANNEL,
    file_name_key,
    is_image_name,
    is_label_name,
    safe_file_name,
    strip_ending,
)
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _
from NeuroOrbitLib.training.cohorts import COHORT_FILES, nnunet_pairs

CASE_FILES = ("cases.csv", *COHORT_FILES)
#: Name of the folder for annotations that is suggested beside the scans.
ANNOTATION_FOLDER = "annotations"
_DICOM_OFFSET, _DICOM_MARK = 128, b"DICM"


@dataclass(frozen=True)
class AnnotationCase:
    """One scan to annotate.

    :param name: name of the case, unique in its list; names of its files begin with it.
    :param scan: image file, or folder of one DICOM series.
    :param labels: label map to start from; ``None`` if there is none.
    """

    name: str
    scan: Path
    labels: Path | None = None


@dataclass(frozen=True)
class CaseList:
    """The cases of a place, and one line about each scan or row that cannot be used."""

    cases: tuple[AnnotationCase, ...]
    problems: tuple[str, ...] = ()

    def after(self, name: str) -> tuple[AnnotationCase, ...]:
        """Return all cases except the one with this name, starting with the one that follows it."""
        index = next((index for index, case in enumerate(self.cases) if case.name == name), None)
        return self.cases if index is None else (*self.cases[index + 1:], *self.cases[:index])


def find_cases(place: str | Path, exports: str | Path | None = None) -> CaseList:
    """Return the cases of a folder or a CSV table.

    - CSV file, or folder with ``cases.csv``, ``cohort.csv`` or ``manifest.csv``: column ``image`` (or ``scan``) and
      optionally ``case`` (its name), ``patient`` and ``labels``; paths are relative to the table.
    - Folder with ``imagesTr/NAME_0000.nii.gz`` and ``labelsTr/NAME.nii.gz`` (nnU-Net's layout).
    - Any other folder: all image files and DICOM series below it. Labels are ``NAME_labels.nii.gz`` (or
      ``_segmentation``, ``.seg.nrrd``, …) beside ``NAME.nii.gz``.

    :param place: the folder or table.
    :param exports: folder that annotations are written to, whose files are not scans.
    :raises Problem: when the place does not exist or holds no scan.
    """
    place = Path(place)
    if not place.exists():
        raise Problem(_("There is no folder or table {place}. Choose the folder that holds the scans.").format(
            place=place))
    table = place if place.is_file() else _table_in(place)
    found = _cases_of_table(table) if table else _cases_of_folder(place, None if exports is None else Path(exports))
    if not found.cases:
        reasons = "".join(f"\n{line}" for line in found.problems)
        raise Problem(_("{place} holds no scan. Choose a folder with image files ({image_endings}) or DICOM series, "
                        "or a table with a column 'image'.{reasons}").format(
            place=place, image_endings=IMAGE_ENDINGS, reasons=reasons))
    return found


def _table_in(folder: Path) -> Path | None:
    return next((folder / name for name in CASE_FILES if (folder / name).is_file()), None)


# Tables


def _cases_of_table(path: Path) -> CaseList:
    table = read_table_file(path)
    if not {"image", "scan"} & set(table.columns):
        raise Problem(_("{path} has no column 'image' with the files of the scans. Add it.").format(path=path))
    cases: dict[str, AnnotationCase] = {}
    problems = []
    for row in table.rows:
        case, problem = _case_of_row(row, path.parent, set(cases))
        if case is not None:
            cases[file_name_key(case.name)] = case
        if problem:
            problems.append(_("row {line}: {problem}").format(line=row.line, problem=problem))
    return CaseList(tuple(cases.values()), tuple(problems))


def _case_of_row(row: TableRow, folder: Path, taken: set[str]) -> tuple[AnnotationCase | None, str]:
    fields = row.cells
    image = fields.get("image") or fields.get("scan") or ""
    scan = folder / image
    if not image or not scan.exists():
        return None, _("there is no scan '{image}'").format(image=image)
    name = safe_file_name(fields.get("case") or _with_patient(strip_ending(scan.name), fields.get("patient", "")))
    if file_name_key(name) in taken:
        return None, _("the case {name} is there already; give each row its own 'case'").format(name=name)
    labels = folder / fields["labels"] if fields.get("labels") else None
    if labels is not None and not labels.is_file():
        return AnnotationCase(name, scan), _("the label map {labels} does not exist; the case starts without").format(
            labels=labels.name)
    return AnnotationCase(name, scan, labels), ""


def _with_patient(stem: str, patient: str) -> str:
    return stem if stem.startswith(patient) else f"{patient}_{stem}"


# Folders


def _cases_of_folder(folder: Path, exports: Path | None) -> CaseList:
    problems: list[str] = []
    if (folder / "imagesTr").is_dir():
        pairs = list(_nnunet_pairs(folder))
    else:
        below = list(_below(folder, exports, problems))
        pairs = [*_files_with_labels(below), *((path, None) for path in (folder, *below) if _holds_dicom(path))]
    cases: dict[str, AnnotationCase] = {}
    for scan, labels in sorted(pairs, key=lambda pair: pair[0]):
        name = _name_of(scan, folder)
        key = file_name_key(name)
        if key in cases:
            problems.append(_("{relative_to}: {scan} has the same name; rename one").format(
                relative_to=scan.relative_to(folder), scan=cases[key].scan.name))
        else:
            cases[key] = AnnotationCase(name, scan, labels)
    return CaseList(tuple(cases.values()), tuple(problems))


def _nnunet_pairs(folder: Path) -> Iterator[tuple[Path, Path | None]]:
    for scan, labels in nnunet_pairs(folder):
        if is_image_name(scan.name):
            yield scan, labels if labels.is_file() else None


def _files_with_labels(below: Iterable[Path]) -> Iterator[tuple[Path, Path | None]]:
    files = [path for path in below if is_image_name(path.name) and path.is_file()]
    labels = {path for path in files if is_label_name(path.name)}
    for scan in files:
        if scan not in labels:
            yield scan, _labels_of(scan, labels)


def _labels_of(scan: Path, labels: Iterable[Path]) -> Path | None:
    """Return the label file beside a scan, the first in order of :data:`LABEL_MARKS`, in any case of letters."""
    stem = strip_ending(scan.name)
    beside = {strip_ending(path.name).removeprefix(stem).lower(): path for path in sorted(labels)
              if path.parent == scan.parent and path.name.startswith(stem)}
    return next((beside[mark] for mark in LABEL_MARKS if mark in beside), None)


def _holds_dicom(folder: Path) -> bool:
    """Return whether this is a readable folder whose first file is a DICOM image."""
    try:
        first = next((path for path in sorted(folder.iterdir()) if path.is_file() and path.name != "DICOMDIR"), None)
        if first is None or is_image_name(first.name):
            return False
        with first.open("rb") as stream:
            stream.seek(_DICOM_OFFSET)
            return stream.read(len(_DICOM_MARK)) == _DICOM_MARK
    except OSError:
        return False


def _below(folder: Path, exports: Path | None, problems: list[str]) -> Iterator[Path]:
    """Yield everything below a folder except hidden files and folders of annotations.

    :param folder: folder to search.
    :param exports: folder that annotations are written to, which is not searched.
    :param problems: list that receives a line about each folder that cannot be read.
    """
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        problems.append(_("{folder} cannot be read ({reason}). Check its permissions.").format(
            folder=folder, reason=error.strerror or error))
        return
    for path in inside:
        written = path.name == ANNOTATION_FOLDER or (exports is not None and path == exports)
        if path.name.startswith(".") or (written and path.is_dir()):
            continue
        yield path
        if path.is_dir():
            yield from _below(path, exports, problems)


def _name_of(scan: Path, folder: Path) -> str:
    """Return the path of a scan relative to the folder as one word: "patient-1_ct" for ``patient-1/ct.nii.gz``."""
    if scan == folder:
        return safe_file_name(folder.name)
    parts = [part for part in scan.relative_to(folder).parts if part != "imagesTr"]
    if not scan.is_dir():
        parts[-1] = strip_ending(parts[-1]).removesuffix(NNUNET_CHANNEL)
    return safe_file_name("_".join(parts))
