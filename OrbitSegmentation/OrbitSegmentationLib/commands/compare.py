"""``compare``: what changed between two scans of one patient."""

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
    from NeuroOrbitLib.measurements.compare import Comparison
    from NeuroOrbitLib.measurements.measure import Measuring


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "compare",
        help="measure two scans of one patient and say what changed",
        description="Measure two scans of one patient and list what changed by more than measuring itself varies. "
        "The skulls are aligned to see where muscles grew. Definitions: docs/measurements.md.",
    )
    parser.add_argument("first", type=Path, help="earlier scan: image file or folder of a DICOM series")
    parser.add_argument("second", type=Path, help="later scan")
    parser.add_argument("--first-labels", required=True, type=Path, help="label map of the earlier scan")
    parser.add_argument("--second-labels", required=True, type=Path, help="label map of the later scan")
    parser.add_argument("--json", metavar="FILE", help="write everything to FILE (- for standard output)")
    writes(parser, "json")
    privacy.add_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare, print the table and write the file that was asked for."""
    from NeuroOrbitLib.dicom.visit import check_visits, visit_of
    from NeuroOrbitLib.measurements.compare import compare, comparison_as_text

    check_visits(visit_of(arguments.first), visit_of(arguments.second))
    first = _measuring(arguments.first, arguments.first_labels)
    second = _measuring(arguments.second, arguments.second_labels)
    _check_that_they_differ(first, second)
    comparison = compare(first, second)
    data = _as_data(arguments, comparison)
    for notice in comparison.notices:
        print(f"Warning: {notice}", file=sys.stderr)
    if arguments.json == "-":
        print_json(data)
        return SUCCESS
    print(comparison_as_text(comparison))
    if comparison.left_out:
        print(f"\nNot on both dates, or not measured alike: {'; '.join(comparison.left_out)}.")
    print(f"\n{RESEARCH_USE}")
    if arguments.json:
        write_json(Path(arguments.json), data)
    return SUCCESS


def _measuring(scan: Path, labels: Path) -> Measuring:
    from NeuroOrbitLib.dicom.scans import read_one
    from NeuroOrbitLib.imaging.intensity import looks_like_ct
    from NeuroOrbitLib.label_maps.mapping import mapping_for, read_labels
    from NeuroOrbitLib.measurements.labels import label_map_of
    from NeuroOrbitLib.measurements.measure import Measuring

    image, notices = read_one(scan)
    for notice in notices:
        print(f"Warning: {scan.name}: {notice}", file=sys.stderr)
    return Measuring(label_map_of(read_labels(labels, mapping_for(labels))), image, looks_like_ct(image))


def _check_that_they_differ(first: Measuring, second: Measuring) -> None:
    import numpy as np

    if np.array_equal(first.scan.array, second.scan.array):
        raise Problem(_("Both scans hold the same image: there is nothing to compare. Give two scans of different "
                        "dates."))


def _as_data(arguments: argparse.Namespace, comparison: Comparison) -> dict[str, Any]:
    files = {"first": str(arguments.first), "second": str(arguments.second)} if arguments.with_paths else {}
    return {
        **files,
        "changes": [change.as_data() for change in comparison.changes],
        "growth_mm": [{"structure": growth.structure, "side": growth.side.value, "mean": round(growth.mean, 3),
                       "most": round(growth.most, 3), "place_ras_mm": growth.place.round(2).tolist()}
                      for growth in comparison.growth],
        "first_to_second_ras": comparison.matrix.round(6).tolist(),
        "left_out": comparison.left_out, "notices": comparison.notices, "use": RESEARCH_USE,
    }
