"""Feature tables of one scan or of a folder of scans, which can be interrupted and continued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from NeuroOrbitLib.anatomy.structures import LABEL_VALUES
from NeuroOrbitLib.dicom.scans import read_one
from NeuroOrbitLib.files.stamps import stamps_of
from NeuroOrbitLib.imaging.file_names import is_image_name, strip_ending, without_channel
from NeuroOrbitLib.imaging.geometry import axis_codes, stored_as
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import PROBLEM, forget, read_result, result_path, run_tasks
from NeuroOrbitLib.label_maps.files import label_file_beside, read_label_names
from NeuroOrbitLib.label_maps.mapping import load_label_map, mapping_for, read_labels
from NeuroOrbitLib.label_maps.plausibility import contradictions, values_in
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.engines import choose_engine
from NeuroOrbitLib.radiomics.extraction import Features, extract_features
from NeuroOrbitLib.radiomics.profiles import Profile
from NeuroOrbitLib.radiomics.regions import Region, all_regions
from NeuroOrbitLib.radiomics.scan_notices import scan_notices
from NeuroOrbitLib.radiomics.tables import COLUMNS, feature_rows, read_rows, record_path, write_table
from NeuroOrbitLib.training.config_files import read_config_file

_PLAN, _TABLE_NAME = {"kind": "features of scans"}, "features.csv"
#: Keys of a record that are about one scan only.
_OF_ONE_SCAN = ("scan", "labels", "origin", "axes", "padding", "notices")


@dataclass(frozen=True)
class Wish:
    """The features to compute for every scan.

    :param profile: the features.
    :param engine: "auto", "pyradiomics" or "own".
    :param regions: regions of joined labels; if there are none, every label is one region.
    """

    profile: Profile
    engine: str = "auto"
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True)
class LabelledScan:
    """One scan of a folder with its segmentation.

    :param name: name of the files without endings.
    :param scan: image file.
    :param labels: file of the segmentation.
    """

    name: str
    scan: Path
    labels: Path


def features_of_scan(scan: Path, labels: Path, wish: Wish, progress: Progress = silent) -> Features:
    """Compute the features of one scan; the record includes the files' names, the scan's axes, notices from reading it.

    :param scan: image file.
    :param labels: file of the segmentation.
    :param wish: features to compute.
    :param progress: receives the fraction done and a message.
    :raises Problem: if a file cannot be read, the files do not match, or no region is labelled.
    """
    mapping = mapping_for(labels) if wish.regions else None  # single labels need no mapping, only names
    (image, notices), label_map = read_one(scan), read_labels(labels, mapping) if mapping else load_label_map(labels)
    label_map = stored_as(label_map, image.grid)
    regions: Sequence[Region] = wish.regions or all_regions(label_map, _names_of_values(labels, label_map))
    if not regions or not label_map.array.any():
        raise Problem(f"{labels.name} labels nothing. Segment the scan first.")
    found = extract_features(image, label_map, regions, wish.profile, wish.engine, progress)
    told = [*map(str, notices), *map(str, scan_notices(image, found.record["padding"]))]
    about = {"axes": "".join(axis_codes(image.affine)), "notices": told}
    return Features(found.rows, {**found.record, **_origin(scan, labels, wish), **about})


def _names_of_values(path: Path, labels: Image) -> dict[int, str] | None:
    """Return the names of label values in the file beside a label map.

    :return: an empty mapping if these names cannot be used, or if there is no such file and the labels contradict the
        vocabulary; otherwise None without such a file, so that :func:`~.regions.all_regions` names the values.
    """
    beside = label_file_beside(path)
    if beside is not None:
        try:
            return read_label_names(beside)
        except Problem:  # e.g. names of regions of several values: numbers are always right
            return {}
    ours = set(values_in(labels)) <= set(LABEL_VALUES)
    return {} if ours and contradictions(labels) else None


def write_scan_table(scan: Path, labels: Path, wish: Wish, table: Path, progress: Progress = silent) -> Features:
    """Compute the features of one scan, write them to a table, and return them.

    The other parameters and errors are those of :func:`features_of_scan`.

    :param table: CSV file to write.
    """
    found = features_of_scan(scan, labels, wish, progress)
    write_table(table, COLUMNS, feature_rows(found.rows), found.record)
    return found


def holds_scans(path: Path) -> bool:
    """Return whether a path is a folder of image files, and not of a DICOM series."""
    return path.is_dir() and any(is_image_name(found.name) for found in path.iterdir())


def cases_of(scans: Path, labels: Path) -> list[LabelledScan]:
    """Return the scans of a folder with the segmentations of the same name in another folder.

    The channel ``_0000`` at the end of a scan's name is ignored.

    :param scans: folder of the scans.
    :param labels: folder of the segmentations.
    :raises Problem: if ``labels`` is not a folder, a scan has no segmentation, or two scans have the same name.
    """
    if not labels.is_dir():
        raise Problem(f"{scans.name} is a folder of scans, so --labels must be the folder of their segmentations.")
    by_name = {strip_ending(path.name): path for path in sorted(labels.iterdir()) if is_image_name(path.name)}
    cases: dict[str, LabelledScan] = {}
    for scan in sorted(path for path in scans.iterdir() if is_image_name(path.name)):
        name = strip_ending(without_channel(scan.name))
        found = by_name.get(name) or by_name.get(strip_ending(scan.name))
        if found is None:
            raise Problem(f"{scan.name} has no segmentation of the same name in {labels}. Add it, or move the scan.")
        if name in cases:
            raise Problem(f"{cases[name].scan.name} and {scan.name} have the same name. Keep one, or rename it.")
        cases[name] = LabelledScan(name, scan.absolute(), found.absolute())
    return list(cases.values())


def write_folder_table(cases: Sequence[LabelledScan], wish: Wish, table: Path, say: Callable[[str], None],
                       scheduler: str | None = None, progress: Progress = silent) -> list[str]:
    """Compute the features of many scans and write them to one table with ``scan`` as the first column.

    Each scan is a task in a folder beside the table (:func:`NeuroOrbitLib.jobs.tasks.run_tasks`), so that interrupted
    work can be continued; scans that failed before, or whose files or settings have changed, are computed again.

    :param cases: the scans.
    :param wish: features to compute.
    :param table: CSV file to write.
    :param say: function that receives one line about every scan.
    :param scheduler: ``local:N`` for N processes on this machine, or the address of a Dask scheduler.
    :param progress: receives the fraction done and a message.
    :return: one line for each scan that failed; the table holds the others.
    :raises Problem: if the scheduler does not answer.
    """
    folder = table.absolute().with_name(f"{table.stem}_scans")
    before = {case.name for case in cases if _is_done(case, wish, folder)}
    for case in cases:
        if case.name not in before:
            forget(folder, case.name)
    results = run_tasks(partial(features_of_case, wish=wish), {case.name: case for case in cases}, folder, _PLAN,
                        scheduler, progress, record_problems=True)
    failed: dict[str, str] = {}
    for number, (case, result) in enumerate(zip(cases, results, strict=True), start=1):
        words = result.get(PROBLEM) or ("done before" if case.name in before else _in_words(result))
        words = ". ".join([words, *result.get("notices", ())])
        say(f"{number} of {len(cases)}, {case.name}: {words}")
        if PROBLEM in result:
            failed[case.name] = f"{case.name}: {words}"
    unlike = _unlike_axes(results)
    if unlike:
        say(f"Warning: {unlike}")
    tables = {case.name: folder / case.name / _TABLE_NAME for case in cases if case.name not in failed}
    if tables:
        record = _record(next(iter(tables.values())))
        shared = {key: value for key, value in record.items() if key not in _OF_ONE_SCAN}
        rows = ([name, *row] for name, path in tables.items() for row in read_rows(path))
        about = {"scans": list(tables), "failed": list(failed.values()), "notices": [unlike] if unlike else []}
        write_table(table, ("scan", *COLUMNS), rows, {**shared, **about})
    return list(failed.values())


def features_of_case(case: LabelledScan, folder: Path, progress: Progress = silent, *, wish: Wish) -> dict[str, Any]:
    """Write the table of one scan into its folder, and return its origin and its numbers of features.

    :param case: the scan.
    :param folder: folder of its table.
    :param progress: receives the fraction done and a message.
    :param wish: features to compute.
    :return: ``origin``, ``features`` and ``missing`` (number of all features, and of those without a value), ``axes``
        of the scan, and ``notices`` from reading it.
    """
    found = write_scan_table(case.scan, case.labels, wish, folder / _TABLE_NAME, progress)
    return {"origin": found.record["origin"], "features": len(found.rows),
            "missing": sum(row.value is None for row in found.rows), "axes": found.record["axes"],
            "notices": found.record["notices"]}


def _is_done(case: LabelledScan, wish: Wish, folder: Path) -> bool:
    """Return whether the features of a scan exist and were computed from its present files."""
    if not result_path(folder, case.name).exists() or not (folder / case.name / _TABLE_NAME).exists():
        return False
    try:
        result = read_result(folder, case.name)
    except Problem:  # damaged: the scan is computed again
        return False
    return result.get("origin") == _origin(case.scan, case.labels, wish)["origin"]


def _unlike_axes(results: Iterable[Mapping[str, Any]]) -> str:
    """Return a warning if scans of one table are stored along different axes; empty if not.

    As in PyRadiomics, a voxel size for resampling, wavelets and diameters in a plane are those along the file's axes.
    """
    counts = Counter(result["axes"] for result in results if "axes" in result)
    if len(counts) < 2:
        return ""
    found = ", ".join(f"{axes} in {count}" for axes, count in counts.most_common())
    return (f"The scans are stored along different axes ({found}). Features that depend on the axes (after resampling, "
            "of wavelets, of diameters in a plane) cannot be compared between them. Store scans and segmentations "
            "along the same axes first, e.g. with Slicer's module Orient Scalar Volume.")


def _in_words(result: Mapping[str, Any]) -> str:
    missing = f", {result['missing']} without a value" if result["missing"] else ""
    return f"{result['features']} features{missing}"


def _record(table: Path) -> dict[str, Any]:
    try:
        return read_config_file(record_path(table))
    except (OSError, Problem):  # none, or one that was written half: the scan is computed again
        return {}


def _origin(scan: Path, labels: Path, wish: Wish) -> dict[str, Any]:
    """Return the origin of features: names and stamps of the files, the engine and the profile."""
    engine = choose_engine(wish.engine)
    files = stamps_of((scan, labels, label_file_beside(labels)))
    return {"scan": scan.name, "labels": labels.name,
            "origin": [*files, engine.name, engine.version, wish.profile.as_data(), bool(wish.regions)]}
