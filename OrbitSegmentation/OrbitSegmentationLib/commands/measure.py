"""``measure``: lengths, areas, volumes, ratios and angles from a segmentation."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.command_line import SUCCESS, print_json, writes
from NeuroOrbitLib.files.safe import write_json, write_text
from NeuroOrbitLib.research_use import RESEARCH_USE

if TYPE_CHECKING:
    from NeuroOrbitLib.measurements.rows import Row


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "measure",
        help="measure muscles, eyes, nerves and orbits",
        description="Measure both orbits from a label map, automatic or corrected, and its scan. What cannot be "
        "measured is listed with the reason. Definitions: docs/measurements.md.",
    )
    parser.add_argument("scan", type=Path, help="NIfTI, NRRD or MetaImage file, or folder of a DICOM series")
    parser.add_argument("--labels", required=True, type=Path,
                        help="label map on the scan's grid, in the product's values")
    parser.add_argument("--nerve-without-sheath", action="store_true",
                        help="the label map outlines the optic nerve alone, not its sheath")
    parser.add_argument("--t2-map", type=Path, metavar="MAP", help="T2 map in ms, on any grid: T2 of every muscle")
    parser.add_argument("--fat", type=Path, metavar="IMAGE", help="fat image of a Dixon scan, or fat fraction")
    parser.add_argument("--water", type=Path, metavar="IMAGE", help="water image of a Dixon scan, or water fraction")
    parser.add_argument("--normal", metavar="TABLE", help="compare with a normative table ('list' shows them)")
    parser.add_argument("--json", metavar="FILE", help="write all measures with their places (- for standard output)")
    privacy.add_option(parser)
    parser.add_argument("--csv", metavar="FILE", help="write one line per measure (- for standard output)")
    writes(parser, "json", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Measure the scan, print the table and write the requested files; return the exit status."""
    from NeuroOrbitLib.dicom.patient import age_of, patient_at, sex_of
    from NeuroOrbitLib.measurements.normal import about_age, about_sex, judge_all, normal_table
    from NeuroOrbitLib.measurements.tables import rows_as_csv, rows_as_text

    if arguments.normal == "list":
        _list_tables()
        return SUCCESS
    table = normal_table(arguments.normal) if arguments.normal else None
    rows, modality = measure_files(arguments.scan, arguments.labels, not arguments.nerve_without_sheath,
                                   (arguments.t2_map, arguments.fat, arguments.water))
    judgements = judge_all(rows, table, modality) if table else None
    patient = patient_at(arguments.scan)
    told = about_age(age_of(patient)) if table else []
    for notice in (*told, *about_sex(sex_of(patient), arguments.normal)):
        print(f"Warning: {notice}", file=sys.stderr)
    data = _as_data(arguments, rows, modality, judgements)
    if arguments.json == "-":
        print_json(data)
    elif arguments.csv == "-":
        print(rows_as_csv(rows), end="")
    else:
        print(rows_as_text(rows, judgements))
        if table:
            print(f"\nCompared with: {table.title}; {table.origin}.")
        print(f"\n{RESEARCH_USE}")
    if arguments.json not in (None, "-"):
        write_json(Path(arguments.json), data)
    if arguments.csv not in (None, "-"):
        write_text(Path(arguments.csv), rows_as_csv(rows))
    return SUCCESS


def measure_files(scan: Path, labels: Path, nerve_with_sheath: bool = True,
                  maps: tuple[Path | None, Path | None, Path | None] = (None, None, None)) -> tuple[list[Row], str]:
    """Return the measures of a scan and its label map, and the scan's modality ("CT" or "MRI").

    :param scan: image file, or folder of a DICOM series.
    :param labels: label map on the scan's grid.
    :param nerve_with_sheath: whether the label map outlines the optic nerve with its sheath.
    :param maps: files of a T2 map, a fat and a water image; ``None`` for each that does not exist.
    :raises Problem: for files that cannot be used.
    """
    from NeuroOrbitLib.imaging.files import load_image
    from NeuroOrbitLib.measurements.dixon import maps_of
    from NeuroOrbitLib.measurements.files import read_scan_and_labels
    from NeuroOrbitLib.measurements.measure import measure

    given = read_scan_and_labels(scan, labels)
    for notice in given.notices:
        print(f"Warning: {notice}", file=sys.stderr)
    own = maps_of(*(None if path is None else load_image(path) for path in maps))
    return measure(given.labels, given.scan, given.is_ct, nerve_with_sheath, maps=own), given.modality


def _as_data(arguments: argparse.Namespace, rows: list[Row], modality: str, judgements: list | None) -> dict[str, Any]:
    from NeuroOrbitLib.measurements.normal import side_differences
    from NeuroOrbitLib.measurements.tables import rows_as_data

    measures = rows_as_data(rows)
    for data, judged in zip(measures, judgements or [None] * len(rows), strict=True):
        data["normal"] = None if judged is None else {
            "table": judged.table.key, "source": judged.table.source, "z_score": judged.z_score, "level": judged.level,
            "text": judged.text}
    files = {"scan": str(arguments.scan), "labels": str(arguments.labels)} if arguments.with_paths else {}
    return {**files, "modality": modality, "measures": measures,
            "side_differences": [vars(difference) for difference in side_differences(rows)], "use": RESEARCH_USE}


def _list_tables() -> None:
    from NeuroOrbitLib.measurements.normal import normal_tables

    for table in normal_tables():
        print(f"{table.key:24} {table.title}; {table.origin}")
