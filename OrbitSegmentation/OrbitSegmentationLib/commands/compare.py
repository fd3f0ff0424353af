"""``compare``: what changed between two or more scans of one patient."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.command_line import SUCCESS, print_json, writes
from NeuroOrbitLib.files.safe import write_json
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.research_use import RESEARCH_USE
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from NeuroOrbitLib.dicom.visit import Visit
    from NeuroOrbitLib.measurements.compare import Comparison
    from NeuroOrbitLib.measurements.measure import Measuring

_TWO = 2


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "compare",
        help="measure scans of one patient and say what changed",
        description="Measure two or more scans of one patient and list what changed since the first by more than "
        "measuring itself varies. The skulls of the first and the last are aligned to see where muscles grew. "
        "Definitions: docs/measurements.md.",
    )
    parser.add_argument("first", type=Path, help="earliest scan: image file or folder of a DICOM series")
    parser.add_argument("second", type=Path, help="later scan")
    parser.add_argument("more", type=Path, nargs="*", metavar="third", help="scans that are later still")
    parser.add_argument("--labels", type=Path, nargs="+", metavar="LABELS",
                        help="label maps of all scans, in the order of the scans")
    parser.add_argument("--first-labels", type=Path, help="label map of the earlier of two scans")
    parser.add_argument("--second-labels", type=Path, help="label map of the later of two scans")
    parser.add_argument("--nerve-without-sheath", action="store_true",
                        help="the label maps outline the optic nerve alone, not its sheath")
    parser.add_argument("--json", metavar="FILE", help="write everything to FILE (- for standard output)")
    writes(parser, "json")
    privacy.add_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare the scans, print the table and write the requested file; return the exit status."""
    from NeuroOrbitLib.dicom.visit import check_visits, visit_of
    from NeuroOrbitLib.measurements.compare import check_that_they_differ, compare

    scans = [arguments.first, arguments.second, *arguments.more]
    labels = _labels(arguments, len(scans))
    visits = [visit_of(scan) for scan in scans]
    check_visits(*visits)
    dates = [_measuring(*files, not arguments.nerve_without_sheath) for files in zip(scans, labels, strict=True)]
    check_that_they_differ([date.scan for date in dates])
    comparison = compare(*dates)
    data = _as_data(comparison, visits, scans if arguments.with_paths else [])
    for notice in comparison.notices:
        print(f"Warning: {notice}", file=sys.stderr)
    if arguments.json == "-":
        print_json(data)
        return SUCCESS
    print(_as_text(comparison, visits))
    print(f"\n{RESEARCH_USE}")
    if arguments.json:
        write_json(Path(arguments.json), data)
    return SUCCESS


def _labels(arguments: argparse.Namespace, count: int) -> list[Path]:
    """Return the label map of each scan.

    :raises Problem: if their number differs from that of the scans.
    """
    pair = [arguments.first_labels, arguments.second_labels]
    if arguments.labels is None and count == _TWO and None not in pair:
        return pair
    if arguments.labels is None or any(pair):
        raise Problem(_("Give the label maps of the scans, in the order of the scans: --labels FIRST SECOND and so on; "
                        "of two scans also --first-labels and --second-labels."))
    if len(arguments.labels) != count:
        raise Problem(_("There are {scans} scans and {labels} label maps. Give one label map for each scan, in the "
                        "order of the scans.").format(scans=count, labels=len(arguments.labels)))
    return arguments.labels


def _as_text(comparison: Comparison, visits: Sequence[Visit]) -> str:
    """Return the table, followed by the structures that it leaves out."""
    from NeuroOrbitLib.measurements.compare import comparison_as_text, courses_as_text

    if len(visits) == _TWO:
        table, reason = comparison_as_text(comparison), "Not on both dates, or not measured alike"
    else:
        names = [visit.date.isoformat() if visit.date else f"Scan {number}"
                 for number, visit in enumerate(visits, start=1)]
        table, reason = courses_as_text(comparison.courses, names), "On one date at most, or not measured alike"
    return f"{table}\n\n{reason}: {'; '.join(comparison.left_out)}." if comparison.left_out else table


def _measuring(scan: Path, labels: Path, nerve_with_sheath: bool) -> Measuring:
    from NeuroOrbitLib.measurements.files import read_scan_and_labels
    from NeuroOrbitLib.measurements.measure import Measuring

    given = read_scan_and_labels(scan, labels)
    for notice in given.notices:
        print(f"Warning: {scan.name}: {notice}", file=sys.stderr)
    return Measuring(given.labels, given.scan, given.is_ct, nerve_with_sheath)


def _as_data(comparison: Comparison, visits: Sequence[Visit], scans: Sequence[Path]) -> dict[str, Any]:
    """Return the whole comparison as plain data.

    :param comparison: the comparison.
    :param visits: visit of each scan.
    :param scans: paths of the scans to include, together with the dates; none to leave both out.
    """
    named = {"scans": [str(scan) for scan in scans],
             "dates": [visit.date.isoformat() if visit.date else None for visit in visits]} if scans else {}
    return {
        **named,
        "changes": [change.as_data() for change in comparison.changes],
        "changes_by_date": [[course.changes[number].as_data() for course in comparison.courses
                             if course.changes[number] is not None] for number in range(len(visits) - 1)],
        "growth_mm": [{"structure": growth.structure, "side": growth.side.value, "mean": round(growth.mean, 3),
                       "most": round(growth.most, 3), "place_ras_mm": growth.place.round(2).tolist()}
                      for growth in comparison.growth],
        "first_to_last_ras": comparison.matrix.round(6).tolist(),
        "left_out": comparison.left_out, "notices": comparison.notices, "use": RESEARCH_USE,
    }
