"""``segment``: label the structures of both orbits in a scan."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json, writes
from NeuroOrbitLib.evaluation.reports.text import aligned
from NeuroOrbitLib.files.safe import NotWritten, write_json, write_rows
from NeuroOrbitLib.number_text import fixed
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.research_use import RESEARCH_USE

MEASUREMENT_COLUMNS = ("label", "name", "structure", "side", "voxels", "volume_ml", "mean_intensity", "sd_intensity",
                       "confidence")


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser("segment", help="segment the orbits of a CT or MRI scan")
    parser.add_argument("scan", type=Path, help="NIfTI, NRRD or MetaImage file, or folder with a DICOM series or study")
    parser.add_argument("-o", "--output", required=True, type=Path, help="label map to write, e.g. labels.nii.gz")
    parser.add_argument("--model", help="name or folder of a model package (default: the one for any contrast)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
    parser.add_argument("--views", type=int, choices=range(1, 33), metavar="N",
                        help="segment each orbit from N slightly different views: more take longer and are a little "
                             "more exact; 1 is fastest")
    parser.add_argument("--series", metavar="NUMBER|UID",
                        help="series of a DICOM folder with several (default: the one that shows the "
                             "orbits best)")
    parser.add_argument("--doubt", action="store_true",
                        help="also write how likely each voxel's label is wrong (0 to 100 %%), beside the label map")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write measurements.csv and report.json to DIR")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    writes(parser, "output")
    privacy.add_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Segment the scan and print the measurements, the notices and the time."""
    from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL
    from OrbitSegmentationLib.pipeline import segment_file

    with TerminalProgress() as progress:
        result = segment_file(
            str(arguments.scan), str(arguments.output), arguments.model or DEFAULT_MODEL, arguments.device,
            views=arguments.views, series=arguments.series, doubt=arguments.doubt, progress=progress,
        )
    told = {"scan": str(arguments.scan), **result} if arguments.with_paths else privacy.without_paths(result)
    if arguments.report:
        write_report(told, arguments.report)
    if arguments.json:
        print_json(told)
    else:
        _show(result)
    return SUCCESS


def write_report(result: dict[str, Any], folder: Path) -> None:
    """Write ``measurements.csv`` (a row per structure) and ``report.json`` (everything) to ``folder``.

    :param result: result of :func:`OrbitSegmentationLib.pipeline.segment_file`.
    :param folder: folder of the report.
    :raises Problem: if the report cannot be written.
    """
    try:
        write_rows(folder / "measurements.csv", MEASUREMENT_COLUMNS, result["measurements"])
        write_json(folder / "report.json", {**result, "use": RESEARCH_USE})
    except NotWritten as problem:
        raise Problem(f"The label map was written, but the report was not. {problem}") from problem


def _show(result: dict[str, Any]) -> None:
    rows = [["Structure", "Volume ml", "Mean intensity", "Confidence %"]]
    rows += [[row["name"], row["not_measured"], "", ""] if row.get("not_measured") else
             [row["name"], f"{row['volume_ml']:.2f}", fixed(row["mean_intensity"], 1), _percent(row.get("confidence"))]
             for row in result["measurements"]]
    print(aligned(rows))
    for notice in result["notices"]:
        print(f"{notice['level'].capitalize()}: {notice['text']}", file=sys.stderr)
    model = result["model"]
    print(f"\n{result['labels']} written in {result['seconds']:.1f} s by {model['title']}, version {model['version']}, "
          f"rules {model['rules']}.")
    if "doubt" in result:
        print(f"{result['doubt']} says where the outlines are unsure (0 to 100 %).")
    print(result["device"]["reason"])
    print(RESEARCH_USE)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f}"
